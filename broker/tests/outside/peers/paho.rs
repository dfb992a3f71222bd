//! Eclipse Paho for Python, from PyPI.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use super::{Login, Peer, Wish, read_line, script_options};
use crate::listener::Door;

/// The interpreter of the virtual environment, which is made when it is missing.
static PYTHON: LazyLock<String> = LazyLock::new(|| {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tools/python-venv");
    let made = Command::new(tool).stderr(Stdio::inherit()).output().expect("run python-venv");
    assert!(made.status.success(), "python-venv: {}", made.status);
    String::from_utf8(made.stdout).expect("a path").trim_end().to_owned()
});

pub(super) fn start(door: &Door, login: &Login<'_>, wish: &Wish) -> Peer {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/peers/paho_client.py");
    let options = script_options(door, login, wish);
    Peer::start(Command::new(&*PYTHON).arg(script).arg(options), read_line)
}
