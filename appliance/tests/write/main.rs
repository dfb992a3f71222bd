//! A badge desk: the real program, tags laid on a simulated chip, and what they hold afterwards.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod desk;

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use desk::Table;
use pn532_simulator::{Lay, Model, TagKind};
use tapcard_nfc::ndef::{self, Record};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

const NTAG213: TagKind = TagKind::Type2(Model::Ntag213);
const NTAG215: TagKind = TagKind::Type2(Model::Ntag215);
const ADA: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada Lind\r\nTITLE:Buyer\r\n\
    TEL;TYPE=CELL:+46 70 174 06 12\r\nEMAIL:ada@halden.example\r\nEND:VCARD\r\n";
const THREE: &str = "\u{feff}Name;Mobile;Organisation;URL\r\nAda Lind;+46701740612;Halden;\r\n\
    Bo Ek;0151 12345678;Köhler & Söhne;bo.example\r\nCy Oz;;;\r\n";

fn badge(name: &str) -> Vec<u8> {
    let card = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEND:VCARD\r\n");
    ndef::encode(&[Record::mime("text/vcard", card.as_bytes())]).unwrap()
}

#[test]
fn one_card_is_written_and_read_back() {
    let table = Table::new();
    let desk = table.open("ada.vcf", ADA, &["--link", "cards.example.org"]);
    desk.asks("Ada Lind");
    table.lay(&Lay::new(NTAG215, &[]).blank());
    desk.writes("Ada Lind", "Ada Lind: written and read back. Take it away.");
    desk.says("Done: 1 tag written.");
    desk.ends(0);
    let (link, card) = table.holds();
    assert_eq!(link.as_deref(), Some("https://cards.example.org"));
    assert_eq!((card.name().as_str(), card.title()), ("Ada Lind", "Buyer"));
    assert_eq!(card.phones().map(|it| it.number).collect::<Vec<_>>(), ["+46701740612"]);
    assert_eq!(card.mails().count(), 1);
}

#[test]
fn a_small_tag_gets_what_fits_and_is_locked_if_that_was_said() {
    let table = Table::new();
    let long = ADA.replace("TITLE:Buyer", "TITLE:Head of Partnerships and Alliances");
    let desk = table.open("ada.vcf", &long, &["--lock"]);
    desk.asks("Ada Lind");
    table.lay(&Lay::new(NTAG213, &[]));
    desk.writes(
        "Ada Lind",
        "Ada Lind: written and read back, and locked for good. The tag had no room for the title. \
         Take it away.",
    );
    desk.says("Done: 1 tag written.");
    desk.ends(0);
    let (link, card) = table.holds();
    assert_eq!((link, card.title(), card.mails().count()), (None, "", 1));
    assert_eq!((card.name().as_str(), card.phones().count()), ("Ada Lind", 1));
    let dump = table.dump();
    assert_eq!((dump[10..12].to_vec(), dump[15]), (vec![0xff, 0xff], 0x0f));
}

#[test]
fn a_batch_goes_on_although_a_tag_was_pulled_away() {
    let table = Table::new();
    let mut desk = table.open("three.csv", THREE, &["--region", "DE"]);
    desk.greets(3);
    desk.asks("Row 2, Ada Lind");
    table.lay(&Lay::new(NTAG215, &[]));
    desk.writes("Row 2, Ada Lind", "Row 2, Ada Lind: written and read back. Take it away.");
    let (link, card) = table.holds();
    assert_eq!((link, card.name().as_str(), card.organisation()), (None, "Ada Lind", "Halden"));
    table.clear();
    desk.asks("Row 3, Bo Ek");
    table.lay(&Lay::new(NTAG215, &[]).torn(20));
    desk.writes(
        "Row 3, Bo Ek",
        "Not written: the tag was taken away too early. Lay it down again and do not move it.",
    );
    table.lay(&Lay::new(NTAG215, &[]));
    desk.writes("Row 3, Bo Ek", "Row 3, Bo Ek: written and read back. Take it away.");
    let (link, card) = table.holds();
    assert_eq!((link.as_deref(), card.name().as_str()), (Some("https://bo.example"), "Bo Ek"));
    assert_eq!(card.organisation(), "Köhler & Söhne");
    assert_eq!(card.phones().next().unwrap().number, "+4915112345678");
    table.clear();
    desk.asks("Row 4, Cy Oz");
    desk.types("skip");
    desk.says("Row 4, Cy Oz: passed over.");
    desk.says("Done: 2 tags written, 1 row passed over.");
    desk.ends(0);
}

#[test]
fn each_tag_that_will_not_do_is_named_and_the_row_waits() {
    let table = Table::new();
    let desk = table.open("ada.vcf", ADA, &[]);
    desk.asks("Ada Lind");
    let other = "Take it away and lay another one down.";
    let holds = format!(
        "Not written: something is written on this tag already. {other} To write over such tags, \
         start again with --overwrite."
    );
    let kind = format!(
        "Not written: this is not a tag that can be written here. It must be an NTAG213, NTAG215 \
         or NTAG216. {other}"
    );
    let locked = format!("Not written: this tag is locked for good. {other}");
    let protected = Lay::new(NTAG215, &[]).protected();
    for (what, is_tried, said) in [
        (Lay::new(NTAG215, &badge("Bo Ek")), false, &holds),
        (Lay::new(NTAG215, &[]).locked(), true, &locked),
        (protected, false, &locked),
        (Lay::new(TagKind::Type2(Model::Ultralight), &[]), true, &kind),
        (Lay::new(TagKind::Classic, &[]), false, &kind),
        (Lay::new(TagKind::Payment, &[]), false, &kind),
    ] {
        table.lay(&what);
        let before = table.dump();
        if is_tried {
            desk.writes("Ada Lind", said);
        } else {
            desk.says(said);
        }
        assert_eq!(table.dump(), before, "nothing was changed");
        table.clear();
        desk.asks("Ada Lind");
    }
    table.lay(&Lay::new(NTAG215, &[]));
    desk.writes("Ada Lind", "Ada Lind: written and read back. Take it away.");
    desk.says("Done: 1 tag written.");
    desk.ends(0);
}

#[test]
fn a_written_tag_is_written_over_only_if_that_was_said_and_never_twice() {
    let table = Table::new();
    let three = THREE.replace("0151 12345678", "");
    let desk = table.open("three.csv", &three, &["--overwrite"]);
    desk.greets(3);
    desk.asks("Row 2, Ada Lind");
    table.lay(&Lay::new(NTAG215, &badge("Old One")));
    desk.writes("Row 2, Ada Lind", "Row 2, Ada Lind: written and read back. Take it away.");
    // Another one beside it does not make it news.
    table.simulator.lay("A", &Lay::new(NTAG213, &[])).unwrap();
    desk.says("There are two tags. Leave only one on the reader.");
    let message = badge("Old One");
    table.lay(&Lay::new(NTAG213, &message));
    desk.writes("Row 3, Bo Ek", "Row 3, Bo Ek: written and read back. Take it away.");
    assert_eq!(table.holds().1.name(), "Bo Ek");
    assert!(
        Command::new("kill")
            .arg("-INT")
            .arg(desk.child.id().to_string())
            .status()
            .unwrap()
            .success()
    );
    desk.says("Stopped: 2 of 3 rows done. To go on later, add --from 4.");
    desk.ends(130);
    let desk = table.open("three.csv", &three, &["--from", "4"]);
    table.clear();
    desk.greets(1);
    desk.asks("Row 4, Cy Oz");
}

/// Runs a program that nobody here wrote to its end, and gives what it printed.
fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

#[test]
fn nfcpy_and_libnfc_read_a_badge_byte_for_byte() {
    let table = Table::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = run(&mut Command::new(here.join("../tests/tools/python-venv")));
    let chip = table.folder.path().join("A");
    for (kind, lock, writable) in [(NTAG213, "--lock", "False"), (NTAG215, "--overwrite", "True")] {
        let desk = table.open("ada.vcf", ADA, &[lock, "--link", "https://cards.example.org"]);
        desk.asks("Ada Lind");
        table.lay(&Lay::new(kind, &[]));
        desk.says("Ada Lind: writing, do not move the tag.");
        assert!(desk.said.recv_timeout(PATIENCE).unwrap().starts_with("Ada Lind: written"));
        desk.says("Done: 1 tag written.");
        desk.ends(0);
        let script = here.join("../hardware/pn532-simulator/tests/nfcpy_tag.py");
        let said = run(Command::new("timeout").args(["60", python.trim()]).arg(script).arg(&chip));
        let word = |word| said.lines().find_map(|it| it.strip_prefix(word)).unwrap().trim();
        let message: String = table.message().iter().map(|it| format!("{it:02x}")).collect();
        assert_eq!((word("message"), word("writable")), (message.as_str(), writable));
        let libnfc = format!("pn532_uart:{}:115200", chip.display());
        let mut tool = Command::new("timeout");
        tool.args(["60", "nfc-mfultralight", "r", "dump.mfd"]).env("LIBNFC_DEVICE", libnfc);
        run(tool.current_dir(table.folder.path()));
        assert_eq!(std::fs::read(table.folder.path().join("dump.mfd")).unwrap(), table.dump());
        table.clear();
    }
}

#[test]
fn a_file_is_checked_whole_before_the_first_tag() {
    let table = Table::new();
    let blank = Lay::new(NTAG215, &[]);
    table.lay(&blank);
    let before = table.dump();
    let said = table.refused("three.csv", THREE, &[]);
    assert!(said.contains("three.csv must be put right first"), "{said}");
    assert!(said.contains("row 3: Bo Ek: “0151 12345678” is not a phone number"), "{said}");
    assert!(table.refused("x.csv", "nom\nAda\n", &[]).contains("there is no column “name”"));
    assert!(table.refused("x.txt", ADA, &[]).contains("only .vcf and .csv files"));
    assert!(table.refused("ada.vcf", ADA, &["--link", "hello"]).contains("--link must be"));
    assert!(table.refused("ada.vcf", ADA, &["--from", "2"]).contains("no card 2 in this file"));
    assert_eq!(table.dump(), before);
}

#[test]
fn a_reader_that_is_not_there_is_said_at_once_and_one_that_goes_comes_back() {
    let table = Table::new();
    table.file("desk.toml", "reader.port = \"/nowhere/A\"\n");
    let said = table.refused("ada.vcf", ADA, &[]);
    assert!(said.starts_with("the reader at /nowhere/A does not answer"), "{said}");
    let table = Table::new();
    let desk = table.open("ada.vcf", ADA, &[]);
    desk.asks("Ada Lind");
    table.simulator.unplug("A").unwrap();
    desk.says(
        "The reader does not answer: the chip does not answer. Check its cable; it is tried again by \
         itself.",
    );
    table.simulator.plug("A").unwrap();
    desk.says("The reader is back.");
    desk.asks("Ada Lind");
    table.lay(&Lay::new(NTAG215, &[]));
    desk.writes("Ada Lind", "Ada Lind: written and read back. Take it away.");
    desk.says("Done: 1 tag written.");
    desk.ends(0);
}
