//! A kiosk that leaves its owner: what says whose it was goes, and the program starts anew. It decides nothing.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result};
use tracing::warn;

use crate::credentials::{Cloud, Owned};
use crate::{durable, mechanic};

/// What is to go.
pub struct Departure {
    /// Where its owner has it.
    pub cloud: Option<Cloud>,
    /// The file with what it collected, which is empty by now.
    pub store: PathBuf,
    /// The file with its key.
    pub key_file: PathBuf,
    /// Where to leave a mark for the system that the settings are to go too; none where the system does not look for one.
    pub mark: Option<PathBuf>,
}

impl Departure {
    /// Goes.
    ///
    /// # Errors
    /// Fails when a file stays, or the program does not start again.
    pub fn go(mut self) -> Result<Infallible> {
        // Fetched while there is a key, and used when there is none: a power cut in between leaves the cloud with one
        // kiosk too many, and not a kiosk that nobody knows.
        let token = self.cloud.as_mut().map(Cloud::own_token);
        self.forget(self.store_files().into_iter().chain(Owned::files(&self.key_file)))?;
        match (&self.cloud, token) {
            (Some(cloud), Some(token)) => {
                if let Err(error) = token.and_then(|it| cloud.leave(&it)) {
                    warn!("its owner still has this kiosk on the list: {error:#}");
                }
            }
            _ => warn!("its owner still has this kiosk on the list"),
        }
        start_anew()
    }

    /// Goes after everything was erased from afar and handed over.
    ///
    /// # Errors
    /// Fails when a file stays, or neither the system nor the program starts again.
    pub fn go_erased(&self) -> Result<()> {
        if self.leave_erased(mechanic::restart)? { Ok(()) } else { start_anew().map(drop) }
    }

    /// Whether the system starts again, which then removes what is not the kiosk's own. The store goes last: as long as it is
    /// there, it says that the rest is to go.
    fn leave_erased(&self, restart: impl Fn() -> Result<()>) -> Result<bool> {
        if let Some(mark) = &self.mark {
            let left = mark.parent().map_or(Ok(()), fs::create_dir_all);
            let left = left.and_then(|()| durable::write(mark, b"", 0o600));
            left.with_context(|| format!("leaving {}", mark.display()))?;
        }
        self.forget(Owned::files(&self.key_file).into_iter().chain(self.store_files()))?;
        let Some(mark) = &self.mark else { return Ok(false) };
        let Err(error) = restart() else { return Ok(true) };
        // What this kiosk is going to collect must not go with a later start.
        self.forget([mark.clone()].into_iter())?;
        warn!("the settings stay: {error:#}");
        Ok(false)
    }

    fn store_files(&self) -> [PathBuf; 3] {
        ["", "-wal", "-shm"].map(|end| {
            let mut path = OsString::from(&self.store);
            path.push(end);
            PathBuf::from(path)
        })
    }

    /// Removes what is there of these; what is gone already is no fault, since the power may have been cut.
    fn forget(&self, files: impl Iterator<Item = PathBuf>) -> Result<()> {
        for path in files {
            match fs::remove_file(&path) {
                Err(it) if it.kind() != io::ErrorKind::NotFound => {
                    return Err(it).with_context(|| format!("removing {}", path.display()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// This program again, in its own place.
///
/// # Errors
/// Fails when it does not start.
pub fn start_anew() -> Result<Infallible> {
    let program = env::current_exe().context("finding this program")?;
    Err(Command::new(program).args(env::args_os().skip(1)).exec()).context("starting anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_goes_and_may_have_gone_before() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        for name in ["kiosk.db", "kiosk.db-wal", "terminal.key", "terminal.owner", "kiosk.toml"] {
            fs::write(place(name), "").unwrap();
        }
        let (store, key_file) = (place("kiosk.db"), place("terminal.key"));
        let departure = Departure { cloud: None, store, key_file, mark: None };
        let all = || departure.store_files().into_iter().chain(Owned::files(&departure.key_file));
        departure.forget(all()).unwrap();
        departure.forget(all()).unwrap();
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
        assert_eq!(left, [place("kiosk.toml")]);
    }

    #[test]
    fn a_mark_stays_only_if_the_system_starts_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let (store, key_file, mark) =
            (place("kiosk.db"), place("terminal.key"), place("inbox/erased"));
        let departure =
            Departure { cloud: None, store: store.clone(), key_file, mark: Some(mark.clone()) };
        for starts in [true, false] {
            fs::write(&store, "").unwrap();
            let restart = || {
                assert!(mark.exists() && !store.exists(), "the system would not know");
                anyhow::ensure!(starts, "nobody may");
                Ok(())
            };
            assert_eq!(departure.leave_erased(restart).unwrap(), starts);
            assert_eq!((mark.exists(), store.exists()), (starts, false));
        }
    }
}
