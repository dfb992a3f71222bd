//! Telling an owner's partners of a new edition, page by page. Nothing is written per holder: a page that was told
//! moves the cursor, and a crash tells a page again.

use anyhow::Context;
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

/// What a relay tells, and how.
pub(super) struct Teller<'t> {
    pub(super) share: &'t Share,
    pub(super) link: &'t Link,
    pub(super) parts: &'t [i16],
    /// How long an account's partners are told nothing after they were told, in seconds.
    pub(super) pause: u32,
}

/// Tells one page of one account's partners; whether there was any.
///
/// # Errors
/// Fails with the database or the broker; the page is told again then.
pub(super) fn step(
    db: &mut Client,
    prepared: &mut Prepared,
    teller: &Teller<'_>,
) -> anyhow::Result<bool> {
    let Some((number, cursor)) = due(db, teller)? else { return Ok(false) };
    if wake_up(db, number)? == Woken::Ended {
        return Ok(true);
    }
    let Teller { share, link, parts, pause } = *teller;
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
        None => finish(&mut tx, number, pause)?,
    }
    tx.commit().context("moving a fan-out on")?;
    info!(n_holders = holders.len(), account.id = %owner, "told partners");
    Ok(true)
}

/// The job that is due first, and how far it is. One that is due later than a pause can last was queued by another clock.
fn due(db: &mut Client, teller: &Teller<'_>) -> anyhow::Result<Option<(i64, i64)>> {
    let text = "select account_id, cursor from fanout where part = any($1) and queued_at <= clock_timestamp()
        order by queued_at limit 1";
    let mut job = db.query_opt(text, &[&teller.parts]).context("looking for a fan-out")?;
    if job.is_none() {
        let text = "select account_id, cursor from fanout
            where part = any($1) and queued_at > clock_timestamp() + make_interval(secs => $2) limit 1";
        let pause = f64::from(teller.pause);
        job = db.query_opt(text, &[&teller.parts, &pause]).context("looking for a fan-out")?;
    }
    Ok(job.map(|row| (row.get(0), row.get(1))))
}

/// What became of a job whose time has come.
#[derive(PartialEq, Eq)]
enum Woken {
    /// It goes on.
    Goes,
    /// It rested, and no edit came meanwhile.
    Ended,
}

fn wake_up(db: &mut Client, account: i64) -> anyhow::Result<Woken> {
    let text = "delete from fanout where account_id = $1 and rests and not again";
    if db.execute(text, &[&account]).context("ending a fan-out")? == 1 {
        return Ok(Woken::Ended);
    }
    let text = "update fanout set rests = false, again = false where account_id = $1 and rests";
    db.execute(text, &[&account]).context("beginning a fan-out")?;
    Ok(Woken::Goes)
}

/// Ends a pass. Its row rests for the pause: an edit that came meanwhile, or comes then, is told after it.
fn finish(db: &mut impl GenericClient, account: i64, pause: u32) -> anyhow::Result<()> {
    db.execute(
        "update fanout set cursor = 0, rests = true, queued_at = clock_timestamp() + make_interval(secs => $2)
         where account_id = $1",
        &[&account, &f64::from(pause)],
    )
    .context("ending a pass")?;
    Ok(())
}
