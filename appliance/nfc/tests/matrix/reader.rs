//! Our reader, as the program `nfc-probe` on a link of its own, and what others made.

use std::fs;
use std::process::Stdio;

use pn532_simulator::{Lay, Model};

use crate::machine::Machine;
use crate::table::{message, ntag};
use crate::tools::{hex, libnfc, run, run_nfcpy};

const NTAGS: [Model; 3] = [Model::Ntag213, Model::Ntag215, Model::Ntag216];
/// Bytes that every NTAG holds.
const LENGTH: usize = 130;
/// The capability container is on page 3, where an image begins.
const IMAGE: usize = 12;

/// How our chip is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Hsu,
    I2c,
    Spi,
}

impl Link {
    pub(crate) const ALL: [Self; 3] = [Self::Hsu, Self::I2c, Self::Spi];

    /// The heading of its column.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hsu => "HSU",
            Self::I2c => "I2C (bcm2835)",
            Self::Spi => "SPI",
        }
    }

    fn machine(self) -> Machine {
        match self {
            Self::Hsu => Machine::with_serial_port(),
            Self::I2c => Machine::with_i2c("bcm2835"),
            Self::Spi => Machine::with_spi(),
        }
    }
}

/// What our reader, which waits for a while, finds on chip A.
#[track_caller]
fn read(machine: &Machine, link: Link) -> Vec<u8> {
    let line = machine.path("A").display().to_string();
    let (kind, port) = match link {
        Link::Hsu => ("hsu", line.as_str()),
        Link::I2c => ("i2c", "/dev/i2c-1"),
        Link::Spi => ("spi", "/dev/spidev0.0"),
    };
    machine.read(&[kind, port, "wait=20000"])
}

/// Moves the tag that lies on chip B to chip A.
fn hand_over(machine: &Machine, model: Model) {
    let memory = machine.simulator.dump("B").expect("a tag lies there");
    let image = &memory[IMAGE..][..4 + model.capacity()];
    machine.simulator.clear("A").expect("A is a chip");
    machine.simulator.lay("A", &Lay::image(model, image)).expect("it came from such a tag");
}

pub(crate) fn reads_the_card_of_libnfc(link: Link) {
    let machine = link.machine();
    fs::write(machine.path("card.ndef"), message(200)).expect("write the card");
    machine.simulator.near("A", "B").expect("two chips");
    let mut emulator = libnfc(machine.folder(), "B", "nfc-emulate-forum-tag4");
    emulator.arg("card.ndef").stdout(Stdio::null()).stderr(Stdio::piped());
    let emulator = emulator.spawn().expect("start the emulator");
    assert_eq!(read(&machine, link), message(200));
    machine.simulator.apart("A", "B").expect("two chips");
    let said = emulator.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("Target Released"), "{said}");
}

pub(crate) fn reads_what_nfcpy_writes(link: Link) {
    let machine = link.machine();
    for model in NTAGS {
        machine.simulator.clear("B").expect("B is a chip");
        machine.simulator.lay("B", &ntag(model, &[])).expect("there is such a tag");
        let said = run_nfcpy(machine.folder(), "B", &[&hex(&message(LENGTH))]);
        assert_eq!(said("after"), hex(&message(LENGTH)));
        hand_over(&machine, model);
        assert_eq!(read(&machine, link), message(LENGTH), "{model:?}");
    }
}

pub(crate) fn reads_what_libnfc_writes(link: Link) {
    let machine = link.machine();
    for model in NTAGS {
        write_with_libnfc(&machine, model);
        hand_over(&machine, model);
        assert_eq!(read(&machine, link), message(LENGTH), "{model:?}");
    }
}

/// Copies a tag with the message, page by page, to one that has another.
fn write_with_libnfc(machine: &Machine, model: Model) {
    let tool = |words: &[&str]| {
        let mut command = libnfc(machine.folder(), "B", "nfc-mfultralight");
        command.args(words);
        command
    };
    let simulator = &machine.simulator;
    let lay = |message: &[u8]| {
        simulator.clear("B").expect("B is a chip");
        simulator.lay("B", &ntag(model, message)).expect("there is such a tag");
    };
    lay(&message(LENGTH));
    run(&mut tool(&["r", "card.mfd"]));
    lay(b"something else");
    let memory = simulator.dump("B").expect("a tag lies there");
    let uid = hex(&[&memory[..3], &memory[4..8]].concat());
    let answers = machine.path("answers");
    // It asks whether to write lock bytes, capability container and dynamic lock bytes.
    fs::write(&answers, "n\nn\nn\nn\n").expect("write the answers");
    let answers = fs::File::open(&answers).expect("they were written");
    run(tool(&["w", "card.mfd", "--with-uid", &uid]).stdin(answers));
}
