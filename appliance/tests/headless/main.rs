//! The whole program without display, reader and network: what the staff does at it, and what is left
//! after the power went.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod kiosk;
mod own_card;
mod pulse;
mod staff;
mod visitor;

use std::io::BufReader;
use std::path::Path;
use std::time::Instant;

use kiosk::{DEADLINE, Kiosk};
use pn532_simulator::{Model, Phone, Simulator};
use tapcard_appliance::offer::{token_in, token_in_message};
use tapcard_appliance::session::Mode;
use tapcard_appliance::store::Store;
use tapcard_nfc::ndef::{self, Record};
use tapcard_nfc::type2;
use tapcard_protocol::touch::{Surface, TouchKey, TouchToken};
use tapcard_protocol::vcard;

#[test]
fn a_pin_guards_the_contacts_and_a_mode_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let mut kiosk = Kiosk::start(folder.path(), (720, 1280));
    kiosk.obey("wait attract 20");
    kiosk.obey("press Staff");
    kiosk.obey("wait lock 10");
    "111111".chars().for_each(|digit| drop(kiosk.obey(&format!("press {digit}"))));
    kiosk.says("Not that one");
    kiosk.obey("press Back");
    kiosk.obey("wait attract 10");
    kiosk.unlock();
    kiosk.open("Mode", "mode");
    kiosk.obey("press Take");
    kiosk.obey("wait menu 10");
    kiosk.obey("press Back");
    kiosk.obey("wait contacts 10");
    kiosk.obey("press Lock");
    kiosk.obey("wait attract 10");
    let pictures = kiosk.pictures.clone();
    assert!(kiosk.terminate().success());

    let picture = std::fs::read(pictures.join("01-attract.png")).unwrap();
    // Width and height in a PNG's first chunk.
    let size = [720u32, 1280].map(u32::to_be_bytes).concat();
    assert_eq!(picture[16..24], size);
    assert_eq!(store(folder.path()).mode().unwrap(), Some(Mode::Take));
}

const PAGE: &str = "page = \"https://cards.example.org\"";

fn store(folder: &Path) -> Store {
    Store::open(&folder.join("kiosk.db"), "0000000000003".parse().unwrap(), 0).unwrap()
}

/// The key that the cloud would have sent.
fn bring_key(folder: &Path) -> TouchKey {
    let key = TouchKey { epoch: 7, key: [9; 32] };
    store(folder).take_touch_key(&key).unwrap();
    key
}

/// The touch that the code in a picture names.
fn scan(picture: &Path) -> TouchToken {
    let until = Instant::now() + DEADLINE;
    let file = loop {
        match std::fs::File::open(picture) {
            Ok(file) => break file,
            Err(error) => assert!(Instant::now() < until, "{}: {error}", picture.display()),
        }
    };
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let mut pixels = vec![0; width * height * 3];
    reader.next_frame(&mut pixels).unwrap();
    let shade = |x: usize, y: usize| pixels[(y * width + x) * 3];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    let (_, url) = image.detect_grids().first().unwrap().decode().unwrap();
    assert!(url.starts_with("HTTPS://CARDS.EXAMPLE.ORG/T/"));
    token_in(&url).unwrap()
}

#[test]
fn while_the_reader_rests_a_visitor_scans_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let key = bring_key(folder.path());
    let mut kiosk = Kiosk::start_with(folder.path(), (1024, 600), PAGE);
    kiosk.obey("wait fault 20");
    kiosk.says("Tap is taking a break");
    kiosk.says("reader silent since");
    kiosk.obey("shot scan-me");
    let first = scan(&kiosk.pictures.join("03-scan-me.png"));
    assert!(first.is_made_with(&key));
    kiosk.unlock();
    kiosk.open("Mode", "mode");
    kiosk.obey("press Take");
    kiosk.obey("wait menu 10");
    kiosk.obey("press Back");
    kiosk.obey("wait contacts 10");
    kiosk.obey("press Lock");
    kiosk.obey("wait attract 10");
    kiosk.says("the reader does not answer");
    let said = kiosk.obey("read");
    assert!(!said.iter().any(|it| it.contains("QR")), "{said:?}");
    kiosk.cut();
    let again = store(folder.path()).draw_touch((Mode::Both, Surface::Tag)).unwrap().unwrap();
    assert!(again.counter() > first.counter());
}

#[test]
fn the_staff_writes_the_owners_badge_and_a_visitors() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(&[("K", &folder.path().join("reader"))], 0).unwrap();
    let mut kiosk = Kiosk::start_with(folder.path(), (800, 480), PAGE);
    kiosk.obey("wait attract 20");
    let bo = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo Ek\r\nEND:VCARD\r\n";
    let bo = ndef::encode(&[Record::mime("text/vcard", bo.as_bytes())]).unwrap();
    simulator.lay_tag("K", Model::Ntag215, &bo, None).unwrap();
    kiosk.obey("wait confirm 20");
    kiosk.obey("press Keep only here");
    kiosk.obey("wait attract 20");
    kiosk.unlock();
    kiosk.open("Badges", "badges");
    kiosk.says("That badge is not blank");
    simulator.clear("K").unwrap();
    kiosk.obey("press Lock it");
    simulator.lay_tag("K", Model::Ntag213, &[], None).unwrap();
    kiosk.says("Written and locked");
    assert_eq!(badge(&simulator), ("https://cards.example.org".into(), "Ada Lind".into()));
    kiosk.obey("press Back");
    kiosk.obey("wait menu 10");
    kiosk.obey("press Back");
    kiosk.obey("wait contacts 10");
    simulator.clear("K").unwrap();
    kiosk.obey("press Badge for Bo Ek");
    kiosk.obey("wait badges 10");
    kiosk.says("A blank badge");
    simulator.lay_tag("K", Model::Ntag215, &[], None).unwrap();
    kiosk.says("Written and read back");
    assert_eq!(badge(&simulator), ("https://cards.example.org".into(), "Bo Ek".into()));
    assert!(kiosk.terminate().success());
}

/// Link and name of the badge that lies there.
fn badge(simulator: &Simulator) -> (String, String) {
    let memory = simulator.dump("K").unwrap();
    let Ok(type2::Plan::Done(message)) = type2::plan(&memory[12..]) else { panic!("no message") };
    let records = ndef::decode(&message).unwrap();
    let card = vcard::read(ndef::vcard(&records).unwrap()).unwrap().card;
    (records[0].as_uri().unwrap(), card.name())
}

#[test]
fn a_phone_that_taps_is_sent_on_and_the_next_one_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let key = bring_key(folder.path());
    let simulator = Simulator::start(&[("K", &folder.path().join("reader"))], 0).unwrap();
    let mut kiosk = Kiosk::start_with(folder.path(), (800, 480), PAGE);
    kiosk.obey("wait attract 20");
    kiosk.says("Hold your phone or badge at the arrow.");
    let mut touches = Vec::new();
    for _ in 0..2 {
        simulator.bring_phone("K", Phone::Iphone).unwrap();
        kiosk.obey("wait phone 20");
        kiosk.says("swap cards");
        let heard = simulator.phone_heard("K").unwrap().unwrap();
        let touch = token_in_message(&heard.message.unwrap()).unwrap();
        assert!(touch.is_made_with(&key));
        touches.push(touch);
        simulator.take_phone("K").unwrap();
        kiosk.obey("press Back");
        kiosk.obey("wait attract 10");
    }
    assert!(touches[0] < touches[1]);
    assert!(kiosk.terminate().success());
}
