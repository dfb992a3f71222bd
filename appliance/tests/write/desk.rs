//! The program at a simulated chip, and whoever sits before it.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};

use pn532_simulator::{Lay, Simulator};
use tapcard_nfc::{ndef, type2};
use tapcard_protocol::{Card, vcard};
use tempfile::TempDir;

use crate::PATIENCE;

/// A chip, and the folder of the one who writes badges at it.
pub(crate) struct Table {
    pub(crate) simulator: Simulator,
    pub(crate) folder: TempDir,
}

impl Table {
    pub(crate) fn new() -> Table {
        let folder = tempfile::tempdir().unwrap();
        let simulator = Simulator::start(&[("A", &folder.path().join("A"))], 0).unwrap();
        let settings = format!("reader.port = \"{}/A\"\n", folder.path().display());
        let table = Table { simulator, folder };
        table.file("desk.toml", &settings);
        table
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn command(&self, name: &str, text: &str, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tapcard-kiosk"));
        command.arg("write").arg(self.file(name, text)).args(options);
        command.arg("--config").arg(self.folder.path().join("desk.toml"));
        command
    }

    /// Runs to its end what must not get as far as a tag.
    pub(crate) fn refused(&self, name: &str, text: &str, options: &[&str]) -> String {
        let Output { status, stderr, .. } = self.command(name, text, options).output().unwrap();
        assert_eq!(status.code(), Some(1));
        String::from_utf8(stderr).unwrap()
    }

    pub(crate) fn open(&self, name: &str, text: &str, options: &[&str]) -> Desk {
        let mut command = self.command(name, text, options);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, said) = channel();
        std::thread::spawn(move || {
            out.lines().map_while(Result::ok).for_each(|it| drop(tell.send(it)));
        });
        let hands = child.stdin.take();
        Desk { child, hands, said }
    }

    pub(crate) fn lay(&self, what: &Lay) {
        self.clear();
        self.simulator.lay("A", what).unwrap();
    }

    pub(crate) fn clear(&self) {
        self.simulator.clear("A").unwrap();
    }

    pub(crate) fn dump(&self) -> Vec<u8> {
        self.simulator.dump("A").unwrap()
    }

    /// The message on the tag that lies there, as any reader finds it in its memory.
    pub(crate) fn message(&self) -> Vec<u8> {
        match type2::plan(&self.dump()[12..]).unwrap() {
            type2::Plan::Done(message) => message,
            type2::Plan::Read { .. } => panic!("the message ends behind the tag"),
        }
    }

    /// The link and the card in that message.
    pub(crate) fn holds(&self) -> (Option<String>, Card) {
        let records = ndef::decode(&self.message()).unwrap();
        let card = vcard::read(ndef::vcard(&records).unwrap()).unwrap().card;
        (records[0].as_uri(), card)
    }
}

/// The program at work.
pub(crate) struct Desk {
    pub(crate) child: Child,
    hands: Option<ChildStdin>,
    pub(crate) said: Receiver<String>,
}

impl Desk {
    /// The next line is this.
    #[track_caller]
    pub(crate) fn says(&self, line: &str) {
        assert_eq!(self.said.recv_timeout(PATIENCE).as_deref(), Ok(line));
    }

    /// The next lines, as far as a tag is written, and the last of them says this.
    #[track_caller]
    pub(crate) fn writes(&self, who: &str, line: &str) {
        self.says(&format!("{who}: writing, do not move the tag."));
        self.says(line);
    }

    #[track_caller]
    pub(crate) fn greets(&self, n_badges: usize) {
        let plural = if n_badges == 1 { "" } else { "s" };
        self.says(&format!(
            "{n_badges} badge{plural} to write. Type skip and Enter to pass over one; press Ctrl-C \
             to stop."
        ));
    }

    #[track_caller]
    pub(crate) fn asks(&self, who: &str) {
        self.says(&format!("{who}: lay a blank tag on the reader."));
    }

    pub(crate) fn types(&mut self, line: &str) {
        writeln!(self.hands.as_mut().unwrap(), "{line}").unwrap();
    }

    #[track_caller]
    pub(crate) fn ends(mut self, code: i32) {
        // The end of its input must not end it.
        self.hands = None;
        let more = self.said.recv_timeout(PATIENCE);
        assert!(more.is_err(), "{more:?}");
        assert_eq!(self.child.wait().unwrap().code(), Some(code));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // It has ended, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
