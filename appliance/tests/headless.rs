//! The whole program without display, reader and network: what the staff does at it, and what is left
//! after the power went.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

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
reader.port = "{0}/no-reader"
owner = {{ name = "Ada Lind", title = "Buyer", organisation = "Halden" }}
screen = {{ width = {1}, height = {2} }}
"#,
            folder.display(),
            size.0,
            size.1
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
    let store = tapcard_appliance::store::Store::open(
        &folder.path().join("kiosk.db"),
        "0000000000003".parse().unwrap(),
        0,
    );
    assert_eq!(store.unwrap().mode().unwrap(), Some(tapcard_appliance::session::Mode::Take));
}
