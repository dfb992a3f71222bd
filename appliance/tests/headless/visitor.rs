//! What a visitor does who has nothing to hold at the kiosk.

use std::io::Cursor;
use std::time::Instant;

use data_encoding::BASE64;
use image::{ImageFormat, Rgb, RgbImage};
use pn532_simulator::{Model, Simulator};
use tapcard_appliance::store::Delivery;
use tapcard_appliance::view::Sound;
use tapcard_nfc::ndef::{self, Record};
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::{Task, read_up};

use crate::kiosk::{DEADLINE, Kiosk};
use crate::store;

const TERMINAL: TerminalId = TerminalId::new(3);

/// Lays a badge down with a name and more lines of a vCard.
fn lay(simulator: &Simulator, name: &str, more: &str) {
    let card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\n{more}END:VCARD\r\n");
    let message = ndef::encode(&[Record::mime("text/vcard", card.as_bytes())]).unwrap();
    simulator.lay_tag("K", Model::Ntag215, &message, None).unwrap();
}

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
fn a_picture_on_a_badge_is_shown_or_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(&[("K", &folder.path().join("reader"))], 0).unwrap();
    let mut kiosk = Kiosk::start_with(folder.path(), (1024, 600), "");
    kiosk.obey("wait attract 20");
    let mut picture = Cursor::new(Vec::new());
    RgbImage::from_pixel(8, 8, Rgb([200, 40, 40]))
        .write_to(&mut picture, ImageFormat::Png)
        .unwrap();
    let picture = BASE64.encode(picture.get_ref());
    let photo = |type_: &str, base64: &str| format!("PHOTO;ENCODING=b;TYPE={type_}:{base64}\r\n");
    lay(&simulator, "Bo Ek", &photo("PNG", &picture));
    kiosk.obey("wait confirm 20");
    // It comes when it is ready: the letters go.
    let until = Instant::now() + DEADLINE;
    while kiosk.obey("read").iter().any(|it| it == "text BE") {
        assert!(Instant::now() < until, "the picture never came");
    }
    kiosk.obey("press No thanks");
    kiosk.obey("wait attract 20");
    simulator.clear("K").unwrap();
    let bomb = BASE64.encode(b"<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>");
    lay(&simulator, "Cy Oh", &photo("SVG", &bomb));
    kiosk.obey("wait confirm 20");
    kiosk.says("CO");
    kiosk.says("The picture on it can’t be shown.");
    kiosk.obey("press Keep only here");
    kiosk.obey("wait done 10");
    assert!(kiosk.terminate().success());
}

#[test]
fn a_touch_is_heard_when_it_is_felt_and_when_it_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(&[("K", &folder.path().join("reader"))], 0).unwrap();
    let heard = folder.path().join("heard");
    let player = format!("signals.player = [\"sh\", \"-c\", \"cat >> {}\"]", heard.display());
    let mut kiosk = Kiosk::start_with(folder.path(), (800, 480), &player);
    kiosk.obey("wait attract 20");
    lay(&simulator, "Bo Ek", "");
    kiosk.obey("wait confirm 20");
    kiosk.obey("press Keep only here");
    kiosk.obey("wait done 10");
    let wanted = [Sound::Felt, Sound::Done].map(|it| it.wav(50)).concat();
    let until = Instant::now() + DEADLINE;
    while std::fs::read(&heard).unwrap_or_default() != wanted {
        assert!(Instant::now() < until, "it was not heard");
        kiosk.obey("read");
    }
    assert!(kiosk.terminate().success());
}

#[test]
fn where_nobody_stands_a_card_waits_for_the_staff() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(&[("K", &folder.path().join("reader"))], 0).unwrap();
    let mut kiosk = Kiosk::start_with(folder.path(), (1024, 600), "unattended = \"hold\"");
    kiosk.obey("wait attract 20");
    for name in ["Bo Ek", "Cy Oh"] {
        lay(&simulator, name, "");
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

#[test]
fn an_organisers_kiosk_introduces_two_and_keeps_neither() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(&[("K", &folder.path().join("reader"))], 0).unwrap();
    let mut kiosk = Kiosk::start_with(folder.path(), (1024, 600), "introduces = true");
    kiosk.obey("wait attract 20");
    kiosk.says("both meet");
    for (name, number, page) in [
        ("Bo", "+447700900001", "pair"),
        ("Cy", "+447700900002", "pair"),
        ("Bo", "+447700900001", "introduced"),
    ] {
        lay(&simulator, name, &format!("TEL;TYPE=CELL:{number}\r\n"));
        kiosk.says(name);
        kiosk.obey(&format!("wait {page} 20"));
        simulator.clear("K").unwrap();
    }
    kiosk.says("Bo and Cy are asked on their own phones.");
    assert!(kiosk.terminate().success());
    let store = store(folder.path());
    assert_eq!(store.contacts().unwrap(), []);
    let tasks: Vec<_> = store
        .waiting()
        .unwrap()
        .into_iter()
        .filter_map(|seq| match read_up(TERMINAL, &store.payload(seq).unwrap().unwrap()) {
            Ok((_, Task::Introduce(it))) => {
                Some((it.one.as_str().to_owned(), it.other.as_str().to_owned()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(tasks, [("+447700900001".to_owned(), "+447700900002".to_owned())]);
}
