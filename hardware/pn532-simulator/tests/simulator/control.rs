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
    assert_eq!(other("counters B"), "ok commands=1 to_chip=9 from_chip=19");
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
