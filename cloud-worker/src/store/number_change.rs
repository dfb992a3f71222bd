//! Numbers on their way: an account that gets another one, and a number that gets another account.

use anyhow::Context;
use jiff::Timestamp;
use postgres::{Client, GenericClient, Transaction};
use tapcard_protocol::message::CardUpdate;
use tapcard_protocol::{AccountId, Identifier, TerminalId};

use super::{account, adoption, barred, card, outbox, recovery};
use crate::draw;
use crate::number_key::NumberKey;

/// Hours between the proof of a new number and its effect: whoever owns the account can call it off.
const HOURS: i32 = 72;
/// Days in which a sleeping account's owner can say that it was him who proved its number.
const DISPUTE_DAYS: i32 = 7;

/// A change that is planned.
pub(crate) struct Planned {
    pub(crate) number: Identifier,
    pub(crate) due_at: Timestamp,
}

/// Plans that a number which its owner has just proved takes the place of the account's; an account without one has it at
/// once. Whether it may: not if another account is in use under it.
///
/// # Errors
/// Fails with the database.
pub(crate) fn plan(
    db: &mut Client,
    key: &NumberKey,
    account: AccountId,
    number: &Identifier,
) -> anyhow::Result<bool> {
    let mut tx = db.transaction().context("beginning")?;
    if !is_free(&mut tx, account, number)? {
        return Ok(false);
    }
    let is_first = account::numbers(&mut tx, account)?.is_empty();
    let hours = if is_first { 0 } else { HOURS };
    tx.execute(
        "insert into number_change (account_id, identifier, due_at) values ($1, $2, now() + make_interval(hours => $3))
         on conflict (account_id) do update set identifier = excluded.identifier, due_at = excluded.due_at",
        &[&account.as_i64(), &number.as_str(), &hours],
    )
    .context("planning another number")?;
    outbox::account_state(&mut tx, account)?;
    if is_first {
        change(&mut tx, key, account)?;
    }
    tx.commit().context("committing")?;
    Ok(true)
}

fn is_free(
    db: &mut impl GenericClient,
    own: AccountId,
    number: &Identifier,
) -> anyhow::Result<bool> {
    let row = db.query_one(
        "select not exists (select from identifier i join account a on a.account_id = i.account_id
             where i.identifier = $1 and (a.state <> 'unclaimed' or i.account_id = $2))",
        &[&number.as_str(), &own.as_i64()],
    );
    Ok(row.context("looking whose a number is")?.get(0))
}

/// The change that an account has ahead.
///
/// # Errors
/// Fails with the database.
pub(crate) fn planned(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Option<Planned>> {
    let text = "select identifier, due_at from number_change where account_id = $1";
    let row = db.query_opt(text, &[&account.as_i64()]).context("looking for a planned change")?;
    let planned = |row: postgres::Row| {
        let number = Identifier::phone(row.get(0), None).context("a stored number is none")?;
        Ok(Planned { number, due_at: row.get(1) })
    };
    row.map(planned).transpose()
}

/// Calls a change off.
///
/// # Errors
/// Fails with the database.
pub(crate) fn call_off(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<()> {
    db.execute("delete from number_change where account_id = $1", &[&account.as_i64()])
        .context("calling a change off")?;
    outbox::account_state(db, account)
}

/// Makes the changes whose time has come; how many. A number that went to somebody else meanwhile stays there.
///
/// # Errors
/// Fails with the database.
pub(crate) fn apply(db: &mut Client, key: &NumberKey) -> anyhow::Result<usize> {
    let text =
        "select account_id from number_change where due_at <= now() order by due_at limit 100";
    let due: Vec<AccountId> = db
        .query(text, &[])
        .context("looking for changes")?
        .iter()
        .map(|row| row.get::<_, i64>(0).into())
        .collect();
    for account in &due {
        let mut tx = db.transaction().context("beginning")?;
        change(&mut tx, key, *account)?;
        tx.commit().context("committing")?;
    }
    Ok(due.len())
}

fn change(tx: &mut Transaction<'_>, key: &NumberKey, account: AccountId) -> anyhow::Result<()> {
    let Some(Planned { number, .. }) = planned(tx, account)? else { return Ok(()) };
    let text = "select account_id from identifier where identifier = $1";
    let row = tx.query_opt(text, &[&number.as_str()]).context("looking whose a number was")?;
    let unclaimed = row.map(|row| AccountId::from(row.get::<_, i64>(0)));
    let left: Vec<AccountId> = unclaimed.into_iter().chain([key.waiting(&number)]).collect();
    // Everybody whose book changes, in the order that all take them in.
    let mut all = vec![account];
    all.extend(unclaimed);
    for from in &left {
        all.extend(adoption::holders(tx, *from, account)?);
    }
    account::lock_all(tx, all.into_iter())?;
    let own = account::lock(tx, account)?;
    call_off(tx, account)?;
    if !is_free(tx, account, &number)? {
        return Ok(());
    }
    let old = account::numbers(tx, account)?;
    let me = account.as_i64();
    // What strangers hold of the new number is its owner's now.
    barred::lift(tx, key, &number)?;
    for from in left {
        adoption::adopt(tx, from, account)?;
    }
    // The numbers that are left are nobody's business here any more, and the code that may have led here is spent.
    tx.execute("delete from dispute where account_id = $1", &[&me]).context("leaving disputes")?;
    recovery::use_up(tx, account)?;
    tx.execute("delete from identifier where account_id = $1", &[&me])
        .context("leaving a number")?;
    tx.execute(
        "insert into identifier (identifier, account_id) values ($2, $1)
         on conflict (identifier) do update set account_id = excluded.account_id",
        &[&me, &number.as_str()],
    )
    .context("taking a number")?;
    let Some(mut card) = own.card else { return Ok(()) };
    if card.replace_numbers(&old, &number) {
        let update = CardUpdate { base: own.edition, card, notify: true };
        card::update(tx, account, TerminalId::new(0), &update)?;
        outbox::wake(tx)?;
    }
    Ok(())
}

/// What becomes of a number of a sleeping account that somebody has proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disputed {
    /// The account's owner has until then to say that it was him.
    Until(Timestamp),
    /// Nobody did: the number has a fresh and empty account now.
    Moved(AccountId),
}

/// Somebody has proved the number of a sleeping account.
///
/// # Errors
/// Fails with the database.
pub(crate) fn dispute(
    tx: &mut Transaction<'_>,
    account: AccountId,
    number: &Identifier,
) -> anyhow::Result<Disputed> {
    hold(tx, account, number)?;
    let row = tx.query_one(
        "select opened_at + make_interval(days => $2), opened_at + make_interval(days => $2) <= now()
         from dispute where identifier = $1",
        &[&number.as_str(), &DISPUTE_DAYS],
    );
    let row = row.context("noting a dispute")?;
    if !row.get::<_, bool>(1) {
        outbox::account_state(tx, account)?;
        return Ok(Disputed::Until(row.get(0)));
    }
    let fresh = AccountId::new(draw::number());
    tx.execute(
        "insert into account (account_id, state) values ($1, 'unclaimed')",
        &[&fresh.as_i64()],
    )
    .context("opening an account")?;
    tx.execute(
        "update identifier set account_id = $2 where identifier = $1 and account_id = $3",
        &[&number.as_str(), &fresh.as_i64(), &account.as_i64()],
    )
    .context("moving a number")?;
    settle(tx, account, number)?;
    Ok(Disputed::Moved(fresh))
}

/// Numbers of an account that somebody has proved.
///
/// # Errors
/// Fails with the database.
pub(crate) fn disputes(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Vec<Identifier>> {
    let text = "select identifier from dispute where account_id = $1 order by opened_at";
    let rows = db.query(text, &[&account.as_i64()]).context("looking for disputes")?;
    rows.iter()
        .map(|row| Identifier::phone(row.get(0), None).context("a stored number is none"))
        .collect()
}

/// The account's owner says who it was: the number stays, and a code opens the account as before.
///
/// # Errors
/// Fails with the database.
pub(crate) fn settle(
    db: &mut impl GenericClient,
    account: AccountId,
    number: &Identifier,
) -> anyhow::Result<()> {
    let text = "delete from dispute where identifier = $1 and account_id = $2";
    db.execute(text, &[&number.as_str(), &account.as_i64()]).context("settling a dispute")?;
    outbox::account_state(db, account)
}

/// Whether somebody has proved a number of an account who may be somebody else.
///
/// # Errors
/// Fails with the database.
pub(crate) fn is_disputed(
    db: &mut impl GenericClient,
    account: AccountId,
    number: &Identifier,
) -> anyhow::Result<bool> {
    let text = "select 1 from dispute where identifier = $1 and account_id = $2";
    let row = db.query_opt(text, &[&number.as_str(), &account.as_i64()]);
    Ok(row.context("looking for a dispute")?.is_some())
}

/// A number opens its account to nobody until its owner has said that it is still his.
///
/// # Errors
/// Fails with the database.
pub(crate) fn hold(
    db: &mut impl GenericClient,
    account: AccountId,
    number: &Identifier,
) -> anyhow::Result<()> {
    db.execute(
        "insert into dispute (identifier, account_id) values ($1, $2)
         on conflict (identifier) do update set account_id = excluded.account_id,
             opened_at = case when dispute.account_id = excluded.account_id then dispute.opened_at
                 else excluded.opened_at end",
        &[&number.as_str(), &account.as_i64()],
    )
    .context("noting a dispute")?;
    Ok(())
}
