//! The verb that a program calls in a loop, the orders it obeys and the events it gives back. It has
//! no thread of its own, and waits only on the air: between two steps the caller does what it likes,
//! such as bringing a new order.

mod event;
mod reading;
mod showing;
mod turns;
mod writing;

use std::fmt;
use std::time::{Duration, Instant};

use crate::chip::{Appearance, Chip, ChipError, Interrupt};
use crate::link::Settings;
use crate::tag::{WriteError, Written};
pub use event::Event;
use reading::Reading;
use showing::Showing;
use turns::Turns;
use writing::Writing;

/// How long to wait between two polls: a touch is felt within a tenth of a second, and the field is
/// mostly off.
pub const POLL_PAUSE: Duration = Duration::from_millis(60);

/// What the chip does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Radio {
    /// Nothing: no field, no card.
    #[default]
    Off,
    /// Looks for tags, and is never a card.
    Read,
    /// Is a card, and never has a field.
    Emulate,
    /// Both in turns.
    Alternate,
    /// Looks for tags to write, and is never a card.
    Write,
}

/// The card that is shown, good for one touch.
#[derive(Clone, PartialEq, Eq)]
pub struct Offer {
    /// The NDEF message; none if it is longer than [`crate::ndef::MAX_MESSAGE`].
    pub message: Vec<u8>,
    /// Whether the reader may write one of its own.
    pub writable: bool,
}

/// Shows no content: it is somebody's card.
impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offer({} bytes, writable: {})", self.message.len(), self.writable)
    }
}

/// What a unit is to do until the next order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// What the chip does.
    pub radio: Radio,
    /// What it shows with [`Radio::Emulate`] and [`Radio::Alternate`]; without one it is no card.
    pub offer: Option<Offer>,
}

/// What a unit is like, whatever it is ordered to do.
#[derive(Clone, Debug)]
pub struct Habits {
    /// What the card that is shown says of itself.
    pub appearance: Appearance,
    /// Whether a message is what the caller hopes for; asked when two tags are there at once.
    pub is_wanted: fn(&[u8]) -> bool,
    /// Where the jitter of [`Radio::Alternate`] starts. Two units with the same seed may take their
    /// turns alike and then meet late, so draw it, or derive it from what differs.
    pub seed: u64,
}

/// A PN532 that reads tags and is one. The same content is read once, until the field was empty for
/// three polls.
pub struct Unit {
    chip: Chip,
    needs_start: bool,
    radio: Radio,
    appearance: Appearance,
    reading: Reading,
    showing: Showing,
    writing: Writing,
    turns: Turns,
    /// With [`Radio::Alternate`]: the next turn is the card's.
    shows_next: bool,
    /// When the card has been shown for long enough.
    until: Instant,
    pause: Duration,
}

impl Unit {
    /// Opens the link and starts the chip behind it; the radio is off. What it does on the air ends
    /// when `interrupt` says so.
    ///
    /// # Errors
    /// The link's or the chip's trouble.
    pub fn open(
        settings: &Settings,
        habits: Habits,
        interrupt: Interrupt,
    ) -> Result<Self, ChipError> {
        let mut chip = Chip::open(settings, interrupt)?;
        chip.hide_card()?;
        Ok(Self {
            chip,
            needs_start: false,
            radio: Radio::Off,
            appearance: habits.appearance,
            reading: Reading::new(habits.is_wanted),
            showing: Showing::default(),
            writing: Writing::default(),
            turns: Turns::new(habits.seed),
            shows_next: false,
            until: Instant::now(),
            pause: POLL_PAUSE,
        })
    }

    /// Does something else from now on. What is under way ends: when this returns, there is no field
    /// and no card, what a reader wrote is gone, and so is a tag that was felt but not read. A touch
    /// that an order ends has no [`Event::Parted`].
    ///
    /// # Errors
    /// The link's or the chip's trouble. The order stands all the same, and the next step, or the
    /// next order, starts the chip anew.
    pub fn obey(&mut self, order: Order) -> Result<(), ChipError> {
        self.radio = order.radio;
        self.showing.part();
        self.showing = Showing::of(order.offer);
        self.shows_next = false;
        self.until = Instant::now();
        self.reading.forget();
        self.writing.forget();
        self.pause = Duration::ZERO;
        // The mode must hold on the air, so a glitch gets a second try at once.
        self.guarded(Self::rest).or_else(|_| self.guarded(Self::rest))
    }

    /// Polls once, reads the tag that the last step felt, or is a card for one command or a
    /// twentieth of a second; at most about two seconds a tag, less when interrupted.
    ///
    /// # Errors
    /// After an error the next step starts the chip anew, which mends a glitch. After
    /// [`ChipError::Io`], or when errors repeat, only a new `Unit` helps.
    pub fn step(&mut self) -> Result<Event, ChipError> {
        self.pause = POLL_PAUSE;
        if let Some(event) = self.showing.take_owed() {
            self.pause = Duration::ZERO;
            return Ok(self.heed(event));
        }
        match self.guarded(Self::turn) {
            Err(ChipError::Interrupted) => {
                self.pause = Duration::ZERO;
                Ok(Event::Interrupted)
            }
            Err(error) => {
                self.reading.forget();
                self.showing.part();
                Err(error)
            }
            done => done,
        }
    }

    /// How long to wait before the next step. With [`Radio::Off`] no step is needed at all.
    #[must_use]
    pub fn pause(&self) -> Duration {
        self.pause
    }

    /// Asks whether the chip is alive, for while nobody calls [`Unit::step`]. A card that is shown
    /// need not be asked, for its steps notice.
    ///
    /// # Errors
    /// The link's or the chip's trouble.
    pub fn check(&mut self) -> Result<(), ChipError> {
        if self.showing.is_hidden() { self.guarded(|unit| unit.chip.check()) } else { Ok(()) }
    }

    /// Writes `message` to the Type 4 tag that the last step read, such as another kiosk. False if
    /// that step read none, or if it is gone, or allows no writing.
    ///
    /// # Errors
    /// The link's or the chip's trouble, or [`ChipError::Interrupted`].
    pub fn reply(&mut self, message: &[u8]) -> Result<bool, ChipError> {
        self.guarded(|unit| unit.reading.reply(&mut unit.chip, message))
    }

    /// Writes `message` to the NTAG that the last step gave as [`Event::Laid`], reads it back and, if
    /// `lock`, makes it read-only for good; see [`crate::tag::write_tag`]. May be called again before the
    /// next step, such as with a shorter message.
    ///
    /// # Errors
    /// Why it was not written, or the link's or the chip's trouble.
    pub fn write(&mut self, message: &[u8], lock: bool) -> Result<Written, WriteError> {
        let written =
            self.guarded(|unit| match unit.writing.write(&mut unit.chip, message, lock) {
                Ok(written) => Ok(Ok(written)),
                Err(WriteError::Unwritable(reason)) => Ok(Err(reason)),
                Err(WriteError::Chip(error)) => Err(error),
            })?;
        Ok(written?)
    }

    /// Runs `action` on a chip that is started.
    fn guarded<T>(
        &mut self,
        action: impl FnOnce(&mut Self) -> Result<T, ChipError>,
    ) -> Result<T, ChipError> {
        if self.needs_start {
            self.chip.start()?;
            self.chip.hide_card()?;
            self.reading.lost_field();
            self.writing.lost_field();
        }
        let outcome = action(self);
        self.needs_start =
            !matches!(outcome, Ok(_) | Err(ChipError::Interrupted | ChipError::Lost));
        outcome
    }

    fn rest(&mut self) -> Result<(), ChipError> {
        self.chip.hide_card()?;
        self.writing.lost_field();
        self.reading.field_off(&mut self.chip)
    }

    fn turn(&mut self) -> Result<Event, ChipError> {
        match self.radio {
            Radio::Off => Ok(Event::Nothing),
            Radio::Read => self.read(),
            Radio::Write => self.writing.step(&mut self.chip),
            Radio::Alternate if self.showing.is_hidden() && !self.is_cards_turn() => self.read(),
            Radio::Emulate | Radio::Alternate if self.showing.has_offer() => self.show(),
            Radio::Emulate | Radio::Alternate => Ok(Event::Nothing),
        }
    }

    fn is_cards_turn(&self) -> bool {
        self.shows_next && self.showing.has_offer()
    }

    fn read(&mut self) -> Result<Event, ChipError> {
        let event = self.reading.step(&mut self.chip)?;
        if !self.reading.has_field() {
            self.shows_next = self.radio == Radio::Alternate;
        }
        if self.reading.has_field() || self.is_cards_turn() {
            self.pause = Duration::ZERO;
        }
        Ok(event)
    }

    /// Is a card for a moment.
    fn show(&mut self) -> Result<Event, ChipError> {
        self.pause = Duration::ZERO;
        if self.showing.is_hidden() {
            self.showing.start(&mut self.chip, &self.appearance)?;
            if Instant::now() >= self.until {
                self.until = Instant::now() + self.turn_as_card();
            }
        }
        let event = self.showing.step(&mut self.chip, self.until)?;
        // Another reader that only looks must not end the turn: two units that lie face to face would
        // look at each other without a pause.
        self.shows_next = Instant::now() < self.until;
        Ok(self.heed(event))
    }

    fn turn_as_card(&mut self) -> Duration {
        match self.radio {
            Radio::Alternate => self.turns.listening(self.reading.is_occupied()),
            Radio::Off | Radio::Read | Radio::Emulate | Radio::Write => turns::REFRESH,
        }
    }

    /// Who was written to need not read the same.
    fn heed(&mut self, event: Event) -> Event {
        if let Event::Written(message) = &event {
            self.reading.was_brought(message);
        }
        event
    }
}
