//! Telling an owner's partners of a new edition, page by page. Nothing is written per holder: a page that was told
//! moves the cursor, and a crash tells a page again.

use anyhow::Context;
use postgres::Client;
use tapcard_protocol::AccountId;
use tapcard_protocol::message::Notice;
use tracing::info;

use super::letter::{tell_account, tell_holders};
use crate::link::Link;
use crate::store::{account, card, contact};

/// Holders of one page.
const PAGE: i64 = 1_000;

/// Tells one page of one account's partners; whether there was any.
///
/// # Errors
/// Fails with the database or the broker; the page is told again then.
pub(super) fn step(db: &mut Client, link: &Link) -> anyhow::Result<bool> {
    let job = db.query_opt(
        "select account_id, edition, cursor from fanout order by account_id limit 1",
        &[],
    );
    let Some(job) = job.context("looking for a fan-out")? else { return Ok(false) };
    let (number, edition, cursor): (i64, i32, i64) = (job.get(0), job.get(1), job.get(2));
    let owner = AccountId::from(number);
    let own = account::read(db, owner)?;
    let (holders, last) = contact::holders(db, owner, cursor, PAGE)?;
    let mut messages = Vec::new();
    if let Some(card) = own.card {
        let notice = Notice::Card { owner, edition: own.edition, card };
        tell_holders(db, &holders, owner, &notice, &mut messages)?;
    }
    if last.is_none() {
        let notice =
            Notice::Summary { owner, edition: own.edition, counts: card::counts(db, owner)? };
        tell_account(db, owner, &notice, &mut messages)?;
    }
    link.publish(messages)?;
    // A newer edition has begun again at the first holder meanwhile: then this changes nothing.
    match last {
        Some(last) => db.execute(
            "update fanout set cursor = $3 where account_id = $1 and edition = $2 and cursor = $4",
            &[&number, &edition, &last, &cursor],
        ),
        None => db.execute(
            "delete from fanout where account_id = $1 and edition = $2",
            &[&number, &edition],
        ),
    }
    .context("moving a fan-out on")?;
    info!(n_holders = holders.len(), account.id = %owner, "told partners");
    Ok(true)
}
