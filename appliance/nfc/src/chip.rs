//! The PN532's commands that a kiosk needs (user manual UM0701-02 §7), each with a time limit.
//! Framing and command codes are the crate `pn532`'s. It decides nothing about tags.

mod card;
mod deadline;
mod initiator;
mod start;
mod status;

use std::io;
use std::time::Duration;

use pn532::Pn532;
use pn532::requests::{BorrowedRequest, Command};

pub use card::{Appearance, Heard, MAX_ANSWER, MAX_HISTORICAL};
use deadline::Deadline;
pub use deadline::Interrupt;
pub use initiator::MAX_EXCHANGE;

use crate::link::{Link, Settings};

/// Longest answer in a normal frame: 255 less frame identifier and command code (§6.2.1.1).
const LONGEST: usize = 253;
/// What the crate `pn532` needs around it: preamble, length, identifier, code, checksum.
const BUFFER: usize = LONGEST + 9;

/// Commands that only look into the chip answer within a few milliseconds; the rest is for a busy
/// host.
const COMMAND_LIMIT: Duration = Duration::from_millis(250);

/// Why a command to the chip failed.
#[derive(Debug, thiserror::Error)]
pub enum ChipError {
    /// The link itself failed: no such device, in use, unplugged. Only opening it again helps.
    #[error("link: {0}")]
    Io(#[from] io::Error),
    /// The chip did not acknowledge or did not answer in time: no power, not wired, hung.
    #[error("the chip does not answer")]
    NoAnswer,
    /// What came is no valid frame, or no answer to this command: noise, or a wrong baud rate.
    #[error("the chip's answer is garbled")]
    Garbled,
    /// The chip sent an error frame: it does not know this command in this form (§6.2.1.5).
    #[error("the chip refused the command")]
    Refused,
    /// The device at the other end is not a PN532; the number is its IC byte.
    #[error("not a PN532 but chip {0:#04x}")]
    WrongChip(u8),
    /// Whoever is at the other end of the air gave no whole answer: moved away, or said no.
    #[error("the other side does not answer")]
    Lost,
    /// The chip reported trouble of its own, such as heat or overcurrent; the number is the error
    /// code of §7.1.
    #[error("the chip reports error {0:#04x}")]
    Fault(u8),
    /// Somebody wants the radio to do something else; the chip is fine and at rest.
    #[error("interrupted")]
    Interrupted,
}

/// A PN532, ready for the radio. After an error other than [`ChipError::Io`],
/// [`ChipError::Lost`] and [`ChipError::Interrupted`] call [`Chip::start`] again.
pub struct Chip {
    pn532: Pn532<Link, Deadline, BUFFER>,
}

impl Chip {
    /// Opens the link and starts the chip. What it does on the air ends when `interrupt` says so.
    ///
    /// # Errors
    /// The link's or the chip's trouble.
    pub fn open(settings: &Settings, interrupt: Interrupt) -> Result<Self, ChipError> {
        let pn532 = Pn532::new(Link::open(settings)?, Deadline::new(interrupt));
        let mut chip = Self { pn532 };
        chip.start()?;
        Ok(chip)
    }

    /// Ends whatever the chip is doing (§6.2.1.3) and forgets its answer.
    ///
    /// # Errors
    /// The link's trouble; [`ChipError::Garbled`] if the line is never quiet.
    pub fn abort(&mut self) -> Result<(), ChipError> {
        self.pn532.abort().map_err(ChipError::from)?;
        self.pn532.interface.drain().map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => ChipError::Garbled,
            _ => ChipError::Io(error),
        })
    }

    /// Fails if somebody wants the radio to do something else.
    fn yield_to_others(&self) -> Result<(), ChipError> {
        if self.pn532.timer.is_interrupted() { Err(ChipError::Interrupted) } else { Ok(()) }
    }

    /// A command that the chip answers by itself, and quickly.
    fn command(&mut self, command: Command, data: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.command_within(command, data, COMMAND_LIMIT)
    }

    fn command_within(
        &mut self,
        command: Command,
        data: &[u8],
        limit: Duration,
    ) -> Result<Vec<u8>, ChipError> {
        self.pn532.timer.heed(false);
        Ok(self.ask(command, data, limit)??)
    }

    /// Sends one command; if that fails, leaves the line clean for the next.
    fn ask(
        &mut self,
        command: Command,
        data: &[u8],
        limit: Duration,
    ) -> Result<Result<Vec<u8>, pn532::Error<io::Error>>, ChipError> {
        let request = BorrowedRequest::new(command, data);
        let answer = self.pn532.process(request, LONGEST, limit).map(<[u8]>::to_vec);
        match answer {
            Ok(_) | Err(pn532::Error::InterfaceError(_)) => {}
            Err(_) => self.abort()?,
        }
        Ok(answer)
    }
}

impl From<pn532::Error<io::Error>> for ChipError {
    fn from(error: pn532::Error<io::Error>) -> Self {
        match error {
            pn532::Error::InterfaceError(error) => Self::Io(error),
            pn532::Error::TimeoutAck | pn532::Error::TimeoutResponse => Self::NoAnswer,
            pn532::Error::Syntax => Self::Refused,
            pn532::Error::BadAck
            | pn532::Error::BadResponseFrame
            | pn532::Error::CrcError
            | pn532::Error::BufTooSmall => Self::Garbled,
        }
    }
}
