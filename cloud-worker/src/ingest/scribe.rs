//! Writes to Postgres, however often its connection is lost. What it is given waits meanwhile, and so does the broker.

use std::borrow::Cow;
use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use postgres::Client;
use rumqttc::Publish;
use tapcard_protocol::TerminalId;
use tapcard_protocol::topic::Topic;
use tracing::{info, warn};

use super::batch::Office;
use super::bisect::{Done, write_all};
use crate::config::{Config, Limits};
use crate::database::{self, Prepared, has_met};
use crate::number_key::NumberKey;
use crate::reason::reason;
use crate::share::Share;
use crate::store::identifier::{Haste, Rules};
use crate::store::outcome::Remembered;
use crate::watchdog;

/// For how long the messages of a terminal are written alone after one of them had to be set aside: it may have more of
/// them, and each would take a whole batch apart.
const SUSPICION: Duration = Duration::from_mins(10);

/// For how long batches go in order after one has met somebody.
const ORDER: Duration = Duration::from_secs(30);

/// How long to let somebody else go first.
const MET: Duration = Duration::from_millis(20);

/// A connection to Postgres that is made anew when it is lost.
pub(super) struct Scribe<'c> {
    postgres: &'c str,
    limits: Limits,
    key: &'c NumberKey,
    db: Client,
    prepared: Prepared,
    /// Until when whose messages are written alone.
    suspects: HashMap<TerminalId, Instant>,
    /// Until when batches lock their senders' accounts first: somebody else is at the same rows.
    orderly_until: Option<Instant>,
}

impl<'c> Scribe<'c> {
    /// Connects, however long it takes.
    pub(super) fn new(config: &'c Config, key: &'c NumberKey) -> Scribe<'c> {
        let postgres = &config.postgres;
        let db = database::connect_patiently(postgres);
        Scribe {
            postgres,
            limits: config.limits,
            key,
            db,
            prepared: Prepared::default(),
            suspects: HashMap::new(),
            orderly_until: None,
        }
    }

    /// Does something until it succeeds.
    pub(super) fn insist<T>(
        &mut self,
        mut act: impl FnMut(&mut Client, &mut Prepared) -> anyhow::Result<T>,
    ) -> T {
        loop {
            let watched = watchdog::watch(&self.db);
            let done = act(&mut self.db, &mut self.prepared);
            drop(watched);
            match done {
                Ok(it) => return it,
                Err(why) if has_met(&why) => {
                    info!("met somebody else, trying again: {}", reason(&why));
                    thread::park_timeout(MET);
                    continue;
                }
                Err(why) => warn!("the database does not take it, trying again: {}", reason(&why)),
            }
            // They end with their connection, and a migration may have overtaken them.
            self.prepared = Prepared::default();
            database::mend(&mut self.db, self.postgres);
        }
    }

    /// Writes messages; those that cannot be written are set aside. The receipts may be sent now.
    pub(super) fn write(
        &mut self,
        share: &Share,
        messages: &[Publish],
        haste: Haste,
    ) -> Vec<Remembered> {
        let now = Instant::now();
        self.suspects.retain(|_, until| *until > now);
        let batches = apart(messages, |it| self.suspects.contains_key(it));
        let is_orderly = self.orderly_until.is_some_and(|it| now < it);
        let rules = Rules { key: self.key, limits: self.limits, haste };
        let office = Office { share, rules, is_orderly };
        let done = self.insist(|db, prepared| {
            let mut done = Done::default();
            for batch in &batches {
                write_all(db, prepared, office, batch, &mut done)?;
            }
            Ok(done)
        });
        if done.has_met {
            self.orderly_until = Some(now + ORDER);
        }
        self.suspects.extend(done.suspects.iter().map(|it| (*it, now + SUSPICION)));
        done.receipts
    }
}

/// All that may be written together, and then one by one what is written alone; each sender's keep their order.
fn apart(
    messages: &[Publish],
    is_suspect: impl Fn(&TerminalId) -> bool,
) -> Vec<Cow<'_, [Publish]>> {
    let is_alone = |it: &&Publish| is_suspect(&sender(it));
    if !messages.iter().any(|it| is_alone(&it)) {
        return vec![Cow::Borrowed(messages)];
    }
    let together = messages.iter().filter(|it| !is_alone(it)).cloned().collect();
    let alone = messages.iter().filter(is_alone).map(|it| Cow::Borrowed(std::slice::from_ref(it)));
    std::iter::once(Cow::Owned(together)).chain(alone).collect()
}

/// Whose message it is, by its topic alone.
fn sender(message: &Publish) -> TerminalId {
    match Topic::parse(&message.topic) {
        Some(Topic::Task(it)) => it,
        _ => TerminalId::new(0),
    }
}
