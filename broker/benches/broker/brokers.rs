//! The two brokers, each a program of its own on loopback, ended by its process id.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::park_timeout;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde::Deserialize;
use tapcard_protocol::message::Revocation;
use tapcard_protocol::topic::Topic;
use tempfile::TempDir;

use crate::guests::Mint;
use tapcard_load::mqtt::Publication;
use tapcard_load::usage;

/// How long a broker may take to start.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is asked whether it has.
const PAUSE: Duration = Duration::from_millis(5);

/// Mosquitto as a file says it: as generous as it can be set, no login, no disk, no limit on queues
/// and messages in flight.
const MOSQUITTO: &str = "\
allow_anonymous true\npersistence false\nlog_dest none\nset_tcp_nodelay true\nuser root\n\
max_inflight_messages 0\nmax_queued_messages 0\n";

/// Ours is as generous: the bench itself is quick, and comes in thousands.
const LIMITS: &str = "[limits]\npublish_rate = 100000000\nunverified = 20000\n\
                      unverified_per_address = 20000\n";

/// A running broker.
pub(crate) struct Broker {
    child: Child,
    folder: TempDir,
    pub(crate) tcp: SocketAddr,
    pub(crate) tls: SocketAddr,
}

#[derive(Deserialize)]
struct Addresses {
    tcp: SocketAddr,
    tls: SocketAddr,
}

impl Broker {
    /// `tapcard-broker`, which lets terminals in.
    pub(crate) fn ours(mint: &Mint) -> anyhow::Result<Broker> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        mint.publish(&at("keys"))?;
        let text = format!(
            "keys = {:?}\naddresses_file = {:?}\nlog = \"error\"\n\
             [listen]\ntcp = \"127.0.0.1:0\"\ntls = \"127.0.0.1:0\"\n[tls]\nfolder = {:?}\n{LIMITS}",
            at("keys"),
            at("addresses"),
            at("tls")
        );
        fs::write(at("config"), text)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapcard-broker"));
        let mut child = begin(command.arg("--config").arg(at("config")), folder.path())?;
        let addresses = eventually(&mut child, folder.path(), |folder| {
            let text = fs::read_to_string(folder.join("addresses")).ok()?;
            toml::from_str::<Addresses>(&text).ok()
        })?;
        open(addresses.tcp, mint)?;
        Ok(Broker { child, folder, tcp: addresses.tcp, tls: addresses.tls })
    }

    /// Debian's Mosquitto.
    pub(crate) fn mosquitto() -> anyhow::Result<Broker> {
        let folder = tempfile::tempdir()?;
        certify(folder.path())?;
        let at = |name: &str| folder.path().join(name);
        let (tcp, tls) = (free()?, free()?);
        let text = format!(
            "{MOSQUITTO}listener {} 127.0.0.1\nlistener {} 127.0.0.1\ncertfile {}\nkeyfile {}\n",
            tcp.port(),
            tls.port(),
            at("certificate").display(),
            at("key").display()
        );
        fs::write(at("config"), text)?;
        let mut command = Command::new("/usr/sbin/mosquitto");
        let mut child = begin(command.arg("-c").arg(at("config")), folder.path())?;
        eventually(&mut child, folder.path(), |_| TcpStream::connect(tls).ok())?;
        Ok(Broker { child, folder, tcp, tls })
    }

    /// Processor time so far, and resident memory in bytes.
    pub(crate) fn usage(&self) -> anyhow::Result<usage::Usage> {
        usage::of(self.child.id()).with_context(|| complaint(self.folder.path()))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tells the broker that nothing is revoked, as a worker does that connects.
fn open(address: SocketAddr, mint: &Mint) -> anyhow::Result<()> {
    let complete = Revocation { revoked: vec![], complete: true };
    let payload = complete.write(Timestamp::now());
    let mut words = mint.mute_worker()?;
    Publication::new(&Topic::Revoke.to_string(), &payload).write(1, &mut words);
    let mut socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.write_all(&words)?;
    // CONNACK and PUBACK, four bytes each.
    Ok(socket.read_exact(&mut [0; 8])?)
}

fn begin(command: &mut Command, folder: &Path) -> anyhow::Result<Child> {
    let log = fs::File::create(folder.join("log"))?;
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.spawn().with_context(|| format!("starting {:?}", command.get_program()))
}

fn eventually<T>(
    child: &mut Child,
    folder: &Path,
    ask: impl Fn(&Path) -> Option<T>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask(folder) {
            return Ok(answer);
        }
        if child.try_wait()?.is_some() || Instant::now() > deadline {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
            bail!("the broker did not start: {}", complaint(folder));
        }
        park_timeout(PAUSE);
    }
}

/// All that it wrote to stderr, on one line.
fn complaint(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("log")).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn free() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A key on the curve P-256 and a certificate for it.
fn certify(folder: &Path) -> anyhow::Result<()> {
    let (key, certificate) = (folder.join("key"), folder.join("certificate"));
    let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 \
                 -subj /CN=localhost";
    let done = Command::new("openssl")
        .args(words.split_whitespace())
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .output()
        .context("starting openssl")?;
    if !done.status.success() {
        std::io::stderr().write_all(&done.stderr)?;
        bail!("openssl made no certificate");
    }
    Ok(())
}
