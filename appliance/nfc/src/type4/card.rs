//! A Type 4 tag as the card sees it: commands in, answers out. Pure, and good for any bytes: it
//! never ends a conversation, and knows neither time nor radio. What a reader writes lies in the
//! memory of one touch; nobody who comes after sees it.

mod coverage;

use super::{
    BY_FILE, BY_NAME, CC_FILE, CLA, FIRST, FIRST_SILENT, FREE, NDEF_APPLICATION, NDEF_FILE_CONTROL,
    NEVER, NOT_ALLOWED, NOT_FOUND, OK, READ_BINARY, SELECT, UNKNOWN_COMMAND, UPDATE_BINARY,
};
use crate::ndef::MAX_MESSAGE;
use coverage::Coverage;

/// Identifier of the file with the message; T4T leaves the choice to the card.
const NDEF_FILE: [u8; 2] = [0xe1, 0x04];
/// Bytes of NLEN, the length before the message (T4T §4.3).
const NLEN_BYTES: usize = 2;
/// Bytes of the file: the longest message that anybody here reads or writes.
const FILE_BYTES: usize = NLEN_BYTES + MAX_MESSAGE;
/// Bytes of the capability container, and its mapping version 2.0 (T4T §4.2).
const CC_BYTES: u8 = 15;
const MAPPING_VERSION: u8 = 0x20;
/// Length of the value of the NDEF File Control TLV.
const FILE_CONTROL_BYTES: u8 = 6;

/// Status words (ISO/IEC 7816-4 §5.6) that only a card needs.
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];
const NO_FILE_SELECTED: [u8; 2] = [0x69, 0x86];
const FILE_IS_FULL: [u8; 2] = [0x6a, 0x84];
const WRONG_PARAMETERS: [u8; 2] = [0x6a, 0x86];
const WRONG_OFFSET: [u8; 2] = [0x6b, 0x00];
const WRONG_CLASS: [u8; 2] = [0x6e, 0x00];

/// How much one command may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// MLe: most bytes that one READ BINARY gives.
    pub read: u8,
    /// MLc: most bytes that one UPDATE BINARY brings.
    pub update: u8,
}

/// What fits a normal frame of the PN532, with header or status words (UM0701-02 §6.2.1.1).
impl Default for Limits {
    fn default() -> Self {
        Self { read: 0xf6, update: 0xf6 }
    }
}

/// What the reader has selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selected {
    Nothing,
    Application,
    CapabilityContainer,
    Ndef,
}

/// The card in the midst of a touch. It has no `Debug`: it holds cards.
#[derive(Clone, PartialEq, Eq)]
pub struct State {
    own: Vec<u8>,
    is_writable: bool,
    limits: Limits,
    selected: Selected,
    file: Vec<u8>,
    /// What of the own message was read, NLEN counted.
    read: Coverage,
    /// What was written since NLEN was last set to zero.
    written: Coverage,
    was_written_to: bool,
}

impl State {
    /// A card with this message, longer than [`MAX_MESSAGE`] counts as none.
    #[must_use]
    pub fn new(message: &[u8], is_writable: bool, limits: Limits) -> Self {
        let own = if message.len() <= MAX_MESSAGE { message.to_vec() } else { Vec::new() };
        let mut state = Self {
            own,
            is_writable,
            limits,
            selected: Selected::Nothing,
            file: vec![0; FILE_BYTES],
            read: Coverage::default(),
            written: Coverage::default(),
            was_written_to: false,
        };
        state.end_touch();
        state
    }

    /// The reader is gone: the card is as it was made, and what was written is overwritten.
    pub fn end_touch(&mut self) {
        self.file.fill(0);
        let length = u16::try_from(self.own.len()).expect("at most MAX_MESSAGE").to_be_bytes();
        self.file[..NLEN_BYTES].copy_from_slice(&length);
        self.file[NLEN_BYTES..][..self.own.len()].copy_from_slice(&self.own);
        self.selected = Selected::Nothing;
        self.read.clear();
        self.written.clear();
        self.was_written_to = false;
    }

    /// Whether something of the own message was read in this touch.
    #[must_use]
    pub fn was_met(&self) -> bool {
        !self.read.is_empty()
    }

    /// Whether something was read or written in this touch.
    #[must_use]
    pub fn was_used(&self) -> bool {
        self.was_written_to || self.was_met()
    }

    /// Whether the whole own message was read in this touch.
    #[must_use]
    pub fn was_read(&self) -> bool {
        self.read.covers(0..NLEN_BYTES + self.own.len())
    }

    /// The message that was written in this touch, as soon as all of it is there.
    #[must_use]
    pub fn written(&self) -> Option<&[u8]> {
        let end = NLEN_BYTES + self.nlen();
        let is_whole = end > NLEN_BYTES && end <= FILE_BYTES && self.written.covers(0..end);
        is_whole.then(|| &self.file[NLEN_BYTES..end])
    }

    fn nlen(&self) -> usize {
        usize::from(self.file[0]) << 8 | usize::from(self.file[1])
    }

    fn capability_container(&self) -> Vec<u8> {
        let [size_high, size_low] = u16::try_from(FILE_BYTES).expect("below 32 KiB").to_be_bytes();
        let Limits { read, update } = self.limits;
        let writing = if self.is_writable { FREE } else { NEVER };
        let head = [0, CC_BYTES, MAPPING_VERSION, 0, read, 0, update];
        let control = [NDEF_FILE_CONTROL, FILE_CONTROL_BYTES];
        [&head[..], &control, &NDEF_FILE, &[size_high, size_low, FREE, writing]].concat()
    }

    fn select(&mut self, p1: u8, p2: u8, body: &[u8]) -> Result<Vec<u8>, [u8; 2]> {
        let name = value(body)?;
        if !matches!(p2, FIRST | FIRST_SILENT) {
            return Err(WRONG_PARAMETERS);
        }
        self.selected = match (p1, name) {
            (BY_NAME, name) if name == NDEF_APPLICATION => Selected::Application,
            (BY_FILE, _) if self.selected == Selected::Nothing => return Err(NOT_FOUND),
            (BY_FILE, name) if name == CC_FILE => Selected::CapabilityContainer,
            (BY_FILE, name) if name == NDEF_FILE => Selected::Ndef,
            (BY_NAME | BY_FILE, _) => return Err(NOT_FOUND),
            _ => return Err(WRONG_PARAMETERS),
        };
        Ok(Vec::new())
    }

    fn read_binary(&mut self, p1: u8, p2: u8, body: &[u8]) -> Result<Vec<u8>, [u8; 2]> {
        let start = offset(p1, p2)?;
        let &[le] = body else { return Err(WRONG_LENGTH) };
        if le > self.limits.read {
            return Err(WRONG_LENGTH);
        }
        // Zero asks for as much as there is (ISO/IEC 7816-4 §5.2).
        let most = if le == 0 { self.limits.read } else { le };
        let container;
        let file = match self.selected {
            Selected::Nothing | Selected::Application => return Err(NO_FILE_SELECTED),
            Selected::CapabilityContainer => {
                container = self.capability_container();
                &container
            }
            Selected::Ndef => &self.file,
        };
        let end = file.len().min(start + usize::from(most));
        let bytes = file.get(start..end).filter(|it| !it.is_empty()).ok_or(WRONG_OFFSET)?.to_vec();
        if self.selected == Selected::Ndef {
            self.note_reading(start, end);
        }
        Ok(bytes)
    }

    /// What was overwritten is the reader's own: reading it is use, but not of the own message.
    fn note_reading(&mut self, start: usize, end: usize) {
        if !self.was_written_to {
            self.read.add(start..end);
        }
    }

    fn update_binary(&mut self, p1: u8, p2: u8, body: &[u8]) -> Result<Vec<u8>, [u8; 2]> {
        match self.selected {
            Selected::Nothing | Selected::Application => return Err(NO_FILE_SELECTED),
            Selected::CapabilityContainer => return Err(NOT_ALLOWED),
            Selected::Ndef if !self.is_writable => return Err(NOT_ALLOWED),
            Selected::Ndef => {}
        }
        let start = offset(p1, p2)?;
        let Some((&lc, bytes)) = body.split_first() else { return Err(WRONG_LENGTH) };
        if lc == 0 || lc > self.limits.update || bytes.len() != usize::from(lc) {
            return Err(WRONG_LENGTH);
        }
        if start >= FILE_BYTES {
            return Err(WRONG_OFFSET);
        }
        let end = start + bytes.len();
        self.file.get_mut(start..end).ok_or(FILE_IS_FULL)?.copy_from_slice(bytes);
        self.note_writing(start, end);
        Ok(Vec::new())
    }

    /// A writer sets NLEN to zero, writes the message, then NLEN (T4T §5.4.7). Nothing that lay
    /// there before may become part of what it wrote.
    fn note_writing(&mut self, start: usize, end: usize) {
        self.was_written_to = true;
        let begins_anew = self.nlen() == 0;
        if begins_anew && start < NLEN_BYTES {
            self.written.clear();
        }
        self.written.add(start..end);
        if begins_anew {
            self.written.remove_before(NLEN_BYTES);
        }
    }
}

/// Answers one command: data, if there is any, and two bytes of status.
pub fn apdu(state: &mut State, command: &[u8]) -> Vec<u8> {
    let &[class, instruction, p1, p2, ref body @ ..] = command else {
        return WRONG_LENGTH.to_vec();
    };
    let done = match instruction {
        SELECT | READ_BINARY | UPDATE_BINARY if class != CLA => Err(WRONG_CLASS),
        SELECT => state.select(p1, p2, body),
        READ_BINARY => state.read_binary(p1, p2, body),
        UPDATE_BINARY => state.update_binary(p1, p2, body),
        _ => Err(UNKNOWN_COMMAND),
    };
    match done {
        Ok(bytes) => [&bytes[..], &OK].concat(),
        Err(status) => status.to_vec(),
    }
}

/// The command data behind Lc, with or without Le after it; short form only (ISO/IEC 7816-4 §5.2).
fn value(body: &[u8]) -> Result<&[u8], [u8; 2]> {
    let (&lc, rest) = body.split_first().ok_or(WRONG_LENGTH)?;
    match rest.split_at_checked(usize::from(lc)) {
        Some((bytes, [] | [_])) if lc > 0 => Ok(bytes),
        _ => Err(WRONG_LENGTH),
    }
}

/// The place in the selected file; the upper half of P1 would name another one.
fn offset(p1: u8, p2: u8) -> Result<usize, [u8; 2]> {
    if p1 & 0x80 != 0 {
        return Err(WRONG_PARAMETERS);
    }
    Ok(usize::from(p1) << 8 | usize::from(p2))
}

#[cfg(test)]
mod tests;
