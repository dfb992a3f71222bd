//! Units that are cards to one another: what is exchanged, what an order stops, and what nobody may
//! ever see.

mod desk;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use desk::{Desk, Kiosk, PATIENCE, Told, card, only, order};
use pn532_simulator::{Event as OnAir, Fault, Model, Phone, Simulator, Write};
use tapcard_nfc::chip::{Appearance, Chip};
use tapcard_nfc::link::DEFAULT_BAUD;
use tapcard_nfc::target::{Field, Target};
use tapcard_nfc::type4::{NDEF_APPLICATION, OK};
use tapcard_nfc::{Event, Radio, Settings};

/// A moment in which something that must not happen has its chance.
const MOMENT: Duration = Duration::from_millis(600);
const SELECT_NDEF: &[u8] = b"\x00\xa4\x00\x0c\x02\xe1\x04";
const READ_ALL: &[u8] = b"\x00\xb0\x00\x00\x00";
const ERASE: &[u8] = b"\x00\xd6\x00\x00\x02\x00\x00";

fn select_application() -> Vec<u8> {
    [&[0x00, 0xa4, 0x04, 0x00, 0x07][..], &NDEF_APPLICATION, &[0x00]].concat()
}

/// What a kiosk in each mode orders: it gives and takes, only gives, or only takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Both,
    Give,
    Take,
}

impl Mode {
    const ALL: [Self; 3] = [Self::Both, Self::Give, Self::Take];

    fn order(self, message: &[u8]) -> tapcard_nfc::Order {
        match self {
            Self::Both => order(Radio::Alternate, message, true),
            Self::Give => order(Radio::Emulate, message, false),
            Self::Take => only(Radio::Read),
        }
    }

    /// Only who gives and takes writes back.
    fn reply(self, message: &[u8]) -> Option<Vec<u8>> {
        (self == Self::Both).then(|| message.to_vec())
    }
}

/// A reader whose commands the test chooses.
struct Hand {
    chip: Chip,
    target: Option<Target>,
}

impl Hand {
    fn new(desk: &Desk, chip: &str) -> Self {
        let settings = Settings::hsu(&desk.path(chip), DEFAULT_BAUD);
        let chip = Chip::open(&settings, Box::new(|| false)).expect("the chip is fine");
        Self { chip, target: None }
    }

    /// Finds a card.
    fn touch(&mut self) {
        let give_up = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < give_up, "nobody is there");
            if let Field::One(target) = self.chip.poll().expect("the chip is fine") {
                self.target = Some(target);
                return;
            }
        }
    }

    fn leave(&mut self) {
        self.chip.field_off().expect("the chip is fine");
    }

    fn is_anybody_there(&mut self) -> bool {
        let found = self.chip.poll().expect("the chip is fine");
        self.leave();
        found != Field::Empty
    }

    /// What the card answers; `None` if nothing.
    fn ask(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let target = self.target.as_ref().expect("somebody was touched");
        self.chip.exchange(target, command).ok()
    }

    #[track_caller]
    fn open_file(&mut self) {
        self.touch();
        for command in [&select_application()[..], SELECT_NDEF] {
            assert_eq!(self.ask(command).as_deref(), Some(&OK[..]));
        }
    }

    fn update(&mut self, offset: usize, bytes: &[u8]) -> Option<Vec<u8>> {
        let [p1, p2] = u16::try_from(offset).expect("an offset").to_be_bytes();
        let lc = u8::try_from(bytes.len()).expect("one command's");
        self.ask(&[&[0x00, 0xd6, p1, p2, lc], bytes].concat())
    }
}

fn nlen(message: &[u8]) -> [u8; 2] {
    u16::try_from(message.len()).expect("short enough").to_be_bytes()
}

/// Whether a chip was seen as a card, or with a field, since last asked.
fn roles(simulator: &Simulator, chip: &str) -> (bool, bool) {
    let events: Vec<OnAir> =
        simulator.journal(chip).expect("a chip").iter().map(|entry| entry.event).collect();
    let was_card = events.iter().any(|it| matches!(it, OnAir::Activated | OnAir::Replied { .. }));
    (was_card, events.contains(&OnAir::FieldOn))
}

#[test]
fn two_units_in_every_pair_of_modes() {
    std::thread::scope(|scope| {
        for (a, b) in Mode::ALL.into_iter().flat_map(|a| Mode::ALL.map(|b| (a, b))) {
            scope.spawn(move || meet(a, b));
        }
    });
}

fn meet(a: Mode, b: Mode) {
    let (ada, bob) = (card("Ada"), card("Bob"));
    let desk = Desk::near();
    let units = [
        desk.run_and_reply("A", a.order(&ada), a.reply(&ada)),
        desk.run_and_reply("B", b.order(&bob), b.reply(&bob)),
    ];
    check_meeting([a, b], &units, [&ada, &bob]);
    for (mode, chip) in [(a, "A"), (b, "B")] {
        let (was_card, had_field) = roles(&desk.simulator, chip);
        assert!(mode != Mode::Take || !was_card, "{a:?} {b:?} {chip}");
        assert!(mode != Mode::Give || !had_field, "{a:?} {b:?} {chip}");
    }
}

/// Who takes has the other's card, and has it once; who gives knows that it was read.
fn check_meeting(modes: [Mode; 2], units: &[Kiosk; 2], cards: [&[u8]; 2]) {
    let told: Vec<Vec<Told>> = units.iter().map(|unit| unit.all_within(MOMENT * 4)).collect();
    for (me, other) in [(0, 1), (1, 0)] {
        let (mine, theirs) = (modes[me], modes[other]);
        let what = format!("{mine:?} with {theirs:?}: {:?}", told[me]);
        let read = Told::Event(Event::Read(cards[other].to_vec()));
        let written = Told::Event(Event::Written(cards[other].to_vec()));
        let n_got = told[me].iter().filter(|it| **it == read || **it == written).count();
        let takes = mine != Mode::Give && theirs != Mode::Take;
        assert_eq!(n_got, usize::from(takes), "{what}");
        let gives = mine != Mode::Take && theirs != Mode::Give;
        let was_read = told[me].contains(&Told::Event(Event::Parted { read: true }));
        // Of two that give and take, the one that reads replies, and need not be read.
        let has_replied = told[me].contains(&Told::Replied(true));
        assert_eq!(was_read || has_replied, gives, "{what}");
        assert!(!told[me].iter().any(|it| matches!(it, Told::Failed(_))), "{what}");
    }
}

#[test]
fn two_units_that_alternate_meet_within_seconds() {
    let mut times = Vec::new();
    for _ in 0..10 {
        let desk = Desk::new();
        let units = [
            desk.run("A", order(Radio::Alternate, &card("Ada"), true)),
            desk.run("B", order(Radio::Alternate, &card("Bob"), true)),
        ];
        let start = Instant::now();
        desk.simulator.near("A", "B").unwrap();
        assert!(matches!(units[0].next(), Some(Told::Event(Event::Felt | Event::Met))));
        times.push(start.elapsed());
    }
    times.sort_unstable();
    assert!(times[times.len() / 2] < Duration::from_secs(3), "{times:?}");
}

#[test]
fn the_partner_that_stays_is_reported_once_though_its_offers_change() {
    let desk = Desk::near();
    let taker = desk.run("A", only(Radio::Read));
    let giver = desk.run("B", order(Radio::Emulate, &card("Bob"), true));
    taker.expect(Event::Felt);
    taker.expect(Event::Read(card("Bob")));
    giver.expect(Event::Met);
    giver.expect(Event::Parted { read: true });
    for _ in 0..3 {
        giver.obey(order(Radio::Emulate, &card("Bob"), true));
        assert_eq!(taker.all_within(MOMENT).iter().filter(|it| is_read(it)).count(), 0);
    }
}

fn is_read(told: &Told) -> bool {
    matches!(told, Told::Event(Event::Read(_)))
}

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

/// Every command of an emulation, struck by every fault.
#[test]
fn a_fault_in_the_middle_of_a_touch_ends_soon_and_the_next_touch_works() {
    const COMMANDS: u32 = 10;
    std::thread::scope(|scope| {
        for (name, fault) in Fault::NAMED.into_iter().filter(|(_, it)| *it != Fault::Deaf) {
            scope.spawn(move || (0..COMMANDS).for_each(|after| strike(name, fault, after)));
        }
    });
}

fn strike(name: &str, fault: Fault, after: u32) {
    let desk = Desk::near();
    let giver = desk.run("A", order(Radio::Emulate, &card("Ada"), true));
    let mut hand = Hand::new(&desk, "B");
    desk.simulator.fault_after("A", fault, 1, after).expect("A is a chip");
    let start = Instant::now();
    if let Ok(Field::One(target)) = hand.chip.poll() {
        hand.target = Some(target);
        let talk = [&select_application()[..], SELECT_NDEF, ERASE, b"\x00\xd6\x00\x02\x01x"];
        let is_whole = talk.iter().all(|it| hand.ask(it).as_deref() == Some(&OK[..]));
        assert!(start.elapsed() < Duration::from_secs(3), "{name} {after}");
        hand.leave();
        if is_whole {
            // The fault may strike what the unit does to hear more.
            let mut told = std::iter::from_fn(|| giver.next());
            let parted = Told::Event(Event::Parted { read: false });
            assert_eq!(told.find(|it| !matches!(it, Told::Failed(_))), Some(parted));
        }
    }
    // The fault may strike the order itself; then it is given again.
    desk.simulator.spare("A").expect("A is a chip");
    giver.obey(order(Radio::Emulate, &card("Eve"), true));
    hand.open_file();
    let file = hand.ask(READ_ALL).expect("the next touch works");
    assert_eq!(file[2..][..card("Eve").len()], card("Eve"), "{name} {after}");
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
fn a_tag_on_a_unit_that_alternates_is_read_once_and_soon_gone() {
    let desk = Desk::new();
    let unit = desk.run("A", order(Radio::Alternate, &card("Ada"), true));
    desk.simulator.lay_tag("A", Model::Ntag215, &card("Bob"), None).unwrap();
    unit.expect(Event::Felt);
    unit.expect(Event::Read(card("Bob")));
    assert_eq!(unit.all_within(MOMENT), []);
    desk.simulator.clear("A").unwrap();
    let start = Instant::now();
    unit.expect(Event::Gone);
    assert!(start.elapsed() < Duration::from_secs(1));
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
