//! Browsers that are signed in. Each is a phone of its account.

use anyhow::Context;
use postgres::{Client, GenericClient};
use sha2::{Digest, Sha256};
use tapcard_protocol::access::Kind;
use tapcard_protocol::{AccountId, Identifier, TerminalId};

use super::{account, identifier, one_time_code, terminal};
use crate::draw;
use crate::number_key::NumberKey;

/// A browser that is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// Whose.
    pub(crate) account: AccountId,
    /// The phone that it is.
    pub(crate) terminal: TerminalId,
    /// It has shown a code within the last quarter of an hour.
    pub(crate) is_fresh: bool,
}

/// What comes of a number that was proved.
pub(crate) enum SignIn {
    /// The cookie of the new session.
    Open([u8; 32]),
    /// Its account has not been used for so long that the number may be another person's by now, or it is closed.
    Disputed,
}

/// Signs the owner of a number in that was just proved.
///
/// # Errors
/// Fails with the database.
pub(crate) fn open(
    db: &mut Client,
    key: &NumberKey,
    number: &Identifier,
) -> anyhow::Result<SignIn> {
    let account = identifier::claim(db, key, number)?;
    let mut tx = db.transaction().context("beginning")?;
    one_time_code::use_up(&mut tx, number)?;
    if !may_open(&mut tx, account)? {
        tx.commit().context("committing")?;
        return Ok(SignIn::Disputed);
    }
    account::register(&mut tx, account, None)?;
    let (cookie, terminal) = (draw::bytes::<32>(), TerminalId::new(draw::number()));
    terminal::add(&mut tx, terminal, account, Kind::Phone)?;
    tx.execute(
        "insert into web_session (cookie, account_id, terminal_id, made_at, proved_at) values ($1, $2, $3, now(), now())",
        &[&&Sha256::digest(cookie)[..], &account.as_i64(), &terminal.as_i64()],
    )
    .context("opening a session")?;
    tx.commit().context("committing")?;
    Ok(SignIn::Open(cookie))
}

/// A browser has shown a code again.
///
/// # Errors
/// Fails with the database.
pub(crate) fn refresh(db: &mut Client, session: Session) -> anyhow::Result<()> {
    let text = "update web_session set proved_at = now() where terminal_id = $1";
    db.execute(text, &[&session.terminal.as_i64()]).context("noting a proof")?;
    Ok(())
}

/// Signs a browser out: its tokens are void.
///
/// # Errors
/// Fails with the database.
pub(crate) fn close(db: &mut Client, session: Session) -> anyhow::Result<()> {
    let mut tx = db.transaction().context("beginning")?;
    tx.execute("delete from web_session where terminal_id = $1", &[&session.terminal.as_i64()])
        .context("ending a session")?;
    terminal::revoke(&mut tx, session.terminal)?;
    tx.commit().context("committing")
}

/// Numbers are given to other people after a while: a code opens an account only as long as one of its terminals has
/// been heard of in the last ninety days, or if it never had one.
fn may_open(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<bool> {
    let row = db.query_one(
        "select state <> 'cancelled' and (state = 'unclaimed'
             or not exists (select from terminal t where t.account_id = a.account_id)
             or exists (select from terminal t where t.account_id = a.account_id
                 and coalesce(t.seen_at, t.created_at) > now() - interval '90 days'))
         from account a where account_id = $1",
        &[&account.as_i64()],
    );
    Ok(row.context("looking at an account")?.get(0))
}

/// Who a cookie's browser is signed in as; ninety days at most.
///
/// # Errors
/// Fails with the database.
pub(crate) fn find(db: &mut impl GenericClient, cookie: &[u8]) -> anyhow::Result<Option<Session>> {
    let row = db.query_opt(
        "select account_id, terminal_id, proved_at > now() - interval '15 minutes' from web_session s where cookie = $1
             and made_at > now() - interval '90 days'
             and (select state = 'active' from account a where a.account_id = s.account_id)",
        &[&&Sha256::digest(cookie)[..]],
    );
    let session = |row: postgres::Row| Session {
        account: row.get::<_, i64>(0).into(),
        terminal: row.get::<_, i64>(1).into(),
        is_fresh: row.get(2),
    };
    Ok(row.context("looking for a session")?.map(session))
}
