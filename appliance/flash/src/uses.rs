//! What the system uses block devices for, as `/proc/self/mountinfo` and `/proc/swaps` say it.

use std::fmt;

/// The two numbers by which the kernel knows a block device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Of the driver; 0 for file systems that no single device holds.
    pub major: u32,
    /// Of the device.
    pub minor: u32,
}

impl Number {
    /// From `8:16`.
    pub fn parse(text: &str) -> Option<Number> {
        let (major, minor) = text.trim().split_once(':')?;
        Some(Number { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }
}

/// What a device is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Mounted at this place; `/` is the system itself.
    Mount(String),
    /// Memory is swapped to it.
    Swap,
}

/// A device and what it is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Which device.
    pub number: Number,
    /// What for.
    pub purpose: Purpose,
}

/// One line of `mountinfo`.
#[derive(Debug, PartialEq, Eq)]
pub struct Mount {
    /// The device's, as far as a single one holds the file system.
    pub number: Number,
    /// Where it is mounted.
    pub place: String,
    /// What the file system calls its device: btrfs says here what its number does not.
    pub source: String,
}

/// Every mount (proc_pid_mountinfo(5)).
pub fn mounts(mountinfo: &str) -> Vec<Mount> {
    mountinfo.lines().filter_map(mount).collect()
}

fn mount(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(2);
    let number = Number::parse(before.next()?)?;
    let place = plain(before.nth(1)?);
    Some(Mount { number, place, source: plain(after.split(' ').nth(1)?) })
}

/// The devices that memory is swapped to (proc_swaps(5)); a file lies in a file system that is mounted anyway.
pub fn swaps(text: &str) -> Vec<String> {
    let lines = text.lines().skip(1).map(str::split_ascii_whitespace);
    lines
        .filter_map(|mut it| {
            let path = it.next()?;
            (it.next()? == "partition").then(|| plain(path))
        })
        .collect()
}

/// The kernel writes blanks and the like as `\040`.
fn plain(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part.get(..3).and_then(|it| u8::from_str_radix(it, 8).ok());
        bytes.extend(code.or(Some(b'\\')));
        bytes.extend_from_slice(&part.as_bytes()[if code.is_some() { 3 } else { 0 }..]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Purpose::Mount(place) => write!(f, "is mounted at {place}"),
            Purpose::Swap => f.write_str("is used as swap"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_has_a_number_a_place_and_a_source() {
        let text = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n\
            98 27 8:17 / /media/My\\040card rw shared:1 master:2 - vfat /dev/sdb1 rw\n\
            99 27 0:42 /@ /home rw - btrfs /dev/sdc2 rw,subvol=/@\nnonsense\n";
        let found: Vec<String> = mounts(text)
            .into_iter()
            .map(|it| format!("{}:{} {} {}", it.number.major, it.number.minor, it.place, it.source))
            .collect();
        let wanted = ["254:0 / /dev/vda", "8:17 /media/My card /dev/sdb1", "0:42 /home /dev/sdc2"];
        assert_eq!(found, wanted);
    }

    #[test]
    fn only_swap_on_devices_counts() {
        let text = "Filename\t\tType\t\tSize\tUsed\tPriority\n/dev/sda3 partition 1 0 -2\n/swap\\040file file 1 0 -3\n";
        assert_eq!(swaps(text), ["/dev/sda3"]);
        assert!(swaps("").is_empty());
    }

    #[test]
    fn a_backslash_that_begins_no_code_stays() {
        assert_eq!(plain(r"a\134b\xyzc\04"), r"a\b\xyzc\04");
    }
}
