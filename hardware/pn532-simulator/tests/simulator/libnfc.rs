//! Debian's libnfc reads and lists what the simulator shows.

use std::fs;

use pn532_simulator::{Lay, Model, TagKind};

use crate::desk::{Desk, hex, message, run};

#[test]
fn nfc_mfultralight_reads_every_byte_of_every_model() {
    for (model, length) in [(Model::Ntag213, 137), (Model::Ntag215, 395), (Model::Ntag216, 868)] {
        let desk = Desk::new();
        desk.simulator.lay_tag("A", model, &message(length), None).unwrap();
        let said = run(desk.libnfc("A", "nfc-mfultralight").args(["r", "dump.mfd"]));
        assert!(said.contains(&format!("{model:?}").to_uppercase()), "{said}");
        let read = fs::read(desk.path("dump.mfd")).unwrap();
        assert_eq!(hex(&read), hex(&desk.simulator.dump("A").unwrap()));
    }
}

#[test]
fn nfc_mfultralight_writes_a_tag() {
    let desk = Desk::new();
    let simulator = &desk.simulator;
    simulator.lay_tag("A", Model::Ntag213, &message(50), None).unwrap();
    run(desk.libnfc("A", "nfc-mfultralight").args(["r", "other.mfd"]));
    simulator.clear("A").unwrap();
    let mut wanted = fs::read(desk.path("other.mfd")).unwrap();
    wanted[30] ^= 0xFF;
    fs::write(desk.path("other.mfd"), &wanted).unwrap();

    simulator.lay_tag("A", Model::Ntag213, &message(50), None).unwrap();
    let mut write = desk.libnfc("A", "nfc-mfultralight");
    write.args(["w", "other.mfd", "--with-uid", &hex(&uid(&desk))]);
    let answers = desk.path("answers");
    // It asks whether to write lock bytes, capability container and dynamic lock bytes.
    fs::write(&answers, "n\nn\nn\nn\n").unwrap();
    run(write.stdin(fs::File::open(&answers).unwrap()));
    assert_eq!(hex(&simulator.dump("A").unwrap()[16..160]), hex(&wanted[16..160]));
}

fn uid(desk: &Desk) -> Vec<u8> {
    let memory = desk.simulator.dump("A").unwrap();
    [&memory[..3], &memory[4..8]].concat()
}

#[test]
fn nfc_list_finds_two_tags_on_one_antenna() {
    let desk = Desk::new();
    desk.simulator.lay_tag("A", Model::Ntag215, &message(20), None).unwrap();
    desk.simulator.lay_tag("A", Model::Ntag215, &message(20), None).unwrap();
    let said = run(&mut desk.libnfc("A", "nfc-list"));
    assert!(said.contains("2 ISO14443A passive target(s) found"), "{said}");
    assert!(said.contains("ATQA (SENS_RES): 00  44"), "{said}");
}

#[test]
fn nfc_list_tells_the_kinds_of_card_apart() {
    for (kind, atqa, sak) in [
        (TagKind::Type4, "03  44", "20"),
        (TagKind::Payment, "00  04", "20"),
        (TagKind::Classic, "00  04", "08"),
        (TagKind::Type2(Model::Ultralight), "00  44", "00"),
    ] {
        let desk = Desk::new();
        desk.simulator.lay("A", &Lay::new(kind, &[])).unwrap();
        let said = run(&mut desk.libnfc("A", "nfc-list"));
        assert!(said.contains(&format!("ATQA (SENS_RES): {atqa}")), "{said}");
        assert!(said.contains(&format!("SAK (SEL_RES): {sak}")), "{said}");
    }
}

#[test]
fn nfc_list_finds_nothing_on_an_empty_antenna() {
    let desk = Desk::new();
    desk.simulator.lay_tag("A", Model::Ntag215, &message(20), None).unwrap();
    desk.simulator.clear("A").unwrap();
    let said = run(&mut desk.libnfc("A", "nfc-list"));
    assert!(!said.contains("found"), "{said}");
}
