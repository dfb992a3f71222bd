//! The visitor's half of the session: touch, question, answer.

use std::time::Duration;

use super::remark::MAX_NOTE;
use super::{
    CONFIRM, Consent, Decision, Fate, HOLD, Input, PHONE, SENTENCE, STAFF, Session, State, Trouble,
    Unattended,
};
use crate::visitor::Visitor;

impl Session {
    pub(super) fn serve_visitor(&mut self, now: Duration, input: Input) -> Option<Decision> {
        if matches!(self.state, State::Note(..)) {
            self.serve_note(now, input);
            return None;
        }
        if matches!(self.state, State::Confirm(_) | State::CloudToo(_)) {
            return self.serve_question(now, input);
        }
        if matches!(self.state, State::Pair(_)) {
            return self.serve_pair(now, input);
        }
        if matches!(self.state, State::Form(..)) {
            self.serve_form(now, input);
            return None;
        }
        if self.serve_scan(now, &input) || self.serve_card(now, &input) {
            return None;
        }
        match (&self.state, input) {
            (State::Attract(_), Input::ShowCard) => self.open_card(now),
            (State::Attract(_), Input::ShowCode) => self.open_scan(now),
            (State::Attract(_), Input::WriteCard) if !self.introduces => self.open_form(now),
            (_, Input::Read(visitor)) if self.introduces => return self.bring(now, visitor),
            (State::Done(..), Input::Undo) => {
                self.enter(State::Undone, now + SENTENCE);
                return Some(Decision::Undo);
            }
            (
                State::Done(..)
                | State::Introduced(..)
                | State::Refused
                | State::Undone
                | State::Late
                | State::Phone
                | State::Claimed { .. },
                Input::Onward,
            ) => self.rest(),
            (State::Attract(_), Input::Staff) if self.gate.exists() => {
                self.enter(State::Lock, now + STAFF);
            }
            (_, Input::Felt) => self.enter(State::Hold, now + HOLD),
            (_, Input::Read(visitor)) => return self.meet(now, visitor),
            (_, Input::Unreadable(Trouble::PulledAway)) => self.enter(State::Late, now + SENTENCE),
            // Said at every poll as long as two lie there, which must not hide a visitor's thanks.
            (
                State::Done(..)
                | State::Introduced(..)
                | State::Refused
                | State::Undone
                | State::Phone
                | State::Claimed { .. },
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

    /// It went at the phone; whoever is at the kiosk by now is not disturbed.
    pub(super) fn thank(&mut self, now: Duration, gave: bool, got: bool) {
        if matches!(self.state, State::Attract(_) | State::Phone) {
            self.enter(State::Claimed { gave, got }, now + PHONE);
        }
    }

    /// What a visitor answers, or does before.
    fn serve_question(&mut self, now: Duration, input: Input) -> Option<Decision> {
        match (&self.state, input) {
            (State::Confirm(visitor), Input::Correct) => self.correct(now, visitor.clone()),
            (State::Confirm(visitor), Input::AddNote) => {
                let note = visitor.note.clone();
                self.enter(State::Note(visitor.clone(), note), now + STAFF);
            }
            (State::Confirm(visitor), Input::Accept) => match self.consent {
                Consent::Together => return self.keep(now, visitor.clone(), Fate::Cloud),
                Consent::Ask => self.enter(State::CloudToo(visitor.clone()), now + CONFIRM),
                Consent::Never => return self.keep(now, visitor.clone(), Fate::Here),
            },
            (State::CloudToo(visitor), Input::Accept) => {
                return self.keep(now, visitor.clone(), Fate::Cloud);
            }
            (State::Confirm(visitor) | State::CloudToo(visitor), Input::KeepHere) => {
                return self.keep(now, visitor.clone(), Fate::Here);
            }
            (_, Input::Reject) => self.enter(State::Refused, now + SENTENCE),
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

    /// Asks the visitor, unless the owner has said what is to be done. Where the cloud is a question, nobody has said yes.
    fn meet(&mut self, now: Duration, visitor: Box<Visitor>) -> Option<Decision> {
        let cloud = self.consent == Consent::Together;
        match self.unattended {
            Unattended::Ask => {
                self.enter(State::Confirm(visitor), now + CONFIRM);
                None
            }
            Unattended::Accept if cloud => self.settle(now, visitor, Fate::Cloud, false),
            Unattended::Accept => self.settle(now, visitor, Fate::Here, false),
            Unattended::Hold => self.settle(now, visitor, Fate::Held(cloud), false),
        }
    }

    fn keep(&mut self, now: Duration, visitor: Box<Visitor>, fate: Fate) -> Option<Decision> {
        self.settle(now, visitor, fate, true)
    }

    fn settle(
        &mut self,
        now: Duration,
        visitor: Box<Visitor>,
        fate: Fate,
        is_asked: bool,
    ) -> Option<Decision> {
        self.enter(State::Done(visitor.clone(), fate), now + self.thanks);
        Some(Decision::Keep { visitor, fate, is_asked })
    }
}
