//! The verb that a program calls in a loop, and the events it gets back. It has no thread and no
//! pause of its own: between two steps the caller does what it likes, such as obeying a command.

use std::fmt;
use std::time::Duration;

use crate::chip::{Chip, ChipError, Interrupt};
use crate::link::Settings;
use crate::presence::{Found, Presence};
use crate::tag::{ReadError, read_message};
use crate::target::{Field, Target};
use crate::unreadable::Unreadable;

/// How long to wait before the next step after [`Event::Nothing`], [`Event::Two`] or
/// [`Event::Gone`]: a touch is felt within a tenth of a second, and the field is mostly off.
pub const POLL_PAUSE: Duration = Duration::from_millis(60);

/// What one step found.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// Nobody there, or nothing new.
    Nothing,
    /// Somebody came. The next step reads, so call it at once; it gives [`Event::Read`],
    /// [`Event::Unreadable`] or an error.
    Felt,
    /// A tag's NDEF message, not decoded. Comes without [`Event::Felt`] if another tag follows so
    /// closely that the field was never empty.
    Read(Vec<u8>),
    /// A tag was there, but its message could not be had.
    Unreadable(Unreadable),
    /// Two tags at once: nothing is read. Said at every step while it lasts.
    Two,
    /// The field has become empty.
    Gone,
}

/// Shows no content: it is somebody's card.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Felt => f.write_str("Felt"),
            Self::Read(message) => write!(f, "Read({} bytes)", message.len()),
            Self::Unreadable(reason) => write!(f, "Unreadable({reason:?})"),
            Self::Two => f.write_str("Two"),
            Self::Gone => f.write_str("Gone"),
        }
    }
}

/// A PN532 as a reader of tags. The same content is reported once, until the field was empty for
/// three steps.
pub struct Reader {
    chip: Chip,
    presence: Presence,
    felt: Option<Target>,
    needs_start: bool,
}

impl Reader {
    /// Opens the link and starts the chip behind it. What it does on the air ends when `interrupt`
    /// says so, with [`ChipError::Interrupted`].
    pub fn open(settings: &Settings, interrupt: Interrupt) -> Result<Self, ChipError> {
        let chip = Chip::open(settings, interrupt)?;
        Ok(Self { chip, presence: Presence::default(), felt: None, needs_start: false })
    }

    /// Polls once, or reads the tag that the last step felt; at most about two seconds.
    ///
    /// After an error the next step starts the chip anew, which mends a glitch. After
    /// [`ChipError::Io`], or when errors repeat, only a new `Reader` helps.
    pub fn step(&mut self) -> Result<Event, ChipError> {
        let event = self.guarded(Self::poll_or_read);
        if event.is_err() {
            self.felt = None;
        }
        event
    }

    /// Switches the field off until the next step, and forgets a tag that was felt but not read.
    pub fn rest(&mut self) -> Result<(), ChipError> {
        self.felt = None;
        self.guarded(|reader| reader.chip.field_off())
    }

    /// Asks whether the chip is alive, for while nobody calls [`Reader::step`].
    pub fn check(&mut self) -> Result<(), ChipError> {
        self.guarded(|reader| reader.chip.check())
    }

    /// Runs `action` on a chip that is started.
    fn guarded<T>(
        &mut self,
        action: impl FnOnce(&mut Self) -> Result<T, ChipError>,
    ) -> Result<T, ChipError> {
        if self.needs_start {
            self.chip.start()?;
        }
        let outcome = action(self);
        self.needs_start = outcome.is_err();
        outcome
    }

    fn poll_or_read(&mut self) -> Result<Event, ChipError> {
        if let Some(target) = self.felt.take() {
            return self.read(&target);
        }
        let event = match self.chip.poll()? {
            Field::One(target) => match self.presence.found(&target.uid) {
                Found::New => {
                    self.felt = Some(target);
                    return Ok(Event::Felt);
                }
                Found::Unsure => return self.read(&target),
                Found::Known => Event::Nothing,
            },
            Field::Two => {
                self.presence.several();
                Event::Two
            }
            Field::Empty if self.presence.nobody() => Event::Gone,
            Field::Empty => Event::Nothing,
        };
        // Without power a tag forgets that it was activated, and so answers the next poll.
        self.chip.field_off()?;
        Ok(event)
    }

    fn read(&mut self, target: &Target) -> Result<Event, ChipError> {
        let outcome = match read_message(&mut self.chip, target) {
            Ok(message) => Ok(message),
            Err(ReadError::Unreadable(reason)) => Err(reason),
            Err(ReadError::Chip(error)) => return Err(error),
        };
        self.chip.field_off()?;
        if !self.presence.read(target.uid.clone(), &outcome) {
            return Ok(Event::Nothing);
        }
        Ok(match outcome {
            Ok(message) => Event::Read(message),
            Err(reason) => Event::Unreadable(reason),
        })
    }
}
