//! A Postgres of our own: Debian's binaries, a new cluster in a temporary folder, never the system's.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use postgres::{Client, NoTls};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

use crate::clock::Clock;
use crate::disk::Disk;
use crate::patience::wait;
use crate::program::{Program, output};
use crate::world::free_port;

/// How long a start or a recovery may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A private cluster. It is ended and removed when it is dropped.
pub struct Postgres {
    server: Option<Program>,
    port: u16,
    /// What its clock says, if that can be set.
    clock: Option<Clock>,
    /// The small disk that it is on; it goes before the folder that it is mounted in.
    disk: Option<Disk>,
    folder: TempDir,
}

impl Postgres {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// Names the package that is missing.
    pub fn start() -> anyhow::Result<Postgres> {
        Postgres::begin(None, |_| Ok(None))
    }

    /// The same on a disk of this many megabytes that can be filled, and with a clock that can be set. Without the right
    /// to mount there is no such disk, and it stands on the usual one.
    ///
    /// # Errors
    /// Names the package that is missing.
    pub fn start_in_trouble(megabytes: u32, clock: Clock) -> anyhow::Result<Postgres> {
        Postgres::begin(Some(clock), |folder| Ok(Disk::mount(folder, megabytes, owner()?)))
    }

    fn begin(
        clock: Option<Clock>,
        disk: impl FnOnce(&Path) -> anyhow::Result<Option<Disk>>,
    ) -> anyhow::Result<Postgres> {
        let folder = tempfile::Builder::new()
            .prefix("tapcard-postgres-")
            .tempdir()
            .context("making a folder")?;
        // Postgres refuses to run as root, so root lends the folder to the user of Debian's package.
        if let Some((user, group)) = owner()? {
            chown(folder.path(), Some(user), Some(group)).context("giving the folder away")?;
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
                .context("opening the folder")?;
        }
        let disk = disk(&folder.path().join("cluster"))?;
        let mut postgres = Postgres { folder, port: free_port()?, server: None, clock, disk };
        let cluster = postgres.cluster();
        let mut initdb = unprivileged(&binary("initdb")?);
        initdb.args([
            "--no-sync",
            "--auth=trust",
            "--username=tapcard",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-D",
        ]);
        output(initdb.arg(&cluster))?;
        postgres.restart()?;
        Client::connect(&postgres.address("postgres"), NoTls)
            .and_then(|mut it| it.batch_execute("create database tapcard"))
            .context("making the database")?;
        Ok(postgres)
    }

    fn cluster(&self) -> PathBuf {
        self.folder.path().join("cluster")
    }

    fn address(&self, database: &str) -> String {
        format!(
            "host=127.0.0.1 port={} user=tapcard dbname={database} connect_timeout=5",
            self.port
        )
    }

    /// The connection string of the database.
    pub fn url(&self) -> String {
        self.address("tapcard")
    }

    /// The same for somebody who may do what a role may, and no more.
    pub fn url_as(&self, role: &str) -> String {
        format!("{} options='-c role={role}'", self.url())
    }

    /// A connection.
    ///
    /// # Errors
    /// Fails when the server is not there.
    pub fn client(&self) -> anyhow::Result<Client> {
        Client::connect(&self.url(), NoTls).context("connecting to Postgres")
    }

    /// Starts the server, again after [`Postgres::kill`].
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        // Fsync stays on: what a power cut leaves is one of the things under test.
        let log = self.folder.path().join("log");
        fs::OpenOptions::new().create(true).append(true).open(&log).context("making a log")?;
        wait("Postgres", PATIENCE, || {
            let mut command = unprivileged(Path::new("/usr/bin/env"));
            for (name, value) in self.clock.iter().flat_map(Clock::settings) {
                let mut setting = OsString::from(format!("{name}="));
                setting.push(value);
                command.arg(setting);
            }
            command.arg(binary("postgres")?).arg("-D").arg(self.cluster()).args([
                "-h",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
            ]);
            command.args(["-k", "", "-c", "shared_buffers=64MB", "-c", "max_connections=60"]);
            if self.disk.is_some() {
                command.args(["-c", "max_wal_size=48MB", "-c", "min_wal_size=32MB"]);
            }
            let mut server = Program::start("postgres", &mut command, &log)?;
            let up = wait("a connection", PATIENCE, || {
                if !server.is_running() {
                    return Ok(Some(false));
                }
                Ok(Client::connect(&self.address("postgres"), NoTls).ok().map(|_| true))
            })?;
            // An old server's last process may still hold the cluster for a moment.
            if up {
                self.server = Some(server);
            }
            Ok(up.then_some(()))
        })
        .with_context(|| fs::read_to_string(&log).unwrap_or_default())
    }

    /// Ends the server and its sessions at once, as a power cut would.
    ///
    /// # Errors
    /// Fails when it does not run.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let pid = self.postmaster()?;
        kill_process(pid, Signal::KILL).context("killing Postgres")?;
        drop(self.server.take());
        Ok(())
    }

    /// The whole database as SQL, a row a line.
    ///
    /// # Errors
    /// Fails with what `pg_dump` says.
    pub fn dump(&self) -> anyhow::Result<String> {
        output(Command::new(binary("pg_dump")?).args(["--inserts", "--dbname", &self.url()]))
    }

    /// Puts a dump in the database's place. Nobody may be connected.
    ///
    /// # Errors
    /// Fails with what `psql` says.
    pub fn restore(&self, dump: &str) -> anyhow::Result<()> {
        let mut server = Client::connect(&self.address("postgres"), NoTls)?;
        server.batch_execute("drop database tapcard with (force)")?;
        server.batch_execute("create database tapcard")?;
        let file = tempfile::NamedTempFile::new().context("making a file")?;
        fs::write(file.path(), dump).context("writing a dump")?;
        let mut psql = Command::new(binary("psql")?);
        psql.args(["--quiet", "--set=ON_ERROR_STOP=1", "--dbname", &self.url(), "--file"]);
        output(psql.arg(file.path())).map(drop)
    }

    /// The disk that can be filled, if there is one.
    pub fn disk(&self) -> Option<&Disk> {
        self.disk.as_ref()
    }

    /// Starts the server again if it has given up.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn revive(&mut self) -> anyhow::Result<()> {
        let runs = self.server.as_mut().is_some_and(Program::is_running);
        if runs { Ok(()) } else { self.restart() }
    }

    fn postmaster(&self) -> anyhow::Result<Pid> {
        let file = fs::read_to_string(self.cluster().join("postmaster.pid"))
            .context("finding Postgres")?;
        let number = file.lines().next().and_then(|it| it.trim().parse().ok());
        number.and_then(Pid::from_raw).context("finding Postgres")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // An immediate shutdown takes the sessions with it, so that the folder can be removed.
        let pid = self.postmaster();
        if let (Some(server), Ok(pid)) = (&mut self.server, pid) {
            let _ = kill_process(pid, Signal::QUIT);
            let _ = wait("Postgres' end", PATIENCE, || Ok((!server.is_running()).then_some(())));
        }
    }
}

/// The newest installed binary of that name.
fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        versions.map(|it| it.path().join("bin").join(name)).filter(|it| it.is_file()).collect();
    found.sort();
    match found.pop() {
        Some(it) => Ok(it),
        None => bail!("Postgres is missing: install Debian's package postgresql"),
    }
}

fn unprivileged(program: &Path) -> Command {
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"])
        .arg(program)
        .current_dir("/");
    command
}

/// Whose files a cluster's are.
fn owner() -> anyhow::Result<Option<(u32, u32)>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    Ok(Some((number("-u")?, number("-g")?)))
}

fn number(what: &str) -> anyhow::Result<u32> {
    output(Command::new("id").args([what, "postgres"]))?
        .parse()
        .context("reading the user of Debian's postgresql")
}
