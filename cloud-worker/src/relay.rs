//! From Postgres to the terminals: the outbox, and the fan-out of changed cards.
//!
//! What was published is taken out only after the broker has it; a crash in between says it twice, which does no harm.

mod fanout;
mod letter;
mod revocations;

use std::time::Duration;

use anyhow::Context;
use fallible_iterator::FallibleIterator;
use postgres::Client;
use tapcard_protocol::AccountId;
use tracing::{error, info};

use crate::config::Config;
use crate::database;
use crate::link::{Brokers, Link};
use crate::reason::reason;
use crate::store::outbox;
use revocations::Told;

/// Rows of the outbox that are published together.
const STEP: i64 = 100;
/// How long to wait for a wake-up before looking anyway.
const POLL: Duration = Duration::from_secs(1);

/// Publishes until the program ends.
pub(crate) fn run(config: &Config) -> ! {
    let mut brokers = Brokers::new(config);
    database::serve_for_ever(&config.postgres, |db| serve(db, &mut brokers))
}

/// One connection's life.
fn serve(db: &mut Client, brokers: &mut Brokers<'_>) -> anyhow::Result<()> {
    let mut link = brokers.connect("relay")?;
    db.batch_execute("listen outbox").context("listening for new rows")?;
    let mut revocations = Told::all(db, &link)?;
    info!("publishing");
    loop {
        let revoked = revocations.more(db, &link)?;
        let (said, told) = (drain(db, &link)?, fanout::step(db, &link)?);
        if !said && !told && !revoked {
            link.check()?;
            db.notifications().timeout_iter(POLL).next().context("waiting for new rows")?;
            // One look serves all the wake-ups that came meanwhile.
            while db.notifications().iter().next().context("waiting for new rows")?.is_some() {}
        }
    }
}

/// Publishes the oldest rows; whether there were any.
fn drain(db: &mut Client, link: &Link) -> anyhow::Result<bool> {
    let rows = outbox::oldest(db, STEP)?;
    if rows.is_empty() {
        return Ok(false);
    }
    let mut messages = Vec::new();
    for row in &rows {
        if let Err(why) = letter::write(db, &row.letter, &mut messages) {
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
    outbox::remove(db, &keys)?;
    info!(n_rows = keys.len(), n_messages, "published");
    Ok(true)
}
