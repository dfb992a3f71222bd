//! Identifiers and the accounts behind them.
//!
//! They come first and in a commit of their own: two batches that meet the same unknown number would otherwise
//! lose a row silently, or wait for each other.

use std::collections::HashMap;

use anyhow::Context;
use postgres::{Client, Statement};
use tapcard_protocol::{AccountId, Identifier};

use super::barred;
use crate::database::Prepared;
use crate::draw;
use crate::number_key::NumberKey;

/// The account of a number that its owner has proved, or that an operator vouches for.
///
/// # Errors
/// Fails with the database.
pub(crate) fn claim(
    db: &mut Client,
    key: &NumberKey,
    number: &Identifier,
) -> anyhow::Result<AccountId> {
    barred::lift(db, key, number)?;
    let found = resolve(db, &mut Prepared::default(), key, std::iter::once(number), Haste::No)?;
    found.get(number).copied().context("a number has no account")
}

/// Whether known numbers may be looked up in less time than new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Haste {
    /// They may not: who waits for the answer could tell them apart.
    No,
    /// They may: among so many from so many terminals nobody can tell whose number took how long.
    Yes,
}

/// The account of each identifier; one that nobody has yet gets an unclaimed account. One that is barred gets a number
/// of its own that is no account's.
///
/// # Errors
/// Fails with the database.
pub(crate) fn resolve<'a>(
    db: &mut Client,
    prepared: &mut Prepared,
    key: &NumberKey,
    identifiers: impl Iterator<Item = &'a Identifier>,
    haste: Haste,
) -> anyhow::Result<HashMap<Identifier, AccountId>> {
    let mut wanted: Vec<&Identifier> = identifiers.collect();
    wanted.sort();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let find = prepared
        .get(db, "select identifier, account_id from identifier where identifier = any($1)")?;
    let mut found = HashMap::with_capacity(wanted.len());
    look_up(db, &find, &wanted, &mut found)?;
    let is_new = |it: &&Identifier| !found.contains_key(*it);
    let new: Vec<&Identifier> = wanted.iter().copied().filter(is_new).collect();
    if new.is_empty() && haste == Haste::Yes {
        return Ok(found);
    }
    let barred = barred::among(db, key, if new.is_empty() { &wanted } else { &new })?;
    let new: Vec<&Identifier> = new.into_iter().filter(|it| !barred.contains(it)).collect();
    if new.is_empty() {
        pretend(db)?;
    } else {
        open(db, &new)?;
    }
    look_up(db, &find, &wanted, &mut found)?;
    for it in barred {
        found.entry(it.clone()).or_insert_with(|| key.stand_in(it));
    }
    Ok(found)
}

/// Commits as [`open`] does, and changes nothing, so that a number that is known or barred takes as long as a new one.
fn pretend(db: &mut Client) -> anyhow::Result<()> {
    db.execute("select pg_logical_emit_message(true, 'tapcard', '')", &[])
        .context("opening no account")?;
    Ok(())
}

/// Draws accounts for numbers that had none a moment ago.
fn open(db: &mut Client, new: &[&Identifier]) -> anyhow::Result<()> {
    let texts: Vec<&str> = new.iter().map(|it| it.as_str()).collect();
    let drawn: Vec<i64> = new.iter().map(|_| AccountId::new(draw::number()).as_i64()).collect();
    db.execute(
        "with new as (
             insert into identifier (identifier, account_id)
             select identifier, account_id from unnest($1::text[], $2::bigint[]) as drawn (identifier, account_id)
             order by identifier on conflict do nothing returning account_id
         )
         insert into account (account_id, state) select account_id, 'unclaimed' from new",
        &[&texts, &drawn],
    )
    .context("opening accounts for new numbers")?;
    Ok(())
}

fn look_up(
    db: &mut Client,
    find: &Statement,
    wanted: &[&Identifier],
    found: &mut HashMap<Identifier, AccountId>,
) -> anyhow::Result<()> {
    let texts: Vec<&str> = wanted.iter().map(|it| it.as_str()).collect();
    let rows = db.query(find, &[&texts]).context("looking up numbers")?;
    for row in &rows {
        // Sorted, as the index is asked; the same text is the same number.
        if let Ok(at) = wanted.binary_search_by(|it| it.as_str().cmp(row.get(0))) {
            found.insert(wanted[at].clone(), row.get::<_, i64>(1).into());
        }
    }
    Ok(())
}
