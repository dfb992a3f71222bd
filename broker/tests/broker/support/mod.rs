//! A broker in a process of its own, tokens for it, and clients that say exactly what a test wants.

mod client;
mod pipe;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use jsonwebtoken::EncodingKey;
use serde::Deserialize;
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::token::{Claims, sign};
use tapcard_protocol::{AccountId, TerminalId};
use tempfile::TempDir;

pub(crate) use client::{Client, Connect, Message, connect_bytes, publish_bytes, text};
pub(crate) use pipe::upgrade;

/// How long anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
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
    pub(crate) ws: SocketAddr,
}

impl Broker {
    pub(crate) fn start() -> Broker {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        fs::create_dir(&keys).unwrap();
        for kid in ["web", "worker"] {
            publish_key(&keys, kid);
        }
        let (config, addresses) =
            (folder.path().join("broker.toml"), folder.path().join("addresses.toml"));
        let text = format!(
            "keys = {keys:?}\naddresses_file = {addresses:?}\nlog = \"warn\"\n\
             [listen]\ntcp = \"127.0.0.1:0\"\nws = \"127.0.0.1:0\"\n"
        );
        fs::write(&config, text).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_tapcard-broker"))
            .arg("--config")
            .arg(&config)
            .spawn()
            .unwrap();
        let text = eventually("the broker's addresses", || fs::read_to_string(&addresses).ok());
        Broker { folder, process, addresses: toml::from_str(&text).unwrap() }
    }

    /// A client over TCP that has been let in.
    pub(crate) fn client(&self, who: &Who) -> Client {
        Client::tcp(self.addresses.tcp).let_in(&who.connect())
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

/// Puts the public half of a key where the broker looks for it.
pub(crate) fn publish_key(keys: &Path, kid: &str) {
    let text = private_key(kid).verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
    fs::write(keys.join(format!("{kid}.pem")), text).unwrap();
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
        Who::new(&Party::Worker, "worker-1".into(), "worker")
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
