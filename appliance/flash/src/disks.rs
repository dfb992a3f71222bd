//! Which disk may be written, decided from what the system says of its disks. Nothing is read or opened here.

use thiserror::Error;

use crate::uses::{Number, Purpose, Use};

/// Names of what is no disk for a kiosk: memory, drives for discs and floppies, and what lies on other devices.
const OTHER_KINDS: [&str; 8] = ["ram", "zram", "sr", "fd", "dm-", "md", "nbd", "mtdblock"];

/// A block device: a disk or one of its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Such as `sdb` or `sdb1`.
    pub name: String,
    /// As the kernel counts it.
    pub number: Number,
    /// Names of the devices that are made of it: volumes, arrays, encrypted disks.
    pub holders: Vec<String>,
}

/// How a disk is connected, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bus {
    /// A reader or a stick.
    Usb,
    /// An SD card in a slot of its own.
    Sd,
    /// A file that looks like a disk.
    Loop,
    /// Anything else, built in as a rule.
    Other,
}

/// A disk, as `/sys/block` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// The whole of it.
    pub whole: Block,
    /// What the kernel found on it.
    pub partitions: Vec<Block>,
    /// In bytes; 0 for a reader without a card.
    pub size: u64,
    /// Whether the drive says that its medium can be taken out.
    pub removable: bool,
    /// How it is connected.
    pub bus: Bus,
    /// The maker's name for it; may be empty.
    pub model: String,
    /// Whether it is write-protected.
    pub read_only: bool,
    /// Rises when another medium is put in; old kernels do not count it.
    pub sequence: Option<u64>,
}

/// Why a disk is not written.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// It holds `/`.
    #[error("this system runs from it")]
    System,
    /// Part of it is in use.
    #[error("{name} {purpose}; {remedy}", remedy = remedy(purpose))]
    Used {
        /// Which part.
        name: String,
        /// What for.
        purpose: Purpose,
    },
    /// Something was made of it.
    #[error("{holder} is made of it; take that apart first")]
    Held {
        /// What.
        holder: String,
    },
    /// It is built in.
    #[error("it is not removable; only cards, sticks and USB disks are written")]
    Fixed,
    /// It is no disk.
    #[error("it is no disk that a kiosk can start from")]
    OtherKind,
    /// A reader without a card, or a loop device without a file.
    #[error("there is nothing in it; put a card in")]
    Empty,
    /// The switch on the card's edge.
    #[error("it is write-protected; slide the switch on the card's edge")]
    ReadOnly,
}

fn remedy(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Mount(place) => format!("unmount it first: umount '{place}'"),
        Purpose::Swap => "switch that off first: swapoff".to_owned(),
    }
}

impl Disk {
    /// Such as `sdb`.
    pub fn name(&self) -> &str {
        &self.whole.name
    }

    /// Itself and its partitions.
    fn blocks(&self) -> impl Iterator<Item = &Block> {
        std::iter::once(&self.whole).chain(&self.partitions)
    }

    /// Whether it is still the disk that was asked about, with the same medium in it.
    pub fn is_same(&self, other: &Disk) -> bool {
        let identity = |it: &Disk| (it.whole.name.clone(), it.whole.number, it.size, it.sequence);
        identity(self) == identity(other)
    }

    /// Whether anybody would look for it in a list of disks.
    pub fn is_listed(&self) -> bool {
        self.size > 0 && self.bus != Bus::Loop && !self.is_other_kind()
    }

    fn is_other_kind(&self) -> bool {
        OTHER_KINDS.iter().any(|it| self.name().starts_with(it))
    }

    fn is_removable(&self) -> bool {
        self.removable || self.bus != Bus::Other
    }
}

/// Every block device that lies on a disk: itself, its partitions, what is made of them, and so on.
fn layers<'a>(disk: &'a Disk, all: &'a [Disk]) -> Vec<&'a Block> {
    let mut found: Vec<&Block> = disk.blocks().collect();
    let mut next = 0;
    while let Some(block) = found.get(next).copied() {
        let is_above = |it: &&Disk| it.blocks().any(|it| block.holders.contains(&it.name));
        for above in all.iter().filter(is_above).flat_map(Disk::blocks) {
            if found.iter().all(|it| it.number != above.number) {
                found.push(above);
            }
        }
        next += 1;
    }
    found
}

/// Whether a disk may be written.
///
/// # Errors
/// The first reason why not, the gravest first.
pub fn judge(disk: &Disk, all: &[Disk], uses: &[Use]) -> Result<(), Refusal> {
    let layers = layers(disk, all);
    let used = |it: &Use| layers.iter().find(|layer| layer.number == it.number);
    let found: Vec<(&Use, &&Block)> = uses.iter().filter_map(|it| Some((it, used(it)?))).collect();
    if found.iter().any(|(it, _)| it.purpose == Purpose::Mount("/".to_owned())) {
        return Err(Refusal::System);
    }
    if disk.is_other_kind() {
        return Err(Refusal::OtherKind);
    }
    if !disk.is_removable() {
        return Err(Refusal::Fixed);
    }
    if let Some((it, block)) = found.first() {
        return Err(Refusal::Used { name: block.name.clone(), purpose: it.purpose.clone() });
    }
    if let Some(holder) = disk.blocks().find_map(|it| it.holders.first()) {
        return Err(Refusal::Held { holder: holder.clone() });
    }
    if disk.size == 0 {
        return Err(Refusal::Empty);
    }
    if disk.read_only {
        return Err(Refusal::ReadOnly);
    }
    Ok(())
}

/// What a device number stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A whole disk.
    Disk(&'a Disk),
    /// A partition of this one.
    PartitionOf(&'a Disk),
    /// Nothing that `/sys/block` knows.
    Nothing,
}

/// Finds a disk by its number.
pub fn find(number: Number, all: &[Disk]) -> Found<'_> {
    if let Some(disk) = all.iter().find(|it| it.whole.number == number) {
        return Found::Disk(disk);
    }
    let owner = all.iter().find(|it| it.partitions.iter().any(|it| it.number == number));
    owner.map_or(Found::Nothing, Found::PartitionOf)
}

/// A size as it is printed on a card.
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        1_000_000_000.. => (1_000_000_000, "GB"),
        _ => (1_000_000, "MB"),
    };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(minor: u32) -> Number {
        Number { major: 8, minor }
    }

    fn block(name: &str, minor: u32, holders: &[&str]) -> Block {
        let holders = holders.iter().map(|&it| it.to_owned()).collect();
        Block { name: name.into(), number: number(minor), holders }
    }

    fn disk(name: &str, minor: u32) -> Disk {
        Disk {
            whole: block(name, minor, &[]),
            partitions: vec![block(&format!("{name}1"), minor + 1, &[])],
            size: 32_000_000_000,
            removable: false,
            bus: Bus::Usb,
            model: String::new(),
            read_only: false,
            sequence: Some(1),
        }
    }

    fn used(minor: u32, place: &str) -> Use {
        Use { number: number(minor), purpose: Purpose::Mount(place.into()) }
    }

    fn said(disk: &Disk, all: &[Disk], uses: &[Use]) -> String {
        judge(disk, all, uses).map_or_else(|it| it.to_string(), |()| "yes".into())
    }

    #[test]
    fn a_card_that_nothing_uses_is_written() {
        assert_eq!(said(&disk("sdb", 16), &[], &[used(1, "/"), used(33, "/mnt")]), "yes");
    }

    #[test]
    fn a_disk_in_use_is_refused_and_the_reason_names_the_part() {
        let card = disk("sdb", 16);
        let mounted = said(&card, &[], &[used(17, "/media/boot")]);
        assert_eq!(
            mounted,
            "sdb1 is mounted at /media/boot; unmount it first: umount '/media/boot'"
        );
        let swap = Use { number: number(17), purpose: Purpose::Swap };
        assert!(said(&card, &[], &[swap]).starts_with("sdb1 is used as swap"));
        let mut held = card;
        held.partitions[0].holders.push("dm-0".into());
        assert!(said(&held, &[], &[]).starts_with("dm-0 is made of it"));
    }

    #[test]
    fn the_systems_disk_is_found_below_volumes_and_arrays() {
        let mut stick = disk("sdb", 16);
        stick.partitions[0].holders.push("md0".into());
        let mut array = disk("md0", 32);
        array.partitions = vec![block("md0p1", 33, &["dm-0"])];
        let mut volume = disk("dm-0", 48);
        volume.partitions.clear();
        // A volume that is made of itself must not turn us in circles.
        volume.whole.holders.push("md0".into());
        let all = [stick.clone(), array, volume];
        let system = Refusal::System.to_string();
        assert_eq!(said(&stick, &all, &[used(48, "/")]), system);
        assert_eq!(said(&disk("sda", 0), &[], &[used(0, "/")]), system, "mounted whole");
        assert_ne!(said(&stick, &all, &[used(48, "/srv")]), system);
    }

    #[test]
    fn what_is_built_in_or_no_disk_or_empty_is_refused() {
        let mut fixed = disk("sda", 0);
        fixed.bus = Bus::Other;
        assert_eq!(judge(&fixed, &[], &[]), Err(Refusal::Fixed));
        fixed.removable = true;
        assert_eq!(judge(&fixed, &[], &[]), Ok(()));
        fixed.read_only = true;
        assert_eq!(judge(&fixed, &[], &[]), Err(Refusal::ReadOnly));
        fixed.size = 0;
        assert_eq!(judge(&fixed, &[], &[]), Err(Refusal::Empty));
        fixed.whole.name = "sr0".into();
        assert_eq!(judge(&fixed, &[], &[]), Err(Refusal::OtherKind));
    }

    #[test]
    fn another_medium_or_size_is_another_disk() {
        let asked = disk("sdb", 16);
        let change = |how: fn(&mut Disk)| {
            let mut now = disk("sdb", 16);
            how(&mut now);
            asked.is_same(&now)
        };
        assert!(change(|_| {}));
        assert!(!change(|it| it.size += 512));
        assert!(!change(|it| it.sequence = Some(2)));
        assert!(!change(|it| it.whole.name = "sdc".into()));
    }

    #[test]
    fn a_number_stands_for_a_disk_or_a_partition_of_one() {
        let all = [disk("sda", 0), disk("sdb", 16)];
        assert_eq!(find(number(16), &all), Found::Disk(&all[1]));
        assert_eq!(find(number(17), &all), Found::PartitionOf(&all[1]));
        assert_eq!(find(number(99), &all), Found::Nothing);
    }

    #[test]
    fn sizes_are_those_on_the_card() {
        assert_eq!(
            [size(31_914_983_424), size(7_999_000), size(0)],
            ["31.9 GB", "7.9 MB", "0.0 MB"]
        );
    }
}
