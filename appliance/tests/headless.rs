//! The whole program without display, reader and network: what the staff does at it, and what is left
//! after the power went.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use pn532_simulator::{Model, Phone, Simulator};
use tapcard_appliance::offer::{token_in, token_in_message};
use tapcard_appliance::session::Mode;
use tapcard_appliance::store::Store;
use tapcard_nfc::ndef::{self, Record};
use tapcard_nfc::type2;
use tapcard_protocol::touch::{Surface, TouchKey, TouchToken};
use tapcard_protocol::vcard;

/// Longer than anything here takes.
const DEADLINE: Duration = Duration::from_secs(30);

struct Kiosk {
    child: Child,
    hands: Option<ChildStdin>,
    said: Receiver<String>,
    pictures: PathBuf,
}

impl Kiosk {
    fn start(folder: &Path, size: (u32, u32)) -> Kiosk {
        Kiosk::start_with(folder, size, "")
    }

    /// With more settings, of the kiosk as a whole.
    fn start_with(folder: &Path, size: (u32, u32), more: &str) -> Kiosk {
        let owner = r#"owner = { name = "Ada Lind", title = "Buyer", organisation = "Halden" }"#;
        Kiosk::start_for(owner, folder, size, more)
    }

    fn start_for(owner: &str, folder: &Path, size: (u32, u32), more: &str) -> Kiosk {
        let config = folder.join("kiosk.toml");
        // Port 9 is the discard service, which nobody runs.
        let text = format!(
            r#"account = "000000000000a"
terminal = "0000000000003"
token_file = "{0}/token"
broker = "mqtt://127.0.0.1:9"
store = "{0}/kiosk.db"
place = "Hall 4"
staff_pin = "135790"
reader.port = "{0}/reader"
{3}
{4}
screen = {{ width = {1}, height = {2} }}
"#,
            folder.display(),
            size.0,
            size.1,
            more,
            owner
        );
        std::fs::write(&config, text).unwrap();
        let pictures = folder.join("pictures");
        let mut child = Command::new(env!("CARGO_BIN_EXE_tapcard-kiosk"))
            .arg("--config")
            .arg(config)
            .arg("--headless")
            .arg(&pictures)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, said) = channel();
        std::thread::spawn(move || {
            out.lines().map_while(Result::ok).for_each(|it| drop(tell.send(it)));
        });
        let hands = child.stdin.take();
        Kiosk { child, hands, said, pictures }
    }

    /// Sends one line; gives what was said before the answer, which must be `ok`.
    fn obey(&mut self, line: &str) -> Vec<String> {
        writeln!(self.hands.as_mut().unwrap(), "{line}").unwrap();
        let mut before = Vec::new();
        loop {
            let said = self.said.recv_timeout(DEADLINE).unwrap();
            match said.as_str() {
                "ok" => return before,
                error if error.starts_with("error") => panic!("{line}: {error}"),
                _ => before.push(said),
            }
        }
    }

    /// Waits until the screen says this.
    fn says(&mut self, text: &str) {
        let until = Instant::now() + DEADLINE;
        loop {
            let lines = self.obey("read");
            if lines.iter().any(|it| it.contains(text)) {
                return;
            }
            assert!(Instant::now() < until, "never said {text:?}, but {lines:?}");
        }
    }

    fn unlock(&mut self) {
        self.obey("press Staff");
        self.obey("wait lock 10");
        self.obey("type 135790");
        self.obey("wait contacts 10");
    }

    /// Presses keys on the screen, one after another; what stands for capitals and for the space bar comes first.
    fn keys(&mut self, (shift, space): (&str, &str), text: &str) {
        for (at, letter) in text.chars().enumerate() {
            if at > 0 && letter.is_uppercase() {
                self.obey(&format!("press {shift}"));
            }
            let key = if letter == ' ' { space.to_owned() } else { letter.to_string() };
            self.obey(&format!("press {key}"));
        }
    }

    fn terminate(mut self) -> ExitStatus {
        // The end of its input must not end the kiosk.
        self.hands = None;
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

#[test]
fn the_staff_edits_the_card_and_the_edit_survives_the_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut kiosk = Kiosk::start(folder.path(), (1024, 600));
    kiosk.obey("wait attract 20");
    kiosk.says("Tap is taking a break");
    kiosk.says("Buyer");
    kiosk.unlock();
    kiosk.says("No cards yet");
    kiosk.obey("press Your card");
    kiosk.obey("wait editor 10");
    kiosk.obey("press Next");
    kiosk.says("2 of 10");
    kiosk.obey("press Job title");
    kiosk.obey("clear");
    kiosk.obey("type Head of Buyimg\\b\\bng");
    kiosk.obey("press Save");
    kiosk.obey("wait tell 10");
    kiosk.obey("press Tell them");
    kiosk.obey("wait contacts 10");
    kiosk.child.kill().unwrap();
    kiosk.child.wait().unwrap();

    let mut kiosk = Kiosk::start(folder.path(), (1024, 600));
    kiosk.obey("wait attract 20");
    kiosk.says("Head of Buying");
    assert!(kiosk.terminate().success());
}

/// A kiosk without a card of its own, which speaks a language, with its staff at the card.
fn at_the_empty_card(folder: &Path, size: (u32, u32), [language, staff, card]: [&str; 3]) -> Kiosk {
    let mut kiosk = Kiosk::start_for("", folder, size, "");
    kiosk.obey("wait attract 20");
    kiosk.obey(&format!("press {language}"));
    kiosk.says(staff);
    kiosk.obey(&format!("press {staff}"));
    kiosk.obey("wait lock 10");
    "135790".chars().for_each(|it| drop(kiosk.obey(&format!("press {it}"))));
    kiosk.obey("wait contacts 10");
    kiosk.obey(&format!("press {card}"));
    kiosk.obey("wait editor 10");
    kiosk
}

#[test]
fn an_empty_card_is_written_in_german_by_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["Deutsch", "Personal", "Ihre Karte"];
    let mut kiosk = at_the_empty_card(folder.path(), (1024, 600), words);
    let tools = ("Großbuchstaben", "Leertaste");
    // A card without a name is not saved.
    kiosk.obey("press Speichern");
    kiosk.says("Eine Karte braucht einen Namen.");
    let lines = ["Jörg Müßig", "Käufer", "Gößl", "+491713920001", "", "j@goessl.de", "goessl.de"];
    for (at, line) in lines.iter().enumerate() {
        kiosk.keys(tools, line);
        kiosk.obey("press Weiter");
        kiosk.says(&format!("{} von 10", at + 2));
    }
    kiosk.keys(tools, "Graben");
    kiosk.obey("press Löschen");
    kiosk.keys(tools, "n");
    for place in ["9 von 10", "10 von 10"] {
        kiosk.obey("press Weiter");
        kiosk.says(place);
    }
    kiosk.keys(tools, "Uhren");
    kiosk.obey("press Speichern");
    kiosk.obey("wait tell 10");
    kiosk.obey("press Jetzt nicht");
    kiosk.obey("wait contacts 10");
    kiosk.says("Noch keine Karten");
    assert!(kiosk.terminate().success());
    let own = store(folder.path()).own_card().unwrap().unwrap();
    let card = own.edited();
    assert_eq!((card.name().as_str(), card.title()), ("Jörg Müßig", "Käufer"));
    assert_eq!(
        (card.organisation(), card.mobile(), card.landline()),
        ("Gößl", "+491713920001", "")
    );
    assert_eq!(card.mails().collect::<Vec<_>>(), ["j@goessl.de"]);
    assert_eq!((card.website(), card.address().as_str()), ("goessl.de", "Graben"));
    assert_eq!((card.offer(), card.company()), ("", "Uhren"));
}

#[test]
fn an_empty_card_is_written_in_chinese_by_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["中文", "工作人员", "您的名片"];
    let mut kiosk = at_the_empty_card(folder.path(), (720, 1280), words);
    for (at, (sounds, characters)) in
        [("wangxiaoming", "王小明"), ("zongjingli", "总经理"), ("shenzhen", "深圳")]
            .iter()
            .enumerate()
    {
        kiosk.keys(("大写", "空格"), sounds);
        kiosk.obey(&format!("press 选择 {characters}"));
        kiosk.obey("press 下一项");
        kiosk.says(&format!("{} / 10", at + 2));
    }
    kiosk.keys(("大写", "空格"), "+8613800138000");
    kiosk.obey("press 保存");
    kiosk.obey("wait tell 10");
    kiosk.obey("press 暂不");
    kiosk.obey("wait contacts 10");
    assert!(kiosk.terminate().success());
    let own = store(folder.path()).own_card().unwrap().unwrap();
    let card = own.edited();
    assert_eq!((card.name().as_str(), card.title()), ("王小明", "总经理"));
    assert_eq!((card.organisation(), card.mobile()), ("深圳", "+8613800138000"));
}

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
    kiosk.obey("press Mode");
    kiosk.obey("wait mode 10");
    kiosk.obey("press Take");
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
    kiosk.obey("press Mode");
    kiosk.obey("wait mode 10");
    kiosk.obey("press Take");
    kiosk.obey("wait contacts 10");
    kiosk.obey("press Lock");
    kiosk.obey("wait attract 10");
    kiosk.says("the reader does not answer");
    let said = kiosk.obey("read");
    assert!(!said.iter().any(|it| it.contains("QR")), "{said:?}");
    kiosk.child.kill().unwrap();
    kiosk.child.wait().unwrap();
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
    kiosk.obey("press Badges");
    kiosk.obey("wait badges 10");
    kiosk.says("That badge is not blank");
    simulator.clear("K").unwrap();
    kiosk.obey("press Lock it");
    simulator.lay_tag("K", Model::Ntag213, &[], None).unwrap();
    kiosk.says("Written and locked");
    assert_eq!(badge(&simulator), ("https://cards.example.org".into(), "Ada Lind".into()));
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
