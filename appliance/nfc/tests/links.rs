//! Chips on buses: the program `nfc-probe` drives them through the real `linux-embedded-hal`, on a
//! stand-in that obeys the rules of the Raspberry Pi's drivers.

mod machine;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use machine::{IRQ, Machine, RESET, this_program};
use pn532_simulator::{Fault, Lay, Model, Port, Simulator, TagKind};
use tapcard_nfc::Settings;
use tapcard_nfc::chip::{Chip, ChipError};
use tempfile::TempDir;

const ANSWERS: &str = "the PN532 answers";

/// Tells a test that it runs once more, on a machine with this bus.
const STOCK: &str = "TAPCARD_STOCK_I2C";

/// Bytes that differ from page to page.
fn message() -> Vec<u8> {
    (0..490_usize).map(|at| (at * 7 + at / 251).to_le_bytes()[0]).collect()
}

fn inflict(machine: &Machine, fault: Fault) {
    machine.simulator.fault("A", fault, 1).expect("A is a chip");
}

fn lay(machine: &Machine, kind: TagKind) {
    machine.simulator.clear("A").expect("A is a chip");
    machine.simulator.lay("A", &Lay::new(kind, &message())).expect("the message fits");
}

/// Messages of both types of tag come whole.
#[track_caller]
fn expect_reads(machine: &Machine, words: &[&str]) {
    for kind in [TagKind::Type2(Model::Ntag215), TagKind::Type4] {
        lay(machine, kind);
        assert_eq!(machine.read(words), message(), "{kind:?}");
    }
}

#[test]
fn a_tag_is_read_over_i2c_whatever_the_adapters_driver() {
    for rules in ["bcm2835", "designware", "gpio"] {
        for refusing in ["", ",refusing"] {
            let machine = Machine::with_i2c(&format!("{rules}{refusing}"));
            expect_reads(&machine, &["i2c", "/dev/i2c-1"]);
            expect_reads(&machine, &["i2c", "/dev/i2c-1", RESET, IRQ]);
        }
    }
}

#[test]
fn a_tag_is_read_over_spi() {
    let machine = Machine::with_spi();
    expect_reads(&machine, &["spi", "/dev/spidev0.0"]);
    expect_reads(&machine, &["spi", "/dev/spidev0.0", RESET, IRQ]);
}

#[test]
fn an_irq_line_that_is_not_connected_delays_but_harms_nothing() {
    let spi = |socket: &str| format!("/dev/spidev0.0={socket}");
    let machine = Machine::with_bus(Port::Spi, spi, 17);
    expect_reads(&machine, &["spi", "/dev/spidev0.0", IRQ]);
}

#[test]
fn the_crates_own_i2c_interface_fails_on_a_raspberry_pi() {
    if let Ok(expected) = std::env::var(STOCK) {
        let outcome = stock::ask(Path::new("/dev/i2c-1"));
        assert!(outcome.contains(&expected), "{outcome}");
        return;
    }
    let expect = |rules, outcome| {
        let myself = ["--exact", "the_crates_own_i2c_interface_fails_on_a_raspberry_pi"];
        let mut command = Command::new(this_program());
        let Output { status, stdout, .. } =
            Machine::with_i2c(rules).run(command.args(myself).env(STOCK, outcome));
        assert!(status.success(), "{rules}: {}", String::from_utf8_lossy(&stdout));
    };
    expect("bcm2835", "Errno(95)");
    expect("bcm2835,refusing", "Errno(121)");
    expect("designware", "BadAck");
    expect("gpio", "Ok");
}

/// The crate `pn532` as it comes.
mod stock {
    use std::convert::Infallible;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use embedded_hal::i2c::I2c;
    use linux_embedded_hal::I2cdev;
    use pn532::i2c::{I2C_ADDRESS, I2CInterface};
    use pn532::{CountDown, Pn532, Request, nb};

    struct Deadline(Instant);

    impl CountDown for Deadline {
        type Time = Duration;

        fn start<T: Into<Duration>>(&mut self, limit: T) {
            self.0 = Instant::now() + limit.into();
        }

        fn wait(&mut self) -> nb::Result<(), Infallible> {
            if Instant::now() < self.0 { Err(nb::Error::WouldBlock) } else { Ok(()) }
        }
    }

    /// What becomes of a question for the firmware version.
    pub(super) fn ask(device: &Path) -> String {
        let mut i2c = I2cdev::new(device).expect("the device is there");
        // Wakes the chip, which does not acknowledge its address then.
        drop(i2c.write(I2C_ADDRESS, &[]));
        let mut pn532: Pn532<_, _, 32> = Pn532::new(I2CInterface { i2c }, Deadline(Instant::now()));
        let limit = Duration::from_millis(200);
        format!("{:?}", pn532.process(&Request::GET_FIRMWARE_VERSION, 4, limit))
    }
}

#[test]
fn a_chip_that_hangs_is_mended_through_the_reset_line_only() {
    for (machine, link) in [
        (Machine::with_i2c("bcm2835"), ["i2c", "/dev/i2c-1"]),
        (Machine::with_spi(), ["spi", "/dev/spidev0.0"]),
    ] {
        inflict(&machine, Fault::Deaf);
        for _ in 0..2 {
            let complaint = machine.complaint(&link);
            assert!(complaint.contains("NoAnswer"), "{complaint}");
        }
        expect_reads(&machine, &[&link[..], &[RESET]].concat());
        expect_reads(&machine, &link);
    }
}

#[test]
fn a_fault_of_the_link_is_mended_at_the_start_and_spoils_one_reading_at_most() {
    let faults = [
        Fault::DropAck,
        Fault::BadChecksum,
        Fault::Stall,
        Fault::ErrorFrame,
        Fault::Garbage,
        Fault::CutAnswer,
    ];
    for (machine, link) in [
        (Machine::with_i2c("bcm2835,refusing"), ["i2c", "/dev/i2c-1"]),
        (Machine::with_spi(), ["spi", "/dev/spidev0.0"]),
    ] {
        for fault in faults {
            inflict(&machine, fault);
            expect_reads(&machine, &link);
            lay(&machine, TagKind::Type4);
            machine.simulator.fault_after("A", fault, 1, 10).expect("A is a chip");
            let complaint = machine.complaint(&link);
            let is_clear =
                ["NoAnswer", "Garbled", "Refused"].iter().any(|it| complaint.contains(it));
            assert!(is_clear, "{fault:?}: {complaint}");
            expect_reads(&machine, &link);
        }
    }
}

#[test]
fn waiting_for_a_reader_leaves_the_bus_in_peace() {
    for (machine, link) in [
        (Machine::with_i2c("bcm2835"), ["i2c", "/dev/i2c-1"]),
        (Machine::with_spi(), ["spi", "/dev/spidev0.0"]),
    ] {
        let traffic = |options: &[&str]| {
            machine.simulator.counters("A").expect("A is a chip");
            let said = machine.probe(&[&link[..], options].concat());
            assert!(said.contains(ANSWERS), "{said}");
            let counters = machine.simulator.counters("A").expect("A is a chip");
            counters.to_chip + counters.from_chip
        };
        let at_rest = traffic(&["show=1"]);
        // A question is two bytes on the wires: the address or operation, and the answer.
        let questions = (traffic(&["show=1001"]).saturating_sub(at_rest)) / 2;
        assert!(questions < 120, "{link:?}: {questions} questions in a second");
        let with_irq = traffic(&["show=1001", IRQ]).saturating_sub(at_rest) / 2;
        assert!(with_irq < 15, "{link:?}: {with_irq} questions in a second");
    }
}

#[test]
fn a_missing_device_or_chip_is_reported_as_such() {
    let machine = Machine::with_i2c("bcm2835");
    let complaint = machine.complaint(&["i2c", "/dev/i2c-7"]);
    assert!(complaint.contains("/dev/i2c-7: No such file or directory"), "{complaint}");
    let complaint = machine.complaint(&["i2c", "/dev/i2c-1", "reset=/dev/gpiochip7:20"]);
    assert!(complaint.contains("/dev/gpiochip7:20: "), "{complaint}");
    let complaint = machine.complaint(&["i2c", "/dev/i2c-1", "reset=/dev/gpiochip0:99"]);
    assert!(complaint.contains("/dev/gpiochip0:99: "), "{complaint}");

    machine.simulator.unplug("A").expect("A is a chip");
    let complaint = machine.complaint(&["i2c", "/dev/i2c-1", RESET]);
    assert!(complaint.contains("NoAnswer"), "{complaint}");
}

/// A chip on a serial line.
fn serial() -> (Simulator, TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("make a folder");
    let path = folder.path().join("nfc");
    let simulator = Simulator::start(&[("A", &path)], 0).expect("start the simulator");
    (simulator, folder, path)
}

fn open(path: &Path, baud: u32) -> Result<Chip, ChipError> {
    Chip::open(&Settings::hsu(path, baud), Box::new(|| false))
}

#[test]
fn a_serial_line_becomes_fast_and_stays_it_when_the_program_starts_again() {
    let (simulator, _folder, path) = serial();
    let n_commands = |baud| {
        open(&path, baud).expect("the chip answers").check().expect("it still answers");
        simulator.counters("A").expect("A is a chip").commands
    };
    let told = n_commands(921_600);
    let known = n_commands(921_600);
    assert_eq!(told, known + 1, "SetSerialBaudRate");
    simulator.reset("A").expect("A is a chip");
    assert_eq!(n_commands(921_600), told, "a reset chip is told again");
}

#[test]
fn a_chip_that_hangs_on_a_fast_serial_line_is_reset_and_told_the_rate_again() {
    let machine = Machine::with_serial_port();
    let port = machine.path("A");
    let link = ["hsu", port.to_str().expect("a path of ours is text"), "baud=921600"];
    expect_reads(&machine, &link);
    inflict(&machine, Fault::Deaf);
    assert!(machine.complaint(&link).contains("NoAnswer"));
    expect_reads(&machine, &[&link[..], &[RESET]].concat());
    expect_reads(&machine, &link);
}

#[test]
fn a_rate_that_the_chip_does_not_know_is_refused() {
    let (_simulator, _folder, path) = serial();
    let error = open(&path, 1_000_000).map(drop).expect_err("no such rate");
    assert!(error.to_string().contains("no rate of 1000000 Bd"), "{error}");
}
