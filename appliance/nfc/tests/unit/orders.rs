//! What an order, an interrupt or a fault does to a unit that is busy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pn532_simulator::{Fault, Model};
use tapcard_nfc::{Event, Radio};

use crate::MOMENT;
use crate::desk::{self, Desk, card, only, order};
use crate::hand::{Hand, READ_ALL, nlen, roles};

#[test]
fn an_order_in_the_middle_of_a_touch_holds_from_the_next_frame() {
    for next in [only(Radio::Read), only(Radio::Off), order(Radio::Emulate, &card("Eve"), false)] {
        let desk = Desk::near();
        let giver = desk.run("A", order(Radio::Emulate, &card("Ada"), true));
        let mut hand = Hand::new(&desk, "B");
        hand.open_file();
        hand.ask(b"\x00\xb0\x00\x00\x02").unwrap();
        giver.expect(Event::Met);
        giver.obey(next.clone());
        desk.simulator.journal("A").unwrap();
        assert_eq!(hand.ask(READ_ALL), None);
        assert_eq!(giver.all_within(MOMENT), [], "{next:?}");
        let (was_card, _) = roles(&desk.simulator, "A");
        assert!(!was_card, "{next:?}");
    }
}

/// Somebody brings an order after each command of a touch, also with a fault on the chip's line.
#[test]
fn an_order_is_obeyed_on_the_air_in_spite_of_a_glitch() {
    let glitches = [Fault::DropAck, Fault::BadChecksum, Fault::ErrorFrame, Fault::CutAnswer];
    for fault in glitches {
        let desk = Desk::near();
        let giver = desk.run("A", order(Radio::Emulate, &card("Ada"), true));
        let mut hand = Hand::new(&desk, "B");
        hand.open_file();
        hand.ask(b"\x00\xb0\x00\x00\x02").unwrap();
        giver.expect(Event::Met);
        desk.simulator.fault("A", fault, 1).unwrap();
        giver.obey(only(Radio::Read));
        desk.simulator.journal("A").unwrap();
        assert_eq!(hand.ask(READ_ALL), None);
        assert!(!roles(&desk.simulator, "A").0, "{fault:?}");
    }
}

#[test]
fn a_step_that_is_interrupted_sends_nothing() {
    for radio in [Radio::Read, Radio::Emulate, Radio::Alternate] {
        let desk = Desk::new();
        let mut unit = desk::open(&desk.path("A"), Box::new(|| true)).unwrap();
        unit.obey(order(radio, &card("Ada"), true)).unwrap();
        desk.simulator.counters("A").unwrap();
        assert_eq!(unit.step().unwrap(), Event::Interrupted, "{radio:?}");
        assert_eq!(unit.pause(), Duration::ZERO);
        assert_eq!(desk.simulator.counters("A").unwrap().commands, 0, "{radio:?}");
    }
}

#[test]
fn a_touch_goes_on_after_an_interrupt_without_an_order() {
    let desk = Desk::near();
    let flag = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&flag);
    let wants = Box::new(move || asked.swap(false, Ordering::SeqCst));
    let mut unit = desk::open(&desk.path("A"), wants).unwrap();
    unit.obey(order(Radio::Emulate, &card("Ada"), true)).unwrap();
    let mut hand = Hand::new(&desk, "B");
    let reader = std::thread::spawn(move || {
        hand.open_file();
        let file = hand.ask(READ_ALL);
        hand.leave();
        file
    });
    let (mut n_interrupts, mut n_partings) = (0, 0);
    while n_partings == 0 {
        flag.store(true, Ordering::SeqCst);
        // Each second step may do its work.
        for _ in 0..2 {
            match unit.step().unwrap() {
                Event::Interrupted => n_interrupts += 1,
                Event::Parted { read } => n_partings += u32::from(read),
                _ => {}
            }
        }
    }
    assert!(n_interrupts > 3);
    assert_eq!(reader.join().unwrap().unwrap()[..2], nlen(&card("Ada")));
}

#[test]
fn a_tag_on_a_unit_that_alternates_is_read_once_and_then_gone() {
    let desk = Desk::new();
    let unit = desk.run("A", order(Radio::Alternate, &card("Ada"), true));
    desk.simulator.lay_tag("A", Model::Ntag215, &card("Bob"), None).unwrap();
    unit.expect(Event::Felt);
    unit.expect(Event::Read(card("Bob")));
    assert_eq!(unit.all_within(MOMENT), []);
    desk.simulator.clear("A").unwrap();
    unit.expect(Event::Gone);
}
