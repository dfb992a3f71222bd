//! The program as the shell sees it: what it prints, and how it ends.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::path::Path;
use std::process::{Command, Output};

fn kiosk(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tapcard-kiosk")).args(arguments).output().unwrap()
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn inspect_prints_the_card_or_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Bo Ek\nPHOTO;ENCODING=b;TYPE=JPEG:aGk=\nEND:VCARD\n";
    let output = kiosk(&["inspect", &file(folder.path(), "bo.vcf", card)]);
    assert_eq!(output.status.code(), Some(0));
    let card: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(card["name"]["full"], "Bo Ek");
    assert_eq!(text(&output.stderr), "photo: image/jpeg, 2 bytes\n");
    let output = kiosk(&["inspect", &file(folder.path(), "no.vcf", "hello")]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""));
    assert!(text(&output.stderr).ends_with("there is no vCard in this\n"), "{output:?}");
}

#[test]
fn bad_settings_are_named_and_end_with_78() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "kiosk.toml", "accounts = 1\n");
    let output = kiosk(&["--config", &path]);
    assert_eq!(output.status.code(), Some(78));
    let said = text(&output.stderr);
    assert!(said.contains("kiosk.toml") && said.contains("`accounts`"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(kiosk(&["--config", "/nowhere/kiosk.toml"]).status.code(), Some(78));
}

#[test]
fn the_printed_settings_are_the_commented_file() {
    let output = kiosk(&["--print-config"]);
    assert_eq!(text(&output.stdout), include_str!("../kiosk.toml"));
}
