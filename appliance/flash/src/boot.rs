//! The partition that the firmware starts from: found in the partition table, and given a file without being mounted.

use std::io::{self, Read, Seek, Write};
use std::ops::Range;

use fatfs::{FileSystem, FsOptions};
use gptman::{GPT, GPTPartitionEntry};

use crate::window::Window;

/// Its name in the table, as `appliance/image/disk.sfdisk` has it.
const NAME: &str = "boot";
/// EBD0A0A2-B9E5-4433-87C0-68B6B72699C7 as it lies on the disk: its first three groups are little-endian.
const BASIC_DATA: [u8; 16] = [
    0xa2, 0xa0, 0xd0, 0xeb, 0xe5, 0xb9, 0x33, 0x44, 0x87, 0xc0, 0x68, 0xb6, 0xb7, 0x26, 0x99, 0xc7,
];
/// Bytes of a sector, for the images that we make and the cards that there are.
const SECTOR: u64 = 512;

/// What a partition table says.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The byte behind its second copy, which stands last.
    pub end: u64,
    /// The bytes of the boot partition, which must be the first.
    pub boot: Option<Range<u64>>,
}

/// Reads the partition table, if there is one.
pub fn table(disk: &mut (impl Read + Seek)) -> Option<Table> {
    let found = GPT::read_from(disk, SECTOR).ok()?;
    let last = found.header.primary_lba.max(found.header.backup_lba);
    let first = found.iter().next().map(|(_, it)| it).filter(|it| is_boot(it));
    Some(Table { end: last.checked_add(1)?.checked_mul(SECTOR)?, boot: first.and_then(bytes) })
}

fn is_boot(partition: &GPTPartitionEntry) -> bool {
    partition.partition_type_guid == BASIC_DATA && partition.partition_name.as_str() == NAME
}

fn bytes(partition: &GPTPartitionEntry) -> Option<Range<u64>> {
    let start = partition.starting_lba.checked_mul(SECTOR)?;
    let end = partition.ending_lba.checked_add(1)?.checked_mul(SECTOR)?;
    (start < end).then_some(start..end)
}

/// Writes a file into the root folder, in place of one of the same name.
///
/// # Errors
/// When there is no FAT, or no room in it.
pub fn write(
    disk: impl Read + Write + Seek,
    boot: Range<u64>,
    name: &str,
    text: &[u8],
) -> io::Result<()> {
    let fat = FileSystem::new(Window::new(disk, boot), FsOptions::new())?;
    let mut file = fat.root_dir().create_file(name)?;
    file.truncate()?;
    file.write_all(text)?;
    file.flush()?;
    drop(file);
    fat.unmount()
}

/// Reads a file of the root folder.
///
/// # Errors
/// When there is no FAT, or no such file.
pub fn read(disk: impl Read + Write + Seek, boot: Range<u64>, name: &str) -> io::Result<Vec<u8>> {
    let fat = FileSystem::new(Window::new(disk, boot), FsOptions::new())?;
    let mut text = Vec::new();
    fat.root_dir().open_file(name)?.read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use fatfs::FormatVolumeOptions;

    use super::*;

    const SIZE: usize = 1 << 20;

    fn disk(partitions: &[(&str, [u8; 16])]) -> Cursor<Vec<u8>> {
        let mut disk = Cursor::new(vec![0; SIZE]);
        let mut table = GPT::new_from(&mut disk, SECTOR, [7; 16]).unwrap();
        for (idx, (name, kind)) in (0_u32..).zip(partitions) {
            table[idx + 1] = GPTPartitionEntry {
                partition_type_guid: *kind,
                unique_partition_guid: [idx as u8 + 1; 16],
                starting_lba: 100 + u64::from(idx) * 800,
                ending_lba: 899 + u64::from(idx) * 800,
                attribute_bits: 0,
                partition_name: (*name).into(),
            };
        }
        table.write_into(&mut disk).unwrap();
        disk
    }

    #[test]
    fn the_first_partition_is_booted_from_if_it_says_so() {
        let mut good = disk(&[("boot", BASIC_DATA), ("data", [9; 16])]);
        let wanted = Table { end: SIZE as u64, boot: Some(51_200..460_800) };
        assert_eq!(table(&mut good), Some(wanted));
        for other in [[("data", BASIC_DATA)], [("boot", [9; 16])]] {
            assert_eq!(table(&mut disk(&other)).unwrap().boot, None);
        }
        assert_eq!(table(&mut disk(&[])).unwrap().boot, None);
        assert_eq!(table(&mut Cursor::new(vec![0; SIZE])), None);
    }

    #[test]
    fn a_file_replaces_a_longer_one_and_the_rest_of_the_disk_stays() {
        let mut disk = Cursor::new(vec![0xee; SIZE]);
        let boot = 51_200..460_800;
        let window = Window::new(&mut disk, boot.clone());
        fatfs::format_volume(window, FormatVolumeOptions::new()).unwrap();
        for text in [vec![b'#'; 60_000], b"account = 'a'\n".to_vec()] {
            write(&mut disk, boot.clone(), "tapcard.toml", &text).unwrap();
            assert_eq!(read(&mut disk, boot.clone(), "tapcard.toml").unwrap(), text);
        }
        let bytes = disk.into_inner();
        assert!(bytes[..51_200].iter().chain(&bytes[460_800..]).all(|&it| it == 0xee));
    }

    #[test]
    fn no_fat_and_no_room_are_errors() {
        let mut disk = Cursor::new(vec![0; SIZE]);
        assert!(write(&mut disk, 0..409_600, "a.toml", b"x").is_err());
        fatfs::format_volume(Window::new(&mut disk, 0..65_536), FormatVolumeOptions::new())
            .unwrap();
        assert!(write(&mut disk, 0..65_536, "a.toml", &vec![0; 65_536]).is_err());
    }
}
