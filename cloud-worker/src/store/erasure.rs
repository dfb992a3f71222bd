//! What is left of an account that was cancelled: nothing of its own. Partners keep what they read, and are told that
//! the account is closed.

use anyhow::Context;
use postgres::{Client, GenericClient, Transaction};
use tapcard_protocol::{AccountId, Identifier};

use super::barred::{self, Why};
use super::{account, outbox};
use crate::addressee::Addressee;
use crate::number_key::NumberKey;

/// Every table whose rows are an account's own, but for the account itself and its terminals' names.
const OWN: [&str; 16] = [
    "card_edition",
    "contact",
    "exchange",
    "offer",
    "outcome",
    "outbox",
    "fanout",
    "delivery",
    "touch_key",
    "watermark",
    "block",
    "touch",
    "recovery",
    "number_change",
    "new_number",
    "wipe_order",
];

/// Days between the word and the end.
pub(crate) const NOTICE_DAYS: i32 = 7;

/// Partners that are told in one commit.
const STEP: i64 = 1_000;

/// What an account is barred by.
pub(crate) struct Doomed {
    /// Which account.
    pub(crate) account: AccountId,
    /// What is kept of its numbers.
    pub(crate) sealed: Vec<Vec<u8>>,
}

/// Closes an account on a day to come. Whether it is one that can be closed.
///
/// # Errors
/// Fails with the database.
pub(crate) fn plan(
    db: &mut impl GenericClient,
    account: AccountId,
    days: i32,
) -> anyhow::Result<bool> {
    let n_rows = db.execute(
        "update account set cancel_at = least(cancel_at, now() + make_interval(days => $2))
         where account_id = $1 and state <> 'cancelled'",
        &[&account.as_i64(), &days],
    );
    let is_planned = n_rows.context("planning an end")? == 1;
    if is_planned {
        outbox::account_state(db, account)?;
    }
    Ok(is_planned)
}

/// Whether an account may be opened for its numbers again, once it is closed.
///
/// # Errors
/// Fails with the database.
pub(crate) fn wants_none(
    db: &mut impl GenericClient,
    account: AccountId,
    wants_none: bool,
) -> anyhow::Result<()> {
    let text = "update account set wants_none = $2 where account_id = $1";
    db.execute(text, &[&account.as_i64(), &wants_none]).context("noting a wish")?;
    Ok(())
}

/// The account goes on. Whether its end was still ahead.
///
/// # Errors
/// Fails with the database.
pub(crate) fn call_off(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<bool> {
    let n_rows = db.execute(
        "update account set cancel_at = null, wants_none = false
         where account_id = $1 and state <> 'cancelled' and cancel_at is not null",
        &[&account.as_i64()],
    );
    let is_called_off = n_rows.context("calling an end off")? == 1;
    if is_called_off {
        outbox::account_state(db, account)?;
    }
    Ok(is_called_off)
}

/// Accounts whose time has come, and for how long their numbers are barred.
///
/// # Errors
/// Fails with the database.
pub(crate) fn due(db: &mut impl GenericClient) -> anyhow::Result<Vec<(AccountId, Why)>> {
    let rows = db.query(
        "select account_id, wants_none from account where cancel_at <= now() and state <> 'cancelled' order by cancel_at limit 100",
        &[],
    );
    let why = |wants_none| if wants_none { Why::OptOut } else { Why::Cancelled };
    let rows = rows.context("looking for ends")?;
    Ok(rows.iter().map(|row| (row.get::<_, i64>(0).into(), why(row.get(1)))).collect())
}

/// Drops unclaimed accounts that nobody has claimed for so many days; how many. Who met them keeps what was read.
///
/// # Errors
/// Fails with the database.
pub(crate) fn purge(db: &mut Client, days: u32) -> anyhow::Result<usize> {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    let mut tx = db.transaction().context("beginning")?;
    let rows = tx.query(
        "delete from account where account_id in
             (select account_id from account a where state = 'unclaimed' and created_at < now() - make_interval(days => $1)
                 and not exists (select from terminal t where t.account_id = a.account_id)
                 order by created_at limit 1000 for update skip locked)
         returning account_id",
        &[&days],
    );
    let rows = rows.context("dropping unclaimed accounts")?;
    let gone: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    for table in OWN.iter().chain(&["dispute", "identifier"]) {
        tx.execute(&format!("delete from {table} where account_id = any($1)"), &[&gone])
            .with_context(|| format!("erasing from {table}"))?;
    }
    tx.commit().context("committing")?;
    Ok(gone.len())
}

/// What is to be kept of an account's numbers.
///
/// # Errors
/// Fails with the database.
pub(crate) fn doomed(
    db: &mut impl GenericClient,
    key: &NumberKey,
    account: AccountId,
) -> anyhow::Result<Doomed> {
    let numbers = account::numbers(db, account)?;
    Ok(Doomed { account, sealed: numbers.iter().map(|it| key.sealed(it)).collect() })
}

/// Bars the numbers, in a commit of its own: what comes in meanwhile finds either the account or the bar.
///
/// # Errors
/// Fails with the database.
pub(crate) fn bar(db: &mut Client, it: &Doomed, why: Why) -> anyhow::Result<()> {
    barred::bar(db, &it.sealed, why)
}

/// Erases all that is the account's own. Whether its time had come, and nobody has called its end off.
///
/// # Errors
/// Fails with the database.
pub(crate) fn erase(db: &mut Client, account: AccountId) -> anyhow::Result<bool> {
    let mut tx = db.transaction().context("beginning")?;
    let me = account.as_i64();
    let n_rows = tx.execute(
        "update account set state = 'cancelled', card = null, cancel_at = now()
         where account_id = $1 and state <> 'cancelled' and cancel_at <= now()",
        &[&me],
    );
    if n_rows.context("closing an account")? == 0 {
        return Ok(false);
    }
    forget_messages(&mut tx, account)?;
    for table in OWN {
        tx.execute(&format!("delete from {table} where account_id = $1"), &[&me])
            .with_context(|| format!("erasing from {table}"))?;
    }
    for table in ["web_session", "media", "alias", "mail_address", "dispute", "identifier"] {
        tx.execute(&format!("delete from {table} where account_id = $1"), &[&me])
            .with_context(|| format!("erasing from {table}"))?;
    }
    tx.execute(
        "update terminal set name = '', place = '', seen_at = null, key = null, client = '', ended_at = coalesce(ended_at, now()),
             not_before = date_trunc('second', clock_timestamp()) + interval '1 second' where account_id = $1",
        &[&me],
    )
    .context("revoking terminals")?;
    tx.execute(
        "delete from enrolment where terminal_id in (select terminal_id from terminal where account_id = $1)",
        &[&me],
    )
    .context("forgetting codes")?;
    outbox::wake(&mut tx)?;
    tx.commit().context("committing")?;
    Ok(true)
}

/// What the account's terminals sent or anybody sent about its numbers and could not be carried out, and codes that were
/// asked for.
fn forget_messages(tx: &mut Transaction<'_>, account: AccountId) -> anyhow::Result<()> {
    let numbers = account::numbers(tx, account)?;
    let texts: Vec<&str> = numbers.iter().map(Identifier::as_str).collect();
    tx.execute(
        "delete from dead_letter d where terminal_id in (select terminal_id from terminal where account_id = $1)
             or exists (select from unnest($2::text[]) as number
                 where position(convert_to(number, 'UTF8') in d.payload) > 0)",
        &[&account.as_i64(), &texts],
    )
    .context("erasing dead letters")?;
    let addressees = account::addressees(tx, account)?;
    let texts: Vec<&str> = addressees.iter().map(Addressee::as_str).collect();
    tx.execute("delete from one_time_code where identifier = any($1)", &[&texts])
        .context("erasing codes")?;
    Ok(())
}

/// Closed accounts of which others' tables may still hold something.
///
/// # Errors
/// Fails with the database.
pub(crate) fn unfinished(db: &mut impl GenericClient) -> anyhow::Result<Vec<AccountId>> {
    let rows = db.query(
        "select account_id from account where state = 'cancelled' and erased_at is null order by account_id limit 1000",
        &[],
    );
    let rows = rows.context("looking for closed accounts")?;
    Ok(rows.iter().map(|row| row.get::<_, i64>(0).into()).collect())
}

/// Tells partners that an account is closed, a thousand in a commit; whether there may be more.
///
/// # Errors
/// Fails with the database.
pub(crate) fn tell(db: &mut Client, owner: AccountId) -> anyhow::Result<bool> {
    let mut tx = db.transaction().context("beginning")?;
    let rows = tx.query(
        "update contact set link = 'none', is_closed = true where owner_id = $1 and link = 'live' and account_id in
             (select account_id from contact where owner_id = $1 and link = 'live' order by account_id limit $2)
         returning account_id",
        &[&owner.as_i64(), &STEP],
    );
    let rows = rows.context("ending links")?;
    let holders: Vec<AccountId> = rows.iter().map(|row| row.get::<_, i64>(0).into()).collect();
    account::turn_page(&mut tx, &holders)?;
    for holder in &holders {
        outbox::card(&mut tx, *holder, owner)?;
    }
    outbox::wake(&mut tx)?;
    tx.commit().context("committing")?;
    Ok(holders.len() as i64 == STEP)
}

/// Takes closed accounts out of others' tables: their numbers in the logs of those they met, offers that nobody has
/// answered, delivery states. These tables are not sorted by partner: each is read once for all of them. Comes once more
/// for accounts that were closed within the last minute: a batch that had begun before may end after it.
///
/// # Errors
/// Fails with the database.
pub(crate) fn finish(db: &mut Client, accounts: &[AccountId]) -> anyhow::Result<()> {
    let numbers: Vec<i64> = accounts.iter().map(|it| it.as_i64()).collect();
    // What its terminals had just sent may have been written behind the erasure's back.
    for table in OWN.iter().chain(&["media", "alias", "mail_address", "dispute", "web_session"]) {
        db.execute(&format!("delete from {table} where account_id = any($1)"), &[&numbers])
            .with_context(|| format!("erasing from {table}"))?;
    }
    for text in [
        "update exchange set partner = null where peer_id = any($1) and partner is not null",
        "delete from offer where from_id = any($1)",
        "delete from delivery where holder_id = any($1)",
        "update account set card = null where account_id = any($1) and state = 'cancelled' and card is not null",
        "update account set erased_at = now(), cancel_at = null
         where account_id = any($1) and state = 'cancelled' and cancel_at < now() - interval '1 minute'",
    ] {
        db.execute(text, &[&numbers]).context("erasing from others' tables")?;
    }
    Ok(())
}
