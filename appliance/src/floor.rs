//! The version that was good last, kept where an update does not reach: none before it is installed any more, so that nobody
//! brings a fault back that was mended.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{durable, release};

/// Lets the update with this manifest pass, or not.
///
/// # Errors
/// Says that it is older, or that nothing says what it is.
pub fn vet(floor: &Path, manifest: &Path) -> Result<()> {
    let known = read(floor)?;
    let told = fs::read_to_string(manifest);
    let told = told.with_context(|| format!("reading {}", manifest.display()))?;
    let version = release::declared(&told).context("the update does not say its version")?;
    if release::may_follow(version, known.as_deref()) {
        return Ok(());
    }
    bail!(
        "version {version} is older than {}, which was good here",
        known.unwrap_or_default().trim()
    )
}

/// Remembers that this program's version was good.
///
/// # Errors
/// Fails when it cannot be written.
pub fn vouch(floor: &Path) -> Result<()> {
    let known = read(floor)?;
    let later = release::later(env!("CARGO_PKG_VERSION"), known.as_deref());
    if known.as_deref() == Some(later.as_str()) {
        return Ok(());
    }
    // Everybody may know it: the kiosk's page says so before an update is tried.
    durable::write(floor, later.as_bytes(), 0o644)
        .with_context(|| format!("writing {}", floor.display()))
}

fn read(floor: &Path) -> Result<Option<String>> {
    match fs::read_to_string(floor) {
        Ok(it) => Ok(Some(it)),
        Err(it) if it.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(it) => Err(it).with_context(|| format!("reading {}", floor.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_good_keeps_older_ones_out() {
        let folder = tempfile::tempdir().unwrap();
        let floor = folder.path().join("floor");
        let manifest = folder.path().join("manifest.raucm");
        let vets = |version: &str| {
            fs::write(&manifest, format!("[update]\nversion={version}\n")).unwrap();
            vet(&floor, &manifest)
        };
        vets("0.0.1").unwrap();
        vouch(&floor).unwrap();
        assert_eq!(fs::read_to_string(&floor).unwrap(), env!("CARGO_PKG_VERSION"));
        assert!(vets("0.0.1").unwrap_err().to_string().contains("is older than"));
        vets(env!("CARGO_PKG_VERSION")).unwrap();
        fs::write(&manifest, "[update]\n").unwrap();
        assert!(vet(&floor, &manifest).unwrap_err().to_string().contains("does not say"));
        // Once a later one was good, an earlier one that runs again changes nothing.
        fs::write(&floor, "99.0.0").unwrap();
        vouch(&floor).unwrap();
        assert_eq!(fs::read_to_string(&floor).unwrap(), "99.0.0");
    }
}
