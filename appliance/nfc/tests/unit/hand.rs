//! A reader whose commands the test chooses, and what was seen on the air.

use std::time::Instant;

use pn532_simulator::{Event as OnAir, Simulator};
use tapcard_nfc::Settings;
use tapcard_nfc::chip::Chip;
use tapcard_nfc::link::DEFAULT_BAUD;
use tapcard_nfc::target::{Field, Target};
use tapcard_nfc::type4::{NDEF_APPLICATION, OK};

use crate::desk::{Desk, PATIENCE};

pub(crate) const SELECT_NDEF: &[u8] = b"\x00\xa4\x00\x0c\x02\xe1\x04";

pub(crate) const READ_ALL: &[u8] = b"\x00\xb0\x00\x00\x00";

pub(crate) const ERASE: &[u8] = b"\x00\xd6\x00\x00\x02\x00\x00";

pub(crate) fn select_application() -> Vec<u8> {
    [&[0x00, 0xa4, 0x04, 0x00, 0x07][..], &NDEF_APPLICATION, &[0x00]].concat()
}

/// A reader whose commands the test chooses.
pub(crate) struct Hand {
    pub(crate) chip: Chip,
    pub(crate) target: Option<Target>,
}

impl Hand {
    pub(crate) fn new(desk: &Desk, chip: &str) -> Self {
        let settings = Settings::hsu(&desk.path(chip), DEFAULT_BAUD);
        let chip = Chip::open(&settings, Box::new(|| false)).expect("the chip is fine");
        Self { chip, target: None }
    }

    /// Finds a card.
    pub(crate) fn touch(&mut self) {
        let give_up = Instant::now() + PATIENCE;
        while !self.finds() {
            assert!(Instant::now() < give_up, "nobody is there");
        }
    }

    /// Whether a card is there; then it is the one that is spoken to. The field stays on.
    pub(crate) fn finds(&mut self) -> bool {
        self.target = match self.chip.poll().expect("the chip is fine") {
            Field::One(target) => Some(target),
            Field::Empty | Field::Two(_) => None,
        };
        self.target.is_some()
    }

    pub(crate) fn leave(&mut self) {
        self.chip.field_off().expect("the chip is fine");
    }

    pub(crate) fn is_anybody_there(&mut self) -> bool {
        let found = self.chip.poll().expect("the chip is fine");
        self.leave();
        found != Field::Empty
    }

    /// What the card answers; `None` if nothing.
    pub(crate) fn ask(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let target = self.target.as_ref().expect("somebody was touched");
        self.chip.exchange(target, command).ok()
    }

    #[track_caller]
    pub(crate) fn open_file(&mut self) {
        self.touch();
        for command in [&select_application()[..], SELECT_NDEF] {
            assert_eq!(self.ask(command).as_deref(), Some(&OK[..]));
        }
    }

    pub(crate) fn update(&mut self, offset: usize, bytes: &[u8]) -> Option<Vec<u8>> {
        let [p1, p2] = u16::try_from(offset).expect("an offset").to_be_bytes();
        let lc = u8::try_from(bytes.len()).expect("one command's");
        self.ask(&[&[0x00, 0xd6, p1, p2, lc], bytes].concat())
    }
}

pub(crate) fn nlen(message: &[u8]) -> [u8; 2] {
    u16::try_from(message.len()).expect("short enough").to_be_bytes()
}

/// Whether a chip was seen as a card, or with a field, since last asked.
pub(crate) fn roles(simulator: &Simulator, chip: &str) -> (bool, bool) {
    let events: Vec<OnAir> =
        simulator.journal(chip).expect("a chip").iter().map(|entry| entry.event).collect();
    let was_card = events.iter().any(|it| matches!(it, OnAir::Activated | OnAir::Replied { .. }));
    (was_card, events.contains(&OnAir::FieldOn))
}
