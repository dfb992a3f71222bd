//! The first start: from a kiosk that is nobody's to one that has been tried. Nothing of it ends by itself.

use std::time::Duration;

use tapcard_protocol::enrolment::NoOwner;

use super::connecting::Next;
use super::{Connecting, Decision, Editing, Gate, Input, Line, MIN_PIN, Session, State};

/// Most digits of a PIN.
const MAX_PIN: usize = 8;
/// Most characters of a number or a mail address (RFC 5321 §4.5.3.1.3), and of what is typed as a code.
const MAX_ADDRESSEE: usize = 254;
const MAX_CODE: usize = 12;
/// How many steps there are.
pub const STEPS: usize = 7;

/// Why there is no owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfound {
    /// The cloud says no.
    Refused(NoOwner),
    /// It does not answer.
    Away,
}

/// Whose the kiosk is to be.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Asking {
    /// The number or mail address, as it reads by now.
    pub to: String,
    /// The code that came there, as it reads by now.
    pub code: String,
    /// It is a mail address.
    pub by_mail: bool,
    /// The cloud is asked.
    pub is_busy: bool,
    /// Why the last question led to nothing.
    pub why: Option<Unfound>,
}

impl std::fmt::Debug for Asking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking")
            .field("is_busy", &self.is_busy)
            .field("why", &self.why)
            .finish_non_exhaustive()
    }
}

/// A PIN that is chosen.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NewPin {
    first: Option<String>,
    typed: String,
    /// The second was another one than the first.
    pub differs: bool,
}

impl NewPin {
    /// How many digits are typed.
    pub fn n_typed(&self) -> usize {
        self.typed.len()
    }

    /// It is typed for the second time.
    pub fn is_again(&self) -> bool {
        self.first.is_some()
    }

    /// Whether that is long enough.
    pub fn is_enough(&self) -> bool {
        self.typed.len() >= MIN_PIN
    }

    /// Takes what was done; the PIN, once it was typed twice.
    fn take(&mut self, input: &Input) -> Option<String> {
        match input {
            Input::Digit(it) if it.is_ascii_digit() && self.typed.len() < MAX_PIN => {
                self.typed.push(*it);
                self.differs = false;
            }
            Input::Erase => drop(self.typed.pop()),
            Input::Next if self.is_enough() => {
                let typed = std::mem::take(&mut self.typed);
                match self.first.take() {
                    None => self.first = Some(typed),
                    Some(first) if first == typed => return Some(typed),
                    Some(_) => self.differs = true,
                }
            }
            _ => {}
        }
        None
    }
}

impl std::fmt::Debug for NewPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPin").field("n_typed", &self.n_typed()).finish_non_exhaustive()
    }
}

/// Where the first start is.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// The language is chosen.
    Language,
    /// The network.
    Network(Connecting),
    /// A password of a wireless one.
    Password(Connecting, String),
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
            Start::Network(_) | Start::Password(..) => 2,
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
        self.is_owned = true;
        self.start_card();
        self
    }

    /// The same kiosk, whose first start is over.
    pub fn begun(mut self) -> Session {
        self.is_owned = true;
        self.rest();
        self
    }

    /// Whether this is the first start.
    pub fn is_starting(&self) -> bool {
        matches!(self.state, State::Start(_))
    }

    fn step(&mut self, start: Start) {
        self.state = State::Start(start);
        self.deadline = None;
    }

    fn start_card(&mut self) {
        self.step(Start::Card(Editing::begin(self.own.clone(), &Line::ALL)));
    }

    fn start_network(&mut self) -> Option<Decision> {
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
            Start::Network(_) | Start::Password(..) => return self.serve_start_network(input),
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
                    self.gate = Gate::new(Some(pin.clone()));
                    self.step(Start::Trial(false));
                    return Some(Decision::Pin(pin));
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

    fn serve_start_network(&mut self, input: Input) -> Option<Decision> {
        let State::Start(start) = &mut self.state else { return None };
        match start {
            Start::Network(_) if input == Input::Onward => {
                let is_known = self.is_enrolled;
                match self.is_owned {
                    true if is_known => self.start_card(),
                    true => self.step(Start::Compare),
                    false => self.step(Start::Owner(Asking::default())),
                }
                None
            }
            Start::Network(_) if input == Input::Back => {
                self.step(Start::Language);
                None
            }
            Start::Network(network) => match network.take(&input) {
                Next::Stay(decision) | Next::Done(decision) => decision,
                Next::Password => {
                    let network = network.clone();
                    self.step(Start::Password(network, String::new()));
                    None
                }
            },
            Start::Password(network, password) => match network.take_password(password, input) {
                Next::Done(decision) => {
                    let network = network.clone();
                    self.step(Start::Network(network));
                    decision
                }
                Next::Stay(_) | Next::Password => None,
            },
            _ => None,
        }
    }

    fn serve_owner(&mut self, input: Input) -> Option<Decision> {
        let State::Start(Start::Owner(asking) | Start::Code(asking)) = &mut self.state else {
            return None;
        };
        let mut asking = asking.clone();
        let is_code = matches!(self.state, State::Start(Start::Code(_)));
        let mut decision = None;
        let goes_on = matches!(input, Input::Next | Input::Save) && !asking.is_busy;
        match input {
            Input::Typed(text) if is_code => asking.code = text.chars().take(MAX_CODE).collect(),
            Input::Typed(text) => asking.to = text.chars().take(MAX_ADDRESSEE).collect(),
            Input::Next | Input::Save if goes_on && is_code && !asking.code.trim().is_empty() => {
                decision = Some(Decision::ProveOwner(asking.code.trim().to_owned()));
            }
            Input::Next | Input::Save if goes_on && !is_code && !asking.to.trim().is_empty() => {
                decision = Some(Decision::AskOwner(self.addressee(&asking.to)));
            }
            Input::Asked(Ok(())) => {
                let asking = Asking { is_busy: false, why: None, code: String::new(), ..asking };
                self.step(Start::Code(asking));
                return None;
            }
            Input::Asked(Err(why)) | Input::Unowned(why) => {
                (asking.is_busy, asking.why) = (false, Some(why));
            }
            Input::ByMail if !is_code && !asking.is_busy => {
                asking = Asking { by_mail: !asking.by_mail, ..Asking::default() };
            }
            Input::Back if is_code => {
                let Asking { to, by_mail, .. } = asking;
                self.step(Start::Owner(Asking { to, by_mail, ..Asking::default() }));
                return None;
            }
            Input::Back => return self.start_network(),
            _ => {}
        }
        if decision.is_some() {
            (asking.is_busy, asking.why) = (true, None);
        }
        self.step(if is_code { Start::Code(asking) } else { Start::Owner(asking) });
        decision
    }

    /// A number as the cloud reads it: with the country code of where the kiosk stands, if it was typed without one.
    fn addressee(&self, typed: &str) -> String {
        let typed = typed.trim();
        match tapcard_protocol::Identifier::phone(typed, self.region) {
            Ok(number) if !typed.contains('@') => number.as_str().to_owned(),
            _ => typed.to_owned(),
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
    pub(super) fn take_first_card(&mut self, before: &super::Draft) {
        if let State::Start(Start::Card(editing) | Start::ByPhone(editing)) = &self.state
            && editing.draft == *before
        {
            self.start_card();
        }
    }
}
