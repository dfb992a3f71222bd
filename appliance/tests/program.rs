//! The program as the shell sees it: what it prints, and how it ends.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use image::{GrayImage, ImageFormat};
use tapcard_appliance::print::{Place, SIDE, apart};
use tapcard_protocol::picture::Unread;

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

#[test]
fn a_strangers_picture_is_read_by_a_program_of_its_own() {
    let program = Path::new(env!("CARGO_BIN_EXE_tapcard-kiosk"));
    let take = |bytes: &[u8]| apart::take_apart(program, bytes, Place::Face);
    let png = |width, height| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        GrayImage::new(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    assert_eq!(take(&png(300, 200)).unwrap().width, SIDE);
    let whole = apart::take_apart(program, &png(300, 200), Place::Wall).unwrap();
    assert_eq!((whole.width, whole.height, whole.frames.len()), (300, 200, 1));
    // Forty megapixels; on its badge it would take no more than 40 kB.
    assert_eq!(take(&png(8000, 5000)), Err(Unread::TooManyPoints));
    // A drawing that would draw a billion shapes.
    let shapes = (0..9).map(|it| {
        format!("<g id='g{}'>{}</g>", it + 1, format!("<use href='#g{it}'/>").repeat(10))
    });
    let bomb = format!(
        "<svg xmlns='http://www.w3.org/2000/svg'><rect id='g0'/>{}</svg>",
        shapes.collect::<String>()
    );
    assert_eq!(take(bomb.as_bytes()), Err(Unread::Unknown));
    let whole = png(300, 200);
    assert_eq!(take(&whole[..whole.len() / 2]), Err(Unread::Damaged));
    assert_eq!(take(&[]), Err(Unread::Unknown));
    assert_eq!(apart::take_apart(Path::new("/nowhere"), &whole, Place::Sign), Err(Unread::Damaged));
}

#[test]
fn a_program_for_a_picture_that_is_left_alone_ends_by_itself() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tapcard-kiosk"))
        .args([apart::COMMAND, Place::Wall.name()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"GIF89a").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b"d"[..]));
}
