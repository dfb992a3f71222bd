//! Browsers that are signed in. Each is a phone of its account.

use anyhow::Context;
use jiff::Timestamp;
use postgres::{Client, GenericClient, Transaction};
use sha2::{Digest, Sha256};
use tapcard_protocol::access::Kind;
use tapcard_protocol::{AccountId, Identifier, TerminalId};

use super::number_change::{self, Disputed};
use super::{account, identifier, mail_address, one_time_code, outbox, terminal};
use crate::addressee::{Addressee, MailAddress};
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
    /// Its account has not been used for so long that the number may be another person's by now. Until then its owner can
    /// say that it was him; afterwards the number opens a fresh account.
    Disputed(Timestamp),
}

/// Signs the owner of a number in that was just proved. `known` is what the browser kept of a session of old: who comes with
/// one of the same account is its owner, however long it slept.
///
/// # Errors
/// Fails with the database.
pub(crate) fn open(
    db: &mut Client,
    key: &NumberKey,
    number: &Identifier,
    known: Option<&[u8]>,
) -> anyhow::Result<SignIn> {
    let account = identifier::claim(db, key, number)?;
    let mut tx = db.transaction().context("beginning")?;
    one_time_code::use_up(&mut tx, &number.clone().into())?;
    let answer = match admit(&mut tx, account, number, known)? {
        Admitted::NotBefore(it) => SignIn::Disputed(it),
        Admitted::To(account) => {
            account::register(&mut tx, account, None)?;
            SignIn::Open(begin(&mut tx, account)?)
        }
    };
    tx.commit().context("committing")?;
    Ok(answer)
}

/// What a number opens that was just proved.
pub(super) enum Admitted {
    /// This account.
    To(AccountId),
    /// None yet: the one that it names has slept for too long.
    NotBefore(Timestamp),
}

/// The account that a number opens: the one that it names, or another if nobody has said in time that it is still his.
///
/// # Errors
/// Fails with the database.
pub(super) fn admit(
    tx: &mut Transaction<'_>,
    account: AccountId,
    number: &Identifier,
    known: Option<&[u8]>,
) -> anyhow::Result<Admitted> {
    if is_known(tx, account, known)? {
        number_change::settle(tx, account, number)?;
    } else if !may_open(tx, account, number)? {
        return Ok(match number_change::dispute(tx, account, number)? {
            Disputed::Until(it) => Admitted::NotBefore(it),
            Disputed::Moved(fresh) => Admitted::To(fresh),
        });
    }
    Ok(Admitted::To(account))
}

/// Whether a browser was signed in to an account before, within four hundred days, and not signed out.
fn is_known(
    tx: &mut Transaction<'_>,
    account: AccountId,
    known: Option<&[u8]>,
) -> anyhow::Result<bool> {
    let Some(cookie) = known else { return Ok(false) };
    let row = tx.query_opt(
        "select 1 from web_session where cookie = $1 and account_id = $2 and made_at > now() - interval '400 days'",
        &[&&Sha256::digest(cookie)[..], &account.as_i64()],
    );
    Ok(row.context("looking for a session of old")?.is_some())
}

/// Signs the owner of an account in who has proved to be that by its recovery code. If the account slept, its numbers may
/// be other people's by now, and waking it must not open it to them.
///
/// # Errors
/// Fails with the database.
pub(crate) fn recover(db: &mut Client, account: AccountId) -> anyhow::Result<[u8; 32]> {
    let mut tx = db.transaction().context("beginning")?;
    let cookie = wake(&mut tx, account)?;
    tx.commit().context("committing")?;
    Ok(cookie)
}

/// Signs the owner of a mail address in that was just proved; its account, or a new one. It opens an account that slept
/// too: providers do not give addresses away as they do numbers.
///
/// # Errors
/// Fails with the database.
pub(crate) fn open_by_mail(db: &mut Client, address: &MailAddress) -> anyhow::Result<[u8; 32]> {
    let mut tx = db.transaction().context("beginning")?;
    one_time_code::use_up(&mut tx, &Addressee::Mail(address.clone()))?;
    let account = mail_address::claim(&mut tx, address)?;
    account::register(&mut tx, account, None)?;
    let cookie = wake(&mut tx, account)?;
    tx.commit().context("committing")?;
    Ok(cookie)
}

/// Opens an account to its owner, and its numbers, if it slept, to nobody before he has said whose they are.
fn wake(tx: &mut Transaction<'_>, account: AccountId) -> anyhow::Result<[u8; 32]> {
    hold_numbers(tx, account)?;
    begin(tx, account)
}

/// The numbers of an account that slept open it to nobody before its owner has said whose they are.
///
/// # Errors
/// Fails with the database.
pub(super) fn hold_numbers(tx: &mut Transaction<'_>, account: AccountId) -> anyhow::Result<()> {
    for number in account::numbers(tx, account)? {
        if !may_open(tx, account, &number)? {
            number_change::hold(tx, account, &number)?;
        }
    }
    Ok(())
}

/// A new session with a phone of its own; its cookie.
fn begin(tx: &mut Transaction<'_>, account: AccountId) -> anyhow::Result<[u8; 32]> {
    let (cookie, terminal) = (draw::bytes::<32>(), TerminalId::new(draw::number()));
    terminal::add(tx, terminal, account, Kind::Phone)?;
    tx.execute(
        "insert into web_session (cookie, account_id, terminal_id, made_at, proved_at) values ($1, $2, $3, now(), now())",
        &[&&Sha256::digest(cookie)[..], &account.as_i64(), &terminal.as_i64()],
    )
    .context("opening a session")?;
    outbox::account_state(tx, account)?;
    Ok(cookie)
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
    tx.execute(
        "update terminal set ended_at = now() where terminal_id = $1",
        &[&session.terminal.as_i64()],
    )
    .context("ending a browser")?;
    terminal::revoke(&mut tx, session.terminal)?;
    tx.commit().context("committing")
}

/// Numbers are given to other people after a while: a code opens an account only as long as one of its terminals has
/// been heard of in the last ninety days, or if it never had one; and nobody else has proved it meanwhile.
fn may_open(
    db: &mut impl GenericClient,
    account: AccountId,
    number: &Identifier,
) -> anyhow::Result<bool> {
    if number_change::is_disputed(db, account, number)? {
        return Ok(false);
    }
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
