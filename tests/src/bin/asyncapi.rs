//! Prints the wire contract for `docs/asyncapi.yaml`.

use std::io::Write;

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    std::io::stdout().write_all(tapcard_tests::contract::text()?.as_bytes()).context("printing")
}
