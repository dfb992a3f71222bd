//! Telling an owner's partners of a new edition, page by page. Nothing is written per holder: a page that was told
//! moves the cursor, and a crash tells a page again.

use anyhow::Context;
use jiff::Timestamp;
use postgres::{Client, GenericClient};
use tapcard_protocol::AccountId;
use tapcard_protocol::message::Notice;
use tracing::info;

use super::letter::{tell_account, tell_holders};
use crate::database::Prepared;
use crate::link::Link;
use crate::mail::Mail;
use crate::share::Share;
use crate::store::{account, card, contact};

/// Holders of one page.
const PAGE: i64 = 1_000;

/// Tells one page of one account's partners; whether there was any.
///
/// # Errors
/// Fails with the database or the broker; the page is told again then.
pub(super) fn step(
    db: &mut Client,
    prepared: &mut Prepared,
    share: &Share,
    link: &Link,
    parts: &[i16],
) -> anyhow::Result<bool> {
    let text =
        "select account_id, cursor from fanout where part = any($1) order by queued_at limit 1";
    let job = db.query_opt(text, &[&parts]);
    let Some(job) = job.context("looking for a fan-out")? else { return Ok(false) };
    let (number, cursor): (i64, i64) = (job.get(0), job.get(1));
    let owner = AccountId::from(number);
    let own = account::read(db, owner)?;
    let (holders, last) = contact::holders(db, owner, cursor, PAGE)?;
    let mut messages = Mail::default();
    if let Some(card) = own.card {
        let notice = Notice::Card { owner, edition: own.edition, card, remarks: None };
        tell_holders(db, &holders, owner, &notice, &mut messages)?;
    }
    if last.is_none() {
        let notice =
            Notice::Summary { owner, edition: own.edition, counts: card::counts(db, owner)? };
        tell_account(db, owner, &notice, &mut messages)?;
    }
    link.publish(messages)?;
    let mut tx = db.transaction().context("beginning")?;
    match last {
        // Somebody else is at it by now.
        _ if share.confirm(&mut tx, prepared)?.len() < parts.len() => {}
        Some(last) => {
            let text = "update fanout set cursor = $2 where account_id = $1 and cursor = $3";
            tx.execute(text, &[&number, &last, &cursor]).context("moving a fan-out on")?;
        }
        None => finish(&mut tx, number)?,
    }
    tx.commit().context("moving a fan-out on")?;
    info!(n_holders = holders.len(), account.id = %owner, "told partners");
    Ok(true)
}

/// Ends a pass; if an edit came meanwhile, another one goes to the end of the queue.
fn finish(db: &mut impl GenericClient, account: i64) -> anyhow::Result<()> {
    let ended = db.execute("delete from fanout where account_id = $1 and not again", &[&account]);
    if ended.context("ending a fan-out")? == 0 {
        db.execute(
            "update fanout set cursor = 0, again = false, queued_at = $2 where account_id = $1",
            &[&account, &Timestamp::now()],
        )
        .context("queueing a fan-out again")?;
    }
    Ok(())
}
