//! A chip as reader, second half: exchanging frames with targets, letting them go, waking them.
//! Source: PN532 User Manual UM0701-02 §7.3.8 to §7.3.12.

use std::time::Duration;

use crate::chip::{ChipId, Purpose, Session, Target};
use crate::crc::crc_a;
use crate::emulation::HALT;
use crate::field::{Echo, Field};
use crate::iso_dep::{self, ReaderStep};
use crate::journal::Event;
use crate::status;
use crate::timing;

const DATA_EXCHANGE: u8 = 0x40;
const THRU: u8 = 0x42;
const SELECT: u8 = 0x54;
const DIAGNOSE: u8 = 0x00;
/// How long a reader waits for the host behind an emulated card; real firmware asks for more time.
pub(crate) const CARD_PATIENCE: Duration = Duration::from_secs(3);
/// Longest answer of an exchange in bytes (§7.3.8).
pub(crate) const LONGEST_ANSWER: usize = 262;
/// COMPATIBILITY_WRITE, which the firmware sends in two parts.
const COMPATIBLE_WRITE: u8 = 0xA0;

impl Field {
    pub(crate) fn exchange(
        &mut self,
        chip: ChipId,
        number: u8,
        more: bool,
        bytes: &[u8],
        now: Duration,
    ) {
        let Some(index) = self.chips[chip].session_index(number) else {
            return self.answer(chip, DATA_EXCHANGE, &[status::CONTEXT]);
        };
        let state = &mut self.chips[chip];
        state.chained.extend_from_slice(bytes);
        if more {
            return self.answer(chip, DATA_EXCHANGE, &[status::OK]);
        }
        let mut frame = std::mem::take(&mut state.chained);
        state.current = index;
        let session = &mut state.sessions[index];
        let target = session.target;
        let mut ins = None;
        if let Some(dep) = &mut session.dep {
            ins = frame.get(1).copied();
            frame = dep.command(&frame);
        } else if frame.len() == 18 && frame[0] == COMPATIBLE_WRITE {
            match self.send(chip, target, &frame[..2]) {
                Echo::Nibble(0xA) => frame.drain(..2),
                echo => return self.go_on_exchanging(chip, index, echo, now),
            };
        }
        let echo = self.send_command(chip, target, &frame, ins);
        self.hear(chip, Purpose::Exchange(index), echo, now);
    }

    pub(crate) fn go_on_exchanging(
        &mut self,
        chip: ChipId,
        index: usize,
        echo: Echo,
        now: Duration,
    ) {
        let session = &mut self.chips[chip].sessions[index];
        let target = session.target;
        let answer = match (echo, &mut session.dep) {
            (Echo::Frame(bytes), None) => bytes,
            (Echo::Frame(frame), Some(dep)) => match dep.receive(&frame) {
                ReaderStep::Send(next) => {
                    let echo = self.send(chip, target, &next);
                    return self.hear(chip, Purpose::Exchange(index), echo, now);
                }
                ReaderStep::Done(bytes) => bytes,
                ReaderStep::Broken => {
                    return self.answer(chip, DATA_EXCHANGE, &[status::FORMAT]);
                }
            },
            (Echo::Nibble(0xA), _) => vec![],
            (Echo::Nibble(_), _) => {
                return self.answer(chip, DATA_EXCHANGE, &[status::FORMAT]);
            }
            (Echo::Damaged, _) => return self.answer(chip, DATA_EXCHANGE, &[status::CRC]),
            (Echo::Silence | Echo::Later(_), _) => {
                return self.answer(chip, DATA_EXCHANGE, &[status::TIMEOUT]);
            }
        };
        self.answer_bytes(chip, DATA_EXCHANGE, &answer);
    }

    pub(crate) fn communicate_thru(&mut self, chip: ChipId, bytes: &[u8], now: Duration) {
        let state = &self.chips[chip];
        let frame = match bytes.split_last_chunk::<2>() {
            _ if state.sends_crc() => Some(bytes),
            Some((frame, crc)) if crc_a(frame) == *crc => Some(frame),
            _ => None,
        };
        let target = state.current_session().map(|session| session.target);
        let echo = match (frame, target) {
            (Some(frame), Some(target)) => self.send(chip, target, frame),
            _ => Echo::Silence,
        };
        self.hear(chip, Purpose::Thru, echo, now);
    }

    pub(crate) fn end_thru(&mut self, chip: ChipId, echo: Echo) {
        let checks_crc = self.chips[chip].checks_crc();
        match echo {
            Echo::Frame(mut bytes) => {
                if !checks_crc {
                    bytes.extend(crc_a(&bytes));
                }
                self.answer_bytes(chip, THRU, &bytes);
            }
            Echo::Damaged => self.answer(chip, THRU, &[status::CRC]),
            // Four bits carry no CRC, so a chip that checks it reports an error.
            Echo::Nibble(_) if checks_crc => self.answer(chip, THRU, &[status::CRC]),
            Echo::Nibble(bits) => self.answer_bytes(chip, THRU, &[bits]),
            Echo::Silence | Echo::Later(_) => self.answer(chip, THRU, &[status::TIMEOUT]),
        }
    }

    fn answer_bytes(&mut self, chip: ChipId, code: u8, bytes: &[u8]) {
        if bytes.len() > LONGEST_ANSWER {
            return self.answer(chip, code, &[status::BUFFER]);
        }
        self.answer(chip, code, &[&[status::OK], bytes].concat());
    }

    /// Wakes a target that was deselected.
    pub(crate) fn reselect(&mut self, chip: ChipId, number: u8) {
        let Some(index) = self.chips[chip].session_index(number) else {
            return self.answer(chip, SELECT, &[status::CONTEXT]);
        };
        self.chips[chip].current = index;
        let present = match self.chips[chip].sessions[index].target {
            Target::Tag(number) => self.wake(chip, index, number),
            Target::Card(card) => self.is_selected_by(card, chip),
        };
        let status = if present { status::OK } else { status::TIMEOUT };
        self.answer(chip, SELECT, &[status]);
    }

    fn wake(&mut self, chip: ChipId, index: usize, number: u64) -> bool {
        let Some(identity) = self.antennas[chip].select(number) else { return false };
        self.note(chip, Event::Found { sel_res: identity.sel_res });
        self.spend(chip, timing::activation(identity.uid.len()));
        if self.chips[chip].sessions[index].dep.is_none() {
            return true;
        }
        let Echo::Frame(ats) = self.send(chip, Target::Tag(number), &iso_dep::RATS) else {
            return false;
        };
        self.chips[chip].sessions[index].dep = Some(iso_dep::Reader::new(&ats));
        true
    }

    /// InDeselect and InRelease: sends one target (0: all) to sleep, and forgets it if asked to.
    pub(crate) fn let_go(&mut self, chip: ChipId, code: u8, number: u8, forget: bool) {
        let range = match self.chips[chip].session_index(number) {
            Some(index) => index..index + 1,
            None if number == 0 => 0..self.chips[chip].sessions.len(),
            None => return self.answer(chip, code, &[status::CONTEXT]),
        };
        for index in range {
            let session = &self.chips[chip].sessions[index];
            let target = session.target;
            match target {
                // Nothing is sent without a field.
                _ if !self.chips[chip].radiates => {}
                Target::Tag(_) if session.dep.is_some() => {
                    self.send(chip, target, &[iso_dep::DESELECT]);
                }
                Target::Tag(number) => {
                    self.note_sent(chip, &HALT, None);
                    self.antennas[chip].halt(number);
                }
                Target::Card(card) => self.say_goodbye(chip, card),
            }
            self.chips[chip].sessions[index].released |= forget;
        }
        self.answer(chip, code, &[status::OK]);
    }

    /// Attention request: is the ISO/IEC 14443-4 card still there (§7.2.1, test 6)?
    pub(crate) fn ask_for_attention(&mut self, chip: ChipId) {
        let state = &self.chips[chip];
        let answer = match state.current_session() {
            Some(Session { target, dep: Some(_), .. }) => {
                let present = match target {
                    Target::Tag(number) => self.antennas[chip].is_active(*number),
                    Target::Card(card) => self.is_selected_by(*card, chip),
                };
                if present { status::OK } else { status::TIMEOUT }
            }
            Some(_) | None => status::CONTEXT,
        };
        self.answer(chip, DIAGNOSE, &[answer]);
    }
}

#[cfg(test)]
mod tests {
    use crate::crc::crc_a;
    use crate::desk::{A, Desk};
    use crate::fault::Fault;
    use crate::lay::{Lay, TagKind};
    use crate::type4::APPLICATION;

    fn desk_with_tag(leaves_after: Option<u32>) -> Desk {
        let mut desk = Desk::new();
        desk.lay(A, 6, leaves_after);
        assert!(desk.ask(A, &[0x4A, 0x01, 0x00]).is_some());
        desk
    }

    const READ: [u8; 4] = [0x40, 0x01, 0x30, 0x04];

    #[test]
    fn pages_are_read_through_both_commands() {
        let mut desk = desk_with_tag(None);
        let page = [0x03, 0x03, 0xD0, 0x00, 0x00, 0xFE];
        assert_eq!(desk.ask(A, &READ).unwrap()[..8], [&[0x41, 0x00], &page[..]].concat());
        let fast = desk.ask(A, &[0x42, 0x3A, 0x04, 0x05]).unwrap();
        assert_eq!(fast, [&[0x43, 0x00], &page[..], &[0, 0]].concat());
    }

    #[test]
    fn a_released_target_is_forgotten_and_the_other_keeps_its_number() {
        let mut desk = Desk::new();
        desk.lay(A, 6, None);
        desk.lay(A, 7, None);
        assert!(desk.ask(A, &[0x4A, 0x02, 0x00]).is_some());
        assert_eq!(desk.ask(A, &[0x52, 0x01]), Some(vec![0x53, 0x00]));
        assert_eq!(desk.ask(A, &READ), Some(vec![0x41, 0x27]));
        assert_eq!(desk.ask(A, &[0x40, 0x02, 0x30, 0x04]).unwrap()[1], 0x00);
        assert_eq!(desk.ask(A, &[0x04]), Some(vec![0x05, 0, 0, 1, 2, 0, 0, 0, 0x80]));
    }

    #[test]
    fn an_unknown_target_is_refused() {
        let mut desk = desk_with_tag(None);
        assert_eq!(desk.ask(A, &[0x40, 0x02, 0x30, 0x04]), Some(vec![0x41, 0x27]));
        assert_eq!(desk.ask(A, &[0x54, 0x02]), Some(vec![0x55, 0x27]));
    }

    #[test]
    fn a_tag_that_said_nak_is_mute_until_selected_anew() {
        let mut desk = desk_with_tag(None);
        assert_eq!(desk.ask(A, &[0x40, 0x01, 0x30, 0xF0]), Some(vec![0x41, 0x13]));
        assert_eq!(desk.ask(A, &READ), Some(vec![0x41, 0x01]));
        assert_eq!(desk.ask(A, &[0x54, 0x01]), Some(vec![0x55, 0x00]));
        assert_eq!(desk.ask(A, &READ).unwrap()[1], 0x00);
    }

    #[test]
    fn four_bit_answers_are_crc_errors_unless_the_host_checks_itself() {
        let mut desk = desk_with_tag(None);
        let write = [0x42, 0xA2, 0x05, 1, 2, 3, 4];
        assert_eq!(desk.ask(A, &write), Some(vec![0x43, 0x02]));
        assert_eq!(desk.ask(A, &[0x08, 0x63, 0x03, 0x00]), Some(vec![0x09]));
        assert_eq!(desk.ask(A, &write), Some(vec![0x43, 0x00, 0x0A]));
        let answer = desk.ask(A, &[0x42, 0x3A, 0x05, 0x05]).unwrap();
        assert_eq!(answer[2..], [&[1, 2, 3, 4][..], &crc_a(&[1, 2, 3, 4])].concat());
    }

    #[test]
    fn a_host_that_sends_its_own_crc_must_send_the_right_one() {
        let mut desk = desk_with_tag(None);
        assert_eq!(desk.ask(A, &[0x08, 0x63, 0x02, 0x00]), Some(vec![0x09]));
        let [low, high] = crc_a(&[0x30, 0x00]);
        assert_eq!(desk.ask(A, &[0x42, 0x30, 0x00, low, high]).unwrap()[..3], [0x43, 0x00, 0x04]);
        assert_eq!(desk.ask(A, &[0x42, 0x30, 0x00, low, !high]), Some(vec![0x43, 0x01]));
    }

    #[test]
    fn writing_is_acknowledged_without_bytes() {
        let mut desk = desk_with_tag(None);
        assert_eq!(desk.ask(A, &[0x40, 0x01, 0xA2, 0x06, 9, 8, 7, 6]), Some(vec![0x41, 0x00]));
        let compatible = [&[0x40, 0x01, 0xA0, 0x07][..], &[5; 16]].concat();
        assert_eq!(desk.ask(A, &compatible), Some(vec![0x41, 0x00]));
        let memory = desk.field.tags(A).next().unwrap().contents();
        assert_eq!(memory[24..32], [9, 8, 7, 6, 5, 5, 5, 5]);
    }

    #[test]
    fn a_torn_tag_leaves_after_its_last_exchange() {
        let mut desk = desk_with_tag(Some(2));
        assert_eq!(desk.ask(A, &READ).unwrap()[1], 0x00);
        assert_eq!(desk.ask(A, &READ).unwrap()[1], 0x00);
        assert_eq!(desk.ask(A, &READ), Some(vec![0x41, 0x01]));
        assert_eq!(desk.field.tags(A).count(), 0);
    }

    #[test]
    fn an_unanswered_exchange_is_a_timeout() {
        let mut desk = desk_with_tag(None);
        desk.field.faults(A).inflict(Fault::Nak, 1, 1);
        assert_eq!(desk.ask(A, &READ).unwrap()[1], 0x00);
        assert_eq!(desk.ask(A, &READ), Some(vec![0x41, 0x01]));
        assert_eq!(desk.ask(A, &READ).unwrap()[1], 0x00);
    }

    #[test]
    fn a_damaged_answer_is_a_checksum_error() {
        let mut desk = desk_with_tag(None);
        desk.field.faults(A).inflict(Fault::BitError, 2, 0);
        assert_eq!(desk.ask(A, &READ), Some(vec![0x41, 0x02]));
        assert_eq!(desk.ask(A, &[0x42, 0x3A, 0x04, 0x05]), Some(vec![0x43, 0x02]));
        assert_eq!(desk.ask(A, &READ).unwrap()[1], 0x00);
    }

    #[test]
    fn a_reset_chip_knows_no_target_and_finds_it_again() {
        let mut desk = desk_with_tag(None);
        desk.field.reset(A, desk.now);
        assert_eq!(desk.ask(A, &READ), Some(vec![0x41, 0x27]));
        assert!(desk.ask(A, &[0x4A, 0x01, 0x00]).is_some());
    }

    #[test]
    fn a_type_4_tag_sleeps_and_wakes_with_its_block_protocol() {
        let mut desk = Desk::new();
        desk.lay_any(A, &Lay::new(TagKind::Type4, &[1, 2, 3]));
        let found = desk.ask(A, &[0x4A, 0x01, 0x00]).unwrap();
        assert_eq!(found[2..7], [1, 0x03, 0x44, 0x20, 7]);
        let select = [&[0x40, 0x01, 0, 0xA4, 4, 0, 7][..], &APPLICATION, &[0]].concat();
        for _ in 0..2 {
            assert_eq!(desk.ask(A, &select), Some(vec![0x41, 0x00, 0x90, 0x00]));
            assert_eq!(desk.ask(A, &[0x00, 0x06]), Some(vec![0x01, 0x00]));
            assert_eq!(desk.ask(A, &[0x44, 0x01]), Some(vec![0x45, 0x00]));
            assert_eq!(desk.ask(A, &[0x00, 0x06]), Some(vec![0x01, 0x01]));
            assert_eq!(desk.ask(A, &select), Some(vec![0x41, 0x01]));
            assert_eq!(desk.ask(A, &[0x54, 0x01]), Some(vec![0x55, 0x00]));
        }
        let file = [0x40, 0x01, 0, 0xA4, 0, 0x0C, 2, 0xE1, 4];
        assert_eq!(desk.ask(A, &file), Some(vec![0x41, 0x00, 0x6A, 0x82]), "nothing is selected");
    }

    #[test]
    fn a_long_command_may_come_in_parts() {
        let mut desk = desk_with_tag(None);
        assert_eq!(desk.ask(A, &[0x40, 0x41, 0x30]), Some(vec![0x41, 0x00]));
        assert_eq!(desk.ask(A, &[0x40, 0x01, 0x00]).unwrap()[..3], [0x41, 0x00, 0x04]);
    }
}
