//! Postgres, broker and worker on free ports of this machine, and everything that people hold beside them.

mod terminals;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;

use crate::broker::{Broker, Make};
use crate::clock::Clock;
use crate::patience::wait;
use crate::postgres::Postgres;
use crate::program::{Program, output, path};

/// How long a program may take to come up on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which node of a cluster of brokers the worker tries first.
pub const WORKER_NODE: usize = 0;
/// Which one kiosks try first.
pub const KIOSK_NODE: usize = 1;

/// The cloud and its surroundings. Everything ends when it is dropped.
pub struct World {
    // Programs end before the folder they write to.
    workers: Vec<Program>,
    /// The broker.
    pub broker: Broker,
    /// The database.
    pub postgres: Postgres,
    folder: TempDir,
}

/// The first port that is tried; below those that Linux gives to outgoing connections (32768 and up), so that none of
/// them takes it before our program does.
const FIRST_PORT: u16 = 20_000;
/// How many ports are tried.
const PORTS: u16 = 12_000;
/// How many were asked for in this program.
static ASKED: AtomicU16 = AtomicU16::new(0);

/// A port that nobody listens on at this moment, and that this program has not given away before.
///
/// # Errors
/// Fails when the machine has none.
pub fn free_port() -> anyhow::Result<u16> {
    // Programs that run beside one another begin at different places.
    let begin = std::process::id() as u16 % 100 * 120;
    for _ in 0..PORTS {
        let step = ASKED.fetch_add(1, Ordering::Relaxed);
        let port = FIRST_PORT + begin.wrapping_add(step) % PORTS;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    anyhow::bail!("there is no free port on this machine")
}

impl World {
    /// Starts Postgres, our own broker and the worker.
    ///
    /// # Errors
    /// Says what does not come up.
    pub fn start() -> anyhow::Result<World> {
        World::start_on(Make::Tapcard)
    }

    /// Starts Postgres, a broker and the worker.
    ///
    /// # Errors
    /// Says what does not come up.
    pub fn start_on(make: Make) -> anyhow::Result<World> {
        World::start_with(make, Postgres::start()?)
    }

    /// Starts a broker and the worker on a Postgres that is there.
    ///
    /// # Errors
    /// Says what does not come up.
    pub fn start_with(make: Make, postgres: Postgres) -> anyhow::Result<World> {
        let folder = tempfile::Builder::new()
            .prefix("tapcard-world-")
            .tempdir()
            .context("making a folder")?;
        let keys = folder.path().join("keys");
        let broker =
            Broker::prepare(make, &folder.path().join("broker"), &keys.join("public/jwks.json"))?;
        let mut world = World { workers: vec![], broker, postgres, folder };
        world.configure_worker("worker", "")?;
        output(Command::new(path("tapcard-worker")?).arg("keygen").arg(keys))?;
        world.start_broker()?;
        world.operate(&["migrate"])?;
        world.operate(&["roles"])?;
        world.start_worker()?;
        Ok(world)
    }

    /// Writes the configuration of a worker; `more` are further sections of it.
    ///
    /// # Errors
    /// Fails with the file.
    pub fn configure_worker(&self, name: &str, more: &str) -> anyhow::Result<()> {
        let more = told_at_once(more);
        let mail = format!("[mail]\nspool = {:?}\n", self.path("mail"));
        let mail = if more.contains("[mail") { "" } else { mail.as_str() };
        let worker = format!(
            "postgres = {:?}\nbroker = {}\nkeys = {:?}\n{}{more}[http]\nlisten = \"127.0.0.1:0\"\npostgres = {:?}\n\
             broker = \"ws://127.0.0.1:{}/mqtt\"\naddress_file = {:?}\n[sms]\nspool = {:?}\n{mail}\
             [retention]\nerasures = {:?}\n",
            self.postgres.url(),
            self.broker.urls(WORKER_NODE, true),
            self.path("keys"),
            self.broker.worker_login(),
            self.postgres.url_as("tapcard_http"),
            self.broker.ws(),
            self.path(&format!("{name}.http")),
            self.path("sms"),
            self.path("erasures.jsonl"),
        );
        fs::write(self.path(&format!("{name}.toml")), worker)
            .context("writing the worker's configuration")
    }

    /// A path in this world's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the broker; it has lost everything if it ran before.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn start_broker(&mut self) -> anyhow::Result<()> {
        self.broker.start()
    }

    /// Kills one node of a cluster of brokers.
    pub fn kill_node(&mut self, node: usize) {
        self.broker.kill_node(node);
    }

    /// Starts the worker.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn start_worker(&mut self) -> anyhow::Result<()> {
        self.start_worker_without_page()?;
        self.wait_for_page()
    }

    /// Starts the worker and does not wait.
    ///
    /// # Errors
    /// Fails when the program is missing.
    pub fn start_worker_without_page(&mut self) -> anyhow::Result<()> {
        self.workers.clear();
        let _ = fs::remove_file(self.path("worker.http"));
        let worker = self.worker("worker")?;
        self.workers.push(worker);
        Ok(())
    }

    /// Starts a worker beside those that run, from the configuration of this name, and does not wait.
    ///
    /// # Errors
    /// Fails when the program is missing.
    pub fn worker(&self, name: &str) -> anyhow::Result<Program> {
        Program::start(name, &mut self.worker_command(name)?, &self.path("worker.log"))
    }

    /// Starts one part of the worker alone, and does not wait.
    ///
    /// # Errors
    /// Fails when the program is missing.
    pub fn worker_part(&self, part: &str) -> anyhow::Result<Program> {
        let mut command = Command::new(path("tapcard-worker")?);
        command.arg("--config").arg(self.path("worker.toml")).arg(part);
        Program::start(part, &mut command, &self.path("worker.log"))
    }

    /// A whole worker with a clock that can be set.
    ///
    /// # Errors
    /// Fails when the program is missing.
    pub fn worker_by(&self, clock: &Clock, name: &str) -> anyhow::Result<Program> {
        let mut command = self.worker_command(name)?;
        clock.dress(&mut command);
        Program::start(name, &mut command, &self.path("worker.log"))
    }

    fn worker_command(&self, name: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(path("tapcard-worker")?);
        command.arg("--config").arg(self.path(&format!("{name}.toml"))).arg("all");
        Ok(command)
    }

    /// Waits until the worker serves its page, which it does once the database is up to date.
    ///
    /// # Errors
    /// Fails when it does not come up.
    pub fn wait_for_page(&self) -> anyhow::Result<()> {
        wait("the worker", PATIENCE, || Ok(self.web().ok())).map(drop)
    }

    /// Kills the broker; nothing of what it held in memory is left.
    pub fn kill_broker(&mut self) {
        self.broker.kill();
    }

    /// Kills the worker.
    pub fn kill_worker(&mut self) {
        self.workers.clear();
    }

    /// Whether broker and worker run.
    pub fn is_whole(&mut self) -> bool {
        self.broker.is_running() && self.workers.first_mut().is_some_and(Program::is_running)
    }

    /// The web part's address, such as `http://127.0.0.1:41234`.
    ///
    /// # Errors
    /// Fails before the worker has written it down.
    pub fn web(&self) -> anyhow::Result<String> {
        let address =
            fs::read_to_string(self.path("worker.http")).context("looking for the page")?;
        Ok(format!("http://{address}"))
    }

    /// The broker's TCP port.
    pub fn broker_port(&self) -> u16 {
        self.broker.tcp(self.broker.living_node())
    }

    /// Runs an operator's command of the worker and returns what it prints.
    ///
    /// # Errors
    /// Fails with what the command says.
    pub fn operate(&self, words: &[&str]) -> anyhow::Result<String> {
        output(
            Command::new(path("tapcard-worker")?)
                .arg("--config")
                .arg(self.path("worker.toml"))
                .args(words),
        )
    }

    /// What the programs logged, for a failed test.
    pub fn logs(&self) -> String {
        let worker = fs::read_to_string(self.path("worker.log")).unwrap_or_default();
        format!("{}--- worker\n{worker}", self.broker.logs())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() || std::env::var_os("TAPCARD_KEEP_LOGS").is_some() {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), self.logs().as_bytes());
        }
    }
}

/// A worker's settings, by which partners are told of each edit at once unless a test says otherwise.
fn told_at_once(more: &str) -> String {
    let at_once = "[work]\nfanout_seconds = 0\n";
    match more.split_once("[work]\n") {
        _ if more.contains("fanout_seconds") => more.to_owned(),
        Some((before, after)) => format!("{before}{at_once}{after}"),
        None => format!("{more}{at_once}"),
    }
}
