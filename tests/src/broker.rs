//! The brokers that a world can stand on, each as real processes on free ports with a folder of their own: ours, and
//! two that nobody here wrote. Those cannot read our tokens; they are told each terminal's token as its password, and
//! of our access table what they can express.

mod mosquitto;
mod nats;

use std::cell::RefCell;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use tapcard_protocol::access::{Acl, Party, acl};

use crate::patience::wait;
use crate::program::{Program, output, path};
use crate::world::free_port;

/// How long a broker may take to come up, or to notice that it was told something, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a broker may take to answer a login.
const ANSWER: Duration = Duration::from_secs(10);
/// The worker's name, and what follows from it, where it signs no token.
const WORKER: (&str, &str) = ("worker", "the worker's own secret");

/// How many logins were tried in this program.
static LOOKS: AtomicU64 = AtomicU64::new(0);

/// Whose broker it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Make {
    /// `tapcard-broker`.
    Tapcard,
    /// Debian's Mosquitto.
    Mosquitto,
    /// Debian's nats-server: three nodes in a cluster, each message on all three.
    Nats,
}

/// This machine, as one sees it that QEMU emulates with a user's network.
pub const GUESTS_HOST: &str = "10.0.2.2";

/// A broker. All its processes are killed when it is dropped.
pub struct Broker {
    make: Make,
    folder: PathBuf,
    nodes: Vec<Node>,
    guests: RefCell<Vec<Guest>>,
}

/// One process of a broker.
struct Node {
    /// For terminals.
    tcp: u16,
    /// For workers.
    worker: u16,
    /// For pages.
    ws: u16,
    /// For terminals, over TLS; only our own broker listens there.
    tls: u16,
    program: Option<Program>,
}

/// Somebody whom a broker that reads no tokens knows by name.
struct Guest {
    name: String,
    password: String,
    acl: Acl,
}

impl Broker {
    /// Lays the broker's files out in a folder; `keys` is the file of the public ones.
    ///
    /// # Errors
    /// Fails with the file system, or when there is no free port.
    pub fn prepare(make: Make, folder: &Path, keys: &Path) -> anyhow::Result<Broker> {
        fs::create_dir_all(folder).context("making the broker's folder")?;
        let n_nodes = if make == Make::Nats { nats::NODES } else { 1 };
        let mut nodes = Vec::new();
        for _ in 0..n_nodes {
            let (tcp, ws, tls) = (free_port()?, free_port()?, free_port()?);
            let worker = if make == Make::Mosquitto { free_port()? } else { tcp };
            nodes.push(Node { tcp, worker, ws, tls, program: None });
        }
        let guests = RefCell::new(Vec::new());
        let broker = Broker { make, folder: folder.to_owned(), nodes, guests };
        match make {
            Make::Tapcard => broker.write_own(keys)?,
            Make::Mosquitto => mosquitto::write(&broker.folder, &broker.nodes[0])?,
            Make::Nats => nats::write(&broker.folder, &broker.nodes)?,
        }
        if make != Make::Tapcard {
            let (name, password) = (WORKER.0.to_owned(), WORKER.1.to_owned());
            broker.guests.borrow_mut().push(Guest { name, password, acl: acl(&Party::Worker) });
            fs::write(broker.folder.join("worker.password"), WORKER.1)
                .context("writing the worker's password")?;
            broker.write_guests()?;
        }
        Ok(broker)
    }

    fn write_own(&self, keys: &Path) -> anyhow::Result<()> {
        let Node { tcp, ws, tls, .. } = self.nodes[0];
        let text = format!(
            "keys = {keys:?}\n[listen]\ntcp = \"127.0.0.1:{tcp}\"\nws = \"127.0.0.1:{ws}\"\n\
             tls = \"127.0.0.1:{tls}\"\n[tls]\nfolder = {:?}\nnames = [\"127.0.0.1\", \"{GUESTS_HOST}\"]\n",
            self.own_certificates()
        );
        fs::write(self.folder.join("broker.toml"), text)
            .context("writing the broker's configuration")
    }

    fn write_guests(&self) -> anyhow::Result<()> {
        let guests = self.guests.borrow();
        match self.make {
            Make::Tapcard => Ok(()),
            Make::Mosquitto => mosquitto::write_guests(&self.folder, &guests),
            Make::Nats => nats::write_guests(&self.folder, &guests),
        }
    }

    /// Starts every node, and waits until each lets clients in.
    ///
    /// # Errors
    /// Fails when one does not come up.
    pub fn start(&mut self) -> anyhow::Result<()> {
        for node in 0..self.nodes.len() {
            self.launch(node)?;
        }
        (0..self.nodes.len()).try_for_each(|it| self.wait_for(it))
    }

    fn launch(&mut self, node: usize) -> anyhow::Result<()> {
        let mut command = match self.make {
            Make::Tapcard => {
                let mut command = Command::new(path("tapcard-broker")?);
                command.arg("--config").arg(self.folder.join("broker.toml"));
                command
            }
            Make::Mosquitto => mosquitto::command(&self.folder)?,
            Make::Nats => nats::command(&self.folder, node)?,
        };
        let program = Program::start("broker", &mut command, &self.log_file(node))?;
        self.nodes[node].program = Some(program);
        Ok(())
    }

    fn wait_for(&mut self, number: usize) -> anyhow::Result<()> {
        let node = &mut self.nodes[number];
        for port in [node.tcp, node.worker, node.ws] {
            let is_up = wait("the broker", PATIENCE, || {
                let runs = node.program.as_mut().is_some_and(Program::is_running);
                let is_up = TcpStream::connect(("127.0.0.1", port)).is_ok();
                Ok((is_up || !runs).then_some(runs))
            })?;
            anyhow::ensure!(is_up, "the broker has ended: {}", self.logs());
        }
        // A cluster listens before it has a leader, and only then lets anybody in.
        match self.guests.borrow().first() {
            Some(worker) => wait_for_login(node.worker, worker),
            None => Ok(()),
        }
    }

    /// Kills every node, as a power cut would.
    pub fn kill(&mut self) {
        self.nodes.iter_mut().for_each(|it| it.program = None);
    }

    /// Kills one node, as a power cut would.
    pub fn kill_node(&mut self, node: usize) {
        self.nodes[node].program = None;
    }

    /// Whether every node runs.
    pub fn is_running(&mut self) -> bool {
        self.nodes.iter_mut().all(|it| it.program.as_mut().is_some_and(Program::is_running))
    }

    /// The terminals' port of a node.
    pub fn tcp(&self, node: usize) -> u16 {
        self.nodes[node].tcp
    }

    /// A node that was not killed, preferably the last.
    pub fn living_node(&self) -> usize {
        self.nodes.iter().rposition(|it| it.program.is_some()).unwrap_or(0)
    }

    /// The terminals' port of our own broker, over TLS.
    pub fn tls(&self) -> u16 {
        self.nodes[0].tls
    }

    /// Where our own broker keeps `ca.pem`, and `server.pem` and `server.key` that are good for this machine, also as an
    /// emulated one sees it.
    pub fn own_certificates(&self) -> PathBuf {
        self.folder.join("tls")
    }

    /// The fingerprint of the authority there, as `openssl` prints it.
    ///
    /// # Errors
    /// Fails when there is none yet.
    pub fn fingerprint(&self) -> anyhow::Result<String> {
        let mut openssl = Command::new("openssl");
        openssl.args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]);
        let said = output(openssl.arg(self.own_certificates().join("ca.pem")))?;
        let (_, fingerprint) = said.trim().split_once('=').context("no fingerprint")?;
        Ok(fingerprint.to_owned())
    }

    /// The pages' port of a node.
    pub fn ws(&self) -> u16 {
        self.nodes[0].ws
    }

    /// What a kiosk or a worker is told of the broker: one URL, or that of each node, beginning with `first`.
    pub fn urls(&self, first: usize, is_worker: bool) -> String {
        let port = |it: &Node| if is_worker { it.worker } else { it.tcp };
        let url = |it: &Node| format!("\"mqtt://127.0.0.1:{}\"", port(it));
        let mut urls: Vec<String> = self.nodes.iter().map(url).collect();
        let n_urls = urls.len();
        urls.rotate_left(first % n_urls);
        if urls.len() == 1 { urls.remove(0) } else { format!("[{}]", urls.join(", ")) }
    }

    /// The lines of the worker's configuration that let it in where it signs no token.
    pub fn worker_login(&self) -> String {
        if self.reads_tokens() {
            return String::new();
        }
        let file = self.folder.join("worker.password");
        format!("[login]\nuser = \"{}\"\npassword_file = {file:?}\n", WORKER.0)
    }

    /// Whether a token is all that a client needs.
    pub fn reads_tokens(&self) -> bool {
        self.make == Make::Tapcard
    }

    /// The password of a client that was let in.
    pub fn password(&self, name: &str) -> Option<String> {
        let guests = self.guests.borrow();
        guests.iter().find(|it| it.name == name).map(|it| it.password.clone())
    }

    /// Lets a client in from now on, with what the access table gives it.
    ///
    /// # Errors
    /// Fails when a node does not notice.
    pub fn admit(&self, name: &str, password: String, party: &Party) -> anyhow::Result<()> {
        self.invite(Guest { name: name.to_owned(), password, acl: acl(party) })
    }

    /// Writes down all that passes from now on, with a program that nobody here wrote: a line for each message, its topic,
    /// a tab, and the payload in hexadecimal. Of a broker that reads no tokens.
    ///
    /// # Errors
    /// Fails when the broker does not let it in.
    pub fn listen_to_all(&self, file: &Path) -> anyhow::Result<Program> {
        let (name, password) = ("listener", "the listener's own secret");
        let acl = Acl { publish: vec![], subscribe: vec![mosquitto::EVERYTHING.to_owned()] };
        self.invite(Guest { name: name.to_owned(), password: password.to_owned(), acl })?;
        let mut command = Command::new("mosquitto_sub");
        command.args(["-p", &self.tcp(0).to_string(), "-u", name, "-P", password, "-i", name]);
        command.args(["-t", mosquitto::EVERYTHING, "-q", "1", "-F", "%t\t%x"]);
        Program::start("listener", &mut command, file)
    }

    fn invite(&self, guest: Guest) -> anyhow::Result<()> {
        self.guests.borrow_mut().push(guest);
        self.write_guests()?;
        let guests = self.guests.borrow();
        let newest = guests.last().context("a guest was added")?;
        let running =
            || self.nodes.iter().filter_map(|it| it.program.as_ref().map(|run| (it.tcp, run)));
        running().try_for_each(|(_, it)| it.signal(Signal::HUP))?;
        running().try_for_each(|(port, _)| wait_for_login(port, newest))
    }

    fn log_file(&self, node: usize) -> PathBuf {
        self.folder.join(format!("broker-{node}.log"))
    }

    /// What the nodes logged.
    pub fn logs(&self) -> String {
        let read = |node| fs::read_to_string(self.log_file(node)).unwrap_or_default();
        (0..self.nodes.len()).map(|it| format!("--- broker {it}\n{}\n", read(it))).collect()
    }
}

/// Debian keeps servers where not every user's path leads.
fn debian(program: &str, package: &str) -> anyhow::Result<Command> {
    let path = Path::new("/usr/sbin").join(program);
    anyhow::ensure!(path.is_file(), "{program} is missing: install Debian's package {package}");
    Ok(Command::new(path))
}

fn wait_for_login(port: u16, guest: &Guest) -> anyhow::Result<()> {
    let Guest { name, password, .. } = guest;
    wait(&format!("a login as {name}"), PATIENCE, || Ok(login(port, name, password).ok()))
}

/// One MQTT 3.1.1 login that ends at once.
fn login(port: u16, name: &str, password: &str) -> anyhow::Result<()> {
    let mut body = b"\x00\x04MQTT\x04\xc2\x00\x0a".to_vec();
    // Never the same again: NATS does not let a client id come back to another node at once.
    let look = LOOKS.fetch_add(1, Ordering::Relaxed);
    for text in [&format!("look-{look}-{name}"), name, password] {
        body.extend(u16::try_from(text.len())?.to_be_bytes());
        body.extend(text.as_bytes());
    }
    let length = u16::try_from(body.len())?;
    let mut packet = vec![0x10, (length & 0x7f) as u8 | 0x80, (length >> 7) as u8];
    packet.extend(body);
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(&packet)?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer)?;
    anyhow::ensure!(answer == [0x20, 2, 0, 0], "the broker answers {answer:?}");
    Ok(stream.write_all(&[0xe0, 0])?)
}
