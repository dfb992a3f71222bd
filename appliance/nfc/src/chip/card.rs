//! The chip as a card of ISO/IEC 14443-4 that others read (user manual UM0701-02 §7.3.14 to
//! §7.3.21). The firmware does activation and block transmission; commands and answers pass here.

use std::time::Duration;

use pn532::requests::Command;

use super::status::checked;
use super::{Chip, ChipError};

/// Most bytes of an answer of the card: what one frame carries to the chip.
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

/// What a card's host hears.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A command of the reader, to be answered within its frame waiting time.
    Command(Vec<u8>),
    /// The reader let go, or its field is gone.
    Left,
}

impl Chip {
    /// Shows a card until a reader activates it, for at most `limit`; true if one did. Switches the
    /// own field off.
    ///
    /// # Errors
    /// [`ChipError::Interrupted`] as soon as somebody wants something else; then, and after `limit`,
    /// nothing is shown any more.
    pub fn show_card(&mut self, card: &Appearance, limit: Duration) -> Result<bool, ChipError> {
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
        Ok(self.listen(Command::TgInitAsTarget, &data, limit)?.is_some())
    }

    /// What the reader says next; `None` if it says nothing within `limit`. A reader that stays
    /// silent is still there.
    ///
    /// # Errors
    /// [`ChipError::Interrupted`], or the chip's own trouble.
    pub fn hear(&mut self, limit: Duration) -> Result<Option<Heard>, ChipError> {
        let Some(answer) = self.listen(Command::TgGetData, &[], limit)? else { return Ok(None) };
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
}
