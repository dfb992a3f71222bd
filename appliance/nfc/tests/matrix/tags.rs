//! nfcpy and libnfc read what we write, and we read what they write and what libnfc emulates.

use std::fs;
use std::process::Stdio;

use pn532_simulator::{Lay, Model, TagKind};

use crate::table::{Table, message, ntag};
use crate::tools::{hex, libnfc, run, run_nfcpy};

const NTAGS: [Model; 3] = [Model::Ntag213, Model::Ntag215, Model::Ntag216];

/// Runs nfcpy on chip A, to read or to write; gives what it said of a word.
#[track_caller]
fn nfcpy(table: &mut Table, message: Option<&[u8]>) -> impl Fn(&str) -> String + use<> {
    table.close();
    let words = message.map(hex);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run_nfcpy(table.folder(), "A", &words)
}

pub(crate) fn nfcpy_reads_what_we_write() {
    for (model, lock) in NTAGS.into_iter().flat_map(|model| [(model, false), (model, true)]) {
        let mut table = Table::new();
        table.lay(&ntag(model, &[]).blank());
        table.write(&message(130), lock).expect("it is writable");
        let said = nfcpy(&mut table, None);
        assert_eq!(said("type"), "Type2Tag");
        assert_eq!(said("message"), hex(&message(130)));
        assert_eq!(said("writable"), if lock { "False" } else { "True" }, "{model:?}");
        assert_eq!(said("capacity"), model.capacity().to_string());
    }
}

pub(crate) fn libnfc_reads_what_we_write() {
    for (model, lock) in NTAGS.into_iter().flat_map(|model| [(model, false), (model, true)]) {
        let mut table = Table::new();
        table.lay(&ntag(model, &[]).blank());
        table.write(&message(130), lock).expect("it is writable");
        table.close();
        run(libnfc(table.folder(), "A", "nfc-mfultralight").args(["r", "dump.mfd"]));
        let read = fs::read(table.path("dump.mfd")).expect("it wrote a dump");
        assert_eq!(hex(&read), hex(&table.dump()));
    }
}

pub(crate) fn reads_what_nfcpy_writes() {
    let tags = [
        ntag(Model::Ntag213, &message(20)),
        ntag(Model::Ntag215, &message(300)),
        ntag(Model::Ntag216, &[]),
        Lay::new(TagKind::Type4, &message(20)),
        Lay::new(TagKind::Type4V3, &message(20)),
    ];
    for tag in tags {
        for length in [90, 137] {
            let mut table = Table::new();
            table.lay(&tag);
            let mut new = message(length);
            new.reverse();
            assert_eq!(nfcpy(&mut table, Some(&new))("after"), hex(&new));
            assert_eq!(table.read(), Ok(new), "{tag:?}, {length}");
        }
    }
}

pub(crate) fn nfcpy_reads_our_type_4_tag() {
    let mut table = Table::new();
    table.lay(&Lay::new(TagKind::Type4, &message(20)));
    assert_eq!(table.reply(&message(400)), Ok(()));
    let said = nfcpy(&mut table, None);
    assert_eq!((said("type").as_str(), said("message")), ("Type4Tag", hex(&message(400))));
}

pub(crate) fn writes_the_card_of_libnfc() {
    let mut table = Table::new();
    fs::write(table.path("card.ndef"), message(200)).expect("write the card");
    table.simulator.near("A", "B").expect("two chips");
    let mut emulator = libnfc(table.folder(), "B", "nfc-emulate-forum-tag4");
    emulator.arg("card.ndef").stdout(Stdio::null()).stderr(Stdio::piped());
    let emulator = emulator.spawn().expect("start the emulator");
    let target = table.find();
    assert_eq!(table.read_found(&target).expect("it is readable"), message(200));
    assert_eq!(table.reply_found(&target, &message(150)), Ok(()));
    assert_eq!(table.read_found(&target).expect("it is readable"), message(150));
    table.simulator.apart("A", "B").expect("two chips");
    let said = emulator.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("Target Released"), "{said}");
}
