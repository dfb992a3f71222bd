//! The staff writes badges: a blank tag is laid on the reader and gets a card, then the next one.

use std::time::Duration;

use super::{Input, Lookup, STAFF, Session, State};
use crate::badge::{Refusal, Written};
pub use crate::store::ContactId;

/// Whose card the badges get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The owner's.
    Own,
    /// That of somebody who was met here.
    Contact(ContactId),
}

/// How far the tag is that was laid down last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// None was yet.
    Waiting,
    /// It must not be moved now.
    Writing,
    /// It is a badge.
    Written(Written),
    /// It is none.
    Refused(Refusal),
}

/// Badges being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badging {
    /// Whose card they get.
    pub whose: Whose,
    /// They are locked for good.
    pub lock: bool,
    /// How far the last one is.
    pub step: Step,
}

impl Session {
    /// Opens the page, unless there is nothing to write.
    pub(super) fn open_badges(&mut self, now: Duration, whose: Whose) {
        if whose == Whose::Own && self.own.name().is_empty() {
            return;
        }
        // Locking is for good, so it is chosen anew each time.
        let badging = Badging { whose, lock: false, step: Step::Waiting };
        self.enter(State::Badges(badging), now + STAFF);
    }

    pub(super) fn serve_badges(&mut self, now: Duration, input: Input) {
        let State::Badges(badging) = &mut self.state else { return };
        // While one is written, leaving or locking would tear it from under the writer.
        let is_busy = badging.step == Step::Writing;
        match input {
            Input::Writing => badging.step = Step::Writing,
            Input::Wrote(Ok(written)) => badging.step = Step::Written(written),
            Input::Wrote(Err(reason)) => badging.step = Step::Refused(reason),
            Input::LockBadges(lock) if !is_busy => badging.lock = lock,
            Input::Back if !is_busy => {
                let own = badging.whose == Whose::Own;
                return self
                    .open(now, if own { State::Menu } else { State::Contacts(Lookup::All) });
            }
            _ => return,
        }
        self.deadline = Some(now + STAFF);
    }
}
