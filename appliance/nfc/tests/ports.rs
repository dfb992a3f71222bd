//! Serial ports that are missing, taken, or have something else behind them.

mod desk;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pn532_simulator::Simulator;
use serialport::{SerialPort, TTYPort};
use tapcard_nfc::{ChipError, Unit};

/// A kiosk may wait this long for bad news; on a desk it takes half a second.
const IN_TIME: Duration = Duration::from_secs(3);

fn open(path: &Path) -> Result<Unit, ChipError> {
    desk::open(path, Box::new(|| false))
}

#[test]
fn a_missing_port_is_an_error() {
    let missing = open(Path::new("/nonexistent/nfc")).err();
    assert!(matches!(missing, Some(ChipError::Io(_))));
}

#[test]
fn a_port_is_opened_by_one_reader_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nfc");
    let _simulator = Simulator::start(&[("A", &path)], 0).unwrap();
    let first = open(&path).unwrap();
    assert!(matches!(open(&path), Err(ChipError::Io(_))));
    drop(first);
    open(&path).unwrap();
}

#[test]
fn a_port_with_nobody_behind_it_is_an_error_in_time() {
    let (_silent, path) = line();
    let start = Instant::now();
    assert!(matches!(open(&path), Err(ChipError::NoAnswer)));
    assert!(start.elapsed() < IN_TIME);
}

#[test]
fn a_port_with_something_else_behind_it_is_an_error_in_time() {
    let (mut gps, path) = line();
    let chatter = std::thread::spawn(move || {
        let sentence = b"$GPGGA,,,,,,0,,,,,,,,*66\r\n\x00\x00\xff\x20\xe0\x00\x00\xff\x00\xff\x00";
        // Ends when the reader has given up and closed the line, or does not read any more.
        while std::io::Write::write_all(&mut gps, sentence).is_ok() {}
    });
    let start = Instant::now();
    assert!(open(&path).is_err());
    assert!(start.elapsed() < IN_TIME);
    chatter.join().unwrap();
}

/// A serial line of which the test holds one end.
fn line() -> (TTYPort, PathBuf) {
    let (ours, theirs) = TTYPort::pair().expect("a pseudo-terminal");
    let path = theirs.name().expect("a pseudo-terminal has a name").into();
    (ours, path)
}
