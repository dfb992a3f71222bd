//! The chip as a reader: finding targets and speaking to them (user manual UM0701-02 §7.3.1 to
//! §7.3.9). Each frame is sent only if nobody wants the radio to do something else.

use std::time::Duration;

use pn532::requests::{CardType, Command};

use super::status::checked;
use super::{Chip, ChipError};
use crate::target::{Field, Kind, MAX_TARGETS, Target};

/// Most bytes that one exchange carries, either way: a normal frame less frame identifier, code and
/// target number or status.
pub const MAX_EXCHANGE: usize = 252;

/// A poll of an empty field tries [`POLL_RETRIES`] times more; each takes about 5 ms.
const POLL_LIMIT: Duration = Duration::from_millis(500);
/// The chip itself gives a silent tag 51 ms (RFConfiguration item 2, §7.3.1); the rest is for a busy
/// host and a slow link.
const FRAME_LIMIT: Duration = Duration::from_millis(400);
/// An ISO-DEP target gets as long as it asks for.
const ISO_DEP_LIMIT: Duration = Duration::from_millis(1200);

/// MxRtyPassiveActivation (§7.3.1 item 5): enough for a tag that needs 5 ms to start up, and few
/// enough that an empty field is reported quickly. The default is to try for ever.
const POLL_RETRIES: u8 = 5;
/// MxRtyATR and MxRtyPSL as after reset (§7.3.1 item 5).
const ATR_RETRIES: u8 = 0xff;
const PSL_RETRIES: u8 = 1;

/// SetParameters as after reset (§7.2.9): the chip sends RATS to whoever speaks ISO-DEP, and answers
/// ATR_REQ. Other drivers leave it otherwise.
const READER_PARAMETERS: u8 = 0x14;

impl Chip {
    /// Whatever another driver left behind, an ISO-DEP target is activated whole.
    pub(super) fn activate_iso_dep(&mut self) -> Result<(), ChipError> {
        self.command(Command::SetParameters, &[READER_PARAMETERS]).map(drop)
    }

    pub(super) fn limit_retries(&mut self) -> Result<(), ChipError> {
        let retries = [5, ATR_RETRIES, PSL_RETRIES, POLL_RETRIES];
        self.command(Command::RFConfiguration, &retries).map(drop)
    }

    /// Switches the field on if it is off, and looks once who is there.
    ///
    /// # Errors
    /// [`ChipError::Interrupted`] before anything is sent, or the chip's own trouble.
    pub fn poll(&mut self) -> Result<Field, ChipError> {
        self.yield_to_others()?;
        let data = [MAX_TARGETS, CardType::IsoTypeA as u8];
        let answer = self.command_within(Command::InListPassiveTarget, &data, POLL_LIMIT)?;
        Field::parse(&answer).ok_or(ChipError::Garbled)
    }

    /// Sends `bytes` to `target`, in a frame or, if it speaks ISO-DEP, in as many blocks as needed,
    /// and returns what it answers; an acknowledge of four bits gives an empty answer.
    ///
    /// # Errors
    /// [`ChipError::Lost`] if it does not answer or says no.
    pub fn exchange(&mut self, target: &Target, bytes: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.yield_to_others()?;
        let data = [&[target.number], bytes].concat();
        let limit = if target.kind() == Kind::IsoDep { ISO_DEP_LIMIT } else { FRAME_LIMIT };
        let answer = self.command_within(Command::InDataExchange, &data, limit)?;
        checked(&answer).map(<[u8]>::to_vec)
    }

    /// Sends `bytes` and a CRC to whoever was spoken to last, without the firmware's knowledge of
    /// protocols, and returns what comes back, less its CRC.
    ///
    /// # Errors
    /// [`ChipError::Lost`] if nothing comes back or it has no valid CRC, as a NAK of four bits.
    pub fn exchange_raw(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.yield_to_others()?;
        let answer = self.command_within(Command::InCommunicateThru, bytes, FRAME_LIMIT)?;
        checked(&answer).map(<[u8]>::to_vec)
    }

    /// Switches the field off; every target forgets that it was activated.
    ///
    /// # Errors
    /// The chip's own trouble.
    pub fn field_off(&mut self) -> Result<(), ChipError> {
        self.command(Command::RFConfiguration, &[1, 0]).map(drop)
    }
}
