//! The first start: from a kiosk that is nobody's to one that has been tried. Nothing of it ends by itself.

use std::time::Duration;

use super::{Asking, Connecting, Decision, Draft, Editing, Input, Line, NewPin, Session, State};

/// How many steps there are.
pub const STEPS: usize = 7;

/// Where the first start is.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// The language is chosen.
    Language,
    /// The network.
    Network(Connecting),
    /// Whose the kiosk is to be.
    Owner(Asking),
    /// The code that came to the owner.
    Code(Asking),
    /// Who has its settings from a file compares four words.
    Compare,
    /// The own card.
    Card(Editing),
    /// The way to edit it at a phone; what was written here is there again.
    ByPhone(Editing),
    /// Which way cards travel.
    Mode,
    /// The staff's PIN.
    Pin(NewPin),
    /// Something is held to the reader; true once it was felt.
    Trial(bool),
}

impl Start {
    /// Which step this is, from one, of [`STEPS`].
    pub fn step(&self) -> usize {
        match self {
            Start::Language => 1,
            Start::Network(_) => 2,
            Start::Owner(_) | Start::Code(_) | Start::Compare => 3,
            Start::Card(_) | Start::ByPhone(_) => 4,
            Start::Mode => 5,
            Start::Pin(_) => 6,
            Start::Trial(_) => STEPS,
        }
    }
}

impl Session {
    /// The same kiosk, at its first start: `is_owned` if its settings say whose it is.
    pub fn starting(self, is_owned: bool) -> Session {
        Session { state: State::Start(Start::Language), is_owned, ..self }
    }

    /// The same kiosk, whose owner was found: it goes on with the own card.
    pub fn owned(mut self) -> Session {
        (self.is_owned, self.was_found) = (true, true);
        self.start_card();
        self
    }

    /// The same kiosk, whose first start is over.
    pub fn begun(mut self) -> Session {
        (self.is_owned, self.was_found) = (true, true);
        self.rest();
        self
    }

    /// Whether this is the first start.
    pub fn is_starting(&self) -> bool {
        matches!(self.state, State::Start(_))
    }

    pub(super) fn step(&mut self, start: Start) {
        self.state = State::Start(start);
        self.deadline = None;
    }

    fn start_card(&mut self) {
        self.step(Start::Card(Editing::begin(self.own.clone(), &Line::ALL)));
    }

    pub(super) fn start_network(&mut self) -> Option<Decision> {
        self.step(Start::Network(Connecting::default()));
        Some(Decision::LookAround)
    }

    pub(super) fn serve_start(&mut self, now: Duration, input: Input) -> Option<Decision> {
        let State::Start(start) = &mut self.state else { return None };
        match start {
            Start::Language => match input {
                Input::Speak(it) => self.home = it,
                Input::Onward => return self.start_network(),
                _ => {}
            },
            Start::Network(network) => match input {
                Input::Onward if !network.asks_password() => self.leave_network(),
                Input::Back if !network.asks_password() => self.step(Start::Language),
                input => return network.take(input),
            },
            Start::Owner(_) | Start::Code(_) => return self.serve_owner(input),
            Start::Compare => match input {
                Input::Onward | Input::Enrolled => self.start_card(),
                Input::Back => return self.start_network(),
                _ => {}
            },
            Start::Card(_) | Start::ByPhone(_) => return self.serve_first_card(input),
            Start::Mode => match input {
                Input::Pick(mode) => {
                    self.mode = mode;
                    let has_pin = self.gate.exists();
                    self.step(if has_pin {
                        Start::Trial(false)
                    } else {
                        Start::Pin(NewPin::default())
                    });
                    return Some(Decision::Mode(mode));
                }
                Input::Back => self.start_card(),
                _ => {}
            },
            Start::Pin(pin) => {
                if input == Input::Back {
                    self.step(Start::Mode);
                } else if let Some(pin) = pin.take(&input) {
                    self.step(Start::Trial(false));
                    return Some(self.lock_by(pin));
                }
            }
            Start::Trial(is_felt) => match input {
                Input::Felt
                | Input::Read(_)
                | Input::Unreadable(_)
                | Input::Met
                | Input::Parted { .. } => {
                    *is_felt = true;
                }
                Input::Back => self.step(Start::Mode),
                Input::Onward => {
                    self.rest();
                    self.stirred = now;
                    return Some(Decision::Begun);
                }
                _ => {}
            },
        }
        None
    }

    fn leave_network(&mut self) {
        match (self.is_owned, self.is_enrolled) {
            (true, true) => self.start_card(),
            (true, false) => self.step(Start::Compare),
            (false, _) => self.step(Start::Owner(Asking::default())),
        }
    }

    fn serve_first_card(&mut self, input: Input) -> Option<Decision> {
        let State::Start(start) = &mut self.state else { return None };
        let editing = match (start, &input) {
            (Start::ByPhone(editing), Input::Back) => {
                let editing = editing.clone();
                self.step(Start::Card(editing));
                return None;
            }
            (Start::Card(editing), Input::ByPhone) => {
                let editing = editing.clone();
                self.step(Start::ByPhone(editing));
                return None;
            }
            (Start::Card(_), Input::Back) => {
                self.step(Start::Mode);
                return None;
            }
            (Start::Card(editing), _) => editing,
            _ => return None,
        };
        let is_writing =
            matches!(input, Input::Typed(_) | Input::Next | Input::Previous | Input::Save);
        let draft = editing.take(input).filter(|_| is_writing)?;
        self.step(Start::Mode);
        (draft != self.own || self.own_is_open).then_some(Decision::FirstCard(draft))
    }

    /// The own card comes from the cloud while nobody has written on it yet.
    pub(super) fn take_first_card(&mut self, before: &Draft) {
        if let State::Start(Start::Card(editing) | Start::ByPhone(editing)) = &self.state
            && editing.draft == *before
        {
            self.start_card();
        }
    }
}
