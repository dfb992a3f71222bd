//! A chip on a table, and somebody who lays tags on it.

#![expect(dead_code, reason = "each test program uses its own part")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pn532_simulator::{Counters, Fault, Lay, Model, Simulator, TagKind};
use tapcard_nfc::chip::Chip;
use tapcard_nfc::link::DEFAULT_BAUD;
use tapcard_nfc::tag::{self, ReadError, WriteError, Written};
use tapcard_nfc::target::{Field, Target};
use tapcard_nfc::type2::reach::Reach;
use tapcard_nfc::{ChipError, Settings, Unreadable, Unwritable};
use tempfile::TempDir;

/// A tag that is there is found in this time.
const IN_TIME: Duration = Duration::from_secs(20);

pub(crate) struct Table {
    pub(crate) simulator: Simulator,
    pub(crate) reach: Reach,
    chip: Option<Chip>,
    folder: TempDir,
}

impl Table {
    /// Chips A and B; ours is A.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let (a, b) = (folder.path().join("A"), folder.path().join("B"));
        let simulator = Simulator::start(&[("A", &a), ("B", &b)], 0).expect("start");
        Self { simulator, reach: Reach::Large, chip: None, folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the terminals of both are, called like their chips.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn lay(&self, what: &Lay) {
        self.simulator.clear("A").expect("A is a chip");
        self.simulator.lay("A", what).expect("there is such a tag");
    }

    pub(crate) fn lay_ntag(&self, model: Model, message: &[u8]) {
        self.lay(&ntag(model, message));
    }

    pub(crate) fn dump(&self) -> Vec<u8> {
        self.simulator.dump("A").expect("a tag lies there")
    }

    pub(crate) fn inflict(&self, fault: Fault, times: u32, after: u32) {
        self.simulator.fault_after("A", fault, times, after).expect("A is a chip");
    }

    /// Commands and bytes since last asked.
    pub(crate) fn counters(&self) -> Counters {
        self.simulator.counters("A").expect("A is a chip")
    }

    fn chip(&mut self) -> &mut Chip {
        let settings = Settings::hsu(&self.path("A"), DEFAULT_BAUD);
        self.chip.get_or_insert_with(|| {
            Chip::open(&settings, Box::new(|| false)).expect("open the chip")
        })
    }

    /// Lets go of the chip, for others to use it.
    pub(crate) fn close(&mut self) {
        self.chip = None;
    }

    /// Finds the one that lies there, anew.
    #[track_caller]
    pub(crate) fn find(&mut self) -> Target {
        let give_up = Instant::now() + IN_TIME;
        self.chip().field_off().expect("the chip is fine");
        loop {
            match self.chip().poll().expect("the chip is fine") {
                Field::One(target) => return target,
                Field::Empty => assert!(Instant::now() < give_up, "nobody came"),
                Field::Two(_) => panic!("two targets"),
            }
        }
    }

    /// Finds both that lie there, anew.
    #[track_caller]
    pub(crate) fn find_two(&mut self) -> [Target; 2] {
        self.chip().field_off().expect("the chip is fine");
        match self.chip().poll().expect("the chip is fine") {
            Field::Two(targets) => targets,
            Field::One(_) | Field::Empty => panic!("not two"),
        }
    }

    /// Reads who lies there.
    #[track_caller]
    pub(crate) fn read(&mut self) -> Result<Vec<u8>, Unreadable> {
        let target = self.find();
        self.read_found(&target).map_err(|error| match error {
            ReadError::Unreadable(reason) => reason,
            ReadError::Chip(error) => panic!("the chip is fine: {error}"),
        })
    }

    pub(crate) fn read_found(&mut self, target: &Target) -> Result<Vec<u8>, ReadError> {
        let mut reach = self.reach;
        let read = tag::read_message(self.chip(), target, &mut reach);
        self.reach = reach;
        read
    }

    /// Writes an NTAG that lies there.
    #[track_caller]
    pub(crate) fn write(&mut self, message: &[u8], lock: bool) -> Result<Written, Unwritable> {
        let target = self.find();
        self.write_found(&target, message, lock)
    }

    #[track_caller]
    pub(crate) fn write_found(
        &mut self,
        target: &Target,
        message: &[u8],
        lock: bool,
    ) -> Result<Written, Unwritable> {
        tag::write_tag(self.chip(), target, message, lock).map_err(unwritable)
    }

    /// Reads a Type 4 tag and writes to it while it is selected.
    #[track_caller]
    pub(crate) fn reply(&mut self, message: &[u8]) -> Result<(), Unwritable> {
        let target = self.find();
        drop(self.read_found(&target));
        self.reply_found(&target, message)
    }

    #[track_caller]
    pub(crate) fn reply_found(
        &mut self,
        target: &Target,
        message: &[u8],
    ) -> Result<(), Unwritable> {
        tag::write_message(self.chip(), target, message).map_err(unwritable)
    }

    #[track_caller]
    pub(crate) fn check_chip(&mut self) {
        let checked: Result<(), ChipError> = self.chip().start();
        checked.expect("the chip is fine");
    }
}

#[track_caller]
fn unwritable(error: WriteError) -> Unwritable {
    match error {
        WriteError::Unwritable(reason) => reason,
        WriteError::Chip(error) => panic!("the chip is fine: {error}"),
    }
}

pub(crate) fn ntag(model: Model, message: &[u8]) -> Lay {
    Lay::new(TagKind::Type2(model), message)
}

/// Bytes that differ from page to page.
pub(crate) fn message(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 251).to_le_bytes()[0]).collect()
}
