//! A broker in a process of its own, tokens for it, and clients that say exactly what a test wants.

mod client;
mod pipe;

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use jiff::Timestamp;
use jsonwebtoken::EncodingKey;
use serde::Deserialize;
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::key_set::{KeySet, PublicKey};
use tapcard_protocol::message::{Revocation, Revoked};
use tapcard_protocol::token::{Claims, sign};
use tapcard_protocol::{AccountId, TerminalId};
use tempfile::TempDir;

pub(crate) use client::{Client, Connect, Message, connect_bytes, publish_bytes};
pub(crate) use pipe::{socket, tls, upgrade};
pub(crate) use tapcard_load::frame::text;

/// How long anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// Where workers say what is revoked, and clients show fresh tokens.
pub(crate) const REVOKE: &str = "tapcard/v1/revoke";
pub(crate) const LOGIN: &str = "tapcard/v1/login";
/// Any free port.
const ANY: &str = "127.0.0.1:0";
/// How long the tokens of tests last.
const LIFE: u64 = 600;

/// A running broker; it ends with the test.
pub(crate) struct Broker {
    pub(crate) folder: TempDir,
    pub(crate) process: Child,
    pub(crate) addresses: Addresses,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) tcp: SocketAddr,
    pub(crate) tls: SocketAddr,
    pub(crate) ws: SocketAddr,
    pub(crate) wss: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

/// Terminals may speak as quickly as a test can.
const UNHURRIED: &str = "[limits]\npublish_rate = 1000000\n";

impl Broker {
    /// A broker that lets terminals in.
    pub(crate) fn start() -> Broker {
        let broker = Broker::start_closed(UNHURRIED);
        broker.open();
        broker
    }

    /// One with these limits, the lines of `[limits]`.
    pub(crate) fn with_limits(limits: &str) -> Broker {
        let broker = Broker::start_closed(&format!("[limits]\n{limits}\n"));
        broker.open();
        broker
    }

    /// Tells the broker that nothing is revoked, as a worker does that connects.
    pub(crate) fn open(&self) {
        self.say_revoked(&Revocation { revoked: vec![], complete: true });
    }

    /// Revokes a terminal's tokens that were signed before a time.
    pub(crate) fn revoke(&self, terminal: u64, not_before: u64) {
        let revoked = vec![Revoked { terminal: TerminalId::new(terminal), not_before }];
        self.say_revoked(&Revocation { revoked, complete: false });
    }

    fn say_revoked(&self, revocation: &Revocation) {
        let payload = String::from_utf8(revocation.write(Timestamp::now())).unwrap();
        let mut worker = self.client(&Who::worker_called("worker-0"));
        worker.publish(REVOKE, &payload);
        worker.disconnect();
    }

    /// A broker that has not been told what is revoked.
    pub(crate) fn start_closed(more: &str) -> Broker {
        Broker::start_with(more, &[])
    }

    /// The same with variables in its environment.
    pub(crate) fn start_with(more: &str, environment: &[(&str, &OsStr)]) -> Broker {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("jwks.json");
        publish_keys(&keys, &["web", "worker"]);
        let tls = folder.path().join("tls");
        let (config, addresses) =
            (folder.path().join("broker.toml"), folder.path().join("addresses.toml"));
        let text = format!(
            "keys = {keys:?}\naddresses_file = {addresses:?}\nlog = \"warn\"\n\
             [listen]\ntcp = {ANY:?}\ntls = {ANY:?}\nws = {ANY:?}\nwss = {ANY:?}\n\
             [metrics]\nlisten = {ANY:?}\n[tls]\nfolder = {tls:?}\n{more}"
        );
        fs::write(&config, text).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_tapcard-broker"))
            .arg("--config")
            .arg(&config)
            .envs(environment.iter().copied())
            .spawn()
            .unwrap();
        let text = eventually("the broker's addresses", || fs::read_to_string(&addresses).ok());
        Broker { folder, process, addresses: toml::from_str(&text).unwrap() }
    }

    /// A client over TCP that has been let in.
    pub(crate) fn client(&self, who: &Who) -> Client {
        Client::tcp(self.addresses.tcp).let_in(&who.connect())
    }

    /// A client over every listener, each not yet connected.
    pub(crate) fn over_all(&self) -> Vec<(&'static str, Client)> {
        let Addresses { tcp, tls, ws, wss, .. } = self.addresses;
        let authority = self.authority();
        vec![
            ("tcp", Client::tcp(tcp)),
            ("tls", Client::tls(tls, &authority)),
            ("ws", Client::websocket(ws)),
            ("wss", Client::secure_websocket(wss, &authority)),
        ]
    }

    /// Whom clients are to trust.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("tls/ca.pem")
    }

    /// The file with the public keys.
    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("jwks.json")
    }

    /// Waits until the broker counts so many.
    pub(crate) fn await_count(&self, name: &str, count: usize) {
        let line = format!("{name} {count}\n");
        eventually(&line, || {
            get(self.addresses.metrics, "/metrics").1.contains(&line).then_some(())
        });
    }

    pub(crate) fn assert_alive(&mut self) {
        assert_eq!(self.process.try_wait().unwrap(), None, "the broker has ended");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks over HTTP; status and body.
pub(crate) fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut socket = socket(address);
    write!(socket, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// Asks again and again until there is an answer.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what} did not come");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Writes the public halves of these keys where the broker looks for them, all at once.
pub(crate) fn publish_keys(path: &Path, kids: &[&str]) {
    let named: Vec<(&str, &str)> = kids.iter().map(|it| (*it, *it)).collect();
    publish_keys_as(path, &named);
}

/// The same for keys, each under a name that may be another's.
pub(crate) fn publish_keys_as(path: &Path, keys: &[(&str, &str)]) {
    let key = |(kid, key): &(&str, &str)| {
        let kinds: &[Kind] = if kid.starts_with("worker") {
            &[Kind::Worker]
        } else {
            &[Kind::Kiosk, Kind::OrganiserKiosk, Kind::Phone]
        };
        PublicKey::new(kid, private_key(key).verifying_key().as_bytes(), kinds.to_vec())
    };
    let set = KeySet { keys: keys.iter().map(key).collect() };
    let beside = path.with_extension("new");
    fs::write(&beside, serde_json::to_string(&set).unwrap()).unwrap();
    fs::rename(&beside, path).unwrap();
}

/// A key that depends only on its name.
fn private_key(kid: &str) -> SigningKey {
    let mut seed = [1; 32];
    seed[..kid.len()].copy_from_slice(kid.as_bytes());
    SigningKey::from_bytes(&seed)
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Somebody with a token.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) claims: Claims,
    pub(crate) kid: &'static str,
}

impl Who {
    fn new(party: &Party, cid: String, kid: &'static str) -> Who {
        Who { claims: Claims::new(party, cid, now(), now() + LIFE), kid }
    }

    pub(crate) fn terminal(kind: Kind, account: u64, terminal: u64) -> Who {
        let (account, terminal) = (AccountId::new(account), TerminalId::new(terminal));
        let party = Party::Terminal { kind, account, terminal };
        Who::new(&party, terminal.to_string(), "web")
    }

    pub(crate) fn kiosk(account: u64, terminal: u64) -> Who {
        Who::terminal(Kind::Kiosk, account, terminal)
    }

    pub(crate) fn phone(account: u64, terminal: u64) -> Who {
        Who::terminal(Kind::Phone, account, terminal)
    }

    pub(crate) fn worker() -> Who {
        Who::worker_called("worker-1")
    }

    pub(crate) fn worker_called(name: &str) -> Who {
        Who::new(&Party::Worker, name.into(), "worker")
    }

    pub(crate) fn token(&self) -> String {
        let private = private_key(self.kid).to_pkcs8_pem(LineEnding::LF).unwrap();
        let key = EncodingKey::from_ed_pem(private.as_bytes()).unwrap();
        sign(self.kid, &key, &self.claims).unwrap()
    }

    pub(crate) fn connect(&self) -> Connect {
        Connect::new(&self.claims.cid, &self.token())
    }
}

pub(crate) fn task(terminal: u64) -> String {
    tapcard_protocol::topic::Topic::Task(TerminalId::new(terminal)).to_string()
}

pub(crate) fn state(terminal: u64) -> String {
    tapcard_protocol::topic::Topic::State(TerminalId::new(terminal)).to_string()
}

pub(crate) fn terminal(terminal: u64) -> String {
    tapcard_protocol::topic::Topic::Terminal(TerminalId::new(terminal)).to_string()
}

pub(crate) fn notice(account: u64) -> String {
    tapcard_protocol::topic::Topic::Notice(AccountId::new(account)).to_string()
}
