//! The tests' Python, with the tools that nobody here wrote.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

/// A script of this crate's folder or beside it, for the interpreter of the virtual environment, which is made when it is
/// missing.
///
/// # Errors
/// Fails when the environment cannot be made.
pub fn script(path: &str) -> anyhow::Result<Command> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let venv = Command::new(here.join("tools/python-venv")).output().context("making the venv")?;
    anyhow::ensure!(venv.status.success(), "{}", String::from_utf8_lossy(&venv.stderr));
    let mut command = Command::new(String::from_utf8(venv.stdout)?.trim());
    command.arg(here.join(path));
    Ok(command)
}
