//! Files that are there whole or not at all, also after a power cut; and those of others, of whatever length.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file that is being written, beside the one whose place it takes.
pub struct Draft {
    file: File,
    draft: PathBuf,
    path: PathBuf,
}

impl Draft {
    /// An empty one, with the permissions of the file that it becomes.
    ///
    /// # Errors
    /// Fails when it cannot be made.
    pub fn begin(path: &Path, mode: u32) -> io::Result<Draft> {
        let draft = path.with_extension("part");
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(mode).open(&draft)?;
        Ok(Draft { file, draft, path: path.to_owned() })
    }

    /// What it is written to.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Takes the place of what was there.
    ///
    /// # Errors
    /// Fails when the disk does; then what was there stays.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.draft, &self.path)?;
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

/// Writes a file in one go.
///
/// # Errors
/// Fails when the disk does; then what was there stays.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut draft = Draft::begin(path, mode)?;
    draft.file().write_all(bytes)?;
    draft.finish()
}

/// No more than so many bytes of a file, and one that tells that there are more.
///
/// # Errors
/// Fails when it cannot be read.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_was_there_stays_until_the_next_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        write(&path, b"one", 0o600).unwrap();
        let mut draft = Draft::begin(&path, 0o600).unwrap();
        draft.file().write_all(b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        draft.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(read(&path, 3).unwrap(), b"two");
        assert_eq!(read(&path, 1).unwrap(), b"tw");
    }
}
