//! Where the script is that drives nfcpy.

use std::path::{Path, PathBuf};

/// Reads and writes a tag; the simulator's tests use it too.
pub(crate) fn script() -> PathBuf {
    let tests = "../../hardware/pn532-simulator/tests/nfcpy_tag.py";
    Path::new(env!("CARGO_MANIFEST_DIR")).join(tests)
}
