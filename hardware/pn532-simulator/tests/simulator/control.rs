//! The program and its control socket, as a script uses them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

use tempfile::TempDir;

use crate::desk::{hex, message, run};
use crate::host::Host;

struct Program {
    child: Child,
    folder: Rc<TempDir>,
}

impl Program {
    fn start() -> Self {
        Self::start_in(Rc::new(tempfile::tempdir().unwrap()))
    }

    fn start_in(folder: Rc<TempDir>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pn532-simulator"));
        command.current_dir(folder.path()).stdout(Stdio::piped());
        command.args([
            "--chip",
            "A=ttyA",
            "--chip",
            "B=ttyB",
            "--baud",
            "0",
            "--control",
            "control",
        ]);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self { child, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn client(&self) -> impl FnMut(&str) -> String + use<> {
        let mut stream = UnixStream::connect(self.path("control")).unwrap();
        let mut answers = BufReader::new(stream.try_clone().unwrap());
        move |line| {
            writeln!(stream, "{line}").unwrap();
            let mut answer = String::new();
            answers.read_line(&mut answer).unwrap();
            answer.trim_end().to_owned()
        }
    }

    /// Ends the program politely and says whether it ended well.
    fn end(&mut self) -> bool {
        run(Command::new("kill").arg(self.child.id().to_string()));
        self.child.wait().unwrap().success()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_tag_is_laid_dumped_and_taken_away() {
    let program = Program::start();
    let mut say = program.client();
    let file = program.path("card.ndef");
    fs::write(&file, message(100)).unwrap();
    assert_eq!(say(&format!("tag A ntag213 {}", file.display())), "ok");
    let dump = say("dump A");
    assert_eq!(dump.len(), "ok ".len() + 2 * 180);
    assert!(dump.contains(&hex(&message(100))), "{dump}");
    assert_eq!(say("clear A"), "ok");
    assert_eq!(say("dump A"), "error no tag lies on chip A");
}

#[test]
fn every_kind_of_tag_is_laid_and_dumped() {
    let program = Program::start();
    let mut say = program.client();
    fs::write(program.path("card.ndef"), message(40)).unwrap();
    fs::write(program.path("lies"), [0xE1, 0x10, 0xFF, 0x00, 0x03, 0xFF, 0xFF, 0xFF]).unwrap();
    for (line, contents) in [
        ("tag A ultralight card.ndef", hex(&message(40))),
        ("tag A type4 card.ndef mle 20 torn 9", format!("0028{}", hex(&message(40)))),
        ("tag A type4v3 card.ndef extended read-only", format!("00000028{}", hex(&message(40)))),
        ("tag A ntag216 card.ndef locked", "e1106d0f".to_owned()),
        ("tag A ntag215 card.ndef protected", hex(&message(40))),
        ("tag A ntag215 -", "e1103e000300fe00".to_owned()),
        ("tag A ntag215 - blank", "48000000000000000000".to_owned()),
        ("image A ntag213 lies", "e110ff0003ffffff".to_owned()),
        ("tag A classic -", "0000".to_owned()),
        ("tag A payment -", String::new()),
    ] {
        assert_eq!(say(line), "ok", "{line}");
        let dump = say("dump A");
        assert!(dump.starts_with("ok") && dump.contains(&contents), "{line}: {dump}");
        assert_eq!(say("clear A"), "ok");
    }
    assert_eq!(say("tag A payment - locked"), "error a Payment cannot be locked");
    assert!(say("tag A classic card.ndef").contains("does not fit Classic"));
}

#[test]
fn what_happened_on_the_air_is_told() {
    let program = Program::start();
    let mut say = program.client();
    assert_eq!(say("journal A"), "ok");
    assert_eq!(say("tag A payment -"), "ok");
    Host::open(&program.path("ttyA")).ask(&[0x4A, 0x01, 0x00]);
    let journal = say("journal A");
    let words: Vec<_> =
        journal.split(' ').map(|it| it.split_once(':').map_or(it, |it| it.1)).collect();
    assert_eq!(words, ["ok", "field-on", "found:20", "sent:2:e0"]);
    let counters = say("counters A");
    let spent: u64 = counters.split_once("air_ns=").unwrap().1.parse().unwrap();
    assert!((3_000_000..5_000_000).contains(&spent), "{counters}");
}

#[test]
fn phones_come_and_go() {
    let program = Program::start();
    let mut say = program.client();
    fs::write(program.path("card.ndef"), message(40)).unwrap();
    for line in ["phone A iphone", "phone B android", "phone A webnfc", "phone A webnfc card.ndef"]
    {
        assert_eq!(say(line), "ok", "{line}");
    }
    assert_eq!(say("heard A"), "ok nothing");
    assert_eq!(say("phone A away"), "ok");
    assert_eq!(say("clear B"), "ok");
    assert_eq!(say("phone A nokia"), "error no such phone: nokia");
    assert!(say("phone A webnfc missing").starts_with("error missing: No such file"));
}

#[test]
fn faults_wait_and_are_taken_back_and_chips_come_back() {
    let program = Program::start();
    let mut say = program.client();
    for line in [
        "fault A deaf 1 after 3",
        "fault A none",
        "reset A",
        "unplug A",
        "plug A",
        "fault A garbage 2",
    ] {
        assert_eq!(say(line), "ok", "{line}");
    }
    assert!(say("fault A garbage").starts_with("error fault: not understood"));
}

#[test]
fn what_cannot_be_done_is_answered_with_a_reason() {
    let program = Program::start();
    let mut say = program.client();
    let file = program.path("long.ndef");
    fs::write(&file, message(138)).unwrap();
    let refused = say(&format!("tag A ntag213 {}", file.display()));
    assert!(
        refused.ends_with("message of 138 bytes does not fit Ntag213, which holds 137"),
        "{refused}"
    );
    assert!(say("tag A ntag213 nowhere").starts_with("error nowhere: No such file"));
    assert_eq!(say("clear C"), "error there is no chip C");
    assert_eq!(say("near A A"), "error A and A are the same chip");
    assert_eq!(say("fault A fire 1"), "error no such fault: fire");
    assert!(say("dance").starts_with("error dance: not understood"));
}

#[test]
fn several_clients_are_served_side_by_side() {
    let program = Program::start();
    let (mut one, mut other) = (program.client(), program.client());
    assert_eq!(one("near A B"), "ok");
    assert_eq!(other("apart A B"), "ok");
    assert_eq!(one("fault A stall 2"), "ok");
    Host::open(&program.path("ttyB")).ask(&[0x02]);
    assert_eq!(other("counters B"), "ok commands=1 to_chip=9 from_chip=19 air_ns=0");
}

#[test]
fn a_signal_ends_the_program_and_removes_its_files() {
    let mut program = Program::start();
    assert!(program.path("ttyA").is_symlink());
    assert!(program.end());
    for name in ["ttyA", "ttyB", "control"] {
        assert!(!program.path(name).is_symlink() && !program.path(name).exists(), "{name}");
    }
}

#[test]
fn what_a_killed_run_left_behind_is_replaced_but_nothing_else() {
    let mut program = Program::start();
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    let again = Program::start_in(Rc::clone(&program.folder));
    assert_eq!(again.client()("clear A"), "ok");

    fs::write(program.path("precious"), "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_pn532-simulator"));
    command.args(["--chip", "A=precious", "--control", "other"]);
    let refused = command.current_dir(program.folder.path()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let reason = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(reason.contains("there is something else already"), "{reason}");
}

#[test]
fn a_socket_in_use_is_not_taken_over() {
    let program = Program::start();
    let mut command = Command::new(env!("CARGO_BIN_EXE_pn532-simulator"));
    command.args(["--chip", "A=another", "--control", "control"]);
    let refused = command.current_dir(program.folder.path()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(program.client()("clear A"), "ok");
    assert!(!program.path("another").is_symlink());
}
