//! Decides whether a tag that a poll finds is news, so that a badge that lies on the reader is
//! reported once. Pure: it counts polls, not time.

use crate::target::Uid;
use crate::unreadable::Unreadable;

/// The field counts as empty after this many polls in a row that found nobody; at the edge of the
/// field a tag comes and goes.
const EMPTY_POLLS: u8 = 3;

/// What came of reading a tag.
pub(crate) type Outcome = Result<Vec<u8>, Unreadable>;

/// What is known about who is in the field.
#[derive(Default)]
pub(crate) struct Presence {
    occupied: bool,
    n_empty_polls: u8,
    last: Option<Reported>,
}

/// What was reported last, since the field was empty.
struct Reported {
    uid: Uid,
    outcome: Outcome,
}

/// How a tag that was just found relates to what was reported.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Somebody came: say so, then read.
    New,
    /// The one that was reported: leave it alone.
    Known,
    /// Only its content can tell: read it quietly.
    Unsure,
}

impl Presence {
    /// A poll found nobody; true if that means that the field has just become empty.
    pub(crate) fn nobody(&mut self) -> bool {
        self.n_empty_polls = self.n_empty_polls.saturating_add(1);
        let is_gone = self.occupied && self.n_empty_polls >= EMPTY_POLLS;
        if is_gone {
            *self = Self::default();
        }
        is_gone
    }

    /// A poll found more than one.
    pub(crate) fn several(&mut self) {
        self.occupied = true;
        self.n_empty_polls = 0;
    }

    /// A poll found this one. A random UID is drawn anew at each poll, so it proves nothing.
    pub(crate) fn found(&mut self, uid: &Uid) -> Found {
        self.occupied = true;
        self.n_empty_polls = 0;
        match &self.last {
            None => Found::New,
            Some(last) if last.uid == *uid && !uid.is_random() => Found::Known,
            Some(_) => Found::Unsure,
        }
    }

    /// A tag was read, or not; true if that is to be reported.
    pub(crate) fn read(&mut self, uid: Uid, outcome: &Outcome) -> bool {
        // A tag that was pulled away must be read as soon as it is back.
        if *outcome == Err(Unreadable::PulledAway) {
            return true;
        }
        let is_news = self.last.as_ref().is_none_or(|last| last.outcome != *outcome);
        self.last = Some(Reported { uid, outcome: outcome.clone() });
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uid(bytes: &[u8]) -> Uid {
        Uid::from(bytes)
    }

    #[test]
    fn a_tag_that_stays_is_known() {
        let mut presence = Presence::default();
        let badge = uid(&[4, 1]);
        assert_eq!(presence.found(&badge), Found::New);
        assert!(presence.read(badge.clone(), &Ok(vec![1])));
        for _ in 0..10 {
            assert_eq!(presence.found(&badge), Found::Known);
        }
    }

    #[test]
    fn three_empty_polls_in_a_row_make_it_news_again() {
        let mut presence = Presence::default();
        let badge = uid(&[4, 1]);
        presence.found(&badge);
        presence.read(badge.clone(), &Ok(vec![1]));
        for _ in 0..5 {
            assert!(!presence.nobody());
            assert!(!presence.nobody());
            assert_eq!(presence.found(&badge), Found::Known);
        }
        assert!(!presence.nobody());
        assert!(!presence.nobody());
        assert!(presence.nobody());
        assert!(!presence.nobody(), "gone is said once");
        assert_eq!(presence.found(&badge), Found::New);
        assert!(presence.read(badge, &Ok(vec![1])));
    }

    #[test]
    fn a_random_uid_is_judged_by_its_content() {
        let mut presence = Presence::default();
        assert_eq!(presence.found(&uid(&[8, 1])), Found::New);
        assert!(presence.read(uid(&[8, 1]), &Ok(vec![1])));
        assert_eq!(presence.found(&uid(&[8, 1])), Found::Unsure);
        assert!(!presence.read(uid(&[8, 1]), &Ok(vec![1])));
        assert_eq!(presence.found(&uid(&[8, 2])), Found::Unsure);
        assert!(!presence.read(uid(&[8, 2]), &Ok(vec![1])));
        assert_eq!(presence.found(&uid(&[8, 3])), Found::Unsure);
        assert!(presence.read(uid(&[8, 3]), &Ok(vec![2])));
    }

    #[test]
    fn another_badge_on_the_heels_of_the_first_is_reported() {
        let mut presence = Presence::default();
        presence.found(&uid(&[4, 1]));
        presence.read(uid(&[4, 1]), &Ok(vec![1]));
        assert_eq!(presence.found(&uid(&[4, 2])), Found::Unsure);
        assert!(presence.read(uid(&[4, 2]), &Ok(vec![2])));
        assert_eq!(presence.found(&uid(&[4, 2])), Found::Known);
    }

    #[test]
    fn an_empty_tag_is_reported_once_and_a_torn_one_is_read_again() {
        let mut presence = Presence::default();
        let badge = uid(&[4, 1]);
        presence.found(&badge);
        assert!(presence.read(badge.clone(), &Err(Unreadable::PulledAway)));
        assert_eq!(presence.found(&badge), Found::New);
        assert!(presence.read(badge.clone(), &Err(Unreadable::Empty)));
        assert_eq!(presence.found(&badge), Found::Known);
    }

    #[test]
    fn two_tags_keep_the_field_occupied() {
        let mut presence = Presence::default();
        presence.several();
        assert!(!presence.nobody());
        assert!(!presence.nobody());
        presence.several();
        assert!(!presence.nobody());
        assert!(!presence.nobody());
        assert!(presence.nobody());
    }
}
