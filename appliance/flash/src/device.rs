//! A disk that is opened for writing by nobody else.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use rustix::fs::{Access, Advice, OFlags, access, fadvise};

use crate::disks::{Disk, Found, find, judge};
use crate::machine::{Machine, number, number_of};

/// Finds the disk behind a path and judges it.
///
/// # Errors
/// Why it is not written.
pub fn choose(path: &Path) -> Result<Disk> {
    let name = path.display();
    let Some(number) = number(path) else {
        bail!("{name} is not a disk, or not there. `tapcard-flash list` shows the disks");
    };
    let machine = Machine::here()?;
    let disk = match find(number, &machine.disks) {
        Found::Disk(disk) => disk,
        Found::PartitionOf(disk) => {
            bail!("{name} is a partition; name the whole disk, /dev/{}", disk.name())
        }
        Found::Nothing => bail!("{name} is not a disk that the kernel shows"),
    };
    if let Err(why) = judge(disk, &machine.disks, &machine.uses) {
        bail!("{name} is not written: {why}");
    }
    if access(path, Access::READ_OK | Access::WRITE_OK).is_err() {
        bail!("{name} may be written by root alone; put sudo before the command");
    }
    Ok(disk.clone())
}

/// The open disk.
pub struct Device {
    file: File,
    path: PathBuf,
}

impl Device {
    /// Opens the disk that was chosen, if it is still the same.
    ///
    /// # Errors
    /// When it was changed in between, or somebody uses it.
    pub fn open(path: &Path, chosen: &Disk) -> Result<Device> {
        let name = path.display();
        // Linux gives a block device opened so to one alone, and to none if part of it is mounted.
        let exclusive = OFlags::EXCL.bits().cast_signed();
        let opened = OpenOptions::new().read(true).write(true).custom_flags(exclusive).open(path);
        let mut file = match opened {
            Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                bail!(
                    "{name} is in use by another program. Close that and run the same command again"
                )
            }
            opened => opened.with_context(|| format!("opening {name}"))?,
        };
        // From here on it stays what it is.
        let is_same = number_of(&file.metadata()?) == Some(chosen.whole.number)
            && file.seek(SeekFrom::End(0))? == chosen.size
            && choose(path)?.is_same(chosen);
        if !is_same {
            bail!("{name} is another disk than a moment ago. Nothing was written; look again");
        }
        file.rewind()?;
        Ok(Device { file, path: path.to_owned() })
    }

    /// To write to and read from.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Everything is on the disk, and memory forgets it: what is read next comes from the disk.
    ///
    /// # Errors
    /// When the disk takes it no more.
    pub fn settle(&self) -> io::Result<()> {
        self.file.sync_all()?;
        Ok(fadvise(self.file.as_fd(), 0, None, Advice::DontNeed)?)
    }

    /// Lets the disk go, and has the kernel look at its new partitions.
    ///
    /// # Errors
    /// When the kernel does not; the disk is well anyhow.
    pub fn release(self) -> Result<()> {
        drop(self.file);
        let mut command = Command::new("blockdev");
        command.arg("--rereadpt").arg(&self.path).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().context("starting blockdev")?;
        if status.success() { Ok(()) } else { bail!("blockdev ended with {status}") }
    }
}
