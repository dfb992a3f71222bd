//! The public keys that tokens are checked with: a folder of PEM files.
//!
//! The folder is read at the start, and again when a token names a key that is not known.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use jsonwebtoken::DecodingKey;
use tapcard_protocol::token::{self, Claims, Refusal};
use tracing::{info, warn};

/// The folder is read no more often than this, whatever tokens strangers make up.
const REREAD: Duration = Duration::from_secs(1);

/// The keys of one folder.
pub struct Keys {
    folder: PathBuf,
    known: Mutex<Known>,
}

type ByKid = HashMap<String, DecodingKey>;

struct Known {
    by_kid: Arc<ByKid>,
    read: Instant,
}

impl Keys {
    /// Reads the folder.
    ///
    /// # Errors
    /// Fails when the folder cannot be read; a file in it that is no key is only logged.
    pub fn read(folder: PathBuf) -> anyhow::Result<Keys> {
        let by_kid = read_folder(&folder)?;
        if by_kid.is_empty() {
            warn!(folder = %folder.display(), "no public key found, nobody can log in yet");
        }
        let known = Known { by_kid: Arc::new(by_kid), read: Instant::now() };
        Ok(Keys { folder, known: Mutex::new(known) })
    }

    /// Checks a token at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// Every reason for which it does not count.
    pub fn verify(&self, token: &str, now: u64) -> Result<Claims, Refusal> {
        let check = |keys: &ByKid| token::verify(token, |kid| keys.get(kid), now);
        // Checking takes far longer than looking: nobody waits for it.
        let keys = Arc::clone(&self.known().by_kid);
        match check(&keys) {
            Err(Refusal::UnknownKey) => check(&self.reread()),
            outcome => outcome,
        }
    }

    /// The keys as they are now, or as they were less than [`REREAD`] ago.
    fn reread(&self) -> Arc<ByKid> {
        let mut known = self.known();
        if known.read.elapsed() >= REREAD {
            known.read = Instant::now();
            match read_folder(&self.folder) {
                Ok(by_kid) => known.by_kid = Arc::new(by_kid),
                Err(error) => warn!("{error:#}"),
            }
        }
        Arc::clone(&known.by_kid)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_folder(folder: &Path) -> anyhow::Result<ByKid> {
    let context = || format!("reading the keys in {}", folder.display());
    let mut keys = ByKid::new();
    for entry in fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.extension().is_none_or(|it| it != "pem") {
            continue;
        }
        let Some(kid) = path.file_stem().and_then(|it| it.to_str()) else { continue };
        match read_key(&path) {
            Ok(key) => {
                keys.insert(kid.to_owned(), key);
            }
            Err(error) => warn!(path = %path.display(), "not a key: {error:#}"),
        }
    }
    info!(n_keys = keys.len(), "read the keys");
    Ok(keys)
}

fn read_key(path: &Path) -> anyhow::Result<DecodingKey> {
    Ok(DecodingKey::from_ed_pem(&fs::read(path)?)?)
}
