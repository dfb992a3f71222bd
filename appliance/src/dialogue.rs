//! What to say to the cloud, and when to say it again. It knows rows by their numbers alone; the
//! driver fetches what stands in them. No clock, no network, no file.
//!
//! A row is said at every connection and then again until it is settled, since a message that was
//! delivered to the broker may still be lost. So is a sync until its answer came.

use std::collections::BTreeMap;
use std::time::Duration;

use tapcard_protocol::AccountId;
use tapcard_protocol::message::{Applied, MAX_HAVE};

/// Most rows under way without a receipt.
const MAX_IN_FLIGHT: usize = 32;
/// How long to wait for a receipt the first time; doubles up to [`MAX_PATIENCE`].
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for a receipt.
const MAX_PATIENCE: Duration = Duration::from_secs(300);
/// How long reports are collected before they leave together.
const COLLECT: Duration = Duration::from_secs(1);

/// One thing to say now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// The message in this row of the outbox.
    Row(u64),
    /// A sync of the owners behind this one.
    Sync(Option<AccountId>),
    /// What became of cards that came.
    Applied(Vec<Applied>),
}

/// When something was said last, and how long to wait for its answer.
#[derive(Clone, Copy, Debug)]
struct Said {
    again_at: Duration,
    patience: Duration,
}

impl Said {
    fn at(now: Duration) -> Said {
        Said { again_at: now + PATIENCE, patience: PATIENCE }
    }

    fn again(self, now: Duration) -> Said {
        let patience = (self.patience * 2).min(MAX_PATIENCE);
        Said { again_at: now + patience, patience }
    }
}

/// The state of the conversation.
#[derive(Debug, Default)]
pub struct Dialogue {
    online: bool,
    /// Every unsettled row; none if it has not been said on this connection.
    rows: BTreeMap<u64, Option<Said>>,
    /// The sync that is wanted or under way: where it goes on, and when it was said.
    sync: Option<(Option<AccountId>, Option<Said>)>,
    reports: Vec<Applied>,
    report_at: Option<Duration>,
}

impl Dialogue {
    /// A conversation that has these unsettled rows.
    pub fn new(rows: Vec<u64>) -> Dialogue {
        Dialogue { rows: rows.into_iter().map(|it| (it, None)).collect(), ..Self::default() }
    }

    /// A connection stands: everything is to be said on it, and the book compared.
    pub fn connected(&mut self) {
        self.online = true;
        self.rows.values_mut().for_each(|it| *it = None);
        self.sync = Some((None, None));
    }

    /// The connection is gone.
    pub fn disconnected(&mut self) {
        self.online = false;
    }

    /// Whether a connection stands.
    pub fn is_online(&self) -> bool {
        self.online
    }

    /// How many rows have no answer.
    pub fn n_waiting(&self) -> usize {
        self.rows.len()
    }

    /// A row was written.
    pub fn add(&mut self, seq: u64) {
        self.rows.insert(seq, None);
    }

    /// A row was answered, or is gone.
    pub fn settled(&mut self, seq: u64) {
        self.rows.remove(&seq);
    }

    /// A card came; the worker hears what became of it.
    pub fn report(&mut self, now: Duration, applied: Applied) {
        self.reports.push(applied);
        self.report_at.get_or_insert(now + COLLECT);
    }

    /// The book here may lack something: compare it from the start, unless that is under way.
    pub fn want_sync(&mut self) {
        self.sync.get_or_insert((None, None));
    }

    /// A page of a sync came, which goes on behind `next`. True if it was waited for.
    pub fn turned(&mut self, next: Option<AccountId>) -> bool {
        if !matches!(self.sync, Some((_, Some(_)))) {
            return false;
        }
        self.sync = next.map(|it| (Some(it), None));
        true
    }

    /// The cloud will not answer the sync.
    pub fn sync_refused(&mut self) {
        self.sync = None;
    }

    /// What to say now; each counts as said.
    pub fn say(&mut self, now: Duration) -> Vec<Say> {
        let mut words = Vec::new();
        if !self.online {
            return words;
        }
        let mut n_free =
            MAX_IN_FLIGHT.saturating_sub(self.rows.values().filter(|it| it.is_some()).count());
        for (seq, said) in &mut self.rows {
            *said = Some(match *said {
                None if n_free > 0 => {
                    n_free -= 1;
                    Said::at(now)
                }
                Some(said) if said.again_at <= now => said.again(now),
                _ => continue,
            });
            words.push(Say::Row(*seq));
        }
        if let Some((after, said)) = &mut self.sync {
            let is_due = said.is_none_or(|it| it.again_at <= now);
            if is_due {
                *said = Some(said.map_or(Said::at(now), |it| it.again(now)));
                words.push(Say::Sync(*after));
            }
        }
        if self.report_at.is_some_and(|it| it <= now) {
            let n_now = self.reports.len().min(MAX_HAVE);
            words.push(Say::Applied(self.reports.drain(..n_now).collect()));
            self.report_at = (!self.reports.is_empty()).then_some(now);
        }
        words
    }

    /// When [`Dialogue::say`] will have something to say, if nothing happens before.
    pub fn deadline(&self) -> Option<Duration> {
        if !self.online {
            return None;
        }
        let rows = self.rows.values().flatten().map(|it| it.again_at);
        let sync = self.sync.iter().filter_map(|(_, said)| said.map(|it| it.again_at));
        rows.chain(sync).chain(self.report_at).min()
    }
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::Edition;
    use tapcard_protocol::message::ApplyOutcome;

    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A conversation past its first sync.
    fn online(rows: Vec<u64>) -> Dialogue {
        let mut dialogue = Dialogue::new(rows);
        dialogue.connected();
        dialogue.say(at(0));
        assert!(dialogue.turned(None));
        dialogue
    }

    #[test]
    fn nothing_is_said_without_a_connection_and_all_of_it_at_every_one() {
        let mut dialogue = Dialogue::new(vec![3, 5]);
        assert_eq!((dialogue.say(at(0)), dialogue.deadline()), (vec![], None));
        dialogue.connected();
        let all = vec![Say::Row(3), Say::Row(5), Say::Sync(None)];
        assert_eq!(dialogue.say(at(1)), all);
        assert_eq!(dialogue.say(at(2)), vec![]);
        dialogue.disconnected();
        assert_eq!(dialogue.say(at(100)), vec![]);
        dialogue.connected();
        assert_eq!(dialogue.say(at(101)), all);
    }

    #[test]
    fn a_row_is_said_again_ever_more_seldom_until_it_is_settled() {
        let mut dialogue = online(vec![1]);
        let mut said_at = Vec::new();
        for second in 1..2000 {
            if dialogue.say(at(second)) == [Say::Row(1)] {
                said_at.push(second);
            }
        }
        assert_eq!(said_at, [10, 30, 70, 150, 310, 610, 910, 1210, 1510, 1810]);
        assert_eq!(dialogue.deadline(), Some(at(2110)));
        dialogue.settled(1);
        assert_eq!((dialogue.say(at(5000)), dialogue.deadline()), (vec![], None));
    }

    #[test]
    fn no_more_than_32_rows_are_under_way() {
        let mut dialogue = online((1..=100).collect());
        assert_eq!(dialogue.say(at(1)), vec![]);
        dialogue.settled(7);
        dialogue.settled(8);
        assert_eq!(dialogue.say(at(2)), vec![Say::Row(33), Say::Row(34)]);
        dialogue.add(101);
        assert_eq!(dialogue.say(at(3)), vec![]);
    }

    #[test]
    fn a_sync_goes_on_page_by_page_and_is_asked_again() {
        let mut dialogue = Dialogue::default();
        dialogue.connected();
        assert_eq!(dialogue.say(at(0)), vec![Say::Sync(None)]);
        assert_eq!(dialogue.say(at(10)), vec![Say::Sync(None)]);
        let next = Some(AccountId::new(9));
        assert!(dialogue.turned(next));
        assert_eq!(dialogue.say(at(11)), vec![Say::Sync(next)]);
        assert!(dialogue.turned(None));
        assert!(!dialogue.turned(next), "an answer that came twice goes no further");
        assert_eq!(dialogue.say(at(500)), vec![]);
        dialogue.want_sync();
        assert_eq!(dialogue.say(at(501)), vec![Say::Sync(None)]);
    }

    #[test]
    fn reports_are_collected_for_a_second() {
        let mut dialogue = online(vec![]);
        let applied = |owner| Applied {
            owner: AccountId::new(owner),
            edition: Edition(1),
            outcome: ApplyOutcome::Applied,
            reason: None,
        };
        dialogue.report(at(1), applied(1));
        dialogue.report(at(1), applied(2));
        assert_eq!((dialogue.say(at(1)), dialogue.deadline()), (vec![], Some(at(2))));
        assert_eq!(dialogue.say(at(2)), vec![Say::Applied(vec![applied(1), applied(2)])]);
        assert_eq!(dialogue.deadline(), None);
    }
}
