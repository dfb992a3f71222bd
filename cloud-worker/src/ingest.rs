//! From the broker into Postgres: a batch of messages, one transaction, then the acknowledgements in order.
//!
//! Nothing is acknowledged before its commit. A message that is lost on the way is sent again by its terminal.

mod batch;

use std::time::{Duration, Instant};

use postgres::Client;
use rumqttc::Publish;
use tapcard_protocol::topic::{ALL_TASKS, SHARDS, shard_filter};
use tracing::info;

use crate::config::Config;
use crate::database;
use crate::link::{Brokers, Link};

/// Most messages of one batch; rumqttd leaves at most 100 unacknowledged.
const BATCH: usize = 100;
/// How long a batch waits for company after its first message.
const COMPANY: Duration = Duration::from_millis(5);
/// How long to wait for a first message before looking round.
const QUIET: Duration = Duration::from_secs(5);

/// Takes tasks in until the program ends.
pub(crate) fn run(config: &Config) -> ! {
    let mut brokers = Brokers::new(config);
    database::serve_for_ever(&config.postgres, |db| serve(db, &mut brokers, &filters(config)))
}

/// Our own gate has a ring of messages for each filter, so it is asked for each shard. Other brokers queue for each
/// client, and a NATS cluster agrees on every filter among its nodes: sixteen take it seconds, and while one node is
/// down it refuses a third of them.
fn filters(config: &Config) -> Vec<String> {
    match &config.login {
        None => (0..SHARDS).map(shard_filter).collect(),
        Some(_) => vec![ALL_TASKS.to_owned()],
    }
}

/// One connection's life.
fn serve(db: &mut Client, brokers: &mut Brokers<'_>, filters: &[String]) -> anyhow::Result<()> {
    let mut link = brokers.connect("ingest")?;
    link.subscribe(filters)?;
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
