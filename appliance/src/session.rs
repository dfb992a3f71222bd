//! What the kiosk does with one visitor after another, and with the staff between them.
//!
//! [`Session::handle`] takes what happened; [`Session::radio`], [`Session::screen`] and
//! [`Session::deadline`] say what should be. It reads no clock, keeps nothing and sends nothing: the
//! driver does what a [`Decision`] says, and makes the world match the views.

mod appearance;
mod badging;
mod connecting;
mod decision;
mod draft;
mod form;
mod gate;
mod input;
mod lookup;
mod new_pin;
mod owner;
mod pairing;
mod remark;
mod scan;
mod screen;
mod settings;
mod showcase;
mod staff;
mod start;
mod stick;
mod upkeep;
mod views;
mod visit;

use std::time::Duration;

use tapcard_nfc::Radio;
use tapcard_protocol::Region;

use crate::language::Language;
pub use crate::trouble::Trouble;
pub use appearance::{Appearance, EVENING, MORNING, Night, Setting};
pub use badging::{Badging, ContactId, Step, Whose};
pub use connecting::Connecting;
pub use decision::{Consent, Decision, Fate, Unattended};
pub use draft::{Draft, Editing, Line};
use gate::Gate;
pub use gate::MIN_PIN;
pub use input::Input;
pub use lookup::{INITIALS, Lookup};
pub use new_pin::NewPin;
pub use owner::{Asking, Unfound};
pub use pairing::WINDOW;
pub use remark::{MAX_RATING, Remark, Words};
pub use scan::Scan;
pub use screen::Screen;
use screen::State;
pub use start::{STEPS, Start};
pub use stick::Stick;
pub use upkeep::{Supplies, Unfit, Upkeep};

/// How long a tag may be felt before its card must have been read.
const HOLD: Duration = Duration::from_secs(3);
/// How long a sentence stands: try again, nothing kept, what is wrong with a badge.
const SENTENCE: Duration = Duration::from_secs(4);
/// How long a visitor may think; silence is a no.
pub const CONFIRM: Duration = Duration::from_secs(20);
/// How long the thanks stand where no setting says so, and with them the way back.
const THANKS: Duration = Duration::from_secs(10);
/// How long somebody is sent on to the phone; the next one need not wait for its end.
const PHONE: Duration = Duration::from_secs(6);
/// How long a language stays that somebody chose, after the last that was done.
const SPOKEN: Duration = Duration::from_secs(60);
/// How long before its end a page asks whether somebody is still there.
const WARNING: Duration = Duration::from_secs(10);
/// How long nobody has come before the invitation grows dim.
const DIM: Duration = Duration::from_secs(5 * 60);
/// How long a page stays open untouched on which somebody writes, or looks as staff.
const STAFF: Duration = Duration::from_secs(60);

pub use tapcard_protocol::touch::Mode;

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
    /// Its settings say whose it is, and its owner has said so.
    is_owned: bool,
    is_enrolled: bool,
    /// Its owner was found at its first start.
    was_found: bool,
    /// Its PIN was chosen here, and stands in no settings.
    pin_is_chosen: bool,
    consent: Consent,
    unattended: Unattended,
    introduces: bool,
    /// Where numbers without `+` belong.
    region: Option<Region>,
    /// What is spoken to who has chosen nothing.
    home: Language,
    /// What somebody has chosen, and until when it stays.
    spoken: Option<(Language, Duration)>,
    /// It was asked whether somebody is still there.
    warned: bool,
    appearance: Appearance,
    /// When somebody did something last.
    stirred: Duration,
    /// Nobody has come for a while.
    dim: bool,
    is_maintained: bool,
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
            is_owned: true,
            is_enrolled: false,
            was_found: false,
            pin_is_chosen: false,
            consent: Consent::default(),
            unattended: Unattended::default(),
            introduces: false,
            region: None,
            home: Language::default(),
            spoken: None,
            warned: false,
            appearance: Appearance::default(),
            stirred: Duration::ZERO,
            dim: false,
            is_maintained: false,
        }
    }

    /// The same kiosk, which looks like this.
    pub fn looking(self, appearance: Appearance) -> Session {
        Session { appearance, ..self }
    }

    /// The same kiosk, which asks this about the cloud.
    pub fn asking(self, consent: Consent) -> Session {
        Session { consent, ..self }
    }

    /// The same kiosk, which does this with what it reads.
    pub fn unattended(self, unattended: Unattended) -> Session {
        Session { unattended, ..self }
    }

    /// The same kiosk, in a country to which numbers without `+` belong.
    pub fn standing_in(self, region: Option<Region>) -> Session {
        Session { region, ..self }
    }

    /// The same kiosk, whose cards travel this way.
    pub fn in_mode(self, mode: Mode) -> Session {
        Session { mode, ..self }
    }

    /// The same kiosk, which speaks this language to who has chosen none.
    pub fn speaking(self, home: Language) -> Session {
        Session { home, ..self }
    }

    /// The same kiosk with a PIN, if it has none by its settings.
    pub fn locked_by(self, pin: Option<String>) -> Session {
        if self.gate.exists() {
            return self;
        }
        Session { pin_is_chosen: pin.is_some(), gate: Gate::new(pin), ..self }
    }

    /// The same kiosk with thanks that stand this long.
    pub fn thanking_for(self, thanks: Duration) -> Session {
        Session { thanks, ..self }
    }

    /// Takes one input at `now`, counted from any fixed moment. What the reader could not have
    /// produced as it was set, and what no page on the screen offers, changes nothing.
    pub fn handle(&mut self, now: Duration, input: Input) -> Option<Decision> {
        self.expire(now);
        self.wake(now, &input);
        self.listen(now, &input);
        self.is_enrolled |= input == Input::Enrolled;
        self.warned &= !is_done(&input);
        match input {
            Input::Reader(works) => self.reader = works,
            Input::Own(draft, is_open) => {
                let before = std::mem::replace(&mut self.own, draft);
                self.own_is_open = is_open;
                self.take_first_card(&before);
            }
            Input::StoreFailed => self.fail(now),
            Input::Claimed { gave, got } => self.thank(now, gave, got),
            Input::Tick => {}
            Input::Felt | Input::Read(_) | Input::Unreadable(_) | Input::WriteCard
                if !self.reads() => {}
            Input::Met | Input::Parted { .. } if !self.is_read() => {}
            Input::Writing | Input::Wrote(_) if self.radio() != Radio::Write => {}
            Input::Enrolled if !self.is_starting() => {}
            input if self.is_starting() => return self.serve_start(now, input),
            input if self.is_staff() => return self.serve_staff(now, input),
            input => return self.serve_visitor(now, input),
        }
        None
    }

    /// Whoever does anything is seen.
    fn wake(&mut self, now: Duration, input: &Input) {
        if is_done(input) {
            (self.stirred, self.dim) = (now, false);
        }
    }

    /// A language is chosen at the invitation, and stays for as long as something is done.
    fn listen(&mut self, now: Duration, input: &Input) {
        if let (Input::Speak(chosen), State::Attract(_)) = (input, &self.state) {
            self.spoken = (*chosen != self.home).then_some((*chosen, now));
        }
        if let Some((_, until)) = self.spoken.as_mut().filter(|_| is_done(input)) {
            *until = now + SPOKEN;
        }
    }

    /// Leaves every state whose time is over, one after another as it would have happened.
    fn expire(&mut self, now: Duration) {
        self.gate.reopen(now);
        self.spoken = self.spoken.filter(|it| now < it.1);
        self.warned |= self.warning().is_some_and(|it| it <= now);
        while let Some(over) = self.deadline.filter(|it| *it <= now) {
            match self.state {
                State::Hold => self.enter(State::Late, over + SENTENCE),
                State::Confirm(_) | State::CloudToo(_) | State::Note(..) | State::Form(..) => {
                    self.enter(State::Refused, over + SENTENCE);
                }
                _ => self.rest(),
            }
        }
        self.dim |= self.dims_at().is_some_and(|it| it <= now);
    }

    /// The store failed at what was just decided: what the screen is about to claim is not true.
    fn fail(&mut self, now: Duration) {
        match &self.state {
            State::Done(..) | State::Introduced(..) | State::Undone => {
                self.enter(State::Attract(Some(Trouble::NotKept)), now + SENTENCE);
            }
            State::Tell(written) => self.enter(State::Editor(written.clone()), now + STAFF),
            State::Stick(Stick::Busy) => self.open(now, State::Stick(Stick::Full)),
            _ => {}
        }
    }

    fn enter(&mut self, state: State, until: Duration) {
        self.state = state;
        self.deadline = Some(until);
        self.warned = false;
    }

    fn rest(&mut self) {
        self.state = State::Attract(None);
        self.deadline = None;
        self.warned = false;
        self.gate.forget();
    }
}

/// Whether somebody did something here.
fn is_done(input: &Input) -> bool {
    !matches!(
        input,
        Input::Tick
            | Input::Reader(_)
            | Input::Own(..)
            | Input::StoreFailed
            | Input::Carried(_)
            | Input::Around(_)
            | Input::Upkept(_)
            | Input::Asked(_)
            | Input::Unowned(_)
            | Input::Enrolled
            | Input::Claimed { .. }
    )
}

#[cfg(test)]
mod invariants;
#[cfg(test)]
mod tests;
