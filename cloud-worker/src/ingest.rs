//! From the broker into Postgres: a batch of messages, one transaction, then the acknowledgements in order.
//!
//! Nothing is acknowledged before its commit. A message that is lost on the way, or its receipt, is sent again by its
//! terminal. While Postgres is away nothing is acknowledged, and the broker sends no more.

mod act;
mod batch;
mod beat;
mod bisect;
mod ears;
mod scribe;

use std::convert::Infallible;
use std::time::{Duration, Instant};

use postgres::Client;
use rumqttc::Publish;
use tapcard_protocol::TerminalId;
use tapcard_protocol::topic::Topic;
use tracing::warn;

use crate::config::Config;
use crate::database::{self, Prepared};
use crate::lease::Role;
use crate::link::{Brokers, Link};
use crate::mail::Mail;
use crate::number_key::NumberKey;
use crate::reason::reason;
use crate::share::Share;
use crate::store::identifier::{Haste, Rules};
use batch::Office;
pub(crate) use batch::replay;
use bisect::{Done, write_all};
use ears::Ears;
use scribe::Scribe;

/// How many tasks are written together that came another way.
const TOGETHER: usize = 100;
/// How long a batch waits for company after its first message.
const COMPANY: Duration = Duration::from_millis(5);

/// Takes tasks in that came another way: as if they had come from the broker, so that one that came before does nothing.
/// Nobody hears of their receipts.
///
/// # Errors
/// Fails when Postgres is away; then they are to come again.
pub(crate) fn take_in(
    db: &mut Client,
    rules: Rules<'_>,
    terminal: TerminalId,
    tasks: Vec<String>,
) -> anyhow::Result<()> {
    let topic = Topic::Task(terminal).to_string();
    let message = |it| Publish::new(&topic, rumqttc::QoS::AtLeastOnce, it);
    let messages: Vec<Publish> = tasks.into_iter().map(message).collect();
    let (share, mut prepared) = (Share::new(Role::Ingest, true), Prepared::default());
    let office = Office { share: &share, rules, is_orderly: false };
    for batch in messages.chunks(TOGETHER) {
        write_all(db, &mut prepared, office, batch, &mut Done::default())?;
    }
    Ok(())
}

/// Takes tasks in until the program ends.
pub(crate) fn run(config: &Config, key: &NumberKey) -> Infallible {
    let mut brokers = Brokers::new(config);
    let mut scribe = Scribe::new(config, key);
    loop {
        let mut share = Share::new(Role::Ingest, config.work.everything);
        let Err(why) = serve(&mut scribe, &mut share, &mut brokers, config);
        warn!("interrupted, beginning again: {}", reason(&why));
        scribe.insist(|db, _| share.leave(db));
        std::thread::park_timeout(database::AFTER_FAILURE);
    }
}

/// One connection's life; it ends when the broker is lost.
fn serve(
    scribe: &mut Scribe<'_>,
    share: &mut Share,
    brokers: &mut Brokers<'_>,
    config: &Config,
) -> anyhow::Result<Infallible> {
    let mut link = brokers.connect("ingest")?;
    let mut ears = Ears::new(config);
    let most = usize::from(config.work.batch.get());
    loop {
        scribe.insist(|db, _| share.keep(db));
        ears.follow(&mut link, share)?;
        let Some((began, messages)) = gather(&mut link, share.due(), most)? else {
            continue;
        };
        let haste = beat::haste(messages.len(), most);
        let mut mail = Mail::default();
        for (terminal, receipt) in scribe.write(share, &messages, haste) {
            mail.receipt(terminal, &receipt);
        }
        if haste == Haste::No {
            beat::wait(began);
        }
        link.answer(mail, &messages)?;
    }
}

/// Waits for a message and its company, or until it is time for something else. Says when the first came.
fn gather(
    link: &mut Link,
    until: Instant,
    most: usize,
) -> anyhow::Result<Option<(Instant, Vec<Publish>)>> {
    let Some(first) = link.next(until.saturating_duration_since(Instant::now()))? else {
        return Ok(None);
    };
    let (began, mut messages) = (Instant::now(), vec![first]);
    while messages.len() < most {
        match link.next((began + COMPANY).saturating_duration_since(Instant::now()))? {
            Some(it) => messages.push(it),
            None => break,
        }
    }
    Ok(Some((began, messages)))
}
