//! Who connects: workers, kiosks and phones with real tokens. Other brokers hear the same bytes.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use jsonwebtoken::EncodingKey;
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::key_set::{KeySet, PublicKey};
use tapcard_protocol::token::{Claims, sign};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, TerminalId};

use tapcard_load::mqtt::{connect, subscribe};

/// How long tokens last, in seconds; longer than the bench.
const LIFE: u64 = 3600;
/// Scatters small numbers over 63 bits, as the worker's random ids are.
const SCATTER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The keys that sign tokens.
pub(crate) struct Mint {
    web: Key,
    worker: Key,
}

struct Key {
    kid: &'static str,
    public: PublicKey,
    private: EncodingKey,
}

impl Key {
    fn new(kid: &'static str, seed: u8, kinds: &[Kind]) -> anyhow::Result<Key> {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = PublicKey::new(kid, key.verifying_key().as_bytes(), kinds.to_vec());
        let private = EncodingKey::from_ed_pem(key.to_pkcs8_pem(LineEnding::LF)?.as_bytes())?;
        Ok(Key { kid, public, private })
    }
}

impl Mint {
    /// Keys for this run.
    pub(crate) fn new() -> anyhow::Result<Mint> {
        let web = Key::new("web", 1, &[Kind::Kiosk, Kind::Phone])?;
        Ok(Mint { web, worker: Key::new("worker", 2, &[Kind::Worker])? })
    }

    /// Writes the public halves where the broker looks for them.
    pub(crate) fn publish(&self, path: &Path) -> anyhow::Result<()> {
        let keys = [&self.web, &self.worker].map(|it| it.public.clone()).to_vec();
        Ok(fs::write(path, serde_json::to_string(&KeySet { keys })?)?)
    }

    /// What a phone says first: CONNECT, and SUBSCRIBE for both of its topics.
    pub(crate) fn phone(&self, n: u64) -> anyhow::Result<Vec<u8>> {
        let filters = [Topic::Terminal(terminal(n)), notice(n)].map(|it| it.to_string());
        Ok([self.hello(Kind::Phone, n)?, subscribe(&filters)].concat())
    }

    /// What a kiosk says first.
    pub(crate) fn kiosk(&self, n: u64) -> anyhow::Result<Vec<u8>> {
        let filter = Topic::Terminal(terminal(n)).to_string();
        Ok([self.hello(Kind::Kiosk, n)?, subscribe(&[filter])].concat())
    }

    /// What a worker says first that asks for these filters.
    pub(crate) fn worker(&self, filters: &[String]) -> anyhow::Result<Vec<u8>> {
        Ok([self.mute_worker()?, subscribe(filters)].concat())
    }

    /// A worker's CONNECT alone.
    pub(crate) fn mute_worker(&self) -> anyhow::Result<Vec<u8>> {
        self.connect(&self.worker, &Party::Worker, "worker-1")
    }

    /// A terminal's CONNECT alone.
    pub(crate) fn hello(&self, kind: Kind, n: u64) -> anyhow::Result<Vec<u8>> {
        let terminal = terminal(n);
        let party = Party::Terminal { kind, account: account(n), terminal };
        self.connect(&self.web, &party, &terminal.to_string())
    }

    fn connect(&self, key: &Key, party: &Party, id: &str) -> anyhow::Result<Vec<u8>> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = Claims::new(party, id.to_owned(), now, now + LIFE);
        let token = sign(key.kid, &key.private, &claims).context("signing a token")?;
        Ok(connect(id, &token))
    }
}

/// The n-th terminal; its shard is the last digit of `n` in base 16.
pub(crate) fn terminal(n: u64) -> TerminalId {
    TerminalId::new(n.wrapping_mul(SCATTER) & !0xf | n & 0xf)
}

/// The n-th account; the n-th terminal is its only one.
fn account(n: u64) -> AccountId {
    AccountId::new(!n.wrapping_mul(SCATTER))
}

/// The topic of the n-th account's notices.
pub(crate) fn notice(n: u64) -> Topic {
    Topic::Notice(account(n))
}
