//! The wire contract as it stands in `docs/asyncapi.yaml`.

use anyhow::Context;
use tapcard_protocol::asyncapi;

/// How the file begins.
const HEAD: &str = "# Made by `make contract` from the types in protocol/. Do not edit.\n";

/// The file's text.
///
/// # Errors
/// Fails when the document cannot be written as YAML.
pub fn text() -> anyhow::Result<String> {
    let yaml = serde_saphyr::to_string(&asyncapi::document()).context("writing YAML")?;
    Ok(format!("{HEAD}{yaml}"))
}
