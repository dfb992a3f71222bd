//! The PN532's commands that a reader needs (user manual UM0701-02 §7), each with a time limit.
//! Framing and command codes are the crate `pn532`'s. It decides nothing about tags.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use pn532::nb;
use pn532::requests::{BorrowedRequest, CardType, Command, NTAGCommand};
use pn532::{CountDown, ErrorCode, Pn532};

use crate::hsu::Hsu;
use crate::target::{Field, MAX_TARGETS, Target};

/// Bytes of one answer to READ: four pages (NTAG21x data sheet §10.2).
pub const READ_BYTES: usize = 16;

/// Longest answer in a normal frame: 255 less frame identifier and command code (§6.2.1.1).
const MAX_ANSWER: usize = 253;
/// What the crate `pn532` needs around it: preamble, length, identifier, code, checksum.
const BUFFER: usize = MAX_ANSWER + 9;

/// Commands that only look into the chip answer within a few milliseconds; the rest is for a busy
/// host.
const COMMAND_LIMIT: Duration = Duration::from_millis(250);
/// A poll of an empty field tries [`POLL_RETRIES`] times more; each takes about 5 ms.
const POLL_LIMIT: Duration = Duration::from_millis(500);
/// The chip itself gives a silent tag 51 ms (RFConfiguration item 2, §7.3.1).
const READ_LIMIT: Duration = Duration::from_millis(300);

/// MxRtyPassiveActivation (§7.3.1 item 5): enough for a tag that needs 5 ms to start up, and few
/// enough that an empty field is reported quickly. The default is to try for ever.
const POLL_RETRIES: u8 = 5;
/// MxRtyATR and MxRtyPSL as after reset (§7.3.1 item 5).
const ATR_RETRIES: u8 = 0xff;
const PSL_RETRIES: u8 = 1;

/// IC byte of GetFirmwareVersion (§7.2.2).
const IC_PN532: u8 = 0x32;
/// SAMConfiguration: normal mode, no virtual card time-out, P70_IRQ unused (§7.2.10).
const SAM_NORMAL: [u8; 3] = [1, 0, 0];
/// Bits of a status byte that carry the error code (§7.1).
const STATUS_CODE: u8 = 0x3f;

/// Why a command to the chip failed.
#[derive(Debug, thiserror::Error)]
pub enum ChipError {
    /// The serial line itself failed: no such device, in use, unplugged. Only opening it again helps.
    #[error("serial line: {0}")]
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
    /// The tag gave no whole answer: it was moved away, or it refused.
    #[error("the tag does not answer")]
    TagLost,
    /// The chip reported trouble of its own, such as heat or overcurrent; the number is the error
    /// code of §7.1.
    #[error("the chip reports error {0:#04x}")]
    Fault(u8),
}

/// A PN532, ready to poll. After an error other than [`ChipError::Io`] call [`Chip::start`] again.
pub struct Chip {
    pn532: Pn532<Hsu, Deadline, BUFFER>,
}

impl Chip {
    /// Opens the serial port and starts the chip.
    pub fn open(path: &Path, baud: u32) -> Result<Self, ChipError> {
        let pn532 = Pn532::new(Hsu::open(path, baud)?, Deadline::default());
        let mut chip = Self { pn532 };
        chip.start()?;
        Ok(chip)
    }

    /// Brings the chip from any state, also fresh from power-on or in the middle of a command of
    /// somebody else, to where it can poll.
    pub fn start(&mut self) -> Result<(), ChipError> {
        // The first frame after a long sleep may still be lost.
        match self.configure() {
            Err(ChipError::NoAnswer | ChipError::Garbled) => self.configure(),
            done => done,
        }
    }

    fn configure(&mut self) -> Result<(), ChipError> {
        self.abort()?;
        self.pn532.interface.wake()?;
        // Out of reset the chip is in low battery mode and hears nothing before this (§7.2.10).
        self.command(Command::SAMConfiguration, &SAM_NORMAL, COMMAND_LIMIT)?;
        self.check()?;
        let retries = [5, ATR_RETRIES, PSL_RETRIES, POLL_RETRIES];
        self.command(Command::RFConfiguration, &retries, COMMAND_LIMIT)?;
        self.field_off()
    }

    /// Asks whether the chip is alive and a PN532.
    pub fn check(&mut self) -> Result<(), ChipError> {
        let version = self.command(Command::GetFirmwareVersion, &[], COMMAND_LIMIT)?;
        match version[..] {
            [IC_PN532, ..] => Ok(()),
            [other, _, _, _] => Err(ChipError::WrongChip(other)),
            _ => Err(ChipError::Garbled),
        }
    }

    /// Switches the field on if it is off, and looks once who is there.
    pub fn poll(&mut self) -> Result<Field, ChipError> {
        let data = [MAX_TARGETS, CardType::IsoTypeA as u8];
        let answer = self.command(Command::InListPassiveTarget, &data, POLL_LIMIT)?;
        Field::parse(&answer).ok_or(ChipError::Garbled)
    }

    /// READ of a Type 2 tag: the four pages from `page` on.
    pub fn read_pages(&mut self, target: &Target, page: u8) -> Result<[u8; READ_BYTES], ChipError> {
        let data = [target.number, NTAGCommand::Read as u8, page];
        let answer = self.command(Command::InDataExchange, &data, READ_LIMIT)?;
        // A tag that refuses answers with four bits (NTAG21x data sheet §9.3).
        checked(&answer)?.try_into().map_err(|_| ChipError::TagLost)
    }

    /// Switches the field off; every target forgets that it was activated.
    pub fn field_off(&mut self) -> Result<(), ChipError> {
        self.command(Command::RFConfiguration, &[1, 0], COMMAND_LIMIT).map(drop)
    }

    /// Ends whatever the chip is doing (§6.2.1.3) and forgets its answer.
    fn abort(&mut self) -> Result<(), ChipError> {
        self.pn532.abort().map_err(ChipError::from)?;
        Ok(self.pn532.interface.drain()?)
    }

    /// Sends one command; if that fails, leaves the line clean for the next.
    fn command(
        &mut self,
        command: Command,
        data: &[u8],
        limit: Duration,
    ) -> Result<Vec<u8>, ChipError> {
        let request = BorrowedRequest::new(command, data);
        let answer = self.pn532.process(request, MAX_ANSWER, limit).map(<[u8]>::to_vec);
        let failure = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => ChipError::from(error),
        };
        if !matches!(failure, ChipError::Io(_)) {
            self.abort()?;
        }
        Err(failure)
    }
}

/// What follows a status byte that reports success.
fn checked(answer: &[u8]) -> Result<&[u8], ChipError> {
    let (&status, rest) = answer.split_first().ok_or(ChipError::Garbled)?;
    match status & STATUS_CODE {
        0 => Ok(rest),
        code => Err(failed(code)),
    }
}

/// Sorts the error codes of §7.1: what a tag that moves away causes, and the rest.
fn failed(code: u8) -> ChipError {
    match ErrorCode::try_from(code) {
        Ok(
            ErrorCode::Timeout
            | ErrorCode::CrcError
            | ErrorCode::ParityError
            | ErrorCode::WrongBitCountDuringAntiCollision
            | ErrorCode::FramingError
            | ErrorCode::AbnormalBitCollision
            | ErrorCode::RfProtocolError
            | ErrorCode::WrongDataFormat
            | ErrorCode::AuthenticationError
            | ErrorCode::WrongUidCheckByte
            | ErrorCode::CommandNotAcceptable
            | ErrorCode::CardHasBeenExchanged
            | ErrorCode::CardHasDisappeared,
        ) => ChipError::TagLost,
        _ => ChipError::Fault(code),
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

/// The time limit of one command, for the crate `pn532`.
#[derive(Default)]
struct Deadline(Option<Instant>);

impl CountDown for Deadline {
    type Time = Duration;

    fn start<T: Into<Duration>>(&mut self, count: T) {
        self.0 = Some(Instant::now() + count.into());
    }

    fn wait(&mut self) -> nb::Result<(), Infallible> {
        match self.0 {
            Some(end) if Instant::now() < end => Err(nb::Error::WouldBlock),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_byte_is_judged_without_its_flag_bits() {
        assert_eq!(checked(&[0, 7, 8]).unwrap(), [7, 8]);
        assert_eq!(checked(&[0xc0, 7]).unwrap(), [7]);
        assert!(matches!(checked(&[0x41]), Err(ChipError::TagLost)));
        for nak_or_gone in [0x13, 0x14, 0x27, 0x2b] {
            assert!(matches!(checked(&[nak_or_gone]), Err(ChipError::TagLost)));
        }
        assert!(matches!(checked(&[0x2d]), Err(ChipError::Fault(0x2d))));
        assert!(matches!(checked(&[]), Err(ChipError::Garbled)));
    }

    #[test]
    fn every_status_byte_is_sorted() {
        for status in 0..=u8::MAX {
            assert_eq!(checked(&[status]).is_ok(), status & STATUS_CODE == 0);
        }
    }
}
