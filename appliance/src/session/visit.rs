//! The visitor's half of the session: touch, question, answer.

use std::mem;
use std::time::Duration;

use super::{
    CONFIRM, Consent, Decision, HOLD, Input, PHONE, SENTENCE, STAFF, Session, State, Trouble,
};

/// Most characters of a note; in every script fewer bytes than the wire contract allows.
const MAX_NOTE: usize = 500;

impl Session {
    pub(super) fn serve_visitor(&mut self, now: Duration, input: Input) -> Option<Decision> {
        if matches!(self.state, State::Note(..)) {
            self.serve_note(now, input);
            return None;
        }
        if matches!(self.state, State::Form(..)) {
            self.serve_form(now, input);
            return None;
        }
        match (&self.state, input) {
            (State::Attract(_), Input::WriteCard) => self.open_form(now),
            (State::Confirm(visitor), Input::Correct) => self.correct(now, visitor.clone()),
            (State::Confirm(visitor), Input::AddNote) => {
                let note = visitor.note.clone();
                self.enter(State::Note(visitor.clone(), note), now + STAFF);
            }
            (State::Confirm(visitor), Input::Accept) => match self.consent {
                Consent::Together => return self.keep(now, true),
                Consent::Ask => self.enter(State::CloudToo(visitor.clone()), now + CONFIRM),
                Consent::Never => return self.keep(now, false),
            },
            (State::CloudToo(_), Input::Accept) => return self.keep(now, true),
            (State::Confirm(_) | State::CloudToo(_), Input::KeepHere) => {
                return self.keep(now, false);
            }
            (State::Confirm(_) | State::CloudToo(_), Input::Reject) => {
                self.enter(State::Refused, now + SENTENCE);
            }
            (State::Done(..), Input::Undo) => {
                self.enter(State::Undone, now + SENTENCE);
                return Some(Decision::Undo);
            }
            (
                State::Done(..) | State::Refused | State::Undone | State::Late | State::Phone,
                Input::Onward,
            ) => self.rest(),
            (State::Attract(_), Input::Staff) if self.gate.exists() => {
                self.enter(State::Lock, now + STAFF);
            }
            (_, Input::Felt) => self.enter(State::Hold, now + HOLD),
            (_, Input::Read(visitor)) => self.enter(State::Confirm(visitor), now + CONFIRM),
            (_, Input::Unreadable(Trouble::PulledAway)) => self.enter(State::Late, now + SENTENCE),
            // Said at every poll as long as two lie there, which must not hide a visitor's thanks.
            (
                State::Done(..) | State::Refused | State::Undone | State::Phone,
                Input::Unreadable(Trouble::Two),
            ) => {}
            (_, Input::Unreadable(trouble)) => {
                self.enter(State::Attract(Some(trouble)), now + SENTENCE);
            }
            // Whoever only came near has nothing to go on with.
            (_, Input::Parted { read: true }) => self.enter(State::Phone, now + PHONE),
            _ => {}
        }
        None
    }

    /// A note comes back to the question with the visitor's card.
    fn serve_note(&mut self, now: Duration, input: Input) {
        let State::Note(visitor, note) = &mut self.state else { return };
        match input {
            Input::Typed(text) => {
                *note = text.chars().take(MAX_NOTE).collect();
                return self.deadline = Some(now + STAFF);
            }
            Input::Next | Input::Save => note.trim().clone_into(&mut visitor.note),
            Input::Back => {}
            Input::Stir => return self.deadline = Some(now + STAFF),
            _ => return,
        }
        let visitor = visitor.clone();
        self.enter(State::Confirm(visitor), now + CONFIRM);
    }

    fn keep(&mut self, now: Duration, cloud: bool) -> Option<Decision> {
        let before = mem::replace(&mut self.state, State::Attract(None));
        let (State::Confirm(visitor) | State::CloudToo(visitor)) = before else { return None };
        self.enter(State::Done(visitor.clone(), cloud), now + self.thanks);
        Some(Decision::Keep { visitor, cloud })
    }
}
