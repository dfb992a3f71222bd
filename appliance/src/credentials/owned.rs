//! Whose this kiosk is, where its settings do not say so: a file beside its key.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tapcard_protocol::{AccountId, TerminalId};

use super::key;

/// Whose it is, and which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned {
    /// Its owner.
    pub account: AccountId,
    /// Itself.
    pub terminal: TerminalId,
}

/// The file that says so, beside the key.
fn place(key_file: &Path) -> PathBuf {
    key_file.with_extension("owner")
}

impl Owned {
    /// What was found at the first start; nothing before it.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn load(key_file: &Path) -> Result<Option<Owned>> {
        let path = place(key_file);
        if !path.exists() {
            return Ok(None);
        }
        let context = || format!("reading whose this kiosk is from {}", path.display());
        let text = fs::read_to_string(&path).with_context(context)?;
        toml::from_str(&text).map(Some).with_context(context)
    }

    /// What says whose the kiosk is, in the order in which it is to go: a key without an owner is a kiosk that is nobody's; an
    /// owner without a key could not be proved.
    pub fn files(key_file: &Path) -> [PathBuf; 2] {
        [place(key_file), key_file.to_owned()]
    }

    /// Keeps it over a power cut.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn keep(self, key_file: &Path) -> Result<()> {
        let text = toml::to_string(&self).context("writing down whose this kiosk is")?;
        key::keep(&place(key_file), text.as_bytes()).context("keeping whose this kiosk is")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("terminal.key");
        assert_eq!(Owned::load(&key).unwrap(), None);
        let it = Owned { account: AccountId::new(5), terminal: TerminalId::new(7) };
        it.keep(&key).unwrap();
        assert_eq!(Owned::load(&key).unwrap(), Some(it));
        fs::write(place(&key), "account = 5").unwrap();
        assert!(Owned::load(&key).is_err());
    }
}
