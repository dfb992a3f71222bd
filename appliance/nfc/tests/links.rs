//! Chips on buses: the program `nfc-probe` drives them through the real `linux-embedded-hal`, on a
//! stand-in that obeys the rules of the Raspberry Pi's drivers.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pn532_simulator::{Fault, Lay, Model, Port, Simulator, TagKind};
use tapcard_nfc::Settings;
use tapcard_nfc::chip::{Chip, ChipError};
use tempfile::TempDir;

const RESET: &str = "reset=/dev/gpiochip0:20";
const IRQ: &str = "irq=/dev/gpiochip0:16";
const ANSWERS: &str = "the PN532 answers";

const PROBE: &str = env!("CARGO_BIN_EXE_nfc-probe");
/// Tells a test that it runs once more, on a machine with this bus.
const STOCK: &str = "TAPCARD_STOCK_I2C";

/// The test's own program.
fn this_program() -> PathBuf {
    std::env::current_exe().expect("a program has a path")
}

/// The stand-in, which cargo builds beside the tests because they depend on it.
fn stand_in() -> PathBuf {
    let path = this_program().with_file_name("libbus_stand_in.so");
    assert!(path.exists(), "{} is missing", path.display());
    path
}

/// Bytes that differ from page to page.
fn message() -> Vec<u8> {
    (0..490_usize).map(|at| (at * 7 + at / 251).to_le_bytes()[0]).collect()
}

/// A machine with one chip on a bus.
struct Machine {
    simulator: Simulator,
    stand_in: String,
    folder: TempDir,
}

impl Machine {
    /// `rules` are those of the I2C driver.
    fn with_i2c(rules: &str) -> Self {
        Self::new(Port::I2c, |socket| format!("/dev/i2c-1={socket},{rules}"), 16)
    }

    fn with_spi() -> Self {
        Self::new(Port::Spi, |socket| format!("/dev/spidev0.0={socket}"), 16)
    }

    fn new(port: fn(PathBuf) -> Port, device: impl Fn(&str) -> String, irq: u32) -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let path = folder.path().join("bus");
        let socket = path.display().to_string();
        let simulator = Simulator::start_on(&[("A", port(path))], 0).expect("start the simulator");
        let gpio = format!("/dev/gpiochip0={socket},reset=20,irq={irq}");
        Self { simulator, stand_in: format!("{};{gpio}", device(&socket)), folder }
    }

    fn with_serial_port() -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let (port, pins) = (folder.path().join("nfc"), folder.path().join("pins"));
        let simulator = Simulator::start(&[("A", &port)], 0).expect("start the simulator");
        simulator.open_pins("A", &pins).expect("open the pins");
        let stand_in = format!("/dev/gpiochip0={},reset=20", pins.display());
        Self { simulator, stand_in, folder }
    }

    /// Runs a program on this machine.
    fn run(&self, command: &mut Command) -> Output {
        command
            .current_dir(self.folder.path())
            .env("LD_PRELOAD", stand_in())
            .env("BUS_STAND_IN", &self.stand_in);
        command.output().expect("run a program of ours")
    }

    /// What `nfc-probe` says.
    #[track_caller]
    fn probe(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.run(Command::new(PROBE).args(words));
        let said = String::from_utf8(stdout).expect("it says text");
        assert!(status.success(), "{said}{}", String::from_utf8_lossy(&stderr));
        said
    }

    /// Why `nfc-probe` fails.
    #[track_caller]
    fn complaint(&self, words: &[&str]) -> String {
        let Output { status, stderr, .. } = self.run(Command::new(PROBE).args(words));
        assert!(!status.success());
        String::from_utf8(stderr).expect("it says text")
    }

    fn inflict(&self, fault: Fault) {
        self.simulator.fault("A", fault, 1).expect("A is a chip");
    }

    fn lay(&self, kind: TagKind) {
        self.simulator.clear("A").expect("A is a chip");
        self.simulator.lay("A", &Lay::new(kind, &message())).expect("the message fits");
    }

    /// Messages of both types of tag come whole.
    #[track_caller]
    fn expect_reads(&self, words: &[&str]) {
        for kind in [TagKind::Type2(Model::Ntag215), TagKind::Type4] {
            self.lay(kind);
            let said = self.probe(&[words, &["save=message"]].concat());
            assert!(said.contains("a message of 490 bytes"), "{kind:?}: {said}");
            let read = std::fs::read(self.folder.path().join("message")).expect("it was saved");
            assert_eq!(read, message(), "{kind:?}");
        }
    }
}

#[test]
fn a_tag_is_read_over_i2c_whatever_the_adapters_driver() {
    for rules in ["bcm2835", "designware", "gpio"] {
        for refusing in ["", ",refusing"] {
            let machine = Machine::with_i2c(&format!("{rules}{refusing}"));
            machine.expect_reads(&["i2c", "/dev/i2c-1"]);
            machine.expect_reads(&["i2c", "/dev/i2c-1", RESET, IRQ]);
        }
    }
}

#[test]
fn a_tag_is_read_over_spi() {
    let machine = Machine::with_spi();
    machine.expect_reads(&["spi", "/dev/spidev0.0"]);
    machine.expect_reads(&["spi", "/dev/spidev0.0", RESET, IRQ]);
}

#[test]
fn an_irq_line_that_is_not_connected_delays_but_harms_nothing() {
    let spi = |socket: &str| format!("/dev/spidev0.0={socket}");
    Machine::new(Port::Spi, spi, 17).expect_reads(&["spi", "/dev/spidev0.0", IRQ]);
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
        machine.inflict(Fault::Deaf);
        for _ in 0..2 {
            let complaint = machine.complaint(&link);
            assert!(complaint.contains("NoAnswer"), "{complaint}");
        }
        machine.expect_reads(&[&link[..], &[RESET]].concat());
        machine.expect_reads(&link);
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
            machine.inflict(fault);
            machine.expect_reads(&link);
            machine.lay(TagKind::Type4);
            machine.simulator.fault_after("A", fault, 1, 10).expect("A is a chip");
            let Output { status, stderr, .. } = machine.run(Command::new(PROBE).args(link));
            let complaint = String::from_utf8_lossy(&stderr);
            let is_clear =
                ["NoAnswer", "Garbled", "Refused"].iter().any(|it| complaint.contains(it));
            assert!(!status.success() && is_clear, "{fault:?}: {complaint}");
            machine.expect_reads(&link);
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
    let port = machine.folder.path().join("nfc");
    let link = ["hsu", port.to_str().expect("a path of ours is text"), "baud=921600"];
    machine.expect_reads(&link);
    machine.inflict(Fault::Deaf);
    assert!(machine.complaint(&link).contains("NoAnswer"));
    machine.expect_reads(&[&link[..], &[RESET]].concat());
    machine.expect_reads(&link);
}

#[test]
fn a_rate_that_the_chip_does_not_know_is_refused() {
    let (_simulator, _folder, path) = serial();
    let error = open(&path, 1_000_000).map(drop).expect_err("no such rate");
    assert!(error.to_string().contains("no rate of 1000000 Bd"), "{error}");
}
