//! What is left of a kiosk that was erased from afar, once it has handed over what it had not sent: settings, passwords, PIN.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{empty, remove};
use crate::provisioning::{ERASED, FLOOR, INBOX, KIOSK, NETWORK, SYSTEM};

/// Removes all of it, if the kiosk has left a mark that it is to go. The mark goes last, so a power cut ends nothing early. No
/// update that is older than the one here is let in afterwards either.
///
/// # Errors
/// Fails when something stays.
pub(super) fn clear(data: &Path) -> Result<()> {
    let inbox = data.join(KIOSK).join(INBOX);
    let mark = inbox.join(ERASED);
    if !mark.exists() {
        return Ok(());
    }
    for folder in [data.join(NETWORK), data.join(SYSTEM), inbox, data.join(KIOSK)] {
        clear_folder(&folder, &[data.join(SYSTEM).join(FLOOR), mark.clone()])?;
    }
    remove(&mark)
}

/// Removes every file of a folder but these.
fn clear_folder(folder: &Path, staying: &[impl AsRef<Path>]) -> Result<()> {
    let wrong = || format!("clearing {}", folder.display());
    for entry in fs::read_dir(folder).with_context(wrong)? {
        let path = entry.with_context(wrong)?.path();
        let stays = staying.iter().any(|it| it.as_ref() == path);
        let kind = fs::symlink_metadata(&path).with_context(wrong)?;
        if stays || kind.is_dir() {
            continue;
        }
        if kind.is_file() && kind.len() <= super::MAX_FILE as u64 {
            empty(&path, kind.len() as usize).with_context(wrong)?;
        }
        remove(&path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_goes_but_the_version_that_was_good() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        for it in ["tapcard/inbox", "network", "system"] {
            fs::create_dir_all(data.join(it)).unwrap();
        }
        let secrets = [
            "tapcard/kiosk.toml",
            "tapcard/ca.pem",
            "tapcard/inbox/update.raucb",
            "network/tapcard-wifi-0.nmconnection",
            "network/Hotel.nmconnection",
            "system/environment",
        ];
        for it in secrets.into_iter().chain(["system/floor"]) {
            fs::write(data.join(it), "secret").unwrap();
        }
        let is_there = |it: &str| data.join(it).exists();
        clear(data).unwrap();
        assert!(secrets.into_iter().all(is_there), "without a mark nothing goes");
        let mark = "tapcard/inbox/erased";
        fs::write(data.join(mark), "").unwrap();
        clear(data).unwrap();
        let left: Vec<_> = secrets.into_iter().filter(|it| is_there(it)).collect();
        assert_eq!((left, is_there(mark), is_there("system/floor")), (vec![], false, true));
    }
}
