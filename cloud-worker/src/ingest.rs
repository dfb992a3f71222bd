//! From the broker into Postgres: a batch of messages, one transaction, then the acknowledgements in order.
//!
//! Nothing is acknowledged before its commit. A message that is lost on the way is sent again by its terminal.

mod batch;

use std::path::Path;
use std::time::{Duration, Instant};

use postgres::Client;
use rumqttc::Publish;
use tapcard_protocol::topic::{SHARDS, shard_filter};
use tracing::info;

use crate::config::Config;
use crate::database;
use crate::link::Link;

/// Most messages of one batch; rumqttd leaves at most 100 unacknowledged.
const BATCH: usize = 100;
/// How long a batch waits for company after its first message.
const COMPANY: Duration = Duration::from_millis(5);
/// How long to wait for a first message before looking round.
const QUIET: Duration = Duration::from_secs(5);

/// Takes tasks in until the program ends.
pub(crate) fn run(config: &Config) -> ! {
    database::serve_for_ever(&config.postgres, |db| serve(db, &config.broker, &config.keys))
}

/// One connection's life.
fn serve(db: &mut Client, broker: &str, keys: &Path) -> anyhow::Result<()> {
    let mut link = Link::connect(broker, keys, "ingest")?;
    link.subscribe((0..SHARDS).map(shard_filter))?;
    info!("taking tasks in");
    loop {
        let messages = gather(&mut link)?;
        if messages.is_empty() {
            continue;
        }
        batch::write_all(db, &messages)?;
        for message in &messages {
            link.ack(message)?;
        }
    }
}

/// Waits for a message and its company.
fn gather(link: &mut Link) -> anyhow::Result<Vec<Publish>> {
    let mut messages = Vec::new();
    let Some(first) = link.next(QUIET)? else { return Ok(messages) };
    messages.push(first);
    let end = Instant::now() + COMPANY;
    while messages.len() < BATCH {
        match link.next(end.saturating_duration_since(Instant::now()))? {
            Some(it) => messages.push(it),
            None => break,
        }
    }
    Ok(messages)
}
