//! Who takes part: kiosks of accounts that the database gets by COPY, since thousands of them are wanted.

use std::fs;
use std::io::Write;

use anyhow::Context;
use jiff::Timestamp;
use jsonwebtoken::EncodingKey;
use tapcard_load::mqtt::{connect, subscribe};
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::token::{Claims, sign};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, Identifier, TerminalId};
use tapcard_tests::World;

/// How long tokens last, in seconds; longer than the bench.
const LIFE: u64 = 12 * 3600;
/// Scatters small numbers over 63 bits, as the worker's random ids are.
const SCATTER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The n-th account.
pub(crate) fn account(n: usize) -> AccountId {
    AccountId::new(!(n as u64).wrapping_mul(SCATTER))
}

/// The terminal of the n-th account; its shard is the last digit of `n` in base 16.
pub(crate) fn terminal(n: usize) -> TerminalId {
    let n = n as u64;
    TerminalId::new(n.wrapping_mul(SCATTER) & !0xf | n & 0xf)
}

/// The n-th account's number.
pub(crate) fn number(n: usize) -> anyhow::Result<Identifier> {
    Ok(Identifier::phone(&format!("+49171{n:07}"), None)?)
}

/// Adds accounts and their numbers from `first` to below `end`; each has one terminal of this kind, or none.
pub(crate) fn open(
    world: &World,
    (first, end): (usize, usize),
    kind: Option<Kind>,
) -> anyhow::Result<()> {
    let mut db = world.postgres.client()?;
    let mut fill = |table: &str, line: &dyn Fn(usize) -> String| -> anyhow::Result<()> {
        let mut copy = db.copy_in(&format!("copy {table} from stdin"))?;
        for n in first..end {
            copy.write_all(line(n).as_bytes())?;
        }
        copy.finish()?;
        Ok(())
    };
    let state = if kind.is_some() { "active" } else { "unclaimed" };
    fill("account (account_id, state)", &|n| format!("{}\t{state}\n", account(n).as_i64()))?;
    fill("identifier (identifier, account_id)", &|n| {
        format!("+49171{n:07}\t{}\n", account(n).as_i64())
    })?;
    if let Some(kind) = kind {
        fill("terminal (terminal_id, account_id, kind)", &|n| {
            let (terminal, account) = (terminal(n).as_i64(), account(n).as_i64());
            format!("{terminal}\t{account}\t{}\n", kind.name())
        })?;
    }
    db.batch_execute("vacuum analyze account, identifier, terminal")?;
    Ok(())
}

/// What terminals say first: CONNECT with a token, and SUBSCRIBE for their topics.
pub(crate) fn greetings(
    world: &World,
    kind: Kind,
    (first, end): (usize, usize),
) -> anyhow::Result<Vec<Vec<u8>>> {
    let key = fs::read(world.path("keys/web.key")).context("reading the key")?;
    let key = EncodingKey::from_ed_pem(&key)?;
    let now = u64::try_from(Timestamp::now().as_second())?;
    let greeting = |n: usize| -> anyhow::Result<Vec<u8>> {
        let (account, terminal) = (account(n), terminal(n));
        let party = Party::Terminal { kind, account, terminal };
        let claims = Claims::new(&party, terminal.to_string(), now, now + LIFE);
        let mut topics = vec![Topic::Terminal(terminal).to_string()];
        if kind == Kind::Phone {
            topics.push(Topic::Notice(account).to_string());
        }
        let hello = connect(&terminal.to_string(), &sign("web", &key, &claims)?);
        Ok([hello, subscribe(&topics)].concat())
    };
    (first..end).map(greeting).collect()
}
