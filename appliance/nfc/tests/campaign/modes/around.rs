//! Who comes to the unit and goes while it is watched.

use std::time::{Duration, Instant};

use pn532_simulator::{Model, Phone};

use super::libnfc::{Card, Met, Reader};
use crate::desk::{Desk, Kiosk, Told, card};
use crate::mode::Mode;

/// How long each of them stays.
const STAY: Duration = Duration::from_millis(800);

/// Who is there by turns. A tag does not go in the presence of a phone, which would go too.
#[derive(Clone, Copy, PartialEq)]
enum Guest {
    Tag,
    Phone,
    Unit,
    Reader,
    Card,
}

const TURNS: [Guest; 5] = [Guest::Tag, Guest::Unit, Guest::Phone, Guest::Reader, Guest::Card];

/// Everybody.
pub(super) struct Around<'a> {
    desk: &'a Desk,
    other: Kiosk,
    reader: Reader,
    card: Card<'a>,
    turn: usize,
    until: Instant,
    n_phones: usize,
}

impl<'a> Around<'a> {
    pub(super) fn new(desk: &'a Desk, time: Duration) -> Self {
        Self {
            desk,
            other: desk.run("other", Mode::Both.order(&card("Bob"))),
            reader: Reader::start(&desk.path("reader"), time),
            card: Card::start(desk.folder(), "card"),
            turn: 0,
            until: Instant::now(),
            n_phones: 0,
        }
    }

    /// Lets the next one come when the last has been there long enough. Two of them overlap, so that
    /// somebody is always there.
    pub(super) fn stir(&mut self) {
        self.card.stir();
        while let Some(told) = self.other.next_within(Duration::ZERO) {
            if matches!(told, Told::Event(tapcard_nfc::Event::Parted { .. })) {
                self.other.order(Mode::Both.order(&card("Bob")));
            }
        }
        if Instant::now() < self.until {
            return;
        }
        self.until = Instant::now() + STAY;
        let leaves = TURNS[(self.turn + TURNS.len() - 1) % TURNS.len()];
        self.leave(leaves);
        self.come(TURNS[(self.turn + 1) % TURNS.len()]);
        self.turn = (self.turn + 1) % TURNS.len();
    }

    fn come(&mut self, guest: Guest) {
        let simulator = &self.desk.simulator;
        match guest {
            Guest::Tag => simulator.lay_tag("A", Model::Ntag215, &card("Cy"), None),
            Guest::Phone => simulator.bring_phone("A", Phone::WebNfc(Some(card("Dee")))),
            Guest::Unit => simulator.near("A", "other"),
            Guest::Reader => simulator.near("A", "reader"),
            Guest::Card => simulator.near("A", "card"),
        }
        .expect("they are there");
    }

    fn leave(&mut self, guest: Guest) {
        let simulator = &self.desk.simulator;
        match guest {
            Guest::Tag => simulator.clear("A"),
            Guest::Phone => {
                let heard = simulator.phone_heard("A").expect("A is a chip");
                self.n_phones += usize::from(heard.is_some());
                simulator.take_phone("A")
            }
            Guest::Unit => simulator.apart("A", "other"),
            Guest::Reader => simulator.apart("A", "reader"),
            Guest::Card => simulator.apart("A", "card"),
        }
        .expect("they are there");
    }

    /// Phones that have read a card to its end.
    pub(super) fn n_phones(&self) -> usize {
        self.n_phones
    }

    /// Everybody goes: what libnfc met as a reader, and how often it was met as a card.
    pub(super) fn end(self) -> (Met, usize) {
        (self.reader.end(), self.card.end())
    }
}
