//! Decides whether a tag that a poll finds is news, so that a badge that lies on the reader is
//! reported once, and another kiosk that lies there is not read for ever. Pure: it counts polls and is
//! told the time. What it remembers of a card is a number that the card cannot be made from.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use crate::ndef;
use crate::target::{Target, Uid};
use crate::unreadable::Unreadable;

/// The field counts as empty after this many polls in a row that found nobody; at the edge of the
/// field a tag comes and goes.
const EMPTY_POLLS: u8 = 3;
/// Whoever has a random identifier and comes back within this time may be the one who left: another
/// kiosk is no card while it polls.
const MEMORY: Duration = Duration::from_secs(5);
/// When to look again into one with a random identifier; each look that finds the same doubles it.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const LAST_LOOK: Duration = Duration::from_secs(8);
/// After it has left so often, a card that comes back is looked into no sooner than one that stayed.
const MAX_RETURNS: u8 = 2;

/// What came of reading a tag.
pub(crate) type Outcome = Result<Vec<u8>, Unreadable>;

/// What is known about who is in the field.
#[derive(Default)]
pub(crate) struct Presence {
    is_occupied: bool,
    n_empty_polls: u8,
    last: Option<Reported>,
    pair: Option<Pair>,
}

/// What was reported last.
struct Reported {
    uid: Uid,
    content: Content,
    seen: Instant,
    look_again: Instant,
    pause: Duration,
    n_returns: u8,
}

/// Two who were judged together.
struct Pair {
    uids: [Uid; 2],
    is_fine: bool,
}

/// How somebody who was just found relates to what was reported.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Somebody came: say so, then read.
    New,
    /// The one that was reported: leave it alone.
    Known,
    /// Only its content can tell: read it quietly.
    Unsure,
}

/// What a poll that found two is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Both {
    /// Read them, and tell [`Presence::judged`].
    Unknown,
    /// One of them was enough, and was reported.
    Fine,
    /// Nobody can say which one is meant.
    Ambiguous,
}

/// What counts as the same card: a tag that is emulated changes its URL from touch to touch, but not
/// its vCard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Card(u64),
    Message(u64),
    None(Unreadable),
}

impl Content {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Err(reason) => Self::None(*reason),
            Ok(message) => match ndef::decode(message).as_deref().map(ndef::vcard) {
                Ok(Some(card)) => Self::Card(digest(card)),
                Ok(None) | Err(_) => Self::Message(digest(message)),
            },
        }
    }
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

impl Presence {
    /// Whether somebody is there, or was a moment ago.
    pub(crate) fn is_occupied(&self) -> bool {
        self.is_occupied
    }

    /// A poll found nobody; true if that means that the field has just become empty.
    pub(crate) fn nobody(&mut self, now: Instant) -> bool {
        self.n_empty_polls = self.n_empty_polls.saturating_add(1);
        let is_gone = self.is_occupied && self.n_empty_polls >= EMPTY_POLLS;
        if is_gone {
            self.is_occupied = false;
            self.pair = None;
            self.last = self.last.take().filter(|last| last.uid.is_random());
            if let Some(last) = &mut self.last {
                last.n_returns = last.n_returns.saturating_add(1);
                if last.n_returns <= MAX_RETURNS {
                    last.look_again = now;
                }
            }
        }
        is_gone
    }

    /// A poll found this one. A random UID is drawn anew at each poll, so it proves nothing.
    pub(crate) fn found(&mut self, uid: &Uid, now: Instant) -> Found {
        let was_empty = !self.is_occupied;
        self.occupy();
        self.pair = None;
        self.last = self
            .last
            .take()
            .filter(|last| !was_empty || (uid.is_random() && now < last.seen + MEMORY));
        match &mut self.last {
            None => Found::New,
            Some(last) if last.uid.is_random() && uid.is_random() => {
                last.seen = now;
                if now < last.look_again { Found::Known } else { Found::Unsure }
            }
            Some(last) if last.uid == *uid => Found::Known,
            Some(_) => Found::Unsure,
        }
    }

    /// A poll found these two.
    pub(crate) fn found_two(&mut self, [one, other]: &[Target; 2]) -> Both {
        self.occupy();
        // A random identifier may be one of those that were judged, with a new name.
        let is_known = |pair: &Pair, uid: &Uid| uid.is_random() || pair.uids.contains(uid);
        match &self.pair {
            Some(pair) if is_known(pair, &one.uid) && is_known(pair, &other.uid) => {
                if pair.is_fine { Both::Fine } else { Both::Ambiguous }
            }
            _ => Both::Unknown,
        }
    }

    /// These two were read, and one of them was enough, or not.
    pub(crate) fn judged(&mut self, [one, other]: &[Target; 2], is_fine: bool) {
        self.pair = Some(Pair { uids: [one.uid.clone(), other.uid.clone()], is_fine });
    }

    /// Somebody brought this message without being read: whoever wrote it may be found next, and is
    /// then no news. A tag that lies there stays the one that was reported.
    pub(crate) fn brought(&mut self, message: &[u8], now: Instant) {
        if !self.is_occupied {
            self.read(&Uid::random(), &Ok(message.to_vec()), now);
        }
    }

    /// A tag was read, or not; true if that is to be reported.
    pub(crate) fn read(&mut self, uid: &Uid, outcome: &Outcome, now: Instant) -> bool {
        // A tag that was pulled away must be read as soon as it is back.
        if *outcome == Err(Unreadable::PulledAway) {
            return true;
        }
        let content = Content::of(outcome);
        let (pause, n_returns) = match &self.last {
            Some(last) if last.content == content => {
                ((last.pause * 2).min(LAST_LOOK), Some(last.n_returns))
            }
            Some(_) | None => (FIRST_LOOK, None),
        };
        self.last = Some(Reported {
            uid: uid.clone(),
            content,
            seen: now,
            look_again: now + pause,
            pause,
            n_returns: n_returns.unwrap_or(0),
        });
        n_returns.is_none()
    }

    fn occupy(&mut self) {
        self.is_occupied = true;
        self.n_empty_polls = 0;
    }
}

#[cfg(test)]
mod tests;
