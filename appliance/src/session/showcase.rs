//! The own card in full, for visitors who want more of it than its face, and the way for the staff to edit it at a phone.

use std::time::Duration;

use super::{Input, Mode, Session, State};

/// How long it stays open untouched.
const LOOK: Duration = Duration::from_secs(60);

impl Session {
    /// Whether visitors may look at the own card here.
    pub fn shows_card(&self) -> bool {
        self.mode != Mode::Take && !self.introduces && !self.own.name().is_empty()
    }

    pub(super) fn open_card(&mut self, now: Duration) {
        if self.shows_card() {
            self.enter(State::Card(None), now + LOOK);
        }
    }

    /// What is done there; false for what other pages take too.
    pub(super) fn serve_card(&mut self, now: Duration, input: &Input) -> bool {
        let State::Card(line) = self.state else { return false };
        match input {
            Input::ShowLine(it) => {
                let next = Some(*it).filter(|it| line != Some(*it));
                self.enter(State::Card(next), now + LOOK);
            }
            Input::Stir => self.deadline = Some(now + LOOK),
            Input::Back => self.rest(),
            _ => return false,
        }
        true
    }
}
