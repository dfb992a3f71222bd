//! The public keys that tokens are checked with, from a file that is read again when it changes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use tapcard_protocol::key_set::{Key, KeySet, PublicKey};
use tapcard_protocol::token::{self, Refusal};
use tracing::{info, warn};

use crate::gate::{Proven, Signature};
use crate::stamp::Stamp;

/// The keys of one file.
pub struct Keys {
    path: PathBuf,
    known: Mutex<Known>,
}

type ByKid = HashMap<String, Named>;

struct Known {
    by_kid: Arc<ByKid>,
    /// How often the file was read.
    version: u64,
    stamp: Option<Stamp>,
}

/// A key by its name, which may have been another's before.
struct Named {
    key: Key,
    public: PublicKey,
    /// The version of the file that brought it.
    since: u64,
}

impl Keys {
    /// Reads the file.
    ///
    /// # Errors
    /// Fails when the file cannot be read; a key in it that cannot be used is only logged.
    pub fn read(path: PathBuf) -> anyhow::Result<Keys> {
        let stamp = Stamp::of(&path);
        let by_kid = read_file(&path, 0, &ByKid::new())?;
        if by_kid.is_empty() {
            warn!(path = %path.display(), "no public key found, nobody can log in yet");
        }
        Ok(Keys { path, known: Mutex::new(Known { by_kid: Arc::new(by_kid), version: 0, stamp }) })
    }

    /// Checks a token at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// Every reason for which it does not count.
    pub(crate) fn verify(&self, token: &str, now: u64) -> Result<Proven, Refusal> {
        let check = |keys: &ByKid| {
            let verified = token::verify(token, |kid| keys.get(kid).map(|it| &it.key), now)?;
            let since = keys.get(&verified.kid).map_or(0, |it| it.since);
            Ok(Proven { verified, since })
        };
        // Checking takes far longer than looking: nobody waits for it.
        let keys = self.current();
        match check(&keys) {
            Err(Refusal::UnknownKey) if self.refresh() => check(&self.current()),
            outcome => outcome,
        }
    }

    /// Whether what was signed so counts now: the key is there, is the same, and may sign for such a client.
    pub(crate) fn stand_by(&self, it: &Signature) -> bool {
        let is_good = |key: &Named| key.since == it.since && key.key.signs_for(it.kind);
        self.current().get(&it.kid).is_some_and(is_good)
    }

    /// How often the file was read again.
    pub(crate) fn version(&self) -> u64 {
        self.known().version
    }

    /// Reads the file again if it has changed; whether it was read. A file that is gone or broken changes
    /// nothing: an operator's slip must not end every connection.
    pub(crate) fn refresh(&self) -> bool {
        let mut known = self.known();
        let stamp = Stamp::of(&self.path);
        if stamp == known.stamp || stamp.is_none() {
            return false;
        }
        known.stamp = stamp;
        match read_file(&self.path, known.version + 1, &known.by_kid) {
            Ok(by_kid) => {
                known.by_kid = Arc::new(by_kid);
                known.version += 1;
            }
            Err(error) => {
                warn!("kept the keys as they were: {error:#}");
                return false;
            }
        }
        true
    }

    fn current(&self) -> Arc<ByKid> {
        Arc::clone(&self.known().by_kid)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_file(path: &Path, version: u64, before: &ByKid) -> anyhow::Result<ByKid> {
    let text = fs::read_to_string(path).with_context(|| {
        format!(
            "the keys in {} cannot be read (`tapcard-worker keygen` makes them)",
            path.display()
        )
    })?;
    let set: KeySet = serde_json::from_str(&text)
        .with_context(|| format!("{} is no JSON Web Key Set", path.display()))?;
    let mut keys = ByKid::new();
    for it in &set.keys {
        match it.key() {
            Ok(key) => {
                let same = before.get(&it.kid).filter(|old| old.public.is_same_key(it));
                let since = same.map_or(version, |it| it.since);
                keys.insert(it.kid.clone(), Named { key, public: it.clone(), since });
            }
            Err(error) => warn!(key.id = it.kid, "passed over a key: {error}"),
        }
    }
    info!(n_keys = keys.len(), "read the keys");
    Ok(keys)
}
