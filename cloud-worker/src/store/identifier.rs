//! Identifiers and the accounts behind them.
//!
//! They come first and in a commit of their own: two batches that meet the same unknown number would otherwise
//! lose a row silently, or wait for each other.

use std::collections::HashMap;

use anyhow::Context;
use postgres::Client;
use tapcard_protocol::{AccountId, Identifier};

use crate::draw;

/// The account of each identifier; one that nobody has yet gets an unclaimed account.
///
/// # Errors
/// Fails with the database.
pub(crate) fn resolve<'a>(
    db: &mut Client,
    identifiers: impl Iterator<Item = &'a Identifier>,
) -> anyhow::Result<HashMap<Identifier, AccountId>> {
    let mut wanted: Vec<&Identifier> = identifiers.collect();
    wanted.sort();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let texts: Vec<&str> = wanted.iter().map(|it| it.as_str()).collect();
    let drawn: Vec<i64> = wanted.iter().map(|_| AccountId::new(draw::number()).as_i64()).collect();
    db.execute(
        "insert into identifier (identifier, account_id)
         select identifier, account_id from unnest($1::text[], $2::bigint[]) as new (identifier, account_id)
         order by identifier on conflict do nothing",
        &[&texts, &drawn],
    )
    .context("drawing accounts for new numbers")?;
    db.execute(
        "insert into account (account_id, state)
         select account_id, 'unclaimed' from identifier where identifier = any($1) order by account_id
         on conflict do nothing",
        &[&texts],
    )
    .context("opening accounts for new numbers")?;
    let rows = db
        .query(
            "select identifier, account_id from identifier where identifier = any($1)",
            &[&texts],
        )
        .context("looking up numbers")?;
    let found: HashMap<String, AccountId> =
        rows.iter().map(|row| (row.get(0), row.get::<_, i64>(1).into())).collect();
    wanted
        .into_iter()
        .map(|it| {
            let account = found
                .get(it.as_str())
                .copied()
                .context("a number that was just written is missing")?;
            Ok((it.clone(), account))
        })
        .collect()
}
