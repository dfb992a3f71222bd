//! Kiosks on their way to their owner: a code, a key, the owner's word; and their keys from then on.

use anyhow::Context;
use jiff::Timestamp;
use postgres::{Client, GenericClient, Row};
use tapcard_protocol::access::Kind;
use tapcard_protocol::enrolment::{Base64, PublicKey};
use tapcard_protocol::{AccountId, TerminalId};

use super::terminal;
use crate::draw;

/// Days within which a code must be redeemed and the kiosk confirmed.
const DAYS: i32 = 30;

/// What comes of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redeemed {
    /// The key is noted; the owner has to confirm it.
    Waiting,
    /// It was confirmed already.
    Enrolled,
    /// The code is wrong, too old, or another key came first.
    Refused,
}

/// Awaits the device of a terminal; `sealed` is what is kept of its code.
///
/// # Errors
/// Fails with the database.
pub(crate) fn open(
    db: &mut impl GenericClient,
    terminal: TerminalId,
    sealed: &[u8],
) -> anyhow::Result<()> {
    db.execute(
        "insert into enrolment (terminal_id, code, until) values ($1, $2, now() + make_interval(days => $3))",
        &[&terminal.as_i64(), &sealed, &DAYS],
    )
    .context("noting a code")?;
    Ok(())
}

/// A device shows a code. The first key that comes with it is the terminal's; the same one may come again, since an answer
/// can be lost.
///
/// # Errors
/// Fails with the database.
pub(crate) fn redeem(
    db: &mut Client,
    terminal: TerminalId,
    sealed: &[u8],
    key: &PublicKey,
) -> anyhow::Result<Redeemed> {
    let row = db.query_opt(
        "update terminal t set key = coalesce(key, $3) from enrolment e
         where t.terminal_id = $1 and e.terminal_id = $1 and e.code = $2 and e.until > now() and t.ended_at is null
         returning key = $3, confirmed_at is not null",
        &[&terminal.as_i64(), &sealed, &&key.0[..]],
    );
    let row = row.context("redeeming a code")?;
    Ok(match row.map(|row| (row.get(0), row.get(1))) {
        Some((true, true)) => Redeemed::Enrolled,
        Some((true, false)) => Redeemed::Waiting,
        _ => Redeemed::Refused,
    })
}

/// A kiosk at which its owner was proved: the one with this key, or a new one, which needs no other word.
///
/// # Errors
/// Fails with the database.
pub(super) fn enrol(
    db: &mut impl GenericClient,
    account: AccountId,
    key: &PublicKey,
    place: &str,
) -> anyhow::Result<TerminalId> {
    let row = db.query_opt(
        "select terminal_id from terminal where account_id = $1 and key = $2 and ended_at is null limit 1",
        &[&account.as_i64(), &&key.0[..]],
    );
    if let Some(row) = row.context("looking for a kiosk by its key")? {
        return Ok(row.get::<_, i64>(0).into());
    }
    let id = TerminalId::new(draw::number());
    terminal::add(db, id, account, Kind::Kiosk)?;
    terminal::place(db, id, place)?;
    db.execute(
        "update terminal set key = $2, confirmed_at = now() where terminal_id = $1",
        &[&id.as_i64(), &&key.0[..]],
    )
    .context("enrolling a kiosk")?;
    Ok(id)
}

/// A terminal that proves itself by its key.
pub(crate) struct Keyed {
    pub(crate) account: AccountId,
    pub(crate) kind: Kind,
    pub(crate) key: PublicKey,
    /// Its owner has confirmed it.
    pub(crate) is_confirmed: bool,
}

/// The key of a terminal, unless it was switched off or its account is closed.
///
/// # Errors
/// Fails with the database.
pub(crate) fn keyed(
    db: &mut impl GenericClient,
    terminal: TerminalId,
) -> anyhow::Result<Option<Keyed>> {
    let row = db.query_opt(
        "select t.account_id, t.kind, t.key, t.confirmed_at is not null
         from terminal t join account a on a.account_id = t.account_id and a.state <> 'cancelled'
         where t.terminal_id = $1 and t.ended_at is null and t.key is not null",
        &[&terminal.as_i64()],
    );
    let keyed = |row: Row| {
        Some(Keyed {
            account: row.get::<_, i64>(0).into(),
            kind: terminal::kind(row.get(1))?,
            key: key(&row, 2)?,
            is_confirmed: row.get(3),
        })
    };
    Ok(row.context("looking for a terminal's key")?.and_then(keyed))
}

/// Whose a terminal was that is switched off, and the key by which it was known.
///
/// # Errors
/// Fails with the database.
pub(crate) fn ended(
    db: &mut impl GenericClient,
    terminal: TerminalId,
) -> anyhow::Result<Option<(AccountId, PublicKey)>> {
    let text =
        "select account_id, key from terminal where terminal_id = $1 and ended_at is not null";
    let row = db.query_opt(text, &[&terminal.as_i64()]);
    let ended = |row: Row| Some((row.get::<_, i64>(0).into(), key(&row, 1)?));
    Ok(row.context("looking for a terminal's key")?.and_then(ended))
}

fn key(row: &Row, at: usize) -> Option<PublicKey> {
    row.get::<_, Option<&[u8]>>(at)?.try_into().ok().map(Base64)
}

/// Notes which program a terminal runs and what it is called, and that it was heard.
///
/// # Errors
/// Fails with the database.
pub(crate) fn heard(
    db: &mut impl GenericClient,
    terminal: TerminalId,
    (client, name): (&str, &str),
) -> anyhow::Result<()> {
    let text = "update terminal set client = $2, name = $3, seen_at = now() where terminal_id = $1";
    db.execute(text, &[&terminal.as_i64(), &client, &name])
        .context("noting a terminal's program")?;
    Ok(())
}

/// A terminal as its owner sees it.
pub(crate) struct Device {
    pub(crate) terminal: TerminalId,
    pub(crate) kind: Kind,
    /// What its owner calls it; mostly nothing.
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) client: String,
    pub(crate) seen_at: Option<Timestamp>,
    /// The key whose words are to be compared; none if nothing is.
    pub(crate) to_compare: Option<PublicKey>,
    /// Its device has not come yet.
    pub(crate) is_awaited: bool,
    /// It is erased as soon as it is heard.
    pub(crate) is_to_go: bool,
}

/// Most terminals that a page shows: more than an operator can make at a time.
const MOST: i64 = 2_000;

/// The terminals of an account that are in use or on their way: what is to be confirmed first, then the newest. Phones that
/// nobody has heard of for long are left out.
///
/// # Errors
/// Fails with the database.
pub(crate) fn devices(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Vec<Device>> {
    let rows = db.query(
        "select terminal_id, kind, place, client, seen_at, key, confirmed_at is null and key is not null,
             key is null and exists (select from enrolment e where e.terminal_id = t.terminal_id and e.until > now()),
             exists (select from wipe_order w where w.account_id = t.account_id and w.terminal_id = t.terminal_id), name
         from terminal t where account_id = $1 and ended_at is null
             and (kind <> 'phone' or coalesce(seen_at, created_at) > now() - interval '90 days'
                 or exists (select from web_session s where s.terminal_id = t.terminal_id
                     and s.made_at > now() - interval '90 days'))
         order by confirmed_at is null and key is not null desc, created_at desc, terminal_id limit $2",
        &[&account.as_i64(), &MOST],
    );
    let device = |row: &Row| {
        Some(Device {
            terminal: row.get::<_, i64>(0).into(),
            kind: terminal::kind(row.get(1))?,
            name: row.get(9),
            place: row.get(2),
            client: row.get(3),
            seen_at: row.get(4),
            to_compare: key(row, 5).filter(|_| row.get(6)),
            is_awaited: row.get(7),
            is_to_go: row.get(8),
        })
    };
    Ok(rows.context("looking for terminals")?.iter().filter_map(device).collect())
}

/// The owner has seen the same words on the device. Whether it was waiting for that, with this very key.
///
/// # Errors
/// Fails with the database.
pub(crate) fn confirm(
    db: &mut Client,
    account: AccountId,
    terminal: TerminalId,
    key: &PublicKey,
) -> anyhow::Result<bool> {
    let mut tx = db.transaction().context("beginning")?;
    let n_rows = tx.execute(
        "update terminal set confirmed_at = now() where terminal_id = $1 and account_id = $2 and key = $3
             and confirmed_at is null and ended_at is null",
        &[&terminal.as_i64(), &account.as_i64(), &&key.0[..]],
    );
    let is_confirmed = n_rows.context("confirming a terminal")? == 1;
    tx.commit().context("committing")?;
    Ok(is_confirmed)
}

/// Whether a terminal was not switched off.
///
/// # Errors
/// Fails with the database.
pub(crate) fn is_in_use(db: &mut impl GenericClient, terminal: TerminalId) -> anyhow::Result<bool> {
    let text = "select 1 from terminal where terminal_id = $1 and ended_at is null";
    let row = db.query_opt(text, &[&terminal.as_i64()]).context("looking for a terminal")?;
    Ok(row.is_some())
}

/// Switches a terminal off for good: its tokens and its key are void. Whether it was the account's.
///
/// # Errors
/// Fails with the database.
pub(crate) fn end(
    db: &mut Client,
    account: AccountId,
    terminal: TerminalId,
) -> anyhow::Result<bool> {
    let mut tx = db.transaction().context("beginning")?;
    let n_rows = tx.execute(
        "update terminal set ended_at = now() where terminal_id = $1 and account_id = $2 and ended_at is null",
        &[&terminal.as_i64(), &account.as_i64()],
    );
    if n_rows.context("switching a terminal off")? == 0 {
        return Ok(false);
    }
    for table in ["enrolment", "web_session"] {
        tx.execute(&format!("delete from {table} where terminal_id = $1"), &[&terminal.as_i64()])
            .with_context(|| format!("switching a terminal off in {table}"))?;
    }
    terminal::revoke(&mut tx, terminal)?;
    tx.commit().context("committing")?;
    Ok(true)
}

/// Forgets codes whose time is over; how many.
///
/// # Errors
/// Fails with the database.
pub(crate) fn forget(db: &mut impl GenericClient) -> anyhow::Result<u64> {
    db.execute("delete from enrolment where until < now()", &[]).context("forgetting codes")
}
