//! An organiser's kiosk: two visitors swap cards with each other, and it keeps none. One badge, the other one, and the
//! first again say yes; whatever else comes ends it, so that three people in a row do not mix.

use std::time::Duration;

use super::{Decision, Input, SENTENCE, Session, State, Trouble};
use crate::visitor::Visitor;

/// How long one badge waits for the next.
pub const WINDOW: Duration = Duration::from_secs(20);

/// Two who meet.
#[derive(Clone)]
pub(super) struct Pair {
    /// Who touched first.
    pub(super) one: Box<Visitor>,
    /// Who touched next.
    pub(super) other: Option<Box<Visitor>>,
}

impl Session {
    /// The same kiosk, which introduces visitors to one another.
    pub fn introducing(self, introduces: bool) -> Session {
        Session { introduces, ..self }
    }

    /// Whether it introduces visitors to one another.
    pub fn introduces(&self) -> bool {
        self.introduces
    }

    pub(super) fn serve_pair(&mut self, now: Duration, input: Input) -> Option<Decision> {
        match input {
            Input::Read(visitor) => return self.bring(now, visitor),
            // Whoever holds on is felt again, and whoever is hasty may try again.
            Input::Felt | Input::Unreadable(Trouble::PulledAway) => {}
            Input::Unreadable(trouble) => {
                self.enter(State::Attract(Some(trouble)), now + SENTENCE);
            }
            Input::Onward => self.rest(),
            _ => {}
        }
        None
    }

    /// The next badge of a pair, or the first.
    pub(super) fn bring(&mut self, now: Duration, visitor: Box<Visitor>) -> Option<Decision> {
        let Some(number) = visitor.number.clone() else {
            self.enter(State::Attract(Some(Trouble::NoNumber)), now + SENTENCE);
            return None;
        };
        let is = |it: &Visitor| it.number.as_ref() == Some(&number);
        match &self.state {
            State::Pair(Pair { one, other: None }) if is(one) => {}
            State::Pair(Pair { one, other: None }) => {
                let pair = Pair { one: one.clone(), other: Some(visitor) };
                self.enter(State::Pair(pair), now + WINDOW);
            }
            State::Pair(Pair { one, other: Some(other) }) if is(one) => {
                let (one, other) = (one.clone(), other.clone());
                let both = [&one, &other].map(|it| it.number.clone());
                self.enter(State::Introduced(one, other), now + self.thanks);
                let [Some(one), Some(other)] = both else { return None };
                return Some(Decision::Introduce { one, other });
            }
            State::Pair(Pair { other: Some(other), .. }) if is(other) => {}
            State::Pair(_) => self.enter(State::Refused, now + SENTENCE),
            _ => self.enter(State::Pair(Pair { one: visitor, other: None }), now + WINDOW),
        }
        None
    }
}
