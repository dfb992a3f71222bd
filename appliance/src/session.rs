//! What the kiosk does with one visitor after another, and with the staff between them.
//!
//! [`Session::handle`] takes what happened; [`Session::radio`], [`Session::screen`] and
//! [`Session::deadline`] say what should be. It reads no clock, keeps nothing and sends nothing: the
//! driver does what a [`Decision`] says, and makes the world match the views.

mod badging;
mod input;
mod staff;
mod visit;

use std::time::Duration;

use tapcard_nfc::Radio;

pub use crate::trouble::Trouble;
use crate::visitor::Visitor;
pub use badging::{Badging, ContactId, Step, Whose};
pub use input::{Draft, Input, Line};
use staff::Gate;
pub use staff::MIN_PIN;

/// How long a tag may be felt before its card must have been read.
const HOLD: Duration = Duration::from_secs(3);
/// How long a sentence stands: try again, nothing kept, what is wrong with a badge.
const SENTENCE: Duration = Duration::from_secs(4);
/// How long a visitor may think; silence is a no.
pub const CONFIRM: Duration = Duration::from_secs(20);
/// How long the thanks stand where no setting says so.
const THANKS: Duration = Duration::from_secs(4);
/// How long somebody is sent on to the phone; the next one need not wait for its end.
const PHONE: Duration = Duration::from_secs(6);
/// How long a page of the staff stays open untouched.
const STAFF: Duration = Duration::from_secs(60);

pub use tapcard_protocol::touch::Mode;

/// What the driver must make durable before it shows the next screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The visitor's card is kept; in the cloud too only if `cloud`.
    Keep {
        /// The card.
        visitor: Box<Visitor>,
        /// Whether it goes to the cloud.
        cloud: bool,
    },
    /// The edited card is kept as a draft.
    Draft(Draft),
    /// The kept draft is to be sent; partners are told only if `notify`.
    Send {
        /// Whether they are told.
        notify: bool,
    },
    /// Cards travel this way from now on.
    Mode(Mode),
}

/// What should be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Screen<'a> {
    /// The invitation, and what went wrong just now.
    Attract(Option<Trouble>),
    /// A tag is being read.
    Hold,
    /// It took too long, or the tag was taken away.
    Late,
    /// The visitor's card, and the question.
    Confirm(&'a Visitor),
    /// It was kept; in the cloud too only if the flag says so.
    Done(&'a Visitor, bool),
    /// It was not kept.
    Refused,
    /// A phone has read the own card, and its owner goes on there.
    Phone,
    /// The PIN is asked for.
    Lock {
        /// How many digits are typed.
        n_typed: usize,
        /// The last PIN was wrong.
        wrong: bool,
        /// Nothing is taken before this time.
        closed_until: Option<Duration>,
    },
    /// What was collected here.
    Contacts,
    /// The own card, being edited.
    Editor(&'a Draft),
    /// The question whether partners are told.
    Tell,
    /// The choice of the mode.
    Mode,
    /// Badges being written.
    Badges(&'a Badging),
}

#[derive(Clone)]
enum State {
    Attract(Option<Trouble>),
    Hold,
    Late,
    Confirm(Box<Visitor>),
    Done(Box<Visitor>, bool),
    Refused,
    Phone,
    Lock,
    Contacts,
    Editor(Draft),
    Tell,
    Mode,
    Badges(Badging),
}

/// The kiosk's present. It has no `Debug`: it holds the PIN.
#[derive(Clone)]
pub struct Session {
    mode: Mode,
    state: State,
    deadline: Option<Duration>,
    thanks: Duration,
    reader: bool,
    gate: Gate,
    own: Draft,
    own_is_open: bool,
}

impl Session {
    /// A kiosk that waits for its first visitor; without a PIN the staff's pages stay shut.
    pub fn new(mode: Mode, pin: Option<String>) -> Session {
        Session {
            mode,
            state: State::Attract(None),
            deadline: None,
            thanks: THANKS,
            reader: true,
            gate: Gate::new(pin),
            own: Draft::default(),
            own_is_open: false,
        }
    }

    /// The same kiosk with thanks that stand this long.
    pub fn thanking_for(self, thanks: Duration) -> Session {
        Session { thanks, ..self }
    }

    /// Takes one input at `now`, counted from any fixed moment. What the reader could not have
    /// produced as it was set, and what no page on the screen offers, changes nothing.
    pub fn handle(&mut self, now: Duration, input: Input) -> Option<Decision> {
        self.expire(now);
        match input {
            Input::Reader(works) => self.reader = works,
            Input::Own(draft, is_open) => (self.own, self.own_is_open) = (draft, is_open),
            Input::StoreFailed => self.fail(now),
            Input::Tick => {}
            Input::Felt | Input::Read(_) | Input::Unreadable(_) if !self.reads() => {}
            Input::Met | Input::Parted { .. } if !self.is_read() => {}
            Input::Writing | Input::Wrote(_) if self.radio() != Radio::Write => {}
            input if self.is_staff() => return self.serve_staff(now, input),
            input => return self.serve_visitor(now, input),
        }
        None
    }

    /// What the exchange unit should be doing now.
    pub fn radio(&self) -> Radio {
        let is_open = match &self.state {
            State::Attract(_) | State::Hold | State::Late => true,
            // The next visitor need not wait until the last one's thanks have faded.
            State::Done(..) | State::Refused | State::Phone => true,
            State::Confirm(_) => false,
            State::Lock | State::Contacts | State::Editor(_) | State::Tell | State::Mode => false,
            // In every mode: the staff writes, and whatever lies there is no visitor's.
            State::Badges(_) => return Radio::Write,
        };
        match self.mode {
            _ if !is_open => Radio::Off,
            Mode::Both => Radio::Alternate,
            Mode::Give => Radio::Emulate,
            Mode::Take => Radio::Read,
        }
    }

    /// What should be seen now.
    pub fn screen(&self) -> Screen<'_> {
        match &self.state {
            State::Attract(trouble) => Screen::Attract(*trouble),
            State::Hold => Screen::Hold,
            State::Late => Screen::Late,
            State::Confirm(visitor) => Screen::Confirm(visitor),
            State::Done(visitor, cloud) => Screen::Done(visitor, *cloud),
            State::Refused => Screen::Refused,
            State::Phone => Screen::Phone,
            State::Lock => self.gate.screen(),
            State::Contacts => Screen::Contacts,
            State::Editor(draft) => Screen::Editor(draft),
            State::Tell => Screen::Tell,
            State::Mode => Screen::Mode,
            State::Badges(badging) => Screen::Badges(badging),
        }
    }

    /// When to send [`Input::Tick`] if nothing happens before.
    pub fn deadline(&self) -> Option<Duration> {
        self.deadline.into_iter().chain(self.gate.reopens()).min()
    }

    /// Whether the reader answered when it was last heard of.
    pub fn reader_works(&self) -> bool {
        self.reader
    }

    /// Which way cards travel.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether there is a way to the staff's pages.
    pub fn has_staff(&self) -> bool {
        self.gate.exists()
    }

    /// Whether cards are read now, or written here.
    fn reads(&self) -> bool {
        matches!(self.radio(), Radio::Read | Radio::Alternate)
    }

    /// Whether the own card is emulated now.
    fn is_read(&self) -> bool {
        matches!(self.radio(), Radio::Emulate | Radio::Alternate)
    }

    fn is_staff(&self) -> bool {
        let state = &self.state;
        matches!(
            state,
            State::Lock
                | State::Contacts
                | State::Editor(_)
                | State::Tell
                | State::Mode
                | State::Badges(_)
        )
    }

    /// Leaves every state whose time is over, one after another as it would have happened.
    fn expire(&mut self, now: Duration) {
        self.gate.reopen(now);
        while let Some(over) = self.deadline.filter(|it| *it <= now) {
            match self.state {
                State::Hold => self.enter(State::Late, over + SENTENCE),
                State::Confirm(_) => self.enter(State::Refused, over + SENTENCE),
                _ => self.rest(),
            }
        }
    }

    /// The store failed at what was just decided: what the screen is about to claim is not true.
    fn fail(&mut self, now: Duration) {
        match self.state {
            State::Done(..) => self.enter(State::Attract(Some(Trouble::NotKept)), now + SENTENCE),
            State::Tell => self.enter(State::Editor(self.own.clone()), now + STAFF),
            _ => {}
        }
    }

    fn enter(&mut self, state: State, until: Duration) {
        self.state = state;
        self.deadline = Some(until);
    }

    fn rest(&mut self) {
        self.state = State::Attract(None);
        self.deadline = None;
        self.gate.forget();
    }
}

#[cfg(test)]
mod invariants;
#[cfg(test)]
mod tests;
