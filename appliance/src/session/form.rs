//! A visitor's card that is written here, or corrected before it is kept.

use std::time::Duration;

use tapcard_protocol::{Card, Edition};

use super::{CONFIRM, Draft, Editing, Input, Line, STAFF, Session, State};
use crate::meeting::Meeting;
use crate::visitor::Visitor;

impl Session {
    /// Opens an empty card for somebody who has none to hold here.
    pub(super) fn open_form(&mut self, now: Duration) {
        let editing = Editing::begin(Draft::default(), &Line::VISITORS);
        self.enter(State::Form(None, editing), now + STAFF);
    }

    /// Opens the card that was read.
    pub(super) fn correct(&mut self, now: Duration, visitor: Box<Visitor>) {
        let draft = Draft::of(Edition(0), &visitor.card);
        let editing = Editing::begin(draft, &Line::VISITORS);
        self.enter(State::Form(Some(visitor), editing), now + STAFF);
    }

    pub(super) fn serve_form(&mut self, now: Duration, input: Input) {
        let State::Form(visitor, editing) = &mut self.state else { return };
        if input == Input::Back {
            return match visitor.take() {
                Some(it) => self.enter(State::Confirm(it), now + CONFIRM),
                None => self.rest(),
            };
        }
        if let Some(draft) = editing.take(input) {
            let mut visitor = visitor.take().unwrap_or_else(|| Box::new(unwritten()));
            draft.lay_on(&mut visitor.card);
            visitor.number = visitor.card.owner(self.region);
            return self.enter(State::Confirm(visitor), now + CONFIRM);
        }
        self.deadline = Some(now + STAFF);
    }
}

/// Somebody without a card. What is typed proves as much as a badge does.
fn unwritten() -> Visitor {
    let card = Card::named("");
    Visitor { card, photo: None, number: None, meeting: Meeting::BADGE, note: String::new() }
}
