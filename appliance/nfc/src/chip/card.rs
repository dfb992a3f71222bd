//! The chip as a card of ISO/IEC 14443-4 that others read (user manual UM0701-02 §7.3.14 to
//! §7.3.21). The firmware does activation and block transmission; commands and answers pass here.
//! What waits for a reader is begun once and asked for as often as one likes: each wait is short, and
//! no frame of the reader falls between two of them.

use std::time::Duration;

use pn532::requests::{BorrowedRequest, Command};
use pn532::{CountDown, Interface};

use super::status::checked;
use super::{COMMAND_LIMIT, Chip, ChipError, LONGEST};

/// Most bytes of a command or an answer of the card: what one frame carries from and to the chip.
pub const MAX_ANSWER: usize = 252;
/// Most historical bytes in the answer to select (§7.3.14).
pub const MAX_HISTORICAL: usize = 48;

/// SetParameters (§7.2.9): emulate an ISO-DEP card, answer RATS, and, as reader, send it.
const PARAMETERS: u8 = 0x34;
/// Mode byte of TgInitAsTarget (§7.3.14): ISO-DEP card only, passive only.
const CARD_ONLY: u8 = 0x05;
/// FeliCa parameters and NFCID3t, which a Type A card does not show.
const NO_FELICA: [u8; 18] = [0; 18];
const NO_NFCID3: [u8; 10] = [0; 10];
/// InRelease (§7.3.11) of all targets; of a chip that is one itself, libnfc's `pn53x_idle` says that it
/// ends the emulation.
const ALL: u8 = 0;

/// What a card says of itself before the first command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appearance {
    /// SENS_RES (ATQA), low byte first as it is sent.
    pub sens_res: [u8; 2],
    /// The last three bytes of its identifier; the chip puts 08h, for random, before them.
    pub nfcid1: [u8; 3],
    /// SEL_RES (SAK); bit 6 says ISO-DEP.
    pub sel_res: u8,
    /// Historical bytes of the answer to select, at most [`MAX_HISTORICAL`].
    pub historical: Vec<u8>,
}

/// A plain ISO-DEP card with a single-size identifier (ISO/IEC 14443-3 §6.5.2, §6.5.3).
impl Default for Appearance {
    fn default() -> Self {
        Self {
            sens_res: [0x04, 0x00],
            nfcid1: [0x12, 0x34, 0x56],
            sel_res: 0x20,
            historical: vec![],
        }
    }
}

/// What a card's host hears.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A command of the reader, to be answered within its frame waiting time.
    Command(Vec<u8>),
    /// The reader let go, or its field is gone.
    Left,
}

impl Chip {
    /// Shows a card from now on, until [`Chip::hide_card`]. Switches the own field off.
    ///
    /// # Errors
    /// [`ChipError::Interrupted`] before anything is sent, or the chip's own trouble.
    pub fn show_card(&mut self, card: &Appearance) -> Result<(), ChipError> {
        self.yield_to_others()?;
        self.command(Command::SetParameters, &[PARAMETERS])?;
        let n_historical = card.historical.len().min(MAX_HISTORICAL);
        let length = u8::try_from(n_historical).expect("48 at most");
        let data = [
            &[CARD_ONLY][..],
            &card.sens_res,
            &card.nfcid1,
            &[card.sel_res],
            &NO_FELICA,
            &NO_NFCID3,
            &[0, length],
            &card.historical[..n_historical],
        ]
        .concat();
        self.begin(Command::TgInitAsTarget, &data)
    }

    /// Whether a reader activates the card that is shown within `limit`; after false it goes on
    /// being shown.
    ///
    /// # Errors
    /// [`ChipError::Interrupted`], which changes nothing either, or the chip's own trouble.
    pub fn is_activated(&mut self, limit: Duration) -> Result<bool, ChipError> {
        Ok(self.outcome(Command::TgInitAsTarget, limit)?.is_some())
    }

    /// Begins to listen to the reader that activated the card.
    ///
    /// # Errors
    /// The chip's own trouble.
    pub fn await_command(&mut self) -> Result<(), ChipError> {
        self.begin(Command::TgGetData, &[])
    }

    /// What the reader says after [`Chip::await_command`]; `None` if it says nothing within `limit`, and
    /// then this may be asked again.
    ///
    /// # Errors
    /// [`ChipError::Interrupted`], after which this may be asked again too, or the chip's own trouble.
    pub fn heard(&mut self, limit: Duration) -> Result<Option<Heard>, ChipError> {
        let Some(answer) = self.outcome(Command::TgGetData, limit)? else { return Ok(None) };
        match checked(&answer) {
            Ok(command) => Ok(Some(Heard::Command(command.to_vec()))),
            Err(ChipError::Lost) => Ok(Some(Heard::Left)),
            Err(error) => Err(error),
        }
    }

    /// Answers the last command, at most [`MAX_ANSWER`] bytes; false if the reader is gone.
    ///
    /// # Errors
    /// [`ChipError::Interrupted`] before anything is sent, or the chip's own trouble.
    pub fn answer(&mut self, bytes: &[u8]) -> Result<bool, ChipError> {
        self.yield_to_others()?;
        let answer = self.command(Command::TgSetData, bytes)?;
        match checked(&answer) {
            Ok(_) => Ok(true),
            Err(ChipError::Lost) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Is no card any more, whatever its reader is about to say.
    ///
    /// # Errors
    /// The chip's own trouble.
    pub fn hide_card(&mut self) -> Result<(), ChipError> {
        self.abort()?;
        match self.command(Command::InRelease, &[ALL]) {
            // A chip that always refuses has nothing to release.
            Err(ChipError::Refused) => match self.command(Command::InRelease, &[ALL]) {
                Err(ChipError::Refused) => Ok(()),
                done => done.map(drop),
            },
            done => done.map(drop),
        }
    }

    /// Sends a command that waits for somebody out there, and returns when it is acknowledged.
    fn begin(&mut self, command: Command, data: &[u8]) -> Result<(), ChipError> {
        self.pn532.timer.heed(false);
        let request = BorrowedRequest::new(command, data);
        match self.pn532.process_no_response(request, COMMAND_LIMIT) {
            Err(pn532::Error::InterfaceError(error)) => Err(error.into()),
            Err(error) => self.abort().and(Err(error.into())),
            Ok(()) => Ok(()),
        }
    }

    /// The answer to a command that was begun, `None` if it does not come within `limit`.
    fn outcome(&mut self, command: Command, limit: Duration) -> Result<Option<Vec<u8>>, ChipError> {
        self.pn532.timer.heed(true);
        self.pn532.timer.start(limit);
        while self.pn532.interface.wait_ready().map_err(ChipError::from)?.is_pending() {
            if self.pn532.timer.wait().is_ok() {
                return self.yield_to_others().map(|()| None);
            }
        }
        match self.pn532.receive_response(command, LONGEST).map(<[u8]>::to_vec) {
            Ok(answer) => Ok(Some(answer)),
            Err(pn532::Error::InterfaceError(error)) => Err(error.into()),
            Err(error) => self.abort().and(Err(error.into())),
        }
    }
}
