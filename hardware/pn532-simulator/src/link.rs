//! The link in the file system that leads to a chip's terminal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// A symbolic link that goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Link(PathBuf);

impl Link {
    /// Replaces a link that an earlier run left behind, but nothing else.
    pub(crate) fn create(path: &Path, terminal: &Path) -> Result<Self> {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => fs::remove_file(path)?,
            Ok(_) => bail!("there is something else already"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        std::os::unix::fs::symlink(terminal, path)?;
        Ok(Self(path.to_path_buf()))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Whoever removed it before us has done our work.
        drop(fs::remove_file(&self.0));
    }
}
