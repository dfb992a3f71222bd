//! A machine with one chip on a link: `nfc-probe` drives it through the real `linux-embedded-hal`,
//! on a stand-in that obeys the rules of the Raspberry Pi's drivers. Chip B, on a serial line, is
//! for others.

#![expect(dead_code, reason = "each test program uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pn532_simulator::{Port, Simulator};
use tempfile::TempDir;

pub(crate) const RESET: &str = "reset=/dev/gpiochip0:20";
pub(crate) const IRQ: &str = "irq=/dev/gpiochip0:16";

const PROBE: &str = env!("CARGO_BIN_EXE_nfc-probe");

/// The test's own program.
pub(crate) fn this_program() -> PathBuf {
    std::env::current_exe().expect("a program has a path")
}

/// The stand-in, which cargo builds beside the tests because they depend on it.
fn stand_in() -> PathBuf {
    let path = this_program().with_file_name("libbus_stand_in.so");
    assert!(path.exists(), "{} is missing", path.display());
    path
}

/// A machine with chip A on a link.
pub(crate) struct Machine {
    pub(crate) simulator: Simulator,
    stand_in: String,
    folder: TempDir,
}

impl Machine {
    /// `rules` are those of the I2C driver.
    pub(crate) fn with_i2c(rules: &str) -> Self {
        Self::with_bus(Port::I2c, |socket| format!("/dev/i2c-1={socket},{rules}"), 16)
    }

    pub(crate) fn with_spi() -> Self {
        Self::with_bus(Port::Spi, |socket| format!("/dev/spidev0.0={socket}"), 16)
    }

    pub(crate) fn with_bus(
        port: fn(PathBuf) -> Port,
        device: impl Fn(&str) -> String,
        irq: u32,
    ) -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let path = folder.path().join("bus");
        let socket = path.display().to_string();
        let simulator = start(&folder, port(path));
        let gpio = format!("/dev/gpiochip0={socket},reset=20,irq={irq}");
        Self { simulator, stand_in: format!("{};{gpio}", device(&socket)), folder }
    }

    /// Its port is [`Machine::path`] of `A`.
    pub(crate) fn with_serial_port() -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let simulator = start(&folder, Port::Hsu(folder.path().join("A")));
        let pins = folder.path().join("pins");
        simulator.open_pins("A", &pins).expect("open the pins");
        let stand_in = format!("/dev/gpiochip0={},reset=20", pins.display());
        Self { simulator, stand_in, folder }
    }

    /// A file of this machine; the serial lines are called like their chips.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a program on this machine.
    pub(crate) fn run(&self, command: &mut Command) -> Output {
        command
            .current_dir(self.folder.path())
            .env("LD_PRELOAD", stand_in())
            .env("BUS_STAND_IN", &self.stand_in);
        command.output().expect("run a program of ours")
    }

    /// What `nfc-probe` says.
    #[track_caller]
    pub(crate) fn probe(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.run(Command::new(PROBE).args(words));
        let said = String::from_utf8(stdout).expect("it says text");
        assert!(status.success(), "{said}{}", String::from_utf8_lossy(&stderr));
        said
    }

    /// Why `nfc-probe` fails.
    #[track_caller]
    pub(crate) fn complaint(&self, words: &[&str]) -> String {
        let Output { status, stderr, .. } = self.run(Command::new(PROBE).args(words));
        assert!(!status.success());
        String::from_utf8(stderr).expect("it says text")
    }

    /// The message that `nfc-probe` reads.
    #[track_caller]
    pub(crate) fn read(&self, words: &[&str]) -> Vec<u8> {
        self.probe(&[words, &["save=message"]].concat());
        std::fs::read(self.path("message")).expect("it was saved")
    }
}

fn start(folder: &TempDir, port: Port) -> Simulator {
    let other = Port::Hsu(folder.path().join("B"));
    Simulator::start_on(&[("A", port), ("B", other)], 0).expect("start the simulator")
}
