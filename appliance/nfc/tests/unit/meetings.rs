//! Two units face to face.

use std::time::{Duration, Instant};

use tapcard_nfc::{Event, Radio};

use crate::MOMENT;
use crate::desk::{Desk, Kiosk, Told, card, only, order};
use crate::hand::roles;

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
