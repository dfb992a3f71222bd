//! The card that a chip pretends to be after TgInitAsTarget, seen from the air.
//! Source: PN532 User Manual UM0701-02 §7.3.14 to §7.3.21. Type A at 106 kbit/s only.

use crate::chip::Reader;
use crate::command::TargetParameters;
use crate::iso_dep::{self, CardStep};

/// SEL_RES bit: speaks ISO/IEC 14443-4.
pub(crate) const ISO_DEP: u8 = 0x20;
/// Mode byte of TgInitAsTarget's answer (§7.3.14).
const AS_ISO_DEP_CARD: u8 = 0x08;
const AS_MIFARE: u8 = 0x00;
/// The command that sends a card to sleep.
pub(crate) const HALT: [u8; 2] = [0x50, 0x00];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Listening,
    Selected,
    Active,
    Released,
}

/// What comes back over the air.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Reply(Vec<u8>),
    Later,
    Silence,
}

/// An emulated card.
#[derive(Debug)]
pub(crate) struct Emulation {
    parameters: TargetParameters,
    /// The firmware's block transmission; without it every frame goes to the host as it is.
    card: Option<iso_dep::Card>,
    state: State,
    /// Who has selected this card.
    pub(crate) reader: Option<Reader>,
    /// What TgInitAsTarget will answer.
    opening: Option<Vec<u8>>,
    /// Code of the command that came last, until the card hears something else.
    instruction: Option<u8>,
    /// What the reader said last and the host has not fetched.
    command: Option<Vec<u8>>,
    answer: Vec<u8>,
}

impl Emulation {
    pub(crate) fn new(parameters: TargetParameters, iso_dep: bool) -> Self {
        let card = (iso_dep && parameters.sel_res & ISO_DEP != 0)
            .then(|| iso_dep::Card::new(iso_dep::answer_to_select(&parameters.historical)));
        Self {
            parameters,
            card,
            state: State::Listening,
            reader: None,
            opening: None,
            instruction: None,
            command: None,
            answer: Vec::new(),
        }
    }

    pub(crate) fn is_listening(&self) -> bool {
        self.state == State::Listening
    }

    pub(crate) fn is_active(&self) -> bool {
        self.state == State::Active
    }

    pub(crate) fn is_released(&self) -> bool {
        self.state == State::Released
    }

    pub(crate) fn speaks_iso_dep(&self) -> bool {
        self.card.is_some()
    }

    /// The identifier: 08, which says random (ISO/IEC 14443-3), and three bytes of the host.
    pub(crate) fn uid(&self) -> [u8; 4] {
        let [a, b, c] = self.parameters.nfcid1;
        [0x08, a, b, c]
    }

    pub(crate) fn sel_res(&self) -> u8 {
        self.parameters.sel_res
    }

    /// SENS_RES as a reader reports it, high byte first.
    pub(crate) fn sens_res(&self) -> [u8; 2] {
        let [low, high] = self.parameters.sens_res;
        [high, low]
    }

    pub(crate) fn select(&mut self, reader: Reader) {
        self.state = State::Selected;
        self.reader = Some(reader);
    }

    /// The reader's field is gone, or it wants nothing more of us.
    pub(crate) fn lose_reader(&mut self) {
        self.reader = None;
        self.state = match self.state {
            State::Listening | State::Selected => State::Listening,
            State::Active | State::Released => State::Released,
        };
    }

    /// A frame from the reader, without CRC.
    pub(crate) fn receive(&mut self, frame: &[u8]) -> Heard {
        self.instruction = None;
        if frame == HALT && self.card.is_none() {
            self.lose_reader();
            return Heard::Silence;
        }
        match self.state {
            State::Listening | State::Released => Heard::Silence,
            State::Selected => self.open(frame),
            State::Active => self.go_on(frame),
        }
    }

    /// The first frame activates the target; its bytes are TgInitAsTarget's answer.
    fn open(&mut self, frame: &[u8]) -> Heard {
        let mode = match (&self.card, frame) {
            (Some(_), [0xE0, _]) => AS_ISO_DEP_CARD,
            (Some(_), _) => return Heard::Silence,
            (None, _) => AS_MIFARE,
        };
        self.state = State::Active;
        self.opening = Some([&[mode], frame].concat());
        if self.card.is_some() { self.go_on(frame) } else { Heard::Later }
    }

    fn go_on(&mut self, frame: &[u8]) -> Heard {
        let Some(card) = &mut self.card else {
            self.command = Some(frame.to_vec());
            return Heard::Later;
        };
        match card.receive(frame) {
            CardStep::Reply(reply) => Heard::Reply(reply),
            CardStep::Command(bytes) => {
                self.instruction = bytes.get(1).copied();
                self.command = Some(bytes);
                Heard::Later
            }
            CardStep::Released(reply) => {
                self.lose_reader();
                Heard::Reply(reply)
            }
            CardStep::Mute => Heard::Silence,
        }
    }

    /// The instruction byte of the command that the last frame completed.
    pub(crate) fn instruction(&self) -> Option<u8> {
        self.instruction
    }

    /// The last two bytes of what the host is about to answer, if it answers a command.
    pub(crate) fn status_word(&self, last_part: &[u8]) -> Option<[u8; 2]> {
        let whole = [&self.answer[..], last_part].concat();
        self.card.as_ref().and_then(|_| whole.last_chunk().copied())
    }

    pub(crate) fn take_opening(&mut self) -> Option<Vec<u8>> {
        self.opening.take()
    }

    pub(crate) fn take_command(&mut self) -> Option<Vec<u8>> {
        self.command.take()
    }

    /// A part of the host's answer; gives the frame to send when it was the last part.
    pub(crate) fn answer(&mut self, bytes: &[u8], more: bool) -> Option<Vec<u8>> {
        self.answer.extend_from_slice(bytes);
        if more {
            return None;
        }
        let answer = std::mem::take(&mut self.answer);
        Some(match &mut self.card {
            Some(card) => card.answer(&answer),
            None => answer,
        })
    }

    /// State byte of TgGetTargetStatus (§7.3.21).
    pub(crate) fn status(&self) -> u8 {
        match (self.state, &self.card) {
            (State::Active, Some(_)) => 0x81,
            (State::Active, None) => 0x01,
            (State::Released, Some(_)) => 0x80,
            (State::Listening | State::Selected | State::Released, _) => 0x00,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emulation(iso_dep: bool) -> Emulation {
        let mut emulation = Emulation::new(
            TargetParameters {
                sens_res: [0x04, 0x00],
                nfcid1: [0x12, 0x34, 0x56],
                sel_res: ISO_DEP,
                historical: vec![],
            },
            iso_dep,
        );
        emulation.select(Reader::Phone);
        emulation
    }

    #[test]
    fn the_firmware_answers_rats_and_tells_the_host_of_it() {
        let mut card = emulation(true);
        assert_eq!(card.receive(&[0x30, 0x00]), Heard::Silence);
        assert_eq!(card.receive(&[0xE0, 0x80]), Heard::Reply(vec![0x05, 0x75, 0x33, 0x92, 0x03]));
        assert_eq!(card.take_opening(), Some(vec![0x08, 0xE0, 0x80]));
        assert_eq!(card.receive(&[0x02, 0x00, 0xA4]), Heard::Later);
        assert_eq!(card.take_command(), Some(vec![0x00, 0xA4]));
        assert_eq!(card.answer(&[0x90], true), None);
        assert_eq!(card.answer(&[0x00], false), Some(vec![0x02, 0x90, 0x00]));
        assert_eq!(card.status(), 0x81);
        assert_eq!(card.receive(&[0xC2]), Heard::Reply(vec![0xC2]));
        assert_eq!(card.status(), 0x80);
    }

    #[test]
    fn without_the_card_flag_frames_go_to_the_host_as_they_are() {
        let mut card = emulation(false);
        assert_eq!(card.receive(&[0x30, 0x00]), Heard::Later);
        assert_eq!(card.take_opening(), Some(vec![0x00, 0x30, 0x00]));
        assert_eq!(card.answer(&[1, 2, 3], false), Some(vec![1, 2, 3]));
        assert_eq!(card.receive(&HALT), Heard::Silence);
        assert!(card.is_released());
    }

    #[test]
    fn a_reader_that_leaves_before_the_first_frame_changes_nothing() {
        let mut card = emulation(true);
        card.lose_reader();
        assert!(card.is_listening());
    }
}
