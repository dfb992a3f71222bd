//! The Yocto layer, as far as it can be judged without building it: its recipes are read by bitbake's own parser and by a
//! linter, its list of crates is that of `Cargo.lock`, and everything that knows the card's partitions says the same.

mod boot;
mod partitions;
mod recipes;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(root().join(path)).with_context(|| format!("reading {path}"))
}

/// What `appliance/rootfs/manifest.toml` says of a file.
#[derive(Deserialize)]
struct Listed {
    path: String,
    mode: String,
    owner: String,
}

fn manifest() -> anyhow::Result<Vec<Listed>> {
    #[derive(Deserialize)]
    struct Manifest {
        file: Vec<Listed>,
    }
    Ok(toml::from_str::<Manifest>(&read("appliance/rootfs/manifest.toml")?)?.file)
}
