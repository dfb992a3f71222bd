//! Which command goes where: the only place that knows all of them.
//! Source: PN532 User Manual UM0701-02 §7.

use std::time::Duration;

use crate::chip::ChipId;
use crate::command::{self, Command};
use crate::field::{Answer, Field};
use crate::journal::Event;

/// RFConfiguration item that switches the field on and off (§7.3.1).
const RF_FIELD: u8 = 0x01;

impl Field {
    /// Carries out a command from a chip's host, cancelling what it was doing.
    pub(crate) fn execute(&mut self, chip: ChipId, packet: &[u8], now: Duration) {
        self.now = now;
        self.cancel(chip);
        match command::parse(packet) {
            Ok(command) => self.carry_out(chip, packet[1], command, now),
            Err(command::SyntaxError) => self.answers.push((chip, Answer::SyntaxError)),
        }
        self.sweep(now);
    }

    fn carry_out(&mut self, chip: ChipId, code: u8, command: Command, now: Duration) {
        match command {
            Command::InListPassiveTarget { most, modulation, initiator } => {
                self.list_targets(chip, usize::from(most), modulation, initiator, now);
            }
            Command::InAutoPoll { rounds, period, kinds } => {
                self.poll_automatically(chip, rounds, period, &kinds, now);
            }
            Command::InDataExchange { target, more, bytes } => {
                self.exchange(chip, target, more, &bytes, now);
            }
            Command::InCommunicateThru(bytes) => self.communicate_thru(chip, &bytes, now),
            Command::InSelect(target) => self.reselect(chip, target),
            Command::InDeselect(target) => self.let_go(chip, code, target, false),
            Command::InRelease(target) => {
                if target == 0 {
                    self.end_emulation(chip, now);
                }
                self.let_go(chip, code, target, true);
            }
            Command::TgInitAsTarget(parameters) => self.become_target(chip, parameters, now),
            Command::TgGetData | Command::TgGetInitiatorCommand => {
                self.listen_to_reader(chip, code, now);
            }
            Command::TgSetData { more, bytes } => self.answer_reader(chip, code, &bytes, more, now),
            Command::TgResponseToInitiator(bytes) => {
                self.answer_reader(chip, code, &bytes, false, now);
            }
            Command::TgGetTargetStatus => self.tell_target_status(chip),
            Command::Diagnose { test: 0x06, .. } => self.ask_for_attention(chip),
            other => {
                match &other {
                    Command::RfConfiguration { item: RF_FIELD, values }
                        if values.first().is_some_and(|on| on & 1 == 0) =>
                    {
                        self.switch_off(chip, now);
                    }
                    Command::RfConfiguration { item: RF_FIELD, .. } => self.switch_on(chip),
                    Command::PowerDown => {
                        self.end_emulation(chip, now);
                        self.switch_off(chip, now);
                    }
                    _ => {}
                }
                let bytes = self.chips[chip].alone(&other).expect("all others need no radio");
                self.answer(chip, code, &bytes);
            }
        }
    }

    /// Without a field every tag forgets its state and every emulated card its reader.
    pub(crate) fn switch_off(&mut self, chip: ChipId, now: Duration) {
        if std::mem::take(&mut self.chips[chip].radiates) {
            self.note(chip, Event::FieldOff);
        }
        self.antennas[chip].lose_power();
        for other in 0..self.chips.len() {
            if self.is_selected_by(other, chip) {
                self.lose_reader(other, now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::desk::{A, B, Desk};
    use crate::lay::{Lay, TagKind};
    use crate::phone::Phone;

    #[test]
    fn no_packet_makes_the_field_panic_whatever_the_chips_are_doing() {
        let reader_has_card = |desk: &mut Desk| {
            desk.emulate_on_a(true);
            assert!(desk.ask(B, &[0x4A, 0x01, 0x00]).is_some());
        };
        let tag_selected = |desk: &mut Desk| {
            desk.lay(B, 6, Some(1));
            assert!(desk.ask(B, &[0x4A, 0x02, 0x00]).is_some());
        };
        let others = |desk: &mut Desk| {
            desk.lay_any(B, &Lay::new(TagKind::Type4, &[1, 2, 3]));
            desk.lay_any(B, &Lay::new(TagKind::Classic, &[]));
            assert!(desk.ask(B, &[0x4A, 0x02, 0x00]).is_some());
            desk.emulate_on_a(true);
            desk.field.bring_phone(A, Phone::Iphone, desk.now);
        };
        let preparations: [&dyn Fn(&mut Desk); 4] =
            [&|_| {}, &reader_has_card, &tag_selected, &others];
        for prepare in preparations {
            for code in 0..=255 {
                for length in 0..48 {
                    for filling in [0x00, 0x01, 0x30, 0xFF] {
                        let mut desk = Desk::new();
                        prepare(&mut desk);
                        let mut packet = vec![0xD4, code];
                        packet.resize(2 + length, filling);
                        for chip in [B, A] {
                            desk.field.execute(chip, &packet, desk.now);
                        }
                        desk.pass(Duration::from_secs(5));
                        desk.field.take_apart(A, B, desk.now);
                    }
                }
            }
        }
    }
}
