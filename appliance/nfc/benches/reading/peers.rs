//! The same reading by programs that nobody here wrote.

#[path = "../../tests/python/mod.rs"]
mod python;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pn532_simulator::{Model, Simulator};
use tempfile::TempDir;

use crate::cost::Cost;
use crate::{Failure, MESSAGE};

/// Seconds after which a program has failed.
const PATIENCE: &str = "60";

/// A tag on a chip's antenna.
pub(crate) struct Stage {
    simulator: Simulator,
    pub(crate) terminal: PathBuf,
    pub(crate) message: Vec<u8>,
    folder: TempDir,
}

impl Stage {
    pub(crate) fn new(model: Model) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let terminal = folder.path().join("nfc");
        let simulator = Simulator::start(&[("A", &terminal)], 0)?;
        let message: Vec<u8> =
            (0..MESSAGE).map(|at| (at * 7 + at / 251).to_le_bytes()[0]).collect();
        simulator.lay_tag("A", model, &message, None)?;
        Ok(Self { simulator, terminal, message, folder })
    }

    /// The cost since last asked.
    pub(crate) fn count(&self) -> Result<Cost, Failure> {
        Ok(self.simulator.counters("A")?.into())
    }
}

/// A peer, and what it took.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) cost: Cost,
}

/// All of them.
pub(crate) fn read() -> Result<Vec<Peer>, Failure> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let simulator =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hardware/pn532-simulator/tests");
    Ok(vec![
        Peer { name: "libnfc, READ", cost: script(&tests.join("libnfc_type2.py"))? },
        Peer { name: "libnfc, nfc-mfultralight (whole tag, with start)", cost: dump()? },
        Peer { name: "Adafruit CircuitPython", cost: script(&tests.join("adafruit_type2.py"))? },
        Peer { name: "nfcpy", cost: script(&simulator.join("nfcpy_tag.py"))? },
    ])
}

/// Runs a script; counts from where it says that the chip is started.
fn script(script: &Path) -> Result<Cost, Failure> {
    let stage = Stage::new(Model::Ntag215)?;
    let mut command = Command::new("timeout");
    command.arg(PATIENCE).arg(&*python::PYTHON).arg(script).arg(&stage.terminal);
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut said = BufReader::new(running.stdout.take().ok_or("no output")?);
    let mut line = String::new();
    said.read_line(&mut line)?;
    stage.count()?;
    // A script that has failed already does not listen, and says so below.
    let _ = running.stdin.take().ok_or("no input")?.write_all(b"go on\n");
    said.read_to_string(&mut line)?;
    if !running.wait()?.success() {
        return Err(format!("{} fails", script.display()).into());
    }
    let message: String = stage.message.iter().map(|byte| format!("{byte:02x}")).collect();
    if !line.lines().any(|it| it.strip_prefix("message ") == Some(&message)) {
        return Err(format!("{} does not read the message: {line}", script.display()).into());
    }
    stage.count()
}

/// The tool that comes with libnfc reads every page.
fn dump() -> Result<Cost, Failure> {
    let stage = Stage::new(Model::Ntag215)?;
    let device = format!("pn532_uart:{}:115200", stage.terminal.display());
    let mut command = Command::new("timeout");
    command.args([PATIENCE, "nfc-mfultralight", "r", "dump.mfd"]);
    command.env("LIBNFC_DEVICE", device).current_dir(stage.folder.path());
    let output = command.output()?;
    let read = std::fs::read(stage.folder.path().join("dump.mfd")).unwrap_or_default();
    if !output.status.success() || read != stage.simulator.dump("A")? {
        return Err(format!("nfc-mfultralight fails: {output:?}").into());
    }
    stage.count()
}
