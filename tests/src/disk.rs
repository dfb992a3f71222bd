//! A small disk that can be filled.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::program::output;

/// What fills it.
const BALLAST: &str = "ballast";

/// A file system in memory; it goes with this value.
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one at a folder that is made; none where this is not allowed.
    pub fn mount(folder: &Path, megabytes: u32, owner: Option<(u32, u32)>) -> Option<Disk> {
        DirBuilder::new().mode(0o700).create(folder).ok()?;
        let mut options = format!("size={megabytes}m,mode=0700");
        if let Some((user, group)) = owner {
            chown(folder, Some(user), Some(group)).ok()?;
            options += &format!(",uid={user},gid={group}");
        }
        output(Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder))
            .ok()?;
        Some(Disk { folder: folder.to_owned() })
    }

    /// Leaves no byte of it free.
    ///
    /// # Errors
    /// Fails with anything but a full disk.
    pub fn fill(&self) -> anyhow::Result<()> {
        let mut ballast = File::create(self.folder.join(BALLAST)).context("filling a disk")?;
        let mut size = 1 << 20;
        while size > 0 {
            match ballast.write_all(&vec![0; size]) {
                Ok(()) => {}
                Err(why) if why.kind() == ErrorKind::StorageFull => size /= 2,
                Err(why) => return Err(why).context("filling a disk"),
            }
        }
        Ok(())
    }

    /// Makes room again.
    ///
    /// # Errors
    /// Fails when there was no ballast.
    pub fn free(&self) -> anyhow::Result<()> {
        fs::remove_file(self.folder.join(BALLAST)).context("making room on a disk")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = output(Command::new("umount").arg("--lazy").arg(&self.folder));
    }
}
