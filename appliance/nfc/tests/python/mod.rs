//! The tests' Python, with the tools that nobody here wrote.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// The interpreter of the virtual environment, which is made when it is missing.
pub(crate) static PYTHON: LazyLock<String> = LazyLock::new(|| {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tools/python-venv");
    let made = Command::new(tool).stderr(Stdio::inherit()).output().expect("run python-venv");
    assert!(made.status.success(), "python-venv: {}", made.status);
    String::from_utf8(made.stdout).expect("a path").trim_end().to_owned()
});
