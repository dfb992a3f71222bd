//! What one chip remembers, and the commands that concern nothing but the chip itself.
//! Source: PN532 User Manual UM0701-02 §7.2. What needs the radio is in `initiator` and `target`.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::command::Command;
use crate::emulation::Emulation;
use crate::fault::Faults;
use crate::iso_dep;
use crate::status;

/// Position of a chip in the field.
pub(crate) type ChipId = usize;

/// GetFirmwareVersion: PN532, version 1.6, ISO/IEC 14443 A and B and ISO 18092 (§7.2.2).
const FIRMWARE: [u8; 4] = [0x32, 0x01, 0x06, 0x07];
/// CIU_TxMode and CIU_RxMode (PN532/C1 data sheet §8.6.23.18 and .19); bit 7 switches the CRC on.
const TX_MODE: u16 = 0x6302;
const RX_MODE: u16 = 0x6303;
const CRC_ENABLED: u8 = 0x80;
/// Flags of SetParameters (§7.2.9).
const AUTOMATIC_RATS: u8 = 0x10;
const ISO_DEP_CARD: u8 = 0x20;
const DEFAULT_PARAMETERS: u8 = 0x14;
/// MxRtyPassiveActivation: without end (§7.3.1).
pub(crate) const ENDLESS: u8 = 0xFF;
/// RFConfiguration items (§7.3.1).
const MAX_RETRIES: u8 = 0x05;

/// What a reader has in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A tag, by the number it got when it was laid down.
    Tag(u64),
    /// The card that another chip emulates.
    Card(ChipId),
}

/// What an emulated card has in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Another chip.
    Chip(ChipId),
    /// The phone near the card's chip.
    Phone,
}

/// A target that was listed; its number is its place in the list, counted from 1.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) target: Target,
    /// Set when it was activated for ISO/IEC 14443-4.
    pub(crate) dep: Option<iso_dep::Reader>,
    /// InRelease has forgotten it; its number stays, so that the others keep theirs.
    pub(crate) released: bool,
}

/// A search for targets that has not ended.
#[derive(Debug)]
pub(crate) struct Poll {
    pub(crate) automatic: bool,
    pub(crate) most: usize,
    /// Only this identifier, as on the air; empty for any.
    pub(crate) wanted: Vec<u8>,
    pub(crate) until: Option<Duration>,
    /// When a target whose activation failed is tried again.
    pub(crate) again: Option<Duration>,
    pub(crate) found: Vec<Vec<u8>>,
}

/// Why a frame was sent to a card whose host takes its time.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// The answer to select completes the last target found.
    AnswerToSelect(Poll),
    /// InDataExchange with this target number.
    Exchange(usize),
    /// InCommunicateThru.
    Thru,
}

/// What an unanswered command waits for.
#[derive(Debug)]
pub(crate) enum Waiting {
    /// A target to come.
    Poll(Poll),
    /// The host behind an emulated card.
    Echo { purpose: Purpose, from: ChipId, until: Duration },
    /// TgInitAsTarget: a reader to come.
    Activation,
    /// TgGetData or TgGetInitiatorCommand (its code): the reader to say something.
    Reader(u8),
}

/// One chip.
#[derive(Debug)]
pub(crate) struct Chip {
    registers: BTreeMap<u16, u8>,
    parameters: u8,
    pub(crate) retries: u8,
    pub(crate) sessions: Vec<Session>,
    /// Index of the session that was last spoken to.
    pub(crate) current: usize,
    /// Bytes of an InDataExchange that said more would follow.
    pub(crate) chained: Vec<u8>,
    pub(crate) waiting: Option<Waiting>,
    pub(crate) emulation: Option<Emulation>,
    /// The own field is on.
    pub(crate) radiates: bool,
    /// What will go wrong on the air.
    pub(crate) faults: Faults,
}

impl Chip {
    pub(crate) fn new() -> Self {
        Self {
            registers: BTreeMap::new(),
            parameters: DEFAULT_PARAMETERS,
            retries: ENDLESS,
            sessions: Vec::new(),
            current: 0,
            chained: Vec::new(),
            waiting: None,
            emulation: None,
            radiates: false,
            faults: Faults::default(),
        }
    }

    /// The hardware reset; what a test wants to happen still happens.
    pub(crate) fn reset(&mut self) {
        let faults = std::mem::take(&mut self.faults);
        *self = Self { faults, ..Self::new() };
    }

    /// The session with this target number.
    pub(crate) fn session_index(&self, number: u8) -> Option<usize> {
        let index = usize::from(number).checked_sub(1)?;
        self.sessions.get(index).is_some_and(|session| !session.released).then_some(index)
    }

    /// The session that frames without a target number belong to.
    pub(crate) fn current_session(&self) -> Option<&Session> {
        self.sessions.get(self.current).filter(|session| !session.released)
    }

    pub(crate) fn sends_crc(&self) -> bool {
        self.register(TX_MODE) & CRC_ENABLED != 0
    }

    pub(crate) fn checks_crc(&self) -> bool {
        self.register(RX_MODE) & CRC_ENABLED != 0
    }

    pub(crate) fn selects_iso_dep(&self) -> bool {
        self.parameters & AUTOMATIC_RATS != 0
    }

    pub(crate) fn emulates_iso_dep(&self) -> bool {
        self.parameters & ISO_DEP_CARD != 0
    }

    fn register(&self, address: u16) -> u8 {
        let reset = if matches!(address, TX_MODE | RX_MODE) { CRC_ENABLED } else { 0 };
        self.registers.get(&address).copied().unwrap_or(reset)
    }

    /// Carries out a command that needs no radio; gives what follows the answer's code.
    pub(crate) fn alone(&mut self, command: &Command) -> Option<Vec<u8>> {
        Some(match command {
            Command::Diagnose { test: 0x00, parameters } => [&[0x00], &parameters[..]].concat(),
            Command::Diagnose { .. } | Command::PowerDown => vec![status::OK],
            Command::GetFirmwareVersion => FIRMWARE.to_vec(),
            Command::GetGeneralStatus => self.general_status(),
            Command::ReadRegister(addresses) => {
                addresses.iter().map(|address| self.register(*address)).collect()
            }
            Command::WriteRegister(writes) => {
                self.registers.extend(writes.iter().copied());
                vec![]
            }
            Command::ReadGpio => vec![0x3F, 0x07, 0x01],
            Command::SamConfiguration => {
                self.registers.clear();
                vec![]
            }
            Command::SetParameters(flags) => {
                self.parameters = *flags;
                vec![]
            }
            Command::RfConfiguration { item: MAX_RETRIES, values } => {
                self.retries = values.get(2).copied().unwrap_or(self.retries);
                vec![]
            }
            Command::WriteGpio
            | Command::SetSerialBaudRate(_)
            | Command::RfConfiguration { .. } => vec![],
            _ => return None,
        })
    }

    /// Last error, external field, the targets with their speeds and type, SAM (§7.2.3).
    fn general_status(&self) -> Vec<u8> {
        let in_field = self.emulation.as_ref().is_some_and(Emulation::is_active);
        let mut answer = vec![status::OK, u8::from(in_field), 0];
        for (number, _) in (1..).zip(&self.sessions).filter(|(_, session)| !session.released) {
            answer[2] += 1;
            answer.extend([number, 0x00, 0x00, 0x00]);
        }
        answer.push(0x80);
        answer
    }
}

#[cfg(test)]
mod tests {
    use crate::desk::{A, Desk};

    #[test]
    fn the_chip_says_what_it_is() {
        let mut desk = Desk::new();
        assert_eq!(desk.ask(A, &[0x02]), Some(vec![0x03, 0x32, 0x01, 0x06, 0x07]));
        assert_eq!(desk.ask(A, &[0x04]), Some(vec![0x05, 0x00, 0x00, 0x00, 0x80]));
        assert_eq!(desk.ask(A, &[0x00, 0x00, 1, 2, 3]), Some(vec![0x01, 0x00, 1, 2, 3]));
        assert_eq!(desk.ask(A, &[0xAA]), Some(vec![0x7F]));
    }

    #[test]
    fn registers_keep_what_is_written_until_the_sam_is_configured() {
        let mut desk = Desk::new();
        let read = [0x06, 0x63, 0x02, 0x63, 0x05];
        assert_eq!(desk.ask(A, &[0x08, 0x63, 0x02, 0x00, 0x63, 0x05, 0x40]), Some(vec![0x09]));
        assert_eq!(desk.ask(A, &read), Some(vec![0x07, 0x00, 0x40]));
        assert_eq!(desk.ask(A, &[0x14, 0x01]), Some(vec![0x15]));
        assert_eq!(desk.ask(A, &read), Some(vec![0x07, 0x80, 0x00]));
    }

    #[test]
    fn the_general_status_lists_the_targets() {
        let mut desk = Desk::new();
        desk.lay(A, 1, None);
        assert!(desk.ask(A, &[0x4A, 0x01, 0x00]).is_some());
        assert_eq!(desk.ask(A, &[0x04]), Some(vec![0x05, 0, 0, 1, 1, 0, 0, 0, 0x80]));
    }
}
