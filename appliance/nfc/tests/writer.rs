//! The unit as a writer against simulated tags: each is told of once, written whole or not at all, and
//! never taken for a visitor's.

mod desk;

use desk::{Desk, card, only, order};
use pn532_simulator::{Event as OnAir, Lay, Model, TagKind};
use tapcard_nfc::tag::WriteError;
use tapcard_nfc::{ChipError, Event, Radio, Unit, Unreadable, Unwritable};

/// Steps after which whatever is to be seen has been seen.
const MANY_STEPS: u32 = 6;

const NTAG213: TagKind = TagKind::Type2(Model::Ntag213);
const NTAG215: TagKind = TagKind::Type2(Model::Ntag215);

fn writer(desk: &Desk) -> Unit {
    let mut unit = desk.open("A").expect("open the unit");
    unit.obey(only(Radio::Write)).expect("the chip is fine");
    unit
}

fn swap(desk: &Desk, what: &Lay) {
    desk.simulator.clear("A").expect("A is a chip");
    desk.simulator.lay("A", what).expect("there is such a tag");
}

/// The next steps give exactly these events, `Nothing` left out.
#[track_caller]
fn expect(unit: &mut Unit, events: &[Event]) {
    let mut step = || unit.step().expect("the chip is fine");
    let seen: Vec<Event> =
        (0..MANY_STEPS).map(|_| step()).filter(|it| *it != Event::Nothing).collect();
    assert_eq!(seen, events);
}

#[track_caller]
fn lay(desk: &Desk, unit: &mut Unit, what: &Lay) -> Result<Vec<u8>, Unreadable> {
    swap(desk, what);
    loop {
        match unit.step().expect("the chip is fine") {
            Event::Laid(found) => return found,
            Event::Nothing | Event::Gone => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_tag_is_told_of_once_whatever_is_written_to_it() {
    let desk = Desk::new();
    let mut unit = writer(&desk);
    assert_eq!(lay(&desk, &mut unit, &Lay::new(NTAG215, &[])), Err(Unreadable::Empty));
    let written = unit.write(&card("Ada"), false).expect("it is blank");
    assert_eq!((written.capacity, written.is_locked), (492, false));
    expect(&mut unit, &[]);
    desk.simulator.clear("A").unwrap();
    expect(&mut unit, &[Event::Gone]);
    assert_eq!(lay(&desk, &mut unit, &Lay::new(NTAG215, &card("Bo"))), Ok(card("Bo")));
}

#[test]
fn the_next_tag_is_news_although_the_field_was_never_empty() {
    let desk = Desk::new();
    let mut unit = writer(&desk);
    for what in [Lay::new(NTAG213, &[]), Lay::new(NTAG215, &[]), Lay::new(NTAG213, &[])] {
        swap(&desk, &what);
        expect(&mut unit, &[Event::Laid(Err(Unreadable::Empty))]);
    }
}

#[test]
fn a_tag_laid_beside_the_one_that_was_written_does_not_make_it_news_again() {
    let desk = Desk::new();
    let mut unit = writer(&desk);
    assert_eq!(lay(&desk, &mut unit, &Lay::new(NTAG215, &[])), Err(Unreadable::Empty));
    desk.simulator.lay("A", &Lay::new(NTAG213, &[])).unwrap();
    expect(&mut unit, &[Event::Two]);
    swap(&desk, &Lay::new(NTAG215, &[]));
    expect(&mut unit, &[]);
}

#[test]
fn a_message_that_is_too_long_can_be_shortened_at_once() {
    let desk = Desk::new();
    let mut unit = writer(&desk);
    assert_eq!(lay(&desk, &mut unit, &Lay::new(NTAG213, &[]).blank()), Err(Unreadable::NotNdef));
    let reason = unit.write(&[0x55; 138], true).expect_err("it holds 137 bytes");
    let too_small = Unwritable::TooSmall { capacity: 137 };
    assert!(matches!(reason, WriteError::Unwritable(it) if it == too_small), "{reason}");
    assert!(unit.write(&card("Ada"), true).expect("it fits").is_locked);
}

#[test]
fn a_tag_that_did_not_hold_still_is_news_as_soon_as_it_is_found_again() {
    let desk = Desk::new();
    let mut unit = writer(&desk);
    let torn = Lay::new(NTAG215, &[]).torn(20);
    assert_eq!(lay(&desk, &mut unit, &torn), Err(Unreadable::Empty));
    let reason = unit.write(&card("Ada"), false).expect_err("it was pulled away");
    assert!(matches!(reason, WriteError::Unwritable(Unwritable::PulledAway)), "{reason}");
    swap(&desk, &Lay::new(NTAG215, &[]));
    expect(&mut unit, &[Event::Laid(Err(Unreadable::Empty))]);
    unit.write(&card("Ada"), false).expect_err("it is not selected any more");
}

#[test]
fn an_order_ends_a_write_and_the_tag_is_news_to_the_next() {
    let desk = Desk::new();
    let wants = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let asked = wants.clone();
    let interrupt = move || asked.load(std::sync::atomic::Ordering::SeqCst);
    let mut unit = desk::open(&desk.path("A"), Box::new(interrupt)).expect("open the unit");
    unit.obey(only(Radio::Write)).unwrap();
    assert_eq!(lay(&desk, &mut unit, &Lay::new(NTAG215, &[])), Err(Unreadable::Empty));
    wants.store(true, std::sync::atomic::Ordering::SeqCst);
    let ended = unit.write(&card("Ada"), true).expect_err("somebody wants the radio");
    assert!(matches!(ended, WriteError::Chip(ChipError::Interrupted)), "{ended}");
    wants.store(false, std::sync::atomic::Ordering::SeqCst);
    unit.obey(only(Radio::Write)).unwrap();
    expect(&mut unit, &[Event::Laid(Err(Unreadable::Empty))]);
}

#[test]
fn a_writer_is_no_card_and_its_field_is_off_between_two_polls() {
    let desk = Desk::near();
    let mut unit = desk.open("A").expect("open the unit");
    unit.obey(order(Radio::Write, &card("Ada"), true)).expect("the chip is fine");
    desk.simulator.journal("A").unwrap();
    expect(&mut unit, &[]);
    let journal = desk.simulator.journal("A").unwrap();
    let count = |wanted: fn(&OnAir) -> bool| journal.iter().filter(|it| wanted(&it.event)).count();
    let n_on = count(|it| matches!(it, OnAir::FieldOn));
    assert_eq!((n_on, count(|it| matches!(it, OnAir::FieldOff))), (6, 6));
    assert_eq!(count(|it| matches!(it, OnAir::Activated)), 0);
}
