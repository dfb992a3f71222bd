//! A small image of the real partition table, with file systems that hold something.

use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::bench::{arg, tool};

/// How many times smaller than the real one it is.
pub(super) const SMALL: u64 = 64;
const TABLE: &str = "../image/disk.sfdisk";
const SECTOR: u64 = 512;
/// Bytes behind the last partition, for the second copy of the table.
const TAIL: u64 = 1 << 20;

/// A folder with an image, and its map.
pub(super) struct Kit {
    pub(super) folder: TempDir,
    pub(super) image: PathBuf,
    /// The bytes of boot, root-a, root-b and data.
    pub(super) partitions: Vec<Range<u64>>,
}

impl Kit {
    /// The real table with partitions so many times smaller.
    pub(super) fn new(smaller: u64) -> Kit {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("kiosk.img");
        let (table, partitions) = table(smaller);
        let file = File::create(&image).unwrap();
        file.set_len(partitions.last().unwrap().end + TAIL).unwrap();
        fs::write(folder.path().join("table"), table).unwrap();
        let script = format!("sfdisk -q {} < {}/table", arg(&image), arg(folder.path()));
        tool("sh", &["-c", &script]);
        let kit = Kit { folder, image, partitions };
        kit.fill();
        kit.map();
        kit
    }

    fn fill(&self) {
        let contents = self.path("root");
        fs::create_dir(&contents).unwrap();
        fs::write(contents.join("noise"), noise(3 << 20)).unwrap();
        fs::write(contents.join("config.txt"), "arm_64bit=1\n").unwrap();
        self.fill_boot(&contents.join("config.txt"));
        for partition in [1, 3] {
            let bytes = &self.partitions[partition];
            let (offset, size) = (
                format!("offset={}", bytes.start),
                format!("{}k", (bytes.end - bytes.start) / 1024),
            );
            let from = if partition == 1 { vec!["-d", arg(&contents)] } else { vec![] };
            let all = [&["-q", "-t", "ext4", "-E", &offset][..], &from, &[arg(&self.image), &size]];
            tool("mke2fs", &all.concat());
        }
    }

    /// The real one is large enough for FAT32, which the firmware reads as well.
    fn fill_boot(&self, config: &Path) {
        let (bytes, alone) = (&self.partitions[0], self.path("boot"));
        let length = bytes.end - bytes.start;
        File::create(&alone).unwrap().set_len(length).unwrap();
        let kind = if length > 64 << 20 { "32" } else { "12" };
        tool("mkfs.vfat", &["-F", kind, arg(&alone)]);
        tool("mcopy", &["-i", arg(&alone), arg(config), "::config.txt"]);
        let (from, to) = (format!("if={}", arg(&alone)), format!("of={}", arg(&self.image)));
        let seek = format!("seek={}", bytes.start >> 20);
        tool("dd", &["bs=1M", "conv=notrunc,sparse", "status=none", &from, &to, &seek]);
    }

    /// Makes the map anew.
    pub(super) fn map(&self) {
        tool(
            "bmaptool",
            &["-q", "create", "-o", arg(&self.path("kiosk.img.bmap")), arg(&self.image)],
        );
    }

    pub(super) fn forget_map(&self) {
        fs::remove_file(self.path("kiosk.img.bmap")).unwrap();
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn size(&self) -> u64 {
        fs::metadata(&self.image).unwrap().len()
    }

    pub(super) fn zst(&self) -> PathBuf {
        tool("zstd", &["-q", "-3", "-k", arg(&self.image)]);
        self.path("kiosk.img.zst")
    }

    pub(super) fn xz(&self) -> PathBuf {
        tool("xz", &["-q", "-1", "-k", arg(&self.image)]);
        self.path("kiosk.img.xz")
    }

    /// Settings of this text.
    pub(super) fn settings(&self, text: impl AsRef<[u8]>) -> PathBuf {
        let file = self.path("settings.toml");
        fs::write(&file, text).unwrap();
        file
    }
}

/// `disk.sfdisk` with smaller partitions, and where they lie.
fn table(smaller: u64) -> (String, Vec<Range<u64>>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    let (mut text, mut partitions, mut free) = (String::new(), Vec::new(), 0);
    for line in fs::read_to_string(path).unwrap().lines() {
        if let Some(start) = line.strip_prefix("start=") {
            free = start.split(',').next().unwrap().parse().unwrap();
        }
        let size = line.split("size=").nth(1).and_then(|it| it.split(',').next());
        let Some(size) = size.filter(|_| !line.starts_with('#')) else {
            text += &format!("{line}\n");
            continue;
        };
        let small = size.parse::<u64>().unwrap() / smaller;
        text += &format!("{}\n", line.replace(&format!("size={size}"), &format!("size={small}")));
        partitions.push(free * SECTOR..(free + small) * SECTOR);
        free += small;
    }
    (text, partitions)
}

/// Bytes that do not pack, the same every time.
fn noise(n_bytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..n_bytes).map(|_| next()).collect()
}
