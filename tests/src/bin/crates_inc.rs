//! Prints the layer's list of crates.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let lock = fs::read_to_string(lock).context("reading Cargo.lock")?;
    let list = tapcard_tests::crates::list(&lock)?;
    std::io::stdout().write_all(list.as_bytes()).context("printing")
}
