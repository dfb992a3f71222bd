//! Reads what `/sys/block` and `/proc/self` say of this machine's disks.

use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use anyhow::{Context, Result};

use crate::disks::{Block, Bus, Disk};
use crate::uses::{self, Mount, Number, Purpose, Use};

/// Bytes of a sector as sysfs counts, whatever the disk has.
const SECTOR: u64 = 512;

/// The disks and what they are used for.
#[derive(Debug)]
pub struct Machine {
    /// Every block device that is no partition, by name.
    pub disks: Vec<Disk>,
    /// What is mounted or swapped to.
    pub uses: Vec<Use>,
}

impl Machine {
    /// The one we run on.
    ///
    /// # Errors
    /// When the kernel shows neither its disks nor its mounts.
    pub fn here() -> Result<Machine> {
        Machine::read(Path::new("/sys"), Path::new("/proc"))
    }

    /// One whose `/sys` and `/proc` lie in these folders.
    ///
    /// # Errors
    /// When a folder or file is missing without which nothing could be told.
    pub fn read(sys: &Path, proc: &Path) -> Result<Machine> {
        let mut disks = Vec::new();
        let folder = sys.join("block");
        for entry in fs::read_dir(&folder).context("looking for disks in /sys/block")? {
            disks.extend(disk(&entry?.path()));
        }
        disks.sort_by(|a, b| a.name().cmp(b.name()));
        let mounts = fs::read_to_string(proc.join("self/mountinfo"));
        let mounts = uses::mounts(&mounts.context("reading what is mounted")?);
        // A kernel without swap has no such file.
        let swaps = fs::read_to_string(proc.join("swaps")).unwrap_or_default();
        let mut uses: Vec<Use> = mounts.into_iter().filter_map(mounted).collect();
        let swaps = uses::swaps(&swaps).into_iter();
        uses.extend(
            swaps.filter_map(|it| Some(Use { number: number(&it)?, purpose: Purpose::Swap })),
        );
        Ok(Machine { disks, uses })
    }
}

/// A file system over several devices has a number of its own; then the name of its device leads on.
fn mounted(mount: Mount) -> Option<Use> {
    let number = if mount.number.major == 0 { number(&mount.source)? } else { mount.number };
    Some(Use { number, purpose: Purpose::Mount(mount.place) })
}

/// The number of the block device with this path.
pub fn number(path: impl AsRef<Path>) -> Option<Number> {
    number_of(&fs::metadata(path).ok()?)
}

/// The number of a block device that is open.
pub fn number_of(metadata: &Metadata) -> Option<Number> {
    let (major, minor) = (rustix::fs::major(metadata.rdev()), rustix::fs::minor(metadata.rdev()));
    metadata.file_type().is_block_device().then_some(Number { major, minor })
}

fn disk(folder: &Path) -> Option<Disk> {
    let whole = block(folder)?;
    let mut partitions = Vec::new();
    for entry in fs::read_dir(folder).ok()?.flatten() {
        if entry.path().join("partition").exists() {
            partitions.extend(block(&entry.path()));
        }
    }
    partitions.sort_by(|a, b| a.name.cmp(&b.name));
    let count = |name: &str| text(&folder.join(name)).and_then(|it| it.parse::<u64>().ok());
    Some(Disk {
        partitions,
        size: count("size").unwrap_or_default() * SECTOR,
        removable: count("removable") == Some(1),
        bus: bus(folder, &whole.name),
        model: model(folder),
        read_only: count("ro") == Some(1),
        sequence: count("diskseq"),
        whole,
    })
}

fn block(folder: &Path) -> Option<Block> {
    let number = Number::parse(&text(&folder.join("dev"))?)?;
    let holders = fs::read_dir(folder.join("holders")).into_iter().flatten().flatten();
    let holders = holders.map(|it| it.file_name().to_string_lossy().into_owned()).collect();
    Some(Block { name: folder.file_name()?.to_str()?.to_owned(), number, holders })
}

/// The path of a device goes over all that it is plugged into.
fn bus(folder: &Path, name: &str) -> Bus {
    if name.starts_with("loop") {
        return Bus::Loop;
    }
    // Soldered memory speaks the same language and is of the type MMC.
    if name.starts_with("mmcblk") && text(&folder.join("device/type")).as_deref() == Some("SD") {
        return Bus::Sd;
    }
    let real = fs::canonicalize(folder).unwrap_or_default();
    let is_usb = real.iter().filter_map(|it| it.to_str()).any(is_usb_hub);
    if is_usb { Bus::Usb } else { Bus::Other }
}

/// Every USB device hangs below `usb1`, `usb2` and so on.
fn is_usb_hub(name: &str) -> bool {
    name.strip_prefix("usb").is_some_and(|it| it.parse::<u32>().is_ok())
}

fn model(folder: &Path) -> String {
    let names = ["device/vendor", "device/model", "device/name"];
    let names = names.iter().filter_map(|it| text(&folder.join(it)));
    // Disks on a PCI bus give their vendor as a number.
    names.filter(|it| !it.is_empty() && !it.starts_with("0x")).collect::<Vec<_>>().join(" ")
}

fn text(file: &Path) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;
    use crate::disks::{Refusal, judge};

    /// A `/sys` and a `/proc` of files that say this.
    fn fake(files: &[(&str, &str)], links: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        for (name, target) in links {
            symlink(target, folder.path().join(name)).unwrap();
        }
        folder
    }

    fn read(folder: &TempDir) -> Machine {
        Machine::read(&folder.path().join("sys"), &folder.path().join("proc")).unwrap()
    }

    /// A desk with its own disk, a card in a USB reader, an SD slot and soldered memory.
    fn desk() -> TempDir {
        let card = "sys/devices/pci0000:00/usb2/2-1/host6/block/sdb";
        let of_card = |name: &str| format!("{card}/{name}");
        let files = [
            ("sys/block/sda/dev", "8:0\n"),
            ("sys/block/sda/size", "1000215216\n"),
            ("sys/block/sda/removable", "0\n"),
            ("sys/block/sda/device/vendor", "ATA     \n"),
            ("sys/block/sda/device/model", "Desk SSD\n"),
            ("sys/block/sda/sda2/dev", "8:2\n"),
            ("sys/block/sda/sda2/partition", "2\n"),
            ("sys/block/sda/sda2/holders/dm-0/dev", "253:0\n"),
            ("sys/block/dm-0/dev", "253:0\n"),
            ("sys/block/mmcblk0/dev", "179:0\n"),
            ("sys/block/mmcblk0/size", "62333952\n"),
            ("sys/block/mmcblk0/device/type", "SD\n"),
            ("sys/block/mmcblk0/device/name", "SD32G\n"),
            ("sys/block/mmcblk1/dev", "179:32\n"),
            ("sys/block/mmcblk1/size", "62333952\n"),
            ("sys/block/mmcblk1/device/type", "MMC\n"),
            ("sys/block/broken/size", "8\n"),
            (
                "proc/self/mountinfo",
                "27 1 253:0 / / rw - ext4 /dev/mapper/root rw\n30 27 8:17 / /media/card rw - vfat /dev/sdb1 rw\n",
            ),
            ("proc/swaps", "Filename Type Size Used Priority\n"),
        ];
        let card_files = [
            (of_card("dev"), "8:16\n"),
            (of_card("size"), "62333952\n"),
            (of_card("removable"), "1\n"),
            (of_card("diskseq"), "7\n"),
            (of_card("sdb1/dev"), "8:17\n"),
            (of_card("sdb1/partition"), "1\n"),
        ];
        let mut all: Vec<(&str, &str)> = files.to_vec();
        all.extend(card_files.iter().map(|(name, text)| (name.as_str(), *text)));
        fake(&all, &[("sys/block/sdb", "../devices/pci0000:00/usb2/2-1/host6/block/sdb")])
    }

    #[test]
    fn disks_are_read_with_what_they_are_connected_by() {
        let machine = read(&desk());
        let found: Vec<_> = machine
            .disks
            .iter()
            .map(|it| (it.name(), it.bus, it.removable, it.model.as_str(), it.partitions.len()))
            .collect();
        let wanted = [
            ("dm-0", Bus::Other, false, "", 0),
            ("mmcblk0", Bus::Sd, false, "SD32G", 0),
            ("mmcblk1", Bus::Other, false, "", 0),
            ("sda", Bus::Other, false, "ATA Desk SSD", 1),
            ("sdb", Bus::Usb, true, "", 1),
        ];
        assert_eq!(found, wanted);
        assert_eq!((machine.disks[4].size, machine.disks[4].sequence), (31_914_983_424, Some(7)));
    }

    #[test]
    fn each_disk_of_a_desk_gets_its_verdict() {
        let machine = read(&desk());
        let verdicts: Vec<_> =
            machine.disks.iter().map(|it| judge(it, &machine.disks, &machine.uses)).collect();
        assert_eq!(verdicts[1], Ok(()));
        assert_eq!(verdicts[2], Err(Refusal::Fixed));
        assert_eq!(verdicts[3], Err(Refusal::System), "below a volume");
        assert!(matches!(&verdicts[4], Err(Refusal::Used { name, .. }) if name == "sdb1"));
    }

    #[test]
    fn a_machine_that_shows_nothing_is_an_error() {
        let empty = tempfile::tempdir().unwrap();
        assert!(Machine::read(empty.path(), empty.path()).is_err());
        let no_mounts = fake(&[("sys/block/sda/dev", "8:0")], &[]);
        let proc = no_mounts.path().join("proc");
        assert!(Machine::read(&no_mounts.path().join("sys"), &proc).is_err());
    }

    #[test]
    fn only_a_block_device_has_a_number() {
        assert_eq!(number("/dev/null"), None);
        assert_eq!(number("/nowhere"), None);
    }
}
