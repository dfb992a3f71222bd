//! Debian's libnfc, which nobody here wrote, reads whole tags through the stand-in: its own drivers
//! for I2C and SPI find the devices, the rules and the simulated chip as they expect them.

use std::path::PathBuf;
use std::process::{Command, Output};

use pn532_simulator::{Model, Port, Simulator};
use tempfile::TempDir;

/// Seconds after which libnfc has failed.
const PATIENCE: &str = "60";
const TOOL: &str = "nfc-mfultralight";

/// Reads a tag over this kind of bus, where `stand_in` makes the variable from the socket's path and
/// `device` is libnfc's name of it.
fn expect_read(port: fn(PathBuf) -> Port, stand_in: impl Fn(&str) -> String, device: &str) {
    let folder: TempDir = tempfile::tempdir().expect("make a folder");
    let socket = folder.path().join("bus");
    let simulator =
        Simulator::start_on(&[("A", port(socket.clone()))], 0).expect("start the simulator");
    let message: Vec<u8> = (0..395_usize).map(|at| (at * 7).to_le_bytes()[0]).collect();
    simulator.lay_tag("A", Model::Ntag215, &message, None).expect("the message fits");

    let found = Command::new("which").arg(TOOL).output().expect("run which");
    assert!(found.status.success(), "{TOOL} is missing: install the Debian package libnfc-bin");
    let library =
        std::env::current_exe().expect("a program has a path").with_file_name("libbus_stand_in.so");
    let Output { status, stdout, stderr } = Command::new("timeout")
        .args([PATIENCE, TOOL, "r", "dump.mfd"])
        .current_dir(folder.path())
        .env("LIBNFC_DEVICE", device)
        .env("BUS_STAND_IN", stand_in(&socket.display().to_string()))
        .env("LD_PRELOAD", library)
        .output()
        .expect("run libnfc");
    let said = String::from_utf8_lossy(&stdout);
    assert!(status.success(), "{device}: {said}\n{}", String::from_utf8_lossy(&stderr));
    let read = std::fs::read(folder.path().join("dump.mfd")).expect("it wrote the file");
    assert!(
        read == simulator.dump("A").expect("the tag lies there"),
        "{device}: the tag was read wrongly"
    );
}

#[test]
fn a_tag_is_read_over_i2c_with_each_driver() {
    for driver in ["bcm2835", "designware", "gpio"] {
        let stand_in = |socket: &str| format!("/dev/i2c-1={socket},{driver}");
        expect_read(Port::I2c, stand_in, "pn532_i2c:/dev/i2c-1");
    }
}

#[test]
fn a_tag_is_read_over_spi() {
    let stand_in = |socket: &str| format!("/dev/spidev0.0={socket}");
    expect_read(Port::Spi, stand_in, "pn532_spi:/dev/spidev0.0:500000");
}
