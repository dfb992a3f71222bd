//! A clock that can be set while a program runs, by Debian's libfaketime; what counts from the start goes on as it is.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// Where Debian keeps the library; the linker puts the machine's own folder in its place.
const LIBRARY: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";

/// What the programs that wear it take for the time.
#[derive(Clone, Debug)]
pub struct Clock {
    file: PathBuf,
}

impl Clock {
    /// A clock that is right; its setting is kept in this file.
    ///
    /// # Errors
    /// Fails with the file.
    pub fn new(file: PathBuf) -> anyhow::Result<Clock> {
        let clock = Clock { file };
        clock.set("+0")?;
        Ok(clock)
    }

    /// Sets it off by so much, such as `-2h` or `+400d`, until it is set again.
    ///
    /// # Errors
    /// Fails with the file.
    pub fn set(&self, offset: &str) -> anyhow::Result<()> {
        // Never half a file: it is read at any moment.
        let draft = self.file.with_extension("new");
        fs::write(&draft, offset).context("setting a clock")?;
        fs::rename(&draft, &self.file).context("setting a clock")
    }

    /// Lets a program look at it.
    pub fn dress(&self, command: &mut Command) {
        command.envs(self.settings());
    }

    /// What makes a program look at it. One that changes its user must get them after that: it shares a semaphore with its
    /// children.
    pub fn settings(&self) -> [(&'static str, &OsStr); 4] {
        [
            ("LD_PRELOAD", LIBRARY.as_ref()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.as_ref()),
            ("FAKETIME_CACHE_DURATION", "1".as_ref()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".as_ref()),
        ]
    }
}

/// Removes what the library leaves in shared memory of programs that were killed.
pub fn sweep() {
    for entry in fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some((kind, pid)) = name.to_str().and_then(|it| it.rsplit_once('_')) else { continue };
        let is_left = kind.contains("faketime") && !Path::new("/proc").join(pid).exists();
        // Somebody else may have swept.
        let _ = is_left.then(|| fs::remove_file(entry.path()));
    }
}
