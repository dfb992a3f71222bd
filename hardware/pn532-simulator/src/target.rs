//! A chip as target: being a card for other chips, and passing frames between them and the host.
//! Source: PN532 User Manual UM0701-02 §7.3.14 to §7.3.21.

use std::time::Duration;

use crate::chip::{ChipId, Reader, Target, Waiting};
use crate::command::TargetParameters;
use crate::emulation::{Emulation, HALT};
use crate::fault::Fault;
use crate::field::{Echo, Field};
use crate::initiator::LONGEST_ANSWER;
use crate::iso_dep;
use crate::journal::Event;
use crate::status;

const INIT: u8 = 0x8C;
const TARGET_STATUS: u8 = 0x8A;

impl Field {
    pub(crate) fn become_target(
        &mut self,
        chip: ChipId,
        parameters: TargetParameters,
        now: Duration,
    ) {
        self.end_emulation(chip, now);
        self.switch_off(chip, now);
        let state = &mut self.chips[chip];
        state.emulation = Some(Emulation::new(parameters, state.emulates_iso_dep()));
        state.waiting = Some(Waiting::Activation);
    }

    pub(crate) fn listen_to_reader(&mut self, chip: ChipId, code: u8, now: Duration) {
        if self.chips[chip].emulation.is_none() {
            return self.answer(chip, code, &[status::CONTEXT]);
        }
        if self.loses_field(chip, code, now) {
            return;
        }
        self.chips[chip].waiting = Some(Waiting::Reader(code));
        self.tell_host(chip);
    }

    pub(crate) fn answer_reader(
        &mut self,
        chip: ChipId,
        code: u8,
        bytes: &[u8],
        more: bool,
        now: Duration,
    ) {
        if self.loses_field(chip, code, now) {
            return;
        }
        match &mut self.chips[chip].emulation {
            Some(emulation) if emulation.is_active() => {
                let status_word = emulation.status_word(bytes);
                let frame = emulation.answer(bytes, more);
                self.answer(chip, code, &[status::OK]);
                if let Some(frame) = frame {
                    self.note_replied(chip, &frame, status_word);
                    self.deliver(chip, Echo::Frame(frame), now);
                }
            }
            Some(emulation) if emulation.is_released() => {
                self.answer(chip, code, &[status::RELEASED]);
            }
            Some(_) | None => self.answer(chip, code, &[status::CONTEXT]),
        }
    }

    /// A fault takes the reader's field away, which ends the emulation; nfcpy reads the same from
    /// this status.
    fn loses_field(&mut self, chip: ChipId, code: u8, now: Duration) -> bool {
        let state = &mut self.chips[chip];
        let lost = state.emulation.is_some() && state.faults.strikes(Fault::FieldLost);
        if lost {
            self.end_emulation(chip, now);
            self.answer(chip, code, &[status::NO_FIELD]);
        }
        lost
    }

    pub(crate) fn tell_target_status(&mut self, chip: ChipId) {
        let state = self.chips[chip].emulation.as_ref().map_or(0x00, Emulation::status);
        self.answer(chip, TARGET_STATUS, &[state, 0x00]);
    }

    /// Answers what the host behind an emulated card waits for, if there is something to say.
    pub(crate) fn tell_host(&mut self, card: ChipId) {
        let chip = &mut self.chips[card];
        let Some(emulation) = &mut chip.emulation else { return };
        let (code, bytes) = match chip.waiting {
            Some(Waiting::Activation) => match emulation.take_opening() {
                Some(opening) => (INIT, opening),
                None => return,
            },
            Some(Waiting::Reader(code)) => match emulation.take_command() {
                Some(command) if command.len() > LONGEST_ANSWER => (code, vec![status::BUFFER]),
                Some(command) => (code, [&[status::OK], &command[..]].concat()),
                None if emulation.is_released() => (code, vec![status::RELEASED]),
                None => return,
            },
            Some(Waiting::Poll(_) | Waiting::Echo { .. }) | None => return,
        };
        chip.waiting = None;
        self.answer(card, code, &bytes);
    }

    /// The reader of an emulated card is gone.
    pub(crate) fn lose_reader(&mut self, card: ChipId, now: Duration) {
        self.drop_reader(card);
        self.tell_host(card);
        self.deliver(card, Echo::Silence, now);
        self.sweep(now);
    }

    /// Whoever has selected an emulated card is gone.
    pub(crate) fn drop_reader(&mut self, card: ChipId) {
        if let Some(emulation) = &mut self.chips[card].emulation {
            let had_reader = emulation.reader.is_some();
            emulation.lose_reader();
            if had_reader {
                self.note(card, Event::Released);
            }
        }
    }

    /// A reader lets an emulated card go in the way that the card understands.
    pub(crate) fn say_goodbye(&mut self, chip: ChipId, card: ChipId) {
        let emulation = self.chips[card].emulation.as_ref();
        if let Some(emulation) = emulation.filter(|it| it.reader == Some(Reader::Chip(chip))) {
            let iso_dep = emulation.speaks_iso_dep();
            let farewell: &[u8] = if iso_dep { &[iso_dep::DESELECT] } else { &HALT };
            self.send(chip, Target::Card(card), farewell);
            // A card that was never activated understands no farewell and listens again.
            self.drop_reader(card);
            self.tell_host(card);
        }
    }

    /// The chip is no card any more; whoever was speaking to it hears nothing.
    pub(crate) fn end_emulation(&mut self, chip: ChipId, now: Duration) {
        if let Some(ended) = self.chips[chip].emulation.take() {
            if ended.reader.is_some() {
                self.note(chip, Event::Released);
            }
            self.deliver(chip, Echo::Silence, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::desk::{A, B, Desk};
    use crate::fault::Fault;

    const LIST: [u8; 3] = [0x4A, 0x01, 0x00];
    const SELECT_FILE: [u8; 4] = [0x40, 0x01, 0x00, 0xA4];

    /// Chip A is a card and chip B has activated it.
    fn activated() -> Desk {
        let mut desk = Desk::new();
        desk.emulate_on_a(true);
        let found = desk.ask(B, &LIST).unwrap();
        let card = [1, 0x00, 0x04, 0x20, 4, 0x08, 0x12, 0x34, 0x56, 0x05, 0x75, 0x33, 0x92, 0x03];
        assert_eq!(found, [&[0x4B, 1], &card[..]].concat());
        assert_eq!(desk.answer(A), Some(vec![0x8D, 0x08, 0xE0, 0x80]));
        desk
    }

    #[test]
    fn a_command_goes_to_the_cards_host_and_its_answer_back() {
        let mut desk = activated();
        assert_eq!(desk.ask(A, &[0x86]), None);
        assert_eq!(desk.ask(B, &SELECT_FILE), None);
        assert_eq!(desk.answer(A), Some(vec![0x87, 0x00, 0x00, 0xA4]));
        let long: Vec<u8> = (0..200).collect();
        assert_eq!(desk.ask(A, &[&[0x94], &long[..100]].concat()), Some(vec![0x95, 0x00]));
        assert_eq!(desk.ask(A, &[&[0x8E], &long[100..]].concat()), Some(vec![0x8F, 0x00]));
        assert_eq!(desk.answer(B), Some([&[0x41, 0x00], &long[..]].concat()));
    }

    #[test]
    fn the_host_hears_when_the_reader_lets_go() {
        let mut desk = activated();
        assert_eq!(desk.ask(A, &[0x8A]), Some(vec![0x8B, 0x81, 0x00]));
        assert_eq!(desk.ask(A, &[0x86]), None);
        assert_eq!(desk.ask(B, &[0x52, 0x00]), Some(vec![0x53, 0x00]));
        assert_eq!(desk.answer(A), Some(vec![0x87, 0x29]));
        assert_eq!(desk.ask(A, &[0x8E, 0x90, 0x00]), Some(vec![0x8F, 0x29]));
        assert_eq!(desk.ask(A, &[0x8A]), Some(vec![0x8B, 0x80, 0x00]));
    }

    #[test]
    fn taking_the_chips_apart_ends_both_sides() {
        let mut desk = activated();
        assert_eq!(desk.ask(A, &[0x86]), None);
        assert_eq!(desk.ask(B, &SELECT_FILE), None);
        assert!(desk.answer(A).is_some());
        desk.field.take_apart(A, B, desk.now);
        assert_eq!(desk.answer(B), Some(vec![0x41, 0x01]));
        assert_eq!(desk.ask(A, &[0x86]), Some(vec![0x87, 0x29]));
    }

    #[test]
    fn a_host_that_does_not_answer_is_a_timeout_for_the_reader() {
        let mut desk = activated();
        assert_eq!(desk.ask(B, &SELECT_FILE), None);
        desk.pass(crate::initiator::CARD_PATIENCE - Duration::from_millis(1));
        assert_eq!(desk.answer(B), None);
        desk.pass(Duration::from_millis(1));
        assert_eq!(desk.answer(B), Some(vec![0x41, 0x01]));
    }

    #[test]
    fn a_lost_field_ends_the_emulation_on_both_sides() {
        let mut desk = activated();
        desk.field.faults(A).inflict(Fault::FieldLost, 1, 1);
        assert_eq!(desk.ask(A, &[0x86]), None);
        assert_eq!(desk.ask(B, &SELECT_FILE), None);
        assert!(desk.answer(A).is_some());
        assert_eq!(desk.ask(A, &[0x8E, 0x90, 0x00]), Some(vec![0x8F, 0x0A]));
        assert_eq!(desk.answer(B), Some(vec![0x41, 0x01]));
        assert_eq!(desk.ask(A, &[0x86]), Some(vec![0x87, 0x27]));
    }

    #[test]
    fn chips_apart_do_not_see_each_others_cards() {
        let mut desk = Desk::new();
        desk.field.take_apart(A, B, desk.now);
        desk.emulate_on_a(true);
        assert_eq!(desk.ask(B, &LIST), None);
        desk.field.bring_near(A, B, desk.now);
        assert!(desk.answer(B).is_some());
    }

    #[test]
    fn an_aborted_card_is_not_found() {
        let mut desk = Desk::new();
        desk.emulate_on_a(true);
        desk.field.cancel(A);
        assert_eq!(desk.ask(B, &LIST), None);
    }

    #[test]
    fn releasing_all_targets_ends_being_one() {
        let mut desk = activated();
        assert_eq!(desk.ask(B, &[0x40, 0x01, 0x00, 0xA4]), None);
        assert_eq!(desk.ask(A, &[0x52, 0x00]), Some(vec![0x53, 0x00]));
        assert_eq!(desk.answer(B), Some(vec![0x41, 0x01]));
        assert_eq!(desk.ask(A, &[0x86]), Some(vec![0x87, 0x27]));
        assert_eq!(desk.ask(B, &LIST), None);
    }

    #[test]
    fn without_the_firmwares_help_the_host_sees_every_frame() {
        let mut desk = Desk::new();
        desk.emulate_on_a(false);
        assert!(desk.ask(B, &LIST).is_some());
        assert_eq!(desk.ask(B, &[0x40, 0x01, 0x30, 0x00]), None);
        assert_eq!(desk.answer(A), Some(vec![0x8D, 0x00, 0x30, 0x00]));
        assert_eq!(desk.ask(A, &[0x90, 1, 2, 3]), Some(vec![0x91, 0x00]));
        assert_eq!(desk.answer(B), Some(vec![0x41, 0x00, 1, 2, 3]));
        assert_eq!(desk.ask(A, &[0x88]), None);
        assert_eq!(desk.ask(B, &[0x44, 0x01]), Some(vec![0x45, 0x00]));
        assert_eq!(desk.answer(A), Some(vec![0x89, 0x29]));
    }

    #[test]
    fn a_chip_that_is_no_card_says_so() {
        let mut desk = Desk::new();
        assert_eq!(desk.ask(A, &[0x86]), Some(vec![0x87, 0x27]));
        assert_eq!(desk.ask(A, &[0x8E, 0x00]), Some(vec![0x8F, 0x27]));
        assert_eq!(desk.ask(A, &[0x8A]), Some(vec![0x8B, 0x00, 0x00]));
        assert_eq!(desk.ask(A, &[0x8C, 0x00]), Some(vec![0x7F]));
    }

    #[test]
    fn a_deselected_card_may_be_emulated_and_found_again() {
        let mut desk = activated();
        assert_eq!(desk.ask(B, &[0x44, 0x00]), Some(vec![0x45, 0x00]));
        desk.emulate_on_a(true);
        assert!(desk.ask(B, &LIST).is_some());
        assert!(desk.answer(A).is_some());
    }
}
