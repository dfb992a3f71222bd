//! What one touch of an emulated card is, and what nobody may ever see.

use std::time::Instant;

use pn532_simulator::{Fault, Phone, Write};
use tapcard_nfc::chip::Appearance;
use tapcard_nfc::link::DEFAULT_BAUD;
use tapcard_nfc::type4::OK;
use tapcard_nfc::{Event, Radio, Settings};

use crate::MOMENT;
use crate::desk::{self, Desk, Told, card, only, order};
use crate::hand::{ERASE, Hand, READ_ALL, nlen, roles, select_application};

#[test]
fn an_offer_is_good_for_one_touch_and_an_activation_that_reads_nothing_leaves_it() {
    let desk = Desk::near();
    let giver = desk.run("A", order(Radio::Emulate, &card("Ada"), false));
    let mut hand = Hand::new(&desk, "B");
    for _ in 0..3 {
        hand.touch();
        assert_eq!(hand.ask(&select_application()).as_deref(), Some(&OK[..]));
        hand.leave();
    }
    hand.open_file();
    assert_eq!(hand.ask(READ_ALL).unwrap()[..2], nlen(&card("Ada")));
    giver.expect(Event::Met);
    hand.leave();
    giver.expect(Event::Parted { read: true });
    let give_up = Instant::now() + MOMENT;
    while Instant::now() < give_up {
        assert!(!hand.is_anybody_there());
    }
    giver.obey(order(Radio::Emulate, &card("Ada"), false));
    hand.touch();
}

#[test]
fn what_was_only_begun_is_parted_unread() {
    let desk = Desk::near();
    let giver = desk.run("A", order(Radio::Emulate, &card("Ada"), false));
    let mut hand = Hand::new(&desk, "B");
    hand.open_file();
    hand.ask(b"\x00\xb0\x00\x00\x02").unwrap();
    giver.expect(Event::Met);
    hand.leave();
    giver.expect(Event::Parted { read: false });
}

/// Cut points: the writer leaves after so many commands, in a way that is not the last time's.
#[test]
fn what_one_reader_writes_the_next_one_never_sees() {
    let desk = Desk::near();
    let (own, theirs) = (card("Ada"), card("Mallory"));
    let parts = [
        (0, vec![0, 0]),
        (2, theirs[..40].to_vec()),
        (42, theirs[40..].to_vec()),
        (0, nlen(&theirs).to_vec()),
    ];
    let giver = desk.run("A", order(Radio::Emulate, &own, true));
    let mut hand = Hand::new(&desk, "B");
    for is_pulled_away in [false, true] {
        for n_parts in 0..=parts.len() {
            hand.open_file();
            for (offset, bytes) in &parts[..n_parts] {
                assert_eq!(hand.update(*offset, bytes).as_deref(), Some(&OK[..]));
            }
            if n_parts == parts.len() {
                giver.expect(Event::Written(theirs.clone()));
            }
            if is_pulled_away {
                desk.simulator.apart("A", "B").unwrap();
                desk.simulator.near("A", "B").unwrap();
            }
            hand.leave();
            if n_parts > 0 {
                giver.expect(Event::Parted { read: false });
                giver.obey(order(Radio::Emulate, &own, true));
            }
            hand.open_file();
            let file = hand.ask(READ_ALL).unwrap();
            assert_eq!(file[..2], nlen(&own));
            assert_eq!(file[2..][..own.len()], own);
            let rest = &file[2 + own.len()..file.len() - 2];
            assert!(rest.iter().all(|byte| *byte == 0), "after {n_parts} parts");
            hand.leave();
            giver.expect(Event::Met);
            giver.expect(Event::Parted { read: true });
            giver.obey(order(Radio::Emulate, &own, true));
        }
    }
}

#[test]
fn a_written_card_is_told_once_and_read_back_in_the_same_touch() {
    let desk = Desk::near();
    let giver = desk.run("A", order(Radio::Emulate, &card("Ada"), true));
    let mut hand = Hand::new(&desk, "B");
    hand.open_file();
    assert_eq!(hand.ask(ERASE).as_deref(), Some(&OK[..]));
    hand.update(2, b"hello").unwrap();
    hand.update(0, &[0, 5]).unwrap();
    giver.expect(Event::Written(b"hello".to_vec()));
    assert_eq!(hand.ask(READ_ALL).unwrap()[..7], *b"\x00\x05hello");
    hand.update(0, &[0, 5]).unwrap();
    hand.leave();
    giver.expect(Event::Parted { read: false });
}

#[test]
fn a_written_card_is_told_though_the_chip_garbles_what_became_of_the_last_answer() {
    let desk = Desk::near();
    let giver = desk.run("A", order(Radio::Emulate, &card("Ada"), true));
    let mut hand = Hand::new(&desk, "B");
    hand.open_file();
    hand.update(0, &[0, 0]).unwrap();
    hand.update(2, b"hello").unwrap();
    // The command's frame passes, what becomes of the answer to it does not.
    desk.simulator.fault_after("A", Fault::BadChecksum, 1, 1).unwrap();
    assert_eq!(hand.update(0, &[0, 5]).as_deref(), Some(&OK[..]), "the reader believes it");
    assert!(matches!(giver.next(), Some(Told::Failed(_))));
    giver.expect(Event::Written(b"hello".to_vec()));
    giver.expect(Event::Parted { read: false });
}

#[test]
fn a_reader_that_falls_silent_is_given_up_and_the_next_one_served() {
    let desk = Desk::near();
    let giver = desk.run("A", order(Radio::Emulate, &card("Ada"), true));
    let mut hand = Hand::new(&desk, "B");
    hand.open_file();
    hand.update(0, &[0, 0]).unwrap();
    // It keeps its field on and says no more.
    giver.expect(Event::Parted { read: false });
    assert_eq!(hand.ask(READ_ALL), None);
    giver.obey(order(Radio::Emulate, &card("Ada"), true));
    hand.open_file();
    assert_eq!(hand.ask(READ_ALL).unwrap()[..2], nlen(&card("Ada")));
}

#[test]
fn phones_read_the_offer_and_write_where_they_may() {
    let (own, theirs) = (card("Ada"), card("Mallory"));
    for phone in [Phone::Iphone, Phone::Android, Phone::WebNfc(Some(theirs.clone()))] {
        for writable in [true, false] {
            let writes = matches!(phone, Phone::WebNfc(_));
            let desk = Desk::new();
            let giver = desk.run("A", order(Radio::Alternate, &own, writable));
            desk.simulator.bring_phone("A", phone.clone()).unwrap();
            giver.expect(Event::Met);
            if writes && writable {
                giver.expect(Event::Written(theirs.clone()));
            }
            giver.expect(Event::Parted { read: true });
            let heard = desk.simulator.phone_heard("A").unwrap().expect("it read to the end");
            assert_eq!(heard.message.as_deref(), Some(&own[..]), "{phone:?}");
            let done = if writable { Write::Written } else { Write::Refused([0x69, 0x82]) };
            assert_eq!(heard.write, writes.then_some(done), "{phone:?}");
        }
    }
}

#[test]
fn a_card_looks_as_its_habits_say() {
    let desk = Desk::near();
    let historical = b"Tapcard".to_vec();
    let appearance = Appearance { sel_res: 0x60, historical, ..Appearance::default() };
    let settings = Settings::hsu(&desk.path("A"), DEFAULT_BAUD);
    let habits = tapcard_nfc::Habits { appearance, ..desk::habits(1) };
    let mut unit = tapcard_nfc::Unit::open(&settings, habits, Box::new(|| false)).unwrap();
    unit.obey(order(Radio::Emulate, &card("Ada"), true)).unwrap();
    assert_eq!(unit.step().unwrap(), Event::Nothing);
    let mut hand = Hand::new(&desk, "B");
    hand.touch();
    assert_eq!(hand.target.unwrap().sel_res, 0x60);
}

#[test]
fn without_an_offer_nothing_is_shown() {
    for radio in [Radio::Emulate, Radio::Alternate, Radio::Off, Radio::Read] {
        let desk = Desk::near();
        let message = card("Ada");
        let is_shown = matches!(radio, Radio::Emulate | Radio::Alternate);
        let idle = desk.run("A", if is_shown { only(radio) } else { order(radio, &message, true) });
        let mut hand = Hand::new(&desk, "B");
        let give_up = Instant::now() + MOMENT;
        while Instant::now() < give_up {
            assert!(!hand.is_anybody_there(), "{radio:?}");
        }
        let (was_card, had_field) = roles(&desk.simulator, "A");
        assert!(!was_card);
        assert_eq!(had_field, matches!(radio, Radio::Read | Radio::Alternate), "{radio:?}");
        drop(idle);
    }
}

#[test]
fn an_offer_whose_last_answer_was_lost_counts_as_unread() {
    let desk = Desk::near();
    let giver = desk.run("A", order(Radio::Emulate, &card("Ada"), false));
    let mut hand = Hand::new(&desk, "B");
    // Two commands to open the file and one to read it, each heard and answered.
    desk.simulator.fault_after("A", Fault::FieldLost, 1, 5).unwrap();
    hand.open_file();
    assert_eq!(hand.ask(READ_ALL), None);
    giver.expect(Event::Parted { read: false });
}
