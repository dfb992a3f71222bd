//! PyPI's nfcpy reads tags, and the card that libnfc emulates on another chip.

use std::fs;
use std::process::Stdio;

use pn532_simulator::{Lay, Model, TagKind};

use crate::desk::{Desk, hex, message};

#[test]
fn nfcpy_reads_a_message_byte_for_byte() {
    for (model, product, length) in
        [(Model::Ntag213, "NXP NTAG213", 137), (Model::Ntag215, "NXP NTAG215", 395)]
    {
        let desk = Desk::new();
        desk.simulator.lay_tag("B", model, &message(length), None).unwrap();
        let said = desk.read_with_nfcpy("B");
        assert_eq!(said("type"), "Type2Tag");
        assert_eq!(said("product"), product);
        assert_eq!(said("message"), hex(&message(length)));
    }
}

#[test]
fn nfcpy_reads_every_kind_of_tag() {
    let extended = Lay::new(TagKind::Type4V3, &message(300)).extended().mle(255);
    let lays = [
        ("Type4Tag", 300, Lay::new(TagKind::Type4, &message(300))),
        ("Type4Tag", 60, Lay::new(TagKind::Type4, &message(60)).mle(15).locked()),
        ("Type4Tag", 300, Lay::new(TagKind::Type4V3, &message(300))),
        ("Type4Tag", 300, extended),
        ("Type2Tag", 46, Lay::new(TagKind::Type2(Model::Ultralight), &message(46))),
        ("Type2Tag", 100, Lay::new(TagKind::Type2(Model::Ntag213), &message(100)).locked()),
    ];
    for (kind, length, lay) in lays {
        let desk = Desk::new();
        desk.simulator.lay("B", &lay).unwrap();
        let said = desk.read_with_nfcpy("B");
        assert_eq!(said("type"), kind, "{lay:?}");
        assert_eq!(said("message"), hex(&message(length)), "{lay:?}");
    }
}

#[test]
fn nfcpy_finds_no_message_where_there_is_none_to_be_had() {
    let ntag = TagKind::Type2(Model::Ntag213);
    let lays = [
        Lay::new(TagKind::Payment, &[]),
        Lay::new(ntag, &[]).blank(),
        Lay::new(ntag, &message(100)).protected(),
    ];
    for lay in lays {
        let desk = Desk::new();
        desk.simulator.lay("B", &lay).unwrap();
        assert_eq!(desk.read_with_nfcpy("B")("message"), "none", "{lay:?}");
    }
}

#[test]
fn nfcpy_reads_the_card_that_libnfc_emulates_on_another_chip() {
    let desk = Desk::new();
    fs::write(desk.path("card.ndef"), message(200)).unwrap();
    desk.simulator.near("A", "B").unwrap();
    let mut emulator = desk.libnfc("A", "nfc-emulate-forum-tag4");
    emulator.arg("card.ndef").stdout(Stdio::null());
    let emulator = emulator.stderr(Stdio::piped()).spawn().unwrap();

    let said = desk.read_with_nfcpy("B");
    assert_eq!(said("type"), "Type4Tag");
    assert_eq!(said("message"), hex(&message(200)));

    desk.simulator.apart("A", "B").unwrap();
    let said = emulator.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("Target Released"), "{said}");
}
