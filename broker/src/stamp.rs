//! What a file was like when it was read, to see whether it must be read again. A file that is replaced by
//! renaming another over it is another file.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Time of change, size and number of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    changed: (i64, i64),
    size: u64,
    inode: u64,
}

impl Stamp {
    /// The file's now; none when it is not there.
    pub(crate) fn of(path: &Path) -> Option<Stamp> {
        let it = fs::metadata(path).ok()?;
        Some(Stamp { changed: (it.mtime(), it.mtime_nsec()), size: it.size(), inode: it.ino() })
    }
}
