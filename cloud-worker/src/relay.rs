//! From Postgres to the terminals: the outbox, and the fan-out of changed cards.
//!
//! What was published is taken out only after the broker has it; a crash in between says it twice, which does no harm.

mod fanout;
mod letter;
mod revocations;

use std::convert::Infallible;
use std::time::{Duration, Instant};

use anyhow::Context;
use fallible_iterator::FallibleIterator;
use postgres::Client;
use tapcard_protocol::AccountId;
use tracing::{error, info};

use crate::config::Config;
use crate::database::{self, Prepared, has_met};
use crate::lease::Role;
use crate::link::{Brokers, Link};
use crate::mail::Mail;
use crate::reason::reason;
use crate::share::Share;
use crate::store::outbox;
use crate::watchdog;
use fanout::Teller;
use revocations::Told;

/// Rows of the outbox that are published together.
const STEP: i64 = 100;
/// How long to wait for a wake-up before looking anyway.
const POLL: Duration = Duration::from_secs(1);

/// The part whose owner also tells which tokens no longer count.
const REVOCATIONS: u8 = 0;

/// Publishes until the program ends.
pub(crate) fn run(config: &Config) -> Infallible {
    let mut brokers = Brokers::new(config);
    database::serve_for_ever(&config.postgres, |db| {
        let mut share = Share::new(Role::Relay, config.work.everything);
        let Err(why) = serve(db, &mut share, &mut brokers, config.work.fanout_seconds);
        // Fails only with the database, and then the leases run out by themselves.
        let _ = share.leave(db);
        Err(why)
    })
}

/// One connection's life.
fn serve(
    db: &mut Client,
    share: &mut Share,
    brokers: &mut Brokers<'_>,
    pause: u32,
) -> anyhow::Result<Infallible> {
    let mut link = brokers.connect("relay")?;
    db.batch_execute("listen outbox").context("listening for new rows")?;
    let (mut told, mut prepared) = (None, Prepared::default());
    info!("publishing");
    loop {
        let is_idle = {
            let _watched = watchdog::watch(db);
            share.keep(db)?;
            let parts: Vec<i16> = share.parts().map(i16::from).collect();
            !tell_revoked(&mut told, db, share, &link)?
                & !drain(db, &mut prepared, share, &link, &parts)?
                & !fanout::step(
                    db,
                    &mut prepared,
                    &Teller { share, link: &link, parts: &parts, pause },
                )?
        };
        if is_idle {
            link.check()?;
            let patience = share.due().saturating_duration_since(Instant::now()).min(POLL);
            db.notifications().timeout_iter(patience).next().context("waiting for new rows")?;
            // One look serves all the wake-ups that came meanwhile.
            while db.notifications().iter().next().context("waiting for new rows")?.is_some() {}
        }
    }
}

/// Tells which tokens no longer count, if that is this share's task; whether there was anything.
fn tell_revoked(
    told: &mut Option<Told>,
    db: &mut Client,
    share: &Share,
    link: &Link,
) -> anyhow::Result<bool> {
    if !share.holds(REVOCATIONS) {
        *told = None;
        return Ok(false);
    }
    match told {
        Some(it) => it.more(db, link),
        None => {
            *told = Some(Told::all(db, link)?);
            Ok(true)
        }
    }
}

/// Publishes the oldest rows; whether there were any.
fn drain(
    db: &mut Client,
    prepared: &mut Prepared,
    share: &Share,
    link: &Link,
    parts: &[i16],
) -> anyhow::Result<bool> {
    let rows = outbox::oldest(db, parts, STEP)?;
    if rows.is_empty() {
        return Ok(false);
    }
    let mut messages = Mail::default();
    for row in &rows {
        if let Err(why) = letter::write(db, prepared, &row.letter, &mut messages) {
            // What the database refuses is tried again; what cannot be said never will be, and must not block the rest.
            if why.downcast_ref::<postgres::Error>().is_some() {
                return Err(why);
            }
            error!(account.id = %AccountId::from(row.key.0), "left a row of the outbox unsaid: {}", reason(&why));
        }
    }
    let n_messages = messages.len();
    link.publish(messages)?;
    let keys: Vec<(i64, i64)> = rows.iter().map(|it| it.key).collect();
    let n_cleared = match clear(db, prepared, share, parts, &keys) {
        // They are said again.
        Err(why) if has_met(&why) => {
            info!("met somebody else at the outbox: {}", reason(&why));
            0
        }
        cleared => cleared?,
    };
    info!(n_rows = keys.len(), n_messages, n_cleared, "published");
    // What somebody else holds is not said again at once.
    Ok(n_cleared > 0)
}

/// Takes out what was said, unless somebody else serves it by now or holds it; how many rows.
fn clear(
    db: &mut Client,
    prepared: &mut Prepared,
    share: &Share,
    parts: &[i16],
    keys: &[(i64, i64)],
) -> anyhow::Result<u64> {
    let mut tx = db.transaction().context("beginning")?;
    let is_ours = share.confirm(&mut tx, prepared)?.len() == parts.len();
    let n_cleared = if is_ours { outbox::remove(&mut tx, keys)? } else { 0 };
    tx.commit().context("clearing the outbox")?;
    Ok(n_cleared)
}
