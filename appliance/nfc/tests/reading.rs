//! The unit as a reader against simulated chips and tags: whole messages, and everything that goes
//! wrong.

mod desk;

use std::path::Path;
use std::time::{Duration, Instant};

use desk::{card, only};
use pn532_simulator::{Fault, Model, Simulator};
use tapcard_nfc::chip::Chip;
use tapcard_nfc::link::DEFAULT_BAUD;
use tapcard_nfc::{ChipError, Event, Radio, Settings, Unit, Unreadable};
use tempfile::TempDir;

/// Steps after which whatever is to be seen has been seen.
const MANY_STEPS: u32 = 6;
/// A kiosk may wait this long for bad news; on a desk it takes half a second.
const IN_TIME: Duration = Duration::from_secs(3);

fn open(path: &Path) -> Result<Unit, ChipError> {
    desk::open(path, Box::new(|| false))
}

/// A reader on a table, and somebody who lays tags on it.
struct Table {
    simulator: Simulator,
    unit: Unit,
    _folder: TempDir,
}

impl Table {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let path = folder.path().join("nfc");
        let simulator = Simulator::start(&[("A", &path)], 0).expect("start the simulator");
        let mut unit = open(&path).expect("open the unit");
        unit.obey(only(Radio::Read)).expect("the chip is fine");
        Self { simulator, unit, _folder: folder }
    }

    fn lay(&self, model: Model, message: &[u8]) {
        self.simulator.lay_tag("A", model, message, None).expect("the message fits");
    }

    fn clear(&self) {
        self.simulator.clear("A").expect("A is a chip");
    }

    fn inflict(&self, fault: Fault, times: u32) {
        self.simulator.fault("A", fault, times).expect("A is a chip");
    }

    #[track_caller]
    fn step(&mut self) -> Event {
        self.unit.step().expect("the chip is fine")
    }

    /// The next steps give exactly these events, `Nothing` left out.
    #[track_caller]
    fn expect(&mut self, events: &[Event]) {
        let seen: Vec<Event> =
            (0..MANY_STEPS).map(|_| self.step()).filter(|it| *it != Event::Nothing).collect();
        assert_eq!(seen, events);
    }
}

/// Bytes that differ from page to page.
fn message(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 251).to_le_bytes()[0]).collect()
}

#[test]
fn a_message_of_any_size_on_any_tag_is_read_whole() {
    let mut table = Table::new();
    for model in [Model::Ntag213, Model::Ntag215, Model::Ntag216] {
        for length in [1, 5, 6, 7, 22, 100, 253, 254, 255, 256, 490, model.capacity()] {
            if length <= model.capacity() {
                table.lay(model, &message(length));
                table.expect(&[Event::Felt, Event::Read(message(length))]);
                table.clear();
                table.expect(&[Event::Gone]);
            }
        }
    }
}

#[test]
fn a_card_of_400_bytes_costs_few_commands() {
    let mut table = Table::new();
    table.lay(Model::Ntag215, &message(395));
    table.simulator.counters("A").unwrap();
    assert_eq!(table.step(), Event::Felt);
    assert_eq!(table.step(), Event::Read(message(395)));
    // One to find it, three to read 399 bytes.
    assert_eq!(table.simulator.counters("A").unwrap().commands, 4);
    // It could be replied to until here.
    assert_eq!(table.step(), Event::Nothing);
    assert_eq!(table.simulator.counters("A").unwrap().commands, 1);
    // A look at what is known, and the field off again.
    assert_eq!(table.step(), Event::Nothing);
    assert_eq!(table.simulator.counters("A").unwrap().commands, 2);
}

#[test]
fn a_tag_that_stays_is_reported_once() {
    let mut table = Table::new();
    table.lay(Model::Ntag213, &message(50));
    table.expect(&[Event::Felt, Event::Read(message(50))]);
    table.expect(&[]);
    table.clear();
    assert_eq!([table.step(), table.step()], [Event::Nothing, Event::Nothing]);
    table.lay(Model::Ntag213, &message(50));
    table.expect(&[]);
    table.clear();
    table.expect(&[Event::Gone]);
    table.lay(Model::Ntag213, &message(50));
    table.expect(&[Event::Felt, Event::Read(message(50))]);
}

#[test]
fn a_badge_on_the_heels_of_another_is_read() {
    let mut table = Table::new();
    table.lay(Model::Ntag213, &message(50));
    table.expect(&[Event::Felt, Event::Read(message(50))]);
    table.clear();
    table.lay(Model::Ntag213, &message(60));
    table.expect(&[Event::Read(message(60))]);
}

#[test]
fn resting_forgets_a_tag_that_was_felt_but_not_one_that_was_read() {
    let mut table = Table::new();
    table.lay(Model::Ntag213, &message(50));
    assert_eq!(table.step(), Event::Felt);
    table.unit.obey(only(Radio::Off)).unwrap();
    table.unit.check().unwrap();
    assert_eq!(table.step(), Event::Nothing);
    table.unit.obey(only(Radio::Read)).unwrap();
    table.expect(&[Event::Felt, Event::Read(message(50))]);
    table.unit.obey(only(Radio::Off)).unwrap();
    table.unit.obey(only(Radio::Read)).unwrap();
    table.expect(&[]);
}

#[test]
fn two_tags_at_once_are_not_read() {
    let mut table = Table::new();
    table.lay(Model::Ntag213, &message(50));
    table.lay(Model::Ntag216, &message(600));
    for _ in 0..MANY_STEPS {
        assert_eq!(table.step(), Event::Two);
    }
    table.clear();
    table.expect(&[Event::Gone]);
    table.lay(Model::Ntag216, &message(600));
    table.expect(&[Event::Felt, Event::Read(message(600))]);
}

#[test]
fn of_two_tags_the_one_that_holds_a_card_is_read() {
    let mut table = Table::new();
    table.lay(Model::Ntag213, &message(50));
    table.lay(Model::Ntag216, &card("Ada"));
    table.expect(&[Event::Read(card("Ada"))]);
    table.expect(&[]);
    table.lay(Model::Ntag213, &card("Bob"));
    table.expect(&[]);
    table.clear();
    table.expect(&[Event::Gone]);
    table.lay(Model::Ntag213, &[]);
    table.lay(Model::Ntag213, &card("Bob"));
    table.expect(&[Event::Read(card("Bob"))]);
}

#[test]
fn of_two_cards_none_is_chosen_until_one_is_gone() {
    let mut table = Table::new();
    table.lay(Model::Ntag215, &card("Ada"));
    table.lay(Model::Ntag216, &card("Bob"));
    for _ in 0..MANY_STEPS {
        assert_eq!(table.step(), Event::Two);
    }
    table.clear();
    table.lay(Model::Ntag216, &card("Bob"));
    table.expect(&[Event::Felt, Event::Read(card("Bob"))]);
}

#[test]
fn a_card_beside_one_that_was_read_is_two() {
    let mut table = Table::new();
    table.lay(Model::Ntag215, &card("Ada"));
    table.expect(&[Event::Felt, Event::Read(card("Ada"))]);
    table.lay(Model::Ntag216, &card("Bob"));
    assert_eq!(table.step(), Event::Two);
    table.clear();
    table.lay(Model::Ntag215, &card("Ada"));
    table.expect(&[]);
}

#[test]
fn an_empty_tag_is_called_empty_once() {
    let mut table = Table::new();
    table.lay(Model::Ntag215, &[]);
    table.expect(&[Event::Felt, Event::Unreadable(Unreadable::Empty)]);
    table.expect(&[]);
}

#[test]
fn a_tag_pulled_away_half_way_is_told_at_every_point() {
    let mut table = Table::new();
    table.lay(Model::Ntag216, &message(800));
    assert_eq!(table.step(), Event::Felt);
    table.simulator.counters("A").unwrap();
    assert_eq!(table.step(), Event::Read(message(800)));
    let n_exchanges = u32::try_from(table.simulator.counters("A").unwrap().commands).unwrap();
    table.clear();
    table.expect(&[Event::Gone]);
    assert!(n_exchanges >= 4);
    for n_heard in 1..n_exchanges {
        let lay = table.simulator.lay_tag("A", Model::Ntag216, &message(800), Some(n_heard));
        lay.unwrap();
        let torn = [Event::Felt, Event::Unreadable(Unreadable::PulledAway), Event::Gone];
        table.expect(&torn);
        table.lay(Model::Ntag216, &message(800));
        table.expect(&[Event::Felt, Event::Read(message(800))]);
        table.clear();
        table.expect(&[Event::Gone]);
    }
}

#[test]
fn a_tag_that_misses_a_frame_is_read_all_the_same() {
    let mut table = Table::new();
    for n_misses in 1..=2 {
        table.lay(Model::Ntag215, &message(120));
        assert_eq!(table.step(), Event::Felt);
        table.inflict(Fault::Nak, n_misses);
        assert_eq!(table.step(), Event::Read(message(120)));
        table.clear();
        table.expect(&[Event::Gone]);
    }
    table.lay(Model::Ntag215, &message(120));
    assert_eq!(table.step(), Event::Felt);
    table.inflict(Fault::Nak, 3);
    let hold_still = Event::Unreadable(Unreadable::PulledAway);
    table.expect(&[hold_still, Event::Felt, Event::Read(message(120))]);
}

#[test]
fn a_fault_on_the_line_is_an_error_and_the_next_step_recovers() {
    for fault in [Fault::DropAck, Fault::BadChecksum, Fault::Stall] {
        let mut table = Table::new();
        table.inflict(fault, 1);
        let error = table.unit.step().unwrap_err();
        assert!(matches!(error, ChipError::NoAnswer | ChipError::Garbled), "{fault:?}: {error}");
        table.lay(Model::Ntag215, &message(300));
        assert_eq!(table.step(), Event::Felt, "{fault:?}");
        table.inflict(fault, 1);
        let error = table.unit.step().unwrap_err();
        assert!(matches!(error, ChipError::NoAnswer | ChipError::Garbled), "{fault:?}: {error}");
        table.expect(&[Event::Felt, Event::Read(message(300))]);
    }
}

#[test]
fn a_failed_command_is_aborted_and_the_next_one_heard() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nfc");
    let simulator = Simulator::start(&[("A", &path)], 0).unwrap();
    let mut chip = Chip::open(&Settings::hsu(&path, DEFAULT_BAUD), Box::new(|| false)).unwrap();
    for fault in [Fault::DropAck, Fault::BadChecksum, Fault::Stall] {
        simulator.fault("A", fault, 1).unwrap();
        simulator.counters("A").unwrap();
        assert!(chip.check().is_err(), "{fault:?}");
        // GetFirmwareVersion takes 9 bytes, the ACK that ends it 6.
        assert_eq!(simulator.counters("A").unwrap().to_chip, 9 + 6, "{fault:?}");
        chip.check().unwrap_or_else(|error| panic!("after {fault:?}: {error}"));
    }
}

#[test]
fn a_fault_while_the_reader_opens_is_survived() {
    for fault in [Fault::DropAck, Fault::BadChecksum, Fault::Stall] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nfc");
        let simulator = Simulator::start(&[("A", &path)], 0).unwrap();
        simulator.fault("A", fault, 1).unwrap();
        open(&path).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
    }
}

#[test]
fn a_chip_that_hangs_is_an_error_each_time_until_it_wakes() {
    let mut table = Table::new();
    table.inflict(Fault::Stall, 5);
    let n_errors = (0..MANY_STEPS).filter(|_| table.unit.step().is_err()).count();
    // One stalled poll, then two tries to start the chip a step.
    assert_eq!(n_errors, 3);
}

#[test]
fn a_pulled_cable_is_an_error_at_once() {
    let Table { simulator, mut unit, _folder } = Table::new();
    drop(simulator);
    let start = Instant::now();
    assert!(matches!(unit.step().unwrap_err(), ChipError::Io(_)));
    assert!(matches!(unit.step().unwrap_err(), ChipError::Io(_)));
    assert!(start.elapsed() < IN_TIME);
}
