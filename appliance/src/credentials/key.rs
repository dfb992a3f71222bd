//! The kiosk's own key. It never leaves the device.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use ed25519_dalek::SigningKey;

use crate::{chance, durable};

/// Reads the key, or makes it if there is none.
///
/// # Errors
/// Fails when the file cannot be read or made, or holds no key.
pub(super) fn open(path: &Path) -> Result<SigningKey> {
    let place = path.display();
    if !path.exists() {
        keep(path, &chance::bytes::<32>()?)
            .with_context(|| format!("the key {place} cannot be made"))?;
    }
    let bytes = fs::read(path).with_context(|| format!("the key {place} cannot be read"))?;
    let bytes = bytes.try_into().ok().with_context(|| format!("{place} does not hold a key"))?;
    Ok(SigningKey::from_bytes(&bytes))
}

/// Writes a file that nobody else reads. One that is gone after a power cut would need a new code.
///
/// # Errors
/// Fails when it cannot be written.
pub(super) fn keep(path: &Path, bytes: &[u8]) -> Result<()> {
    durable::write(path, bytes, 0o600).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_the_kiosks_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terminal.key");
        let key = open(&path).unwrap();
        assert_eq!(open(&path).unwrap().to_bytes(), key.to_bytes());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "short").unwrap();
        assert!(open(&path).unwrap_err().to_string().contains("does not hold a key"));
        assert!(open(&folder.path().join("none/terminal.key")).is_err());
    }
}
