//! A kiosk that runs without display, reader and network, and does what it is told line by line.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than anything here takes.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

pub(super) struct Kiosk {
    child: Child,
    hands: Option<ChildStdin>,
    said: Receiver<String>,
    pub(super) pictures: PathBuf,
}

impl Kiosk {
    pub(super) fn start(folder: &Path, size: (u32, u32)) -> Kiosk {
        Kiosk::start_with(folder, size, "")
    }

    /// With more settings, of the kiosk as a whole.
    pub(super) fn start_with(folder: &Path, size: (u32, u32), more: &str) -> Kiosk {
        let owner = r#"owner = { name = "Ada Lind", title = "Buyer", organisation = "Halden" }"#;
        Kiosk::start_for(owner, folder, size, more)
    }

    /// One that systemd watches: it listens at `socket`, and hears from the kiosk within so many microseconds.
    pub(super) fn watched(folder: &Path, socket: &Path, within: u64) -> Kiosk {
        let watch = [
            ("NOTIFY_SOCKET", socket.display().to_string()),
            ("WATCHDOG_USEC", within.to_string()),
        ];
        Kiosk::start_in(&watch, "", folder, (800, 480), "")
    }

    pub(super) fn start_for(owner: &str, folder: &Path, size: (u32, u32), more: &str) -> Kiosk {
        Kiosk::start_in(&[], owner, folder, size, more)
    }

    fn start_in(
        environment: &[(&str, String)],
        owner: &str,
        folder: &Path,
        size: (u32, u32),
        more: &str,
    ) -> Kiosk {
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
            .envs(environment.iter().map(|it| (it.0, &it.1)))
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
    pub(super) fn obey(&mut self, line: &str) -> Vec<String> {
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
    pub(super) fn says(&mut self, text: &str) {
        let until = Instant::now() + DEADLINE;
        loop {
            let lines = self.obey("read");
            if lines.iter().any(|it| it.contains(text)) {
                return;
            }
            assert!(Instant::now() < until, "never said {text:?}, but {lines:?}");
        }
    }

    pub(super) fn unlock(&mut self) {
        self.obey("press Staff");
        self.obey("wait lock 10");
        self.obey("type 135790");
        self.obey("wait contacts 10");
    }

    /// Goes from the contacts to a page of the menu.
    pub(super) fn open(&mut self, label: &str, page: &str) {
        self.obey("press Menu");
        self.obey("wait menu 10");
        self.obey(&format!("press {label}"));
        self.obey(&format!("wait {page} 10"));
    }

    /// Presses keys on the screen, one after another; what stands for capitals and for the space bar comes first.
    pub(super) fn keys(&mut self, (shift, space): (&str, &str), text: &str) {
        for (at, letter) in text.chars().enumerate() {
            if at > 0 && letter.is_uppercase() {
                self.obey(&format!("press {shift}"));
            }
            let key = if letter == ' ' { space.to_owned() } else { letter.to_string() };
            self.obey(&format!("press {key}"));
        }
    }

    pub(super) fn terminate(mut self) -> ExitStatus {
        // The end of its input must not end the kiosk.
        self.hands = None;
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        self.child.wait().unwrap()
    }

    /// The power goes.
    pub(super) fn cut(self) {}
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        // One that has ended already needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
