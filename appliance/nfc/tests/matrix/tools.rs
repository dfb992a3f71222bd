//! Programs that nobody here wrote, on a chip of theirs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::nfcpy;
use crate::python::PYTHON;

/// Seconds after which a tool has failed.
const PATIENCE: &str = "60";

/// Runs nfcpy on a chip whose terminal lies in this folder: it reads, and writes what is given in
/// hex. Gives what it said of a word.
#[track_caller]
pub(crate) fn run_nfcpy(
    folder: &Path,
    chip: &str,
    messages: &[&str],
) -> impl Fn(&str) -> String + use<> {
    run_script(&nfcpy::script(), folder, chip, messages)
}

/// Runs a Type 4 tag's reader on top of libnfc; gives what it said of a word.
#[track_caller]
pub(crate) fn run_libnfc(folder: &Path, chip: &str) -> impl Fn(&str) -> String + use<> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/libnfc_type4.py");
    run_script(&script, folder, chip, &[])
}

#[track_caller]
fn run_script(
    script: &PathBuf,
    folder: &Path,
    chip: &str,
    words: &[&str],
) -> impl Fn(&str) -> String + use<> {
    let mut command = Command::new("timeout");
    command.args([PATIENCE, &PYTHON]).arg(script).arg(folder.join(chip)).args(words);
    let said = run(command.current_dir(folder));
    move |word| {
        let value = said.lines().find_map(|line| line.strip_prefix(word));
        value.unwrap_or_else(|| panic!("no {word} in {said}")).trim().to_owned()
    }
}

/// A tool of libnfc that shall use a chip whose terminal lies in this folder; killed when it takes
/// too long.
pub(crate) fn libnfc(folder: &Path, chip: &str, tool: &str) -> Command {
    let mut command = Command::new("timeout");
    let device = format!("pn532_uart:{}:115200", folder.join(chip).display());
    command.args([PATIENCE, tool]).env("LIBNFC_DEVICE", device).current_dir(folder);
    command
}

/// Runs a tool to its end and gives what it printed; fails with everything it said.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("start the tool");
    let (said, complained) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{said}\n{complained}");
    said.into_owned()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
