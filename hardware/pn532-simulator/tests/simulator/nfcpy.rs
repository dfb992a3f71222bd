//! PyPI's nfcpy reads tags, and the card that libnfc emulates on another chip.

use std::fs;
use std::process::Stdio;

use pn532_simulator::Model;

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
