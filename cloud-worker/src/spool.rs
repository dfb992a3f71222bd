//! Messages on a desk: each becomes a file that a person, or a test, reads.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::Timestamp;

use crate::draw;

/// A folder that gets a file for each message.
#[derive(Clone)]
pub(crate) struct Spool(PathBuf);

impl Spool {
    /// Makes the folder if it is missing; nobody else can read it.
    ///
    /// # Errors
    /// Fails when it cannot be made.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Spool> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        Ok(Spool(folder.to_owned()))
    }

    /// Puts a message there: whom it is for on the first line, an empty one, the text.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    pub(crate) fn send(&self, to: &str, text: &str) -> anyhow::Result<()> {
        let name = format!("{}-{:016x}", Timestamp::now().as_millisecond(), draw::number());
        let draft = self.0.join(format!("{name}.new"));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .context("writing a message")?;
        write!(file, "{to}\n\n{text}\n").context("writing a message")?;
        fs::rename(&draft, self.0.join(format!("{name}.txt"))).context("writing a message")
    }
}
