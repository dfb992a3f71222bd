//! What comes due by itself: accounts whose end has come, and what is kept for a time only.

use std::convert::Infallible;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use postgres::Client;
use tapcard_protocol::AccountId;
use tracing::{info, warn};

use crate::config::{Config, Retention};
use crate::number_key::NumberKey;
use crate::reason::reason;
use crate::store::barred::{self, Why};
use crate::store::erasure::{self, Doomed};
use crate::store::{enrolment, media, number_change, retention};
use crate::{database, erasures};

/// Between two looks.
const PAUSE: Duration = Duration::from_mins(10);
/// Between two looks through whole tables.
const DAY: Duration = Duration::from_hours(24);

/// Keeps house until the program ends.
pub(crate) fn run(config: &Config, key: &NumberKey) -> Infallible {
    database::serve_for_ever(&config.postgres, |db| -> anyhow::Result<Infallible> {
        let mut swept: Option<Instant> = None;
        loop {
            keep(db, &config.retention, key)?;
            if swept.is_none_or(|it| it.elapsed() > DAY) {
                sweep(db, &config.retention)?;
                swept = Some(Instant::now());
            }
            thread::park_timeout(PAUSE);
        }
    })
}

/// Does all that is due.
///
/// # Errors
/// Fails with the database or the log of erasures; what is left then is done the next time.
pub(crate) fn keep(db: &mut Client, retention: &Retention, key: &NumberKey) -> anyhow::Result<()> {
    for (account, why) in erasure::due(db)? {
        let doomed = erasure::doomed(db, key, account)?;
        if let Err(why) = erase(db, retention, &doomed, why) {
            warn!(account.id = %account, "an account could not be erased yet: {}", reason(&why));
        }
    }
    finish(db)?;
    let n_numbers = number_change::apply(db, key)?;
    let n_stale = erasure::purge(db, retention.unclaimed_days)?;
    let n_bars = barred::forget(db)?;
    let (n_media, n_codes) = (media::sweep(db)?, enrolment::forget(db)?);
    info!(n_stale, n_bars, n_media, n_codes, n_numbers, "kept house");
    Ok(())
}

/// Drops what is older than it may be.
///
/// # Errors
/// Fails with the database.
pub(crate) fn sweep(db: &mut Client, retention: &Retention) -> anyhow::Result<()> {
    let n_rows = retention::sweep(db, retention)?;
    info!(n_rows, "dropped what is old");
    Ok(())
}

/// Erases an account now; what stands in others' tables is done by [`finish`]. Whether there was one.
///
/// # Errors
/// Fails with the database or the log of erasures.
pub(crate) fn erase(
    db: &mut Client,
    retention: &Retention,
    doomed: &Doomed,
    why: Why,
) -> anyhow::Result<bool> {
    erasures::append(&retention.erasures, doomed, why)?;
    erasure::bar(db, doomed, why)?;
    let is_erased = erasure::erase(db, doomed.account)?;
    info!(account.id = %doomed.account, is_erased, "erased an account");
    Ok(is_erased)
}

/// Tells the partners of closed accounts, and takes these out of others' tables.
///
/// # Errors
/// Fails with the database.
pub(crate) fn finish(db: &mut Client) -> anyhow::Result<()> {
    let closed = erasure::unfinished(db)?;
    for account in &closed {
        while erasure::tell(db, *account)? {}
    }
    if closed.is_empty() { Ok(()) } else { erasure::finish(db, &closed) }
}

/// Erases again what a restored database has from before: how many accounts there were.
///
/// # Errors
/// Fails with the database or the log.
pub(crate) fn replay(db: &mut Client, retention: &Retention) -> anyhow::Result<usize> {
    let mut n_erased = 0;
    for (doomed, why) in erasures::read(&retention.erasures)? {
        erasure::bar(db, &doomed, why)?;
        erasure::plan(db, doomed.account, 0)?;
        n_erased += usize::from(erasure::erase(db, doomed.account)?);
    }
    finish(db)?;
    Ok(n_erased)
}

/// Erases an account at an operator's word, at once.
///
/// # Errors
/// Fails when there is no such account.
pub(crate) fn erase_now(
    db: &mut Client,
    retention: &Retention,
    key: &NumberKey,
    account: AccountId,
    why: Why,
) -> anyhow::Result<()> {
    let doomed = erasure::doomed(db, key, account)?;
    anyhow::ensure!(
        erasure::plan(db, account, 0)?,
        "there is no account {account}, or it is closed"
    );
    erase(db, retention, &doomed, why).context("erasing an account")?;
    finish(db)
}
