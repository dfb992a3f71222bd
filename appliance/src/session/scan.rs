//! For a visitor who cannot tap: the code, large, and a number that is typed.

use std::time::Duration;

use tapcard_protocol::{Card, Identifier};

use super::{CONFIRM, Input, Mode, STAFF, Session, State};
use crate::meeting::Meeting;
use crate::visitor::Visitor;

/// Most characters of a number: `+` and fifteen digits (E.164), or as it is dialled from another country.
const MOST: usize = 20;

/// A number that is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// As it reads by now.
    pub typed: String,
    /// It was to be taken, and is none.
    pub is_wrong: bool,
}

impl Session {
    /// Whether visitors' numbers are taken.
    pub fn takes_numbers(&self) -> bool {
        self.mode != Mode::Give && !self.introduces
    }

    pub(super) fn open_scan(&mut self, now: Duration) {
        self.enter(State::Scan(Scan::default()), now + STAFF);
    }

    /// What is done there; false for what other pages take too.
    pub(super) fn serve_scan(&mut self, now: Duration, input: &Input) -> bool {
        let takes = self.takes_numbers();
        let State::Scan(scan) = &mut self.state else { return false };
        let is_begun = !scan.typed.is_empty();
        match input {
            Input::Digit(it) if takes && (it.is_ascii_digit() || *it == '+' && !is_begun) => {
                if scan.typed.len() < MOST {
                    scan.typed.push(*it);
                }
                scan.is_wrong = false;
            }
            Input::Erase => {
                scan.typed.pop();
                scan.is_wrong = false;
            }
            Input::Next if takes && is_begun => match Identifier::phone(&scan.typed, self.region) {
                Ok(number) => {
                    self.enter(State::Confirm(Box::new(numbered(number))), now + CONFIRM);
                    return true;
                }
                Err(_) => scan.is_wrong = true,
            },
            Input::Stir => {}
            Input::Back => {
                self.rest();
                return true;
            }
            _ => return false,
        }
        self.deadline = Some(now + STAFF);
        true
    }
}

/// Somebody of whom nothing is known but the number. What is typed proves as much as a badge does.
fn numbered(number: Identifier) -> Visitor {
    let mut card = Card::named("");
    card.set_mobile(number.as_str());
    let meeting = Meeting::BADGE;
    Visitor { card, photo: None, number: Some(number), meeting, note: String::new() }
}
