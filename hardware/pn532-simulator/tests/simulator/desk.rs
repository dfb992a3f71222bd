//! Two chips on a desk, and the tools that read with them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use pn532_simulator::Simulator;
use tempfile::TempDir;

/// Seconds after which a tool has failed.
const TOOL_PATIENCE: &str = "60";

pub(crate) struct Desk {
    folder: TempDir,
    pub(crate) simulator: Simulator,
}

impl Desk {
    /// Chips A and B, as fast as possible.
    pub(crate) fn new() -> Self {
        Self::with_baud(0)
    }

    pub(crate) fn with_baud(baud: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("A"), folder.path().join("B"));
        let simulator = Simulator::start(&[("A", &a), ("B", &b)], baud).unwrap();
        Self { folder, simulator }
    }

    /// The terminal of a chip, or a file with any other name.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A tool of libnfc that shall use this chip; killed when it takes too long.
    pub(crate) fn libnfc(&self, chip: &str, tool: &str) -> Command {
        require(tool, "libnfc-bin");
        let mut command = Command::new("timeout");
        let device = format!("pn532_uart:{}:115200", self.path(chip).display());
        command.args([TOOL_PATIENCE, tool]).env("LIBNFC_DEVICE", device);
        command.current_dir(self.folder.path());
        command
    }

    /// Reads the tag in front of a chip with nfcpy; gives what it said of `word`.
    pub(crate) fn read_with_nfcpy(&self, chip: &str) -> impl Fn(&str) -> String + use<> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nfcpy_tag.py");
        let mut command = Command::new("timeout");
        command.arg(TOOL_PATIENCE).arg(python()).arg(script).arg(self.path(chip));
        let said = run(&mut command);
        move |word| {
            let value = said.lines().find_map(|line| line.strip_prefix(word));
            value.unwrap_or_else(|| panic!("no {word} in {said}")).trim().to_owned()
        }
    }
}

/// Runs a tool to its end and gives what it printed; fails with everything it said.
pub(crate) fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (said, complained) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{said}\n{complained}");
    said.into_owned()
}

fn require(tool: &str, package: &str) {
    let found = Command::new("which").arg(tool).output().unwrap();
    assert!(found.status.success(), "{tool} is missing: install the Debian package {package}");
}

/// The Python of the virtual environment, made when it is missing.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        PathBuf::from(run(&mut Command::new(root.join("tests/tools/python-venv"))).trim())
    })
}

/// A message of one text record in English, this many bytes long.
pub(crate) fn message(length: usize) -> Vec<u8> {
    let payload = length - if length - 4 < 256 { 4 } else { 7 };
    let mut bytes = match u8::try_from(payload) {
        Ok(short) => vec![0xD1, 0x01, short],
        Err(_) => [&[0xC1, 0x01], &u32::try_from(payload).unwrap().to_be_bytes()[..]].concat(),
    };
    bytes.extend(*b"T\x02en");
    let text = (b'a'..=b'z').cycle().take(payload - 3);
    bytes.extend(text);
    assert_eq!(bytes.len(), length);
    bytes
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
