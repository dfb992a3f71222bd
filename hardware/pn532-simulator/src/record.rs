//! What the field remembers of each chip for those who watch: its journal and its time on the air.

use std::time::Duration;

use crate::chip::ChipId;
use crate::field::{Echo, Field};
use crate::journal::{Event, Journal};
use crate::timing;

/// What is remembered of one chip; a reset changes nothing of it.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) journal: Journal,
    /// Time of its exchanges on the air, as reader and as card.
    pub(crate) on_air: Duration,
}

impl Field {
    /// Notes an event at the present time.
    pub(crate) fn note(&mut self, chip: ChipId, event: Event) {
        self.records[chip].journal.note(self.now, event);
    }

    /// A frame of this chip, or for it, has passed the air.
    pub(crate) fn spend(&mut self, chip: ChipId, time: impl Into<Duration>) {
        self.records[chip].on_air += time.into();
    }

    /// A reader has sent a frame.
    pub(crate) fn note_sent(&mut self, chip: ChipId, frame: &[u8], ins: Option<u8>) {
        let code = frame.first().copied().unwrap_or_default();
        self.note(chip, Event::Sent { length: frame.len(), code, ins });
        self.spend(chip, timing::from_reader(frame.len()));
    }

    /// A reader has heard this, if it is something.
    pub(crate) fn spend_on_echo(&mut self, chip: ChipId, echo: &Echo) {
        match echo {
            Echo::Frame(bytes) => self.spend(chip, timing::from_card(bytes.len())),
            Echo::Nibble(_) => self.spend(chip, timing::nibble()),
            Echo::Silence | Echo::Damaged | Echo::Later(_) => {}
        }
    }

    /// An emulated card has heard a frame.
    pub(crate) fn note_heard(&mut self, card: ChipId, frame: &[u8], ins: Option<u8>) {
        let code = frame.first().copied().unwrap_or_default();
        self.note(card, Event::Heard { length: frame.len(), code, ins });
        self.spend(card, timing::from_reader(frame.len()));
    }

    /// An emulated card has sent a frame.
    pub(crate) fn note_replied(&mut self, card: ChipId, frame: &[u8], status: Option<[u8; 2]>) {
        self.note(card, Event::Replied { length: frame.len(), status });
        self.spend(card, timing::from_card(frame.len()));
    }

    /// A chip's own field goes on, unless it is on.
    pub(crate) fn switch_on(&mut self, chip: ChipId) {
        if !std::mem::replace(&mut self.chips[chip].radiates, true) {
            self.note(chip, Event::FieldOn);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::desk::{A, B, Desk};
    use crate::fault::Fault;

    const LIST: [u8; 3] = [0x4A, 0x01, 0x00];

    fn journal(desk: &mut Desk, chip: usize) -> Vec<String> {
        let entries = desk.field.records[chip].journal.take();
        entries.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_reader_notes_its_field_and_its_frames() {
        let mut desk = Desk::new();
        desk.lay(A, 6, None);
        assert!(desk.ask(A, &[0x02]).is_some());
        assert_eq!(journal(&mut desk, A), [""; 0]);
        desk.pass(Duration::from_micros(5));
        assert!(desk.ask(A, &LIST).is_some());
        assert!(desk.ask(A, &[0x42, 0x3A, 0x04, 0x05]).is_some());
        desk.pass(Duration::from_micros(2));
        assert!(desk.ask(A, &[0x52, 0x00]).is_some());
        assert!(desk.ask(A, &[0x32, 0x01, 0x00]).is_some());
        assert!(desk.ask(A, &[0x32, 0x01, 0x00]).is_some());
        let expected = ["5:field-on", "5:found:00", "5:sent:3:3a", "7:sent:2:50", "7:field-off"];
        assert_eq!(journal(&mut desk, A), expected);
        assert_eq!(journal(&mut desk, B), [""; 0]);
    }

    #[test]
    fn a_card_notes_who_came_what_was_asked_and_how_it_answered() {
        let mut desk = Desk::new();
        desk.emulate_on_a(true);
        assert!(desk.ask(B, &LIST).is_some());
        assert!(desk.answer(A).is_some());
        assert_eq!(desk.ask(B, &[0x40, 0x01, 0x00, 0xD6, 0x00, 0x00, 0x02]), None);
        assert!(desk.ask(A, &[0x86]).is_some());
        assert!(desk.ask(A, &[0x8E, 0x69, 0x82]).is_some());
        assert!(desk.answer(B).is_some());
        assert!(desk.ask(B, &[0x44, 0x01]).is_some());
        let expected = [
            "0:activated",
            "0:heard:2:e0",
            "0:replied:5",
            "0:heard:6:02:d6",
            "0:replied:3:6982",
            "0:heard:1:c2",
            "0:replied:1",
            "0:released",
        ];
        assert_eq!(journal(&mut desk, A), expected);
        let expected = ["0:field-on", "0:found:20", "0:sent:2:e0", "0:sent:6:02:d6", "0:sent:1:c2"];
        assert_eq!(journal(&mut desk, B), expected);
        assert_eq!(desk.field.records[A].on_air, desk.field.records[B].on_air);
    }

    #[test]
    fn reading_a_tag_takes_the_time_that_the_standard_gives_it() {
        let mut desk = Desk::new();
        desk.lay(A, 6, None);
        assert!(desk.ask(A, &LIST).is_some());
        assert!(desk.ask(A, &[0x40, 0x01, 0x30, 0x03]).is_some());
        let spent = desk.field.records[A].on_air;
        assert_eq!(spent.as_micros(), crate::shortest_read(10).as_micros());
        assert!(desk.ask(A, &[0x40, 0x01, 0xA2, 0x05, 1, 2, 3, 4]).is_some());
        let writing = desk.field.records[A].on_air - spent;
        assert!(writing > Duration::from_millis(4), "{writing:?}");
        assert!(writing < Duration::from_millis(6), "{writing:?}");
    }

    #[test]
    fn a_frame_without_an_answer_counts_alone() {
        let mut desk = Desk::new();
        desk.lay(A, 6, None);
        assert!(desk.ask(A, &LIST).is_some());
        let before = desk.field.records[A].on_air;
        desk.field.faults(A).inflict(Fault::Nak, 1, 0);
        assert!(desk.ask(A, &[0x40, 0x01, 0x30, 0x03]).is_some());
        let spent = desk.field.records[A].on_air - before;
        assert_eq!(spent, Duration::from(crate::timing::from_reader(2)));
    }

    #[test]
    fn a_card_that_is_given_up_or_taken_away_has_been_released() {
        for ending in 0..4 {
            let mut desk = Desk::new();
            desk.emulate_on_a(true);
            assert!(desk.ask(B, &LIST).is_some());
            match ending {
                0 => desk.field.take_apart(A, B, desk.now),
                1 => desk.field.reset(A, desk.now),
                2 => drop(desk.ask(B, &[0x32, 0x01, 0x00])),
                _ => desk.emulate_on_a(true),
            }
            let notes = journal(&mut desk, A);
            let released = notes.iter().filter(|note| note.ends_with("released")).count();
            assert_eq!(released, 1, "{ending}: {notes:?}");
        }
    }
}
