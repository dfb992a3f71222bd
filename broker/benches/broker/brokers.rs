//! The two brokers, each a program of its own on loopback, ended by its process id.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::park_timeout;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::Deserialize;
use tempfile::TempDir;

use crate::guests::Mint;
use crate::usage;

/// How long a broker may take to start.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is asked whether it has.
const PAUSE: Duration = Duration::from_millis(5);

/// Mosquitto as a file says it: as generous as it can be set, no login, no disk, no limit on queues
/// and messages in flight.
const MOSQUITTO: &str = "\
allow_anonymous true\npersistence false\nlog_dest none\nset_tcp_nodelay true\nuser root\n\
max_inflight_messages 0\nmax_queued_messages 0\n";

/// A running broker.
pub(crate) struct Broker {
    child: Child,
    folder: TempDir,
    pub(crate) tcp: SocketAddr,
    pub(crate) tls: Option<SocketAddr>,
}

#[derive(Deserialize)]
struct Addresses {
    tcp: SocketAddr,
    tls: Option<SocketAddr>,
}

impl Broker {
    /// `tapcard-broker`, with these words more under `[listen]`.
    pub(crate) fn ours(mint: &Mint, listen: &str) -> anyhow::Result<Broker> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        mint.publish(&at("keys"))?;
        let text = format!(
            "keys = {:?}\naddresses_file = {:?}\nlog = \"error\"\n\
             [listen]\ntcp = \"127.0.0.1:0\"\nws = \"127.0.0.1:0\"\n{listen}",
            at("keys"),
            at("addresses")
        );
        fs::write(at("config"), text)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapcard-broker"));
        let mut child = begin(command.arg("--config").arg(at("config")), folder.path())?;
        let addresses = eventually(&mut child, folder.path(), |folder| {
            let text = fs::read_to_string(folder.join("addresses")).ok()?;
            toml::from_str::<Addresses>(&text).ok()
        })?;
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
        Ok(Broker { child, folder, tcp, tls: Some(tls) })
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
