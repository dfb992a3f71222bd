//! Two units face to face. What comes of it in every pair of modes is played in `../campaign`.

use tapcard_nfc::{Event, Radio};

use crate::MOMENT;
use crate::desk::{Desk, Told, card, only, order};

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
