//! nfcpy and libnfc read what we write, and we read what they write and what libnfc emulates.

use std::fs;
use std::process::{Command, Output, Stdio};

use pn532_simulator::{Lay, Model, TagKind};

use crate::nfcpy::script;
use crate::python::PYTHON;
use crate::table::{Table, message, ntag};

/// Seconds after which a tool has failed.
const TOOL_PATIENCE: &str = "60";
const NTAGS: [Model; 3] = [Model::Ntag213, Model::Ntag215, Model::Ntag216];

/// Runs nfcpy on chip A, to read or to write; gives what it said of a word.
fn nfcpy(table: &mut Table, message: Option<&[u8]>) -> impl Fn(&str) -> String + use<> {
    table.close();
    let mut command = Command::new("timeout");
    command.arg(TOOL_PATIENCE).arg(&*PYTHON).arg(script()).arg(table.path("A"));
    command.args(message.map(hex));
    let said = run(&mut command);
    move |word| {
        let value = said.lines().find_map(|line| line.strip_prefix(word));
        value.unwrap_or_else(|| panic!("no {word} in {said}")).trim().to_owned()
    }
}

/// A tool of libnfc that shall use this chip; killed when it takes too long.
fn libnfc(table: &Table, chip: &str, tool: &str) -> Command {
    let mut command = Command::new("timeout");
    let device = format!("pn532_uart:{}:115200", table.path(chip).display());
    command.args([TOOL_PATIENCE, tool]).env("LIBNFC_DEVICE", device);
    command.current_dir(table.path("A").parent().expect("a folder"));
    command
}

/// Runs a tool to its end and gives what it printed; fails with everything it said.
#[track_caller]
fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("start the tool");
    let (said, complained) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{said}\n{complained}");
    said.into_owned()
}

#[test]
fn nfcpy_reads_what_we_write_byte_for_byte() {
    for (model, lock) in NTAGS.into_iter().flat_map(|model| [(model, false), (model, true)]) {
        let mut table = Table::new();
        table.lay(&ntag(model, &[]).blank());
        table.write(&message(130), lock).expect("it is writable");
        let said = nfcpy(&mut table, None);
        assert_eq!(said("type"), "Type2Tag");
        assert_eq!(said("message"), hex(&message(130)));
        assert_eq!(said("writable"), if lock { "False" } else { "True" }, "{model:?}");
        assert_eq!(said("capacity"), model.capacity().to_string());
    }
}

#[test]
fn libnfc_reads_what_we_write_byte_for_byte() {
    for (model, lock) in NTAGS.into_iter().flat_map(|model| [(model, false), (model, true)]) {
        let mut table = Table::new();
        table.lay(&ntag(model, &[]).blank());
        table.write(&message(130), lock).expect("it is writable");
        table.close();
        run(libnfc(&table, "A", "nfc-mfultralight").args(["r", "dump.mfd"]));
        let read = fs::read(table.path("dump.mfd")).expect("it wrote a dump");
        assert_eq!(hex(&read), hex(&table.dump()));
    }
}

#[test]
fn we_read_what_nfcpy_writes() {
    let tags = [
        ntag(Model::Ntag213, &message(20)),
        ntag(Model::Ntag215, &message(300)),
        ntag(Model::Ntag216, &[]),
        Lay::new(TagKind::Type4, &message(20)),
        Lay::new(TagKind::Type4V3, &message(20)),
    ];
    for tag in tags {
        for length in [90, 137] {
            let mut table = Table::new();
            table.lay(&tag);
            let mut new = message(length);
            new.reverse();
            assert_eq!(nfcpy(&mut table, Some(&new))("after"), hex(&new));
            assert_eq!(table.read(), Ok(new), "{tag:?}, {length}");
        }
    }
}

#[test]
fn nfcpy_reads_the_type_4_tag_that_we_wrote() {
    let mut table = Table::new();
    table.lay(&Lay::new(TagKind::Type4, &message(20)));
    assert_eq!(table.reply(&message(400)), Ok(()));
    let said = nfcpy(&mut table, None);
    assert_eq!((said("type").as_str(), said("message")), ("Type4Tag", hex(&message(400))));
}

#[test]
fn we_read_and_write_the_card_that_libnfc_emulates() {
    let mut table = Table::new();
    fs::write(table.path("card.ndef"), message(200)).expect("write the card");
    table.simulator.near("A", "B").expect("two chips");
    let mut emulator = libnfc(&table, "B", "nfc-emulate-forum-tag4");
    emulator.arg("card.ndef").stdout(Stdio::null()).stderr(Stdio::piped());
    let emulator = emulator.spawn().expect("start the emulator");
    let target = table.find();
    assert_eq!(table.read_found(&target).expect("it is readable"), message(200));
    assert_eq!(table.reply_found(&target, &message(150)), Ok(()));
    assert_eq!(table.read_found(&target).expect("it is readable"), message(150));
    table.simulator.apart("A", "B").expect("two chips");
    let said = emulator.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("Target Released"), "{said}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
