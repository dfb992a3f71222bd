//! The card that a unit is, read and written by programs that nobody here wrote: PyPI's nfcpy and
//! Debian's libnfc.

mod desk;
#[path = "python/nfcpy.rs"]
mod nfcpy;
mod python;

use std::path::Path;
use std::process::{Command, Output};

use desk::{Desk, card, order};
use python::PYTHON;
use tapcard_nfc::{Event, Radio};

/// Seconds after which a tool has failed.
const TOOL_PATIENCE: &str = "60";

/// Runs nfcpy on chip B, to read, and to write if there are words.
fn with_nfcpy(desk: &Desk, words: &[&str]) -> impl Fn(&str) -> String + use<> {
    run(desk, &PYTHON, &nfcpy::script(), words)
}

/// Runs a script of ours on chip B; gives what it said of a word.
fn run(
    desk: &Desk,
    python: &str,
    script: &Path,
    words: &[&str],
) -> impl Fn(&str) -> String + use<> {
    let mut command = Command::new("timeout");
    command.args([TOOL_PATIENCE, python]).arg(script).arg(desk.path("B")).args(words);
    command.current_dir(desk.folder());
    let Output { status, stdout, stderr } = command.output().expect("run a tool");
    let (said, complained) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{said}\n{complained}");
    let said = said.into_owned();
    move |word| {
        let value = said.lines().find_map(|line| line.strip_prefix(word));
        value.unwrap_or_else(|| panic!("no {word} in {said}")).trim().to_owned()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn nfcpy_reads_what_is_given_and_sees_that_it_takes_nothing() {
    for message in [card("Ada"), card(&"A".repeat(7000))] {
        let desk = Desk::near();
        let unit = desk.run("A", order(Radio::Emulate, &message, false));
        let said = with_nfcpy(&desk, &[]);
        assert_eq!(said("type"), "Type4Tag");
        assert_eq!(said("writable"), "False");
        assert_eq!(said("message"), hex(&message));
        unit.expect(Event::Met);
        unit.expect(Event::Parted { read: true });
    }
}

#[test]
fn nfcpy_writes_any_length_and_reads_it_back_in_the_same_touch() {
    for theirs in [card("B"), card(&"B".repeat(400)), card(&"B".repeat(3000))] {
        let desk = Desk::near();
        let own = card("Ada");
        let unit = desk.run("A", order(Radio::Emulate, &own, true));
        let said = with_nfcpy(&desk, &[&hex(&theirs)]);
        assert_eq!(said("writable"), "True");
        assert_eq!(said("capacity"), "8192");
        assert_eq!(said("message"), hex(&own));
        assert_eq!(said("after"), hex(&theirs));
        unit.expect(Event::Met);
        unit.expect(Event::Written(theirs));
        unit.expect(Event::Parted { read: true });

        unit.obey(order(Radio::Emulate, &own, true));
        let said = with_nfcpy(&desk, &[]);
        assert_eq!(said("message"), hex(&own), "nothing of what the last one wrote");
    }
}

#[test]
fn nfcpy_reads_a_unit_that_alternates() {
    let desk = Desk::near();
    let unit = desk.run("A", order(Radio::Alternate, &card("Ada"), true));
    let said = with_nfcpy(&desk, &[]);
    assert_eq!(said("message"), hex(&card("Ada")));
    unit.expect(Event::Met);
    unit.expect(Event::Parted { read: true });
}

#[test]
fn libnfc_reads_the_card_and_is_refused_where_nothing_is_taken() {
    for (writable, answer) in [(true, "9000"), (false, "6982")] {
        let desk = Desk::near();
        let message = card(&"A".repeat(400));
        let unit = desk.run("A", order(Radio::Emulate, &message, writable));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/libnfc_type4.py");
        let said = run(&desk, "python3", &script, &[]);
        assert_eq!(said("unknown"), "6d00");
        assert_eq!(said("application"), "9000");
        assert_eq!(said("file"), "9000");
        assert_eq!(said("message"), hex(&message));
        assert_eq!(said("write"), answer);
        unit.expect(Event::Met);
        unit.expect(Event::Parted { read: true });
    }
}
