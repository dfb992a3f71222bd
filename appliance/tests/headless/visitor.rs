//! What a visitor does who has nothing to hold at the kiosk.

use pn532_simulator::{Model, Simulator};
use tapcard_appliance::store::Delivery;
use tapcard_nfc::ndef::{self, Record};

use crate::kiosk::Kiosk;
use crate::store;

#[test]
fn a_card_is_typed_corrected_and_kept_by_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut kiosk = Kiosk::start_with(folder.path(), (800, 480), "region = \"DE\"");
    let tools = ("Capital letters", "Space");
    kiosk.obey("wait attract 20");
    kiosk.obey("press Type your card");
    kiosk.obey("wait editor 10");
    kiosk.obey("press Done");
    kiosk.says("A card needs a name.");
    kiosk.keys(tools, "Bo Ek");
    kiosk.obey("press Next");
    kiosk.says("2 of 5");
    kiosk.keys(tools, "015112345678");
    kiosk.obey("press Done");
    kiosk.obey("wait confirm 10");
    kiosk.says("Bo Ek");
    kiosk.says("5678");
    kiosk.obey("press Correct");
    kiosk.obey("wait editor 10");
    kiosk.obey("press Delete");
    kiosk.keys(tools, "h");
    kiosk.obey("press Done");
    kiosk.obey("wait confirm 10");
    kiosk.says("Bo Eh");
    kiosk.obey("press Keep only here");
    kiosk.obey("wait done 10");
    // What was cancelled is in nobody's book.
    kiosk.obey("press Back");
    kiosk.obey("wait attract 10");
    kiosk.obey("press Type your card");
    kiosk.obey("wait editor 10");
    kiosk.keys(tools, "Cy");
    kiosk.obey("press Cancel");
    kiosk.obey("wait attract 10");
    assert!(kiosk.terminate().success());
    let contacts = store(folder.path()).contacts().unwrap();
    let cards: Vec<_> = contacts.iter().map(|it| (it.card.name(), it.card.mobile())).collect();
    assert_eq!(cards, [("Bo Eh".to_owned(), "015112345678")]);
}

#[test]
fn where_nobody_stands_a_card_waits_for_the_staff() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(&[("K", &folder.path().join("reader"))], 0).unwrap();
    let mut kiosk = Kiosk::start_with(folder.path(), (1024, 600), "unattended = \"hold\"");
    kiosk.obey("wait attract 20");
    for name in ["Bo Ek", "Cy Oh"] {
        let card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEND:VCARD\r\n");
        let message = ndef::encode(&[Record::mime("text/vcard", card.as_bytes())]).unwrap();
        simulator.lay_tag("K", Model::Ntag215, &message, None).unwrap();
        kiosk.obey("wait done 20");
        kiosk.says(name);
        kiosk.says("looks at your card first.");
        simulator.clear("K").unwrap();
    }
    kiosk.obey("press Back");
    kiosk.obey("wait attract 10");
    kiosk.unlock();
    kiosk.says("Waits for you");
    kiosk.obey("press Bo Ek");
    kiosk.obey("wait contact 10");
    kiosk.obey("press Accept");
    kiosk.says("Waiting");
    kiosk.obey("press Back");
    kiosk.obey("wait contacts 10");
    kiosk.obey("press Cy Oh");
    kiosk.obey("wait contact 10");
    kiosk.obey("press Discard");
    kiosk.obey("wait contacts 10");
    assert!(kiosk.terminate().success());
    let contacts = store(folder.path()).contacts().unwrap();
    let cards: Vec<_> = contacts.iter().map(|it| (it.card.name(), it.delivery)).collect();
    assert_eq!(cards, [("Bo Ek".to_owned(), Delivery::Waiting)]);
}
