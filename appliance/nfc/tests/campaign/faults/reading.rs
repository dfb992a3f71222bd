//! A tag is laid down and read by a unit.

use std::time::Instant;

use pn532_simulator::{Event as OnAir, Fault, Lay, Model, TagKind};
use tapcard_nfc::{Event, Radio, Unit, Unreadable};

use super::{End, IN_TIME, Tally, mend};
use crate::desk::{Desk, only};

/// What lies there, and how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// By FAST_READ of 15 pages.
    Safe,
    /// By FAST_READ of 62 pages.
    Large,
    /// By READ alone.
    Ultralight,
    /// By READ BINARY.
    Type4,
}

impl What {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Safe => "NTAG215, 15 pages",
            Self::Large => "NTAG215, 62 pages",
            Self::Ultralight => "Ultralight",
            Self::Type4 => "Type 4",
        }
    }

    fn tag(self) -> (Lay, Vec<u8>) {
        let (kind, length) = match self {
            Self::Safe | Self::Large => (TagKind::Type2(Model::Ntag215), 395),
            Self::Ultralight => (TagKind::Type2(Model::Ultralight), 44),
            Self::Type4 => (TagKind::Type4, 120),
        };
        let message: Vec<u8> = (0..length).map(|at| (at * 7_usize).to_le_bytes()[0]).collect();
        (Lay::new(kind, &message), message)
    }
}

/// A unit that reads, and the tag that comes and goes.
struct Table {
    desk: Desk,
    unit: Unit,
    tag: Lay,
    message: Vec<u8>,
}

pub(super) fn play(what: What, fault: Fault) -> Tally {
    let mut table = Table::new(what);
    if what == What::Safe {
        table.teach();
    }
    let n_steps = table.n_events();
    let mut tally = Tally::default();
    for after in 0..n_steps {
        table.go();
        table.lay();
        table.desk.simulator.fault_after("A", fault, 1, after).expect("A is a chip");
        let start = Instant::now();
        let end = table.touch();
        let took = start.elapsed();
        mend(&table.desk.simulator, "A", fault);
        let strike = format!("{} with {fault:?} after {after}", what.name());
        let end = match end {
            Ok(()) => End::Whole,
            Err(Failed::Clearly) => End::Clear,
            Err(Failed::Wrongly(event)) => End::Broken(format!("{event:?}")),
        };
        tally.add(&strike, took, end);
        table.go();
        table.lay();
        if let Err(error) = table.touch() {
            tally.broken.push(format!("{strike}: the next touch ends in {error:?}"));
        }
    }
    tally
}

/// How a touch failed.
#[derive(Debug)]
enum Failed {
    /// The tag is to be held still, or the reader rests.
    Clearly,
    /// In something that is not true.
    Wrongly(Option<Event>),
}

impl Table {
    fn new(what: What) -> Self {
        let desk = Desk::new();
        let mut unit = desk.open("A").expect("the chip is fine");
        unit.obey(only(Radio::Read)).expect("the chip is fine");
        let (tag, message) = what.tag();
        Self { desk, unit, tag, message }
    }

    fn lay(&self) {
        self.desk.simulator.lay("A", &self.tag).expect("there is such a tag");
    }

    /// Lets the unit learn from two tags that large spans do not come.
    fn teach(&mut self) {
        for _ in 0..2 {
            self.lay();
            self.desk.simulator.fault_after("A", Fault::Nak, 1, 1).expect("A is a chip");
            self.touch().expect("it falls back");
            self.go();
        }
    }

    /// Steps until the tag was read, or an error was told: one alone is a glitch that the next step
    /// mends.
    fn touch(&mut self) -> Result<(), Failed> {
        let start = Instant::now();
        let mut n_glitches = 0;
        while start.elapsed() < 2 * IN_TIME {
            match self.unit.step() {
                Ok(Event::Nothing | Event::Felt | Event::Gone) => n_glitches = 0,
                Ok(Event::Read(message)) if message == self.message => return Ok(()),
                Ok(Event::Unreadable(Unreadable::PulledAway)) => return Err(Failed::Clearly),
                Ok(event) => return Err(Failed::Wrongly(Some(event))),
                Err(_) if n_glitches > 0 => return Err(Failed::Clearly),
                Err(_) => n_glitches += 1,
            }
        }
        Err(Failed::Wrongly(None))
    }

    /// Takes the tag away and steps until the unit has noticed.
    fn go(&mut self) {
        self.desk.simulator.clear("A").expect("A is a chip");
        let start = Instant::now();
        while start.elapsed() < IN_TIME && !matches!(self.unit.step(), Ok(Event::Gone)) {}
    }

    /// Commands, or frames if there are more, of a touch that goes well.
    fn n_events(&mut self) -> u32 {
        self.desk.simulator.counters("A").expect("A is a chip");
        self.desk.simulator.journal("A").expect("A is a chip");
        self.lay();
        self.touch().expect("nothing is wrong yet");
        let commands = self.desk.simulator.counters("A").expect("A is a chip").commands;
        let journal = self.desk.simulator.journal("A").expect("A is a chip");
        let n_frames = journal.iter().filter(|it| matches!(it.event, OnAir::Sent { .. })).count();
        u32::try_from(commands).expect("a few").max(u32::try_from(n_frames).expect("a few"))
    }
}
