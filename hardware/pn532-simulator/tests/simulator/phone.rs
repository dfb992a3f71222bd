//! Phones near a card that libnfc emulates, and one that a plain host answers for.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use pn532_simulator::{Event, Heard, Phone, Write};

use crate::desk::{Desk, message};
use crate::host::{ACK, Host};

const PATIENCE: Duration = Duration::from_secs(20);

/// libnfc's Type 4 tag on chip A; killed when dropped.
struct Emulator(Child);

impl Emulator {
    fn start(desk: &Desk) -> Self {
        fs::write(desk.path("card.ndef"), message(200)).unwrap();
        let mut command = desk.libnfc("A", "nfc-emulate-forum-tag4");
        command.arg("card.ndef").stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn wait_until_heard(desk: &Desk) -> Heard {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(heard) = desk.simulator.phone_heard("A").unwrap() {
            return heard;
        }
        assert!(Instant::now() < deadline, "the phone has read nothing");
        std::thread::yield_now();
    }
}

#[test]
fn an_android_phone_reads_the_card_that_libnfc_emulates() {
    let desk = Desk::new();
    desk.simulator.bring_phone("A", Phone::Android).unwrap();
    let _emulator = Emulator::start(&desk);
    assert_eq!(wait_until_heard(&desk), Heard { message: Some(message(200)), write: None });
}

/// libnfc's emulator ends itself at the first command that it does not know, so the rest of what an
/// iPhone sends is tested beside the code.
#[test]
fn an_iphone_asks_libnfcs_card_for_something_else_first() {
    let desk = Desk::new();
    desk.simulator.bring_phone("A", Phone::Iphone).unwrap();
    let mut emulator = Emulator::start(&desk);
    emulator.0.wait().unwrap();
    assert_eq!(desk.simulator.phone_heard("A").unwrap(), None);
    let journal = desk.simulator.journal("A").unwrap();
    let asked: Vec<_> = journal
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::Heard { ins, .. } => ins,
            _ => None,
        })
        .collect();
    assert_eq!(asked[..3], [0xA4, 0xA4, 0x60]);
}

#[test]
fn a_card_with_nothing_but_refusals_is_let_go_and_the_journal_knows_all_of_it() {
    let desk = Desk::new();
    let mut host = Host::open(&desk.path("A"));
    assert_eq!(host.ask(&[0x12, 0x34]), [0x13]);
    let mut init = vec![0x8C, 0x05, 0x04, 0x00, 0x12, 0x34, 0x56, 0x20];
    init.extend([0; 30]);
    host.send(&init);
    assert_eq!(host.read(6), ACK);
    desk.simulator.bring_phone("A", Phone::WebNfc(Some(message(50)))).unwrap();
    assert_eq!(host.answer(), [0x8D, 0x08, 0xE0, 0x80]);
    while host.ask(&[0x86])[1] == 0x00 {
        assert_eq!(host.ask(&[0x8E, 0x6A, 0x82]), [0x8F, 0x00]);
    }
    assert_eq!(wait_until_heard(&desk), Heard::default());
    let journal: Vec<_> =
        desk.simulator.journal("A").unwrap().into_iter().map(|entry| entry.event).collect();
    assert_eq!((journal[0], journal.last().copied()), (Event::Activated, Some(Event::Released)));
    assert!(!journal.contains(&Event::FieldOn));
    let refusals = journal
        .iter()
        .filter(|event| matches!(event, Event::Replied { status: Some([0x6A, 0x82]), .. }));
    assert_eq!(refusals.count(), 2, "{journal:?}");
}

#[test]
fn a_page_writes_to_the_card_that_libnfc_emulates() {
    let desk = Desk::new();
    let _emulator = Emulator::start(&desk);
    desk.simulator.bring_phone("A", Phone::WebNfc(Some(message(90)))).unwrap();
    let heard = wait_until_heard(&desk);
    assert_eq!((heard.message, heard.write), (Some(message(200)), Some(Write::Written)));
}
