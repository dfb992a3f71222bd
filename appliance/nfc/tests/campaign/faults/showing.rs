//! A unit is a card, and somebody reads it, and writes to it where it takes cards.

use std::time::{Duration, Instant};

use pn532_simulator::Fault;
use tapcard_nfc::Event;
use tapcard_nfc::type4::OK;

use super::{End, Tally, mend};
use crate::desk::{Desk, Kiosk, Told, card};
use crate::hand::{ERASE, Hand, READ_ALL, SELECT_NDEF, nlen, select_application};
use crate::mode::Mode;

/// How long the hand looks for the card.
const LOOKS: Duration = Duration::from_millis(1500);
/// Whatever has happened, the unit has told of it by then.
const NOTICED: Duration = Duration::from_secs(4);

/// What happens to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It is read, in mode Give.
    Given,
    /// It is read and written to, in mode Both.
    Exchanged,
}

impl What {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Given => "card, is read",
            Self::Exchanged => "card, is written",
        }
    }

    fn mode(self) -> Mode {
        match self {
            Self::Given => Mode::Give,
            Self::Exchanged => Mode::Both,
        }
    }

    /// Commands to the chip from the order on, in a touch that goes well.
    fn n_steps(self) -> u32 {
        match self {
            Self::Given => 12,
            Self::Exchanged => 18,
        }
    }
}

pub(super) fn play(what: What, fault: Fault) -> Tally {
    let mut tally = Tally::default();
    let desk = Desk::near();
    let unit = desk.run("A", what.mode().order(&card("Ada")));
    let mut hand = Hand::new(&desk, "B");
    for after in 0..what.n_steps() {
        let strike = format!("{} with {fault:?} after {after}", what.name());
        let own = card(&format!("Ada {after}"));
        desk.simulator.fault_after("A", fault, 1, after).expect("A is a chip");
        unit.order(what.mode().order(&own));
        let touch = Touch::of(&mut hand, what, &own);
        hand.leave();
        let told = Story::of(&unit, &touch);
        mend(&desk.simulator, "A", fault);
        tally.add(&strike, told.took, told.judge(&touch, what));
        if !next_works(&unit, &mut hand, what) {
            tally.broken.push(format!("{strike}: the next touch fails"));
        }
    }
    tally
}

/// What the hand got out of a touch.
#[derive(Default)]
struct Touch {
    /// When it found the card.
    found: Option<Instant>,
    /// The card was read, and written to as far as it is to be.
    is_whole: bool,
    /// The card was read, but as something that it never was.
    is_wrong: bool,
    /// The last command of a writing was sent, and may have been heard.
    has_written: bool,
}

/// What the hand writes.
fn theirs() -> Vec<u8> {
    card("Bob")
}

impl Touch {
    fn of(hand: &mut Hand, what: What, own: &[u8]) -> Self {
        let mut touch = Self::default();
        let start = Instant::now();
        while !hand.finds() {
            if start.elapsed() > LOOKS {
                return touch;
            }
        }
        touch.found = Some(Instant::now());
        let opening = [&select_application()[..], SELECT_NDEF];
        if opening.iter().all(|it| hand.ask(it).as_deref() == Some(&OK[..]))
            && let Some(file) = hand.ask(READ_ALL)
        {
            touch.is_wrong = file[..2] != nlen(own) || file[2..][..own.len()] != *own;
            touch.is_whole = what == What::Given || touch.write(hand);
        }
        touch
    }

    fn write(&mut self, hand: &mut Hand) -> bool {
        let theirs = theirs();
        let is_ok = |answer: Option<Vec<u8>>| answer.as_deref() == Some(&OK[..]);
        if !is_ok(hand.ask(ERASE)) || !is_ok(hand.update(2, &theirs)) {
            return false;
        }
        self.has_written = true;
        is_ok(hand.update(0, &nlen(&theirs)))
    }
}

/// What the unit tells of a touch.
#[derive(Default)]
struct Story {
    told: Vec<Told>,
    /// From the touch to the last word on it.
    took: Duration,
}

impl Story {
    /// Listens until the touch is over: whoever has used the card parts from it, and an error has
    /// ended what was less.
    fn of(unit: &Kiosk, touch: &Touch) -> Self {
        let mut story = Self::default();
        let Some(found) = touch.found else { return story };
        while !story.is_over(touch)
            && let Some(left) = (found + NOTICED).checked_duration_since(Instant::now())
        {
            if let Some(told) = unit.next_within(left) {
                story.told.push(told);
                story.took = found.elapsed();
            }
        }
        story
    }

    fn is_over(&self, touch: &Touch) -> bool {
        let is_parted = self.told.iter().any(|it| matches!(it, Told::Event(Event::Parted { .. })));
        let has_failed = self.told.iter().any(|it| matches!(it, Told::Failed(_)));
        is_parted || (has_failed && !touch.is_whole)
    }

    /// What it tells must be what the hand did.
    fn judge(&self, touch: &Touch, what: What) -> End {
        let written = |it: &&Told| matches!(it, Told::Event(Event::Written(_)));
        let written: Vec<&Told> = self.told.iter().filter(written).collect();
        let is_theirs = |it: &&Told| **it == Told::Event(Event::Written(theirs()));
        let broken = if touch.is_wrong {
            "it showed what nobody offers"
        } else if !written.iter().all(is_theirs) || written.len() > usize::from(touch.has_written) {
            "it told of what was not written"
        } else if touch.is_whole && what == What::Exchanged && written.is_empty() {
            "it does not tell what was written"
        } else if touch.is_whole && !self.is_over(touch) {
            "it does not tell that the touch is over"
        } else {
            return if touch.is_whole { End::Whole } else { End::Clear };
        };
        End::Broken(format!("{broken}: {:?}", self.told))
    }
}

fn next_works(unit: &Kiosk, hand: &mut Hand, what: What) -> bool {
    let own = card("Eve");
    unit.obey(what.mode().order(&own));
    let touch = Touch::of(hand, what, &own);
    hand.leave();
    let story = Story::of(unit, &touch);
    matches!(story.judge(&touch, what), End::Whole)
}
