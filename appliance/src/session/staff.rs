//! The staff's half of the session: the PIN, the contacts, the own card.

use std::time::Duration;

use super::{ContactId, Decision, Editing, Input, Line, STAFF, Screen, Session, State};

/// Fewest digits of a PIN.
pub const MIN_PIN: usize = 4;
/// Wrong PINs in a row before the pad closes for a while.
const TRIES: u32 = 5;
/// How long it closes first; each further wrong PIN doubles it.
const CLOSED: Duration = Duration::from_secs(30);
/// It never closes for longer.
const MAX_CLOSED: Duration = Duration::from_secs(15 * 60);

/// The PIN pad, and what it remembers of wrong tries.
#[derive(Clone)]
pub(super) struct Gate {
    pin: Option<String>,
    typed: String,
    wrong: bool,
    n_wrong: u32,
    closed_until: Option<Duration>,
}

impl Gate {
    pub(super) fn new(pin: Option<String>) -> Gate {
        Gate { pin, typed: String::new(), wrong: false, n_wrong: 0, closed_until: None }
    }

    pub(super) fn exists(&self) -> bool {
        self.pin.is_some()
    }

    pub(super) fn screen(&self) -> Screen<'static> {
        let n_typed = self.typed.chars().count();
        Screen::Lock { n_typed, wrong: self.wrong, closed_until: self.closed_until }
    }

    pub(super) fn reopens(&self) -> Option<Duration> {
        self.closed_until
    }

    pub(super) fn reopen(&mut self, now: Duration) {
        if self.closed_until.is_some_and(|it| it <= now) {
            self.closed_until = None;
            self.wrong = false;
        }
    }

    /// Forgets what was typed, never how often it was wrong.
    pub(super) fn forget(&mut self) {
        self.typed.clear();
        self.wrong = false;
    }

    fn erase(&mut self) {
        self.typed.pop();
    }

    /// Takes a digit; true if the PIN is complete and right.
    fn open(&mut self, now: Duration, digit: char) -> bool {
        let Some(pin) = self.pin.as_deref().filter(|_| self.closed_until.is_none()) else {
            return false;
        };
        self.wrong = false;
        self.typed.push(digit);
        if self.typed.len() < pin.len() {
            return false;
        }
        let is_right = self.typed == pin;
        self.typed.clear();
        self.wrong = !is_right;
        self.n_wrong = if is_right { 0 } else { self.n_wrong.saturating_add(1) };
        if self.n_wrong >= TRIES {
            let doubled = CLOSED * 2u32.pow((self.n_wrong - TRIES).min(5));
            self.closed_until = Some(now + doubled.min(MAX_CLOSED));
        }
        is_right
    }
}

impl Session {
    pub(super) fn serve_staff(&mut self, now: Duration, input: Input) -> Option<Decision> {
        match (&mut self.state, input) {
            (State::Lock, Input::Digit(digit)) if digit.is_ascii_digit() => {
                let is_right = self.gate.open(now, digit);
                let next = if is_right { State::Contacts(None) } else { State::Lock };
                self.enter(next, now + STAFF);
            }
            (State::Lock, Input::Erase) => {
                self.gate.erase();
                self.enter(State::Lock, now + STAFF);
            }
            (State::Lock | State::Contacts(None), Input::Back) => self.rest(),
            (State::Contacts(Some(_)), Input::Back) => {
                self.enter(State::Contacts(None), now + STAFF);
            }
            (State::Contacts(None), Input::Find) => {
                self.enter(State::Contacts(Some(String::new())), now + STAFF);
            }
            (State::Contacts(Some(query)), Input::Typed(text)) => {
                *query = text;
                self.deadline = Some(now + STAFF);
            }
            (State::Contacts(_), Input::Look(id)) => self.enter(State::Contact(id), now + STAFF),
            (State::Contact(id), input) => {
                let id = *id;
                return self.serve_contact(now, id, &input);
            }
            (State::Contacts(_), Input::EditCard) => {
                self.enter(
                    State::Editor(Editing::begin(self.own.clone(), &Line::ALL)),
                    now + STAFF,
                );
            }
            (State::Contacts(_), Input::ChooseMode) => self.enter(State::Mode, now + STAFF),
            (State::Contacts(_), Input::WriteBadges(whose)) => self.open_badges(now, whose),
            (State::Badges(_), input) => self.serve_badges(now, input),
            (State::Mode, Input::Pick(mode)) => {
                self.mode = mode;
                self.enter(State::Contacts(None), now + STAFF);
                return Some(Decision::Mode(mode));
            }
            (
                State::Editor(_),
                input @ (Input::Typed(_) | Input::Next | Input::Previous | Input::Save),
            ) => {
                return self.serve_editor(now, input);
            }
            (State::Editor(_) | State::Mode, Input::Back) => {
                self.enter(State::Contacts(None), now + STAFF);
            }
            (State::Tell(_), Input::Tell(notify)) => {
                self.enter(State::Contacts(None), now + STAFF);
                return Some(Decision::Send { notify });
            }
            (_, Input::Stir | Input::Next) => self.deadline = Some(now + STAFF),
            _ => {}
        }
        None
    }

    fn serve_contact(&mut self, now: Duration, id: ContactId, input: &Input) -> Option<Decision> {
        let decision = match input {
            Input::Undo => Some(Decision::TakeBack(id)),
            Input::Accept => Some(Decision::Accept(id)),
            Input::SendAgain => Some(Decision::SendAgain(id)),
            Input::Back | Input::Stir | Input::Next => None,
            _ => return None,
        };
        // Of who was taken back there is nothing to be seen.
        if matches!(input, Input::Undo | Input::Back) {
            self.enter(State::Contacts(None), now + STAFF);
        } else {
            self.deadline = Some(now + STAFF);
        }
        decision
    }

    fn serve_editor(&mut self, now: Duration, input: Input) -> Option<Decision> {
        let State::Editor(editing) = &mut self.state else { return None };
        self.deadline = Some(now + STAFF);
        let draft = editing.take(input)?;
        // One that is as it was needs neither a task nor a question.
        if draft == self.own && !self.own_is_open {
            self.enter(State::Contacts(None), now + STAFF);
            return None;
        }
        let written = editing.clone();
        self.enter(State::Tell(written), now + STAFF);
        Some(Decision::Draft(draft))
    }
}
