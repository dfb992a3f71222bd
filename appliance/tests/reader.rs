//! The reader's thread at a simulated chip: what it tells of badges, phones and another kiosk, and
//! what it does when the chip is gone.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use pn532_simulator::{Event as OnAir, Fault, Lay, Model, Phone, Simulator, TagKind};
use tapcard_appliance::badge::{Badge, Refusal, Written};
use tapcard_appliance::meeting::Meeting;
use tapcard_appliance::offer::{OneOffer, Standing, token_in_message};
use tapcard_appliance::reader::{self, Job, Order, Orders, Place, Report};
use tapcard_appliance::session::Mode;
use tapcard_appliance::trouble::Trouble;
use tapcard_appliance::visitor::Visitor;
use tapcard_nfc::chip::Appearance;
use tapcard_nfc::link::DEFAULT_BAUD;
use tapcard_nfc::ndef::{self, Record};
use tapcard_nfc::{Radio, Settings};
use tapcard_protocol::touch::{TouchKey, TouchToken};
use tapcard_protocol::{Card, TerminalId};
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// Visitors must not stand before a dead reader for longer.
const BAD_NEWS: Duration = Duration::from_secs(5);

/// Two simulated chips.
struct Desk {
    simulator: Option<Simulator>,
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        let mut desk = Desk { simulator: None, folder: tempfile::tempdir().unwrap() };
        desk.start();
        desk
    }

    fn start(&mut self) {
        let (a, b) = (self.path("A"), self.path("B"));
        self.simulator = Some(Simulator::start(&[("A", &a), ("B", &b)], 0).unwrap());
    }

    fn simulator(&self) -> &Simulator {
        self.simulator.as_ref().unwrap()
    }

    fn path(&self, chip: &str) -> PathBuf {
        self.folder.path().join(chip)
    }

    fn kiosk(&self, chip: &str, number: u8) -> Kiosk {
        Kiosk::start(&self.path(chip), number)
    }

    fn wait_for_phone(&self) -> Vec<u8> {
        let until = Instant::now() + PATIENCE;
        loop {
            let heard = self.simulator().phone_heard("A").unwrap();
            if let Some(message) = heard.and_then(|it| it.message) {
                return message;
            }
            assert!(Instant::now() < until, "the phone read nothing");
            std::thread::yield_now();
        }
    }
}

/// A reader and the one who gives it orders.
struct Kiosk {
    orders: Orders,
    reports: Receiver<Report>,
    standing: Standing,
    number: u8,
    n_drawn: u32,
}

impl Kiosk {
    fn start(port: &Path, number: u8) -> Kiosk {
        let (tell, reports) = channel();
        let place = Place {
            settings: Settings::hsu(port, DEFAULT_BAUD),
            appearance: Appearance::default(),
            region: None,
            seed: number.into(),
        };
        let orders = reader::start(place, move |it| drop(tell.send(it))).unwrap();
        let standing = Standing::new(Some("https://cards.example.org".into()));
        Kiosk { orders, reports, standing, number, n_drawn: 0 }
    }

    /// The order of a mode, with the offer that stands; gives the touch that it names.
    fn obey(&mut self, mode: Mode) -> Option<TouchToken> {
        let radio = match mode {
            Mode::Both => Radio::Alternate,
            Mode::Give => Radio::Emulate,
            Mode::Take => Radio::Read,
        };
        let offer = self.offer(mode);
        let token = offer.as_ref().and_then(|it| it.token);
        self.orders.give(Order { radio, offer, job: None });
        token
    }

    fn offer(&mut self, mode: Mode) -> Option<OneOffer> {
        let (number, n_drawn) = (self.number, &mut self.n_drawn);
        let key = TouchKey { epoch: 1, key: [number; 32] };
        self.standing.tag(mode, Some(&Card::named("Ada")), |shown| {
            *n_drawn += 1;
            Some(TouchToken::new(&key, TerminalId::new(number.into()), *n_drawn, shown))
        })
    }

    /// The first report of this kind; those before it are dropped.
    #[track_caller]
    fn see<T>(&self, what: &str, pick: impl Fn(Report) -> Option<T>) -> T {
        self.see_within(what, PATIENCE, pick)
    }

    #[track_caller]
    fn see_within<T>(&self, what: &str, limit: Duration, pick: impl Fn(Report) -> Option<T>) -> T {
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.reports.recv_timeout(left).map(&pick) {
                Ok(Some(picked)) => return picked,
                Ok(None) => {}
                Err(_) => panic!("never told: {what}"),
            }
        }
    }

    fn works(&self) {
        self.see("works", |it| matches!(it, Report::Works).then_some(()));
    }

    fn rests(&self) {
        self.see_within("rests", BAD_NEWS, |it| matches!(it, Report::Rests).then_some(()));
    }

    #[track_caller]
    fn reads(&self) -> Box<Visitor> {
        self.see("read", |it| match it {
            Report::Read(visitor) => Some(visitor),
            _ => None,
        })
    }

    #[track_caller]
    fn is_spent(&mut self) {
        self.see("spent", |it| matches!(it, Report::Spent).then_some(()));
        self.standing.spent();
    }
}

fn badge(name: &str) -> Vec<u8> {
    let card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEND:VCARD\r\n");
    ndef::encode(&[Record::mime("text/vcard", card.as_bytes())]).unwrap()
}

#[test]
fn a_badge_is_told_of_in_the_modes_that_read() {
    let desk = Desk::new();
    let mut kiosk = desk.kiosk("A", 1);
    kiosk.works();
    for (mode, name) in [(Mode::Take, "Bo Ek"), (Mode::Both, "Cy Oz")] {
        kiosk.obey(mode);
        desk.simulator().lay_tag("A", Model::Ntag215, &badge(name), None).unwrap();
        let visitor = kiosk.reads();
        assert_eq!((visitor.card.name().as_str(), visitor.meeting), (name, Meeting::BADGE));
        desk.simulator().clear("A").unwrap();
    }
    desk.simulator().lay_tag("A", Model::Ntag215, &[0xd2, 0xff, 0xff, 1, 2], None).unwrap();
    let trouble = kiosk.see("unreadable", |it| match it {
        Report::Unreadable(trouble) => Some(trouble),
        _ => None,
    });
    assert_eq!(trouble, Trouble::CutOff);
}

#[test]
fn a_phone_reads_one_offer_and_the_next_phone_another() {
    let desk = Desk::new();
    let mut kiosk = desk.kiosk("A", 1);
    kiosk.works();
    for mode in [Mode::Both, Mode::Give, Mode::Both] {
        let token = kiosk.obey(mode);
        desk.simulator().bring_phone("A", Phone::Android).unwrap();
        kiosk.see("parted", |it| matches!(it, Report::Parted { read: true }).then_some(()));
        assert_eq!(token_in_message(&desk.wait_for_phone()), token);
        kiosk.is_spent();
        desk.simulator().take_phone("A").unwrap();
    }
    assert_eq!(kiosk.n_drawn, 3);
}

#[test]
fn a_card_that_a_phone_writes_is_told_of_like_one_that_was_read() {
    let desk = Desk::new();
    let mut kiosk = desk.kiosk("A", 1);
    kiosk.works();
    let touch = kiosk.obey(Mode::Both);
    desk.simulator().bring_phone("A", Phone::WebNfc(Some(badge("Bo Ek")))).unwrap();
    let visitor = kiosk.reads();
    assert_eq!(visitor.card.name(), "Bo Ek");
    assert_eq!(visitor.meeting, Meeting { touch, given: true });
    kiosk.is_spent();
}

#[test]
fn an_offer_that_was_used_up_is_never_shown_again() {
    let desk = Desk::new();
    let mut kiosk = desk.kiosk("A", 1);
    kiosk.works();
    let token = kiosk.obey(Mode::Give);
    desk.simulator().bring_phone("A", Phone::Android).unwrap();
    kiosk.see("parted", |it| matches!(it, Report::Parted { .. }).then_some(()));
    kiosk.see("spent", |it| matches!(it, Report::Spent).then_some(()));
    // Whoever gives orders has not heard of it yet.
    assert_eq!(kiosk.obey(Mode::Give), token);
    kiosk.is_spent();
    assert_ne!(kiosk.obey(Mode::Give), token);
}

#[test]
fn two_kiosks_give_their_touch_one_name() {
    let desk = Desk::new();
    let (mut ada, mut bo) = (desk.kiosk("A", 1), desk.kiosk("B", 2));
    ada.works();
    bo.works();
    let smaller = ada.obey(Mode::Both).min(bo.obey(Mode::Both));
    desk.simulator().near("A", "B").unwrap();
    let meeting = Meeting { touch: smaller, given: true };
    assert_eq!((ada.reads().meeting, bo.reads().meeting), (meeting, meeting));
    ada.is_spent();
    bo.is_spent();
}

#[test]
fn a_kiosk_that_only_gives_is_read_and_stays_unwritten() {
    let desk = Desk::new();
    let (mut ada, mut bo) = (desk.kiosk("A", 1), desk.kiosk("B", 2));
    ada.works();
    bo.works();
    let (_, given) = (ada.obey(Mode::Both), bo.obey(Mode::Give));
    desk.simulator().journal("B").unwrap();
    desk.simulator().near("A", "B").unwrap();
    assert_eq!(ada.reads().meeting, Meeting { touch: given, given: false });
    bo.see("parted", |it| matches!(it, Report::Parted { read: true }).then_some(()));
    let journal = desk.simulator().journal("B").unwrap();
    assert!(!journal.iter().any(|it| matches!(it.event, OnAir::FieldOn)), "{journal:?}");
}

#[test]
fn a_missing_or_silent_chip_is_told_of_in_time_and_comes_back_by_itself() {
    let mut desk = Desk::new();
    desk.simulator = None;
    let mut kiosk = desk.kiosk("A", 1);
    kiosk.rests();
    for radio in [None, Some(Mode::Both), Some(Mode::Give), Some(Mode::Take)] {
        desk.start();
        kiosk.works();
        match radio {
            None => kiosk.orders.give(Order { radio: Radio::Off, offer: None, job: None }),
            Some(mode) => drop(kiosk.obey(mode)),
        }
        desk.simulator().fault("A", Fault::DropAck, u32::MAX).unwrap();
        kiosk.rests();
        desk.simulator = None;
    }
}

fn job(name: &str, lock: bool) -> Order {
    let badge = Badge::new(Card::named(name), Some("https://cards.example.org"));
    Order { radio: Radio::Write, offer: None, job: Some(Job { badge, lock }) }
}

impl Kiosk {
    /// What came of the next tag.
    #[track_caller]
    fn wrote(&self) -> Result<Written, Refusal> {
        self.see("wrote", |it| match it {
            Report::Wrote(outcome) => Some(outcome),
            other => {
                assert!(matches!(other, Report::Writing), "{other:?}");
                None
            }
        })
    }
}

#[test]
fn blank_tags_become_badges_and_nothing_is_taken_for_a_visitors() {
    let desk = Desk::new();
    let mut kiosk = desk.kiosk("A", 1);
    kiosk.works();
    let blank = |model| Lay::new(TagKind::Type2(model), &[]);
    let swap = |what: &Lay| {
        desk.simulator().clear("A").unwrap();
        desk.simulator().lay("A", what).unwrap();
    };
    kiosk.orders.give(job("Ada", false));
    swap(&blank(Model::Ntag215));
    assert!(!kiosk.wrote().unwrap().is_locked);
    let held = desk.simulator().dump("A").unwrap();
    // The next order is for the next tag, not for the one that lies there.
    kiosk.orders.give(job("Ada", true));
    desk.simulator().lay("A", &blank(Model::Ntag213)).unwrap();
    assert_eq!(kiosk.wrote(), Err(Refusal::Two));
    assert_eq!(desk.simulator().dump("A").unwrap(), held);
    swap(&blank(Model::Ntag213));
    assert!(kiosk.wrote().unwrap().is_locked);
    swap(&Lay::new(TagKind::Type2(Model::Ntag215), &badge("Bo Ek")));
    assert_eq!(kiosk.wrote(), Err(Refusal::Holds));
    swap(&blank(Model::Ntag216).torn(30));
    assert_eq!(kiosk.wrote(), Err(Refusal::PulledAway));
    // The same badge again, as a visitor would bring it.
    kiosk.obey(Mode::Take);
    swap(&Lay::new(TagKind::Type2(Model::Ntag215), &badge("Bo Ek")));
    assert_eq!(kiosk.reads().card.name(), "Bo Ek");
}

#[test]
fn badges_are_written_again_once_the_reader_is_back() {
    let mut desk = Desk::new();
    let kiosk = desk.kiosk("A", 1);
    kiosk.works();
    kiosk.orders.give(job("Ada", false));
    desk.simulator = None;
    kiosk.rests();
    desk.start();
    kiosk.works();
    desk.simulator().lay_tag("A", Model::Ntag215, &[], None).unwrap();
    assert!(!kiosk.wrote().unwrap().is_locked);
}
