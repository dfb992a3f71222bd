//! What the staff does besides the own card: settings, words about contacts, sticks, the end of all.

use std::path::Path;
use std::time::Instant;

use pn532_simulator::{Model, Simulator};
use tapcard_appliance::session::{Appearance, Night};
use tapcard_nfc::ndef::{self, Record};
use tapcard_protocol::vcard;

use crate::kiosk::{DEADLINE, Kiosk};
use crate::store;

/// A kiosk whose settings say where sticks appear, with one contact that stays here; at the contacts.
fn with_one_contact(folder: &Path) -> Kiosk {
    let simulator = Simulator::start(&[("K", &folder.join("reader"))], 0).unwrap();
    let stick = format!("stick = {:?}", folder.join("stick"));
    let mut kiosk = Kiosk::start_with(folder, (1024, 600), &stick);
    kiosk.obey("wait attract 20");
    let bo = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo Ek\r\nEND:VCARD\r\n";
    let message = ndef::encode(&[Record::mime("text/vcard", bo.as_bytes())]).unwrap();
    simulator.lay_tag("K", Model::Ntag215, &message, None).unwrap();
    kiosk.obey("wait confirm 20");
    kiosk.obey("press Keep only here");
    kiosk.obey("wait attract 20");
    kiosk.unlock();
    kiosk
}

#[test]
fn how_the_screens_look_stays_after_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut kiosk = Kiosk::start(folder.path(), (1024, 600));
    kiosk.obey("wait attract 20");
    kiosk.unlock();
    kiosk.open("Settings", "settings");
    let mut turn = |label: &str, n_on: usize| {
        kiosk.obey(&format!("press {label}"));
        let until = Instant::now() + DEADLINE;
        while kiosk.obey("read").iter().filter(|it| *it == "text On").count() != n_on {
            assert!(Instant::now() < until, "{label} has not turned");
        }
    };
    turn("Dark screen", 2);
    turn("Dark screen", 1);
    turn("Larger words", 2);
    turn("Strong contrast", 3);
    turn("Movement", 2);
    kiosk.says("From 19:00 to 7:00");
    kiosk.cut();
    let chosen = Appearance {
        night: Night::ByClock,
        larger: true,
        contrast: true,
        still: true,
        muted: false,
    };
    assert_eq!(store(folder.path()).appearance().unwrap(), chosen);
    let mut kiosk = Kiosk::start(folder.path(), (1024, 600));
    kiosk.obey("wait attract 20");
    assert!(kiosk.terminate().success());
}

#[test]
fn words_about_a_contact_are_written_by_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut kiosk = with_one_contact(folder.path());
    kiosk.obey("press Bo Ek");
    kiosk.obey("wait contact 10");
    kiosk.obey("press Add a note");
    kiosk.obey("wait remark 10");
    kiosk.keys(("Capital letters", "Space"), "Call on monday");
    kiosk.obey("press Save");
    kiosk.obey("wait contact 10");
    kiosk.says("Call on monday");
    kiosk.obey("press Add tags");
    kiosk.obey("wait remark 10");
    kiosk.obey("type press, buyer");
    kiosk.obey("press Save");
    kiosk.obey("wait contact 10");
    kiosk.says("press, buyer");
    kiosk.obey("press 4 of 5 stars");
    kiosk.obey("press Back");
    kiosk.obey("wait contacts 10");
    // What was written finds people too.
    kiosk.obey("press Search");
    // The field is there with its keys; until then what is typed goes nowhere.
    kiosk.says("Space");
    kiosk.obey("type buyer");
    kiosk.says("Bo Ek");
    kiosk.obey("type x");
    kiosk.says("Nobody of that name");
    assert!(kiosk.terminate().success());
    let contact = store(folder.path()).contacts().unwrap().remove(0);
    assert_eq!((contact.note.as_str(), contact.rating), ("Call on monday", 4));
    assert_eq!(contact.tags, ["press", "buyer"]);
}

#[test]
fn contacts_leave_on_a_stick_and_cards_come_from_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut kiosk = with_one_contact(folder.path());
    kiosk.open("USB stick", "stick");
    kiosk.obey("press Take contacts along");
    kiosk.says("There is no stick");
    let stick = folder.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    kiosk.obey("press Bring cards");
    kiosk.says("There is no card on it");
    kiosk.obey("press Take contacts along");
    kiosk.says("Contacts on it: 1");
    let files = std::fs::read_dir(&stick).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    let table = std::fs::read_to_string(&files[0]).unwrap();
    assert!(table.contains("Bo Ek"), "{table}");
    let card = vcard::read(&std::fs::read(&files[1]).unwrap()).unwrap().card;
    assert_eq!(card.name(), "Bo Ek");
    let more =
        "BEGIN:VCARD\nVERSION:3.0\nFN:Cy Oh\nEND:VCARD\nBEGIN:VCARD\nVERSION:7.0\nEND:VCARD\n";
    std::fs::write(stick.join("more.vcf"), more).unwrap();
    kiosk.obey("press Bring cards");
    kiosk.says("Cards taken: 1, not read: 1");
    // The same again, and what was taken along, is nobody new.
    kiosk.obey("press Bring cards");
    kiosk.says("Cards taken: 0, not read: 1");
    kiosk.obey("press Back");
    kiosk.obey("wait menu 10");
    // What came waits to be sent, and so nothing is erased.
    kiosk.obey("press This kiosk");
    kiosk.obey("wait condition 10");
    kiosk.says("2, 2 unsent");
    kiosk.obey("press Erase all contacts");
    kiosk.obey("wait wipe 10");
    kiosk.says("Send the waiting cards first.");
    kiosk.obey("press Keep them");
    kiosk.obey("wait condition 10");
    assert!(kiosk.terminate().success());
    assert_eq!(store(folder.path()).contacts().unwrap().len(), 2);
}
