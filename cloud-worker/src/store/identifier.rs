//! Identifiers and the accounts behind them.
//!
//! They come first and in a commit of their own: two batches that meet the same unknown number would otherwise
//! lose a row silently, or wait for each other.

use std::collections::HashMap;

use anyhow::Context;
use postgres::{Client, Statement};
use tapcard_protocol::{AccountId, Identifier, TerminalId};

use super::{adoption, barred};
use crate::config::Limits;
use crate::database::Prepared;
use crate::draw;
use crate::number_key::NumberKey;

/// A number, and who named it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'n> {
    /// The number.
    pub(crate) number: &'n Identifier,
    /// Who named it; none when its owner has proved it.
    pub(crate) by: Option<Namer>,
}

/// In whose name numbers are counted that nobody knew.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Namer {
    /// A kiosk, and its account.
    Kiosk(AccountId, TerminalId),
    /// All phones of an account.
    Phones(AccountId),
}

/// By which rules numbers get accounts.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'r> {
    /// How barred numbers are remembered.
    pub(crate) key: &'r NumberKey,
    /// How many new ones may be named.
    pub(crate) limits: Limits,
    /// Whether known ones may take less time than new ones.
    pub(crate) haste: Haste,
}

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
    let rules = Rules { key, limits: Limits::default(), haste: Haste::No };
    let found = resolve(db, &mut Prepared::default(), rules, &[Named { number, by: None }])?;
    let account = found.get(number).copied().context("a number has no account")?;
    let mut tx = db.transaction().context("beginning")?;
    adoption::adopt(&mut tx, key.waiting(number), account)?;
    tx.commit().context("committing")?;
    Ok(account)
}

/// Whether known numbers may be looked up in less time than new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Haste {
    /// They may not: who waits for the answer could tell them apart.
    No,
    /// They may: among so many from so many terminals nobody can tell whose number took how long.
    Yes,
}

/// The account of each number; one that nobody has yet gets an unclaimed account. One that is barred, or beyond the
/// limits, gets a number of its own that is no account's.
///
/// # Errors
/// Fails with the database.
pub(crate) fn resolve(
    db: &mut Client,
    prepared: &mut Prepared,
    rules: Rules<'_>,
    named: &[Named<'_>],
) -> anyhow::Result<HashMap<Identifier, AccountId>> {
    let mut wanted: Vec<&Identifier> = named.iter().map(|it| it.number).collect();
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
    if new.is_empty() && rules.haste == Haste::Yes {
        return Ok(found);
    }
    let key = rules.key;
    let barred = barred::among(db, key, if new.is_empty() { &wanted } else { &new })?;
    let new: Vec<&Identifier> = new.into_iter().filter(|it| !barred.contains(it)).collect();
    if new.is_empty() {
        pretend(db)?;
    } else {
        open(db, rules.limits, named, &new)?;
    }
    look_up(db, &find, &wanted, &mut found)?;
    for it in wanted {
        let is_barred = barred.contains(it);
        found
            .entry(it.clone())
            .or_insert_with(|| if is_barred { key.stand_in(it) } else { key.waiting(it) });
    }
    Ok(found)
}

/// Commits as [`open`] does, and changes nothing, so that a number that is known or barred takes as long as a new one.
fn pretend(db: &mut Client) -> anyhow::Result<()> {
    db.execute("select pg_logical_emit_message(true, 'tapcard', '')", &[])
        .context("opening no account")?;
    Ok(())
}

// Who names more than may be named has named them in the order of the numbers; what counts is what was asked for.
const OPEN: &str = "
with asked as (
    select *, row_number() over (partition by namer_id, kiosk_id order by identifier) as place,
        count(*) over (partition by namer_id, kiosk_id) as n
    from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        as asked (identifier, account_id, namer_id, kiosk_id, most)
),
counted as (
    insert into new_number (account_id, terminal_id, day, n)
    select namer_id, kiosk_id, current_date, count(*) from asked where namer_id is not null
    group by namer_id, kiosk_id order by namer_id, kiosk_id
    on conflict (account_id, terminal_id, day) do update set n = new_number.n + excluded.n
    returning account_id as namer_id, terminal_id as kiosk_id, n as total
),
new as (
    insert into identifier (identifier, account_id)
    select identifier, account_id from asked
    where namer_id is null or place <= most - (select total - asked.n from counted
        where counted.namer_id = asked.namer_id and counted.kiosk_id = asked.kiosk_id)
    order by identifier on conflict do nothing returning account_id
)
insert into account (account_id, state) select account_id, 'unclaimed' from new";

/// Draws accounts for numbers that had none a moment ago, as far as the limits go.
fn open(
    db: &mut Client,
    limits: Limits,
    named: &[Named<'_>],
    new: &[&Identifier],
) -> anyhow::Result<()> {
    // The first to name a number has named it.
    let by: HashMap<&Identifier, Option<Namer>> =
        named.iter().rev().map(|it| (it.number, it.by)).collect();
    let texts: Vec<&str> = new.iter().map(|it| it.as_str()).collect();
    let drawn: Vec<i64> = new.iter().map(|_| AccountId::new(draw::number()).as_i64()).collect();
    let (mut namers, mut kiosks, mut most) = (vec![], vec![], vec![]);
    for number in new {
        let (namer, kiosk, limit) = match by.get(number).copied().flatten() {
            Some(Namer::Kiosk(account, kiosk)) => {
                (Some(account), kiosk.as_i64(), limits.new_numbers_of_a_kiosk)
            }
            Some(Namer::Phones(account)) => (Some(account), 0, limits.new_numbers_of_an_account),
            None => (None, 0, 0),
        };
        namers.push(namer.map(AccountId::as_i64));
        kiosks.push(kiosk);
        most.push(i64::from(limit));
    }
    db.execute(OPEN, &[&texts, &drawn, &namers, &kiosks, &most])
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
