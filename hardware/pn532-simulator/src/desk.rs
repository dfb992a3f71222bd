//! A field on a desk, for unit tests: commands in, answers out, and a clock that the test moves.

use std::time::Duration;

use crate::chip::ChipId;
use crate::field::{Answer, Field};
use crate::lay::Lay;
use crate::model::Model;
use crate::tag::Tag;
use crate::type2::Type2;

pub(crate) const A: ChipId = 0;
pub(crate) const B: ChipId = 1;

pub(crate) struct Desk {
    pub(crate) field: Field,
    pub(crate) now: Duration,
}

impl Desk {
    /// Two chips near each other.
    pub(crate) fn new() -> Self {
        let mut field = Field::new(2);
        field.bring_near(A, B, Duration::ZERO);
        Self { field, now: Duration::ZERO }
    }

    pub(crate) fn lay(&mut self, chip: ChipId, last_byte: u8, leaves_after: Option<u32>) {
        let uid = [0x04, 1, 2, 3, 4, 5, last_byte];
        let tag = Type2::with_message(Model::Ntag215, uid, &[0xD0, 0x00, 0x00]);
        self.field.lay(chip, Tag::Type2(tag), leaves_after, self.now);
    }

    /// Lays any tag, which must be possible.
    pub(crate) fn lay_any(&mut self, chip: ChipId, lay: &Lay) {
        self.field.lay(chip, lay.tag(0).unwrap(), lay.leaves_after, self.now);
    }

    /// Gives a command (without the frame identifier) and takes its answer, if there is one yet.
    pub(crate) fn ask(&mut self, chip: ChipId, command: &[u8]) -> Option<Vec<u8>> {
        self.field.execute(chip, &[&[0xD4], command].concat(), self.now);
        self.answer(chip)
    }

    /// The one answer that this chip has for its host; those of others stay.
    pub(crate) fn answer(&mut self, chip: ChipId) -> Option<Vec<u8>> {
        let (mine, others) = self.field.take_answers().into_iter().partition(|(to, _)| *to == chip);
        self.field.put_back(others);
        let mine: Vec<(ChipId, Answer)> = mine;
        assert!(mine.len() < 2, "two answers: {mine:02x?}");
        mine.into_iter().next().map(|(_, answer)| match answer {
            Answer::Packet(packet) => packet[1..].to_vec(),
            Answer::SyntaxError => vec![0x7F],
        })
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.field.expire(self.now);
    }

    /// Chip A becomes a card that speaks ISO/IEC 14443-4 if the flag is set.
    pub(crate) fn emulate_on_a(&mut self, iso_dep: bool) {
        let flags = if iso_dep { 0x34 } else { 0x14 };
        assert_eq!(self.ask(A, &[0x12, flags]), Some(vec![0x13]));
        let mut init = vec![0x8C, 0x05, 0x04, 0x00, 0x12, 0x34, 0x56];
        init.push(if iso_dep { 0x20 } else { 0x00 });
        init.extend([0; 30]);
        assert_eq!(self.ask(A, &init), None);
    }
}
