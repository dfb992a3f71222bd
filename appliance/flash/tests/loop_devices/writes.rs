//! What arrives on a disk.

use std::fs;
use std::path::Path;

use crate::bench::{Disk, arg, program, read_until, tool, write, write_and_type};
use crate::kit::{Kit, SMALL};

/// Bytes that an image of ours leaves free before its first partition.
const HOLE: usize = 1 << 20;

/// The image is on the disk, byte for byte.
#[track_caller]
fn holds(disk: &Disk, kit: &Kit) {
    tool("cmp", &["-n", &kit.size().to_string(), arg(&kit.image), arg(&disk.device)]);
}

/// A file of the boot partition, read by mtools.
fn on_boot(disk: &Disk, kit: &Kit, name: &str) -> String {
    let fat = format!("{}@@{}", arg(&disk.device), kit.partitions[0].start);
    tool("mtype", &["-i", &fat, &format!("::{name}")])
}

#[test]
fn an_image_in_every_form_arrives_whole() {
    let kit = Kit::new(SMALL);
    for image in [kit.image.clone(), kit.zst(), kit.xz()] {
        let Some(disk) = Disk::new(kit.folder.path(), kit.size() + (8 << 20), 0) else { return };
        let said = write(&image, &disk.device, &["--yes", &disk.name()]);
        assert_eq!(said.code, Some(0), "{}", said.text);
        let done = format!("{} is written and verified; it can be taken out.", disk.name());
        assert!(said.text.contains(&done), "{}", said.text);
        holds(&disk, &kit);
        let table = tool("sfdisk", &["-d", arg(&disk.device)]);
        let names = ["boot", "root-a", "root-b", "data"];
        assert!(names.iter().all(|it| table.contains(&format!("name=\"{it}\""))), "{table}");
    }
}

#[test]
fn only_blocks_that_hold_data_are_written() {
    let kit = Kit::new(SMALL);
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0xee) else { return };
    let said = write(&kit.image, &disk.device, &["--yes", &disk.name()]);
    assert_eq!(said.code, Some(0), "{}", said.text);
    tool("sync", &[]);
    let bytes = fs::read(&disk.file).unwrap();
    assert!(bytes[HOLE..HOLE + 4096].iter().all(|&it| it == 0xee));
    let compared = fs::read(&kit.image).unwrap();
    let root = kit.partitions[1].start as usize;
    assert_eq!(bytes[root..root + 4096], compared[root..root + 4096]);
}

#[test]
fn without_a_map_everything_is_written_and_that_is_said() {
    let kit = Kit::new(SMALL);
    kit.forget_map();
    for image in [kit.image.clone(), kit.zst()] {
        let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0xee) else { return };
        let said = write(&image, &disk.device, &["--yes", &disk.name()]);
        assert_eq!(said.code, Some(0), "{}", said.text);
        assert!(said.text.contains("There is no block map beside the image"), "{}", said.text);
        holds(&disk, &kit);
    }
}

#[test]
fn settings_stand_on_the_boot_partition_and_are_replaced_by_the_next() {
    let kit = Kit::new(SMALL);
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0) else { return };
    let long = format!("place = 'Hall 7'\n# {}\n", "x".repeat(60_000));
    for text in [long.as_str(), "code = 'ABCD-1234'\n"] {
        let settings = kit.settings(text);
        let more = ["--yes", &disk.name(), "--provision", arg(&settings)];
        let said = write(&kit.image, &disk.device, &more);
        assert_eq!(said.code, Some(0), "{}", said.text);
        assert!(!said.text.contains("ABCD"), "{}", said.text);
        assert_eq!(on_boot(&disk, &kit, "tapcard.toml"), text.trim());
        assert_eq!(on_boot(&disk, &kit, "config.txt"), "arm_64bit=1");
        disk.show_partitions();
        tool("fsck.vfat", &["-n", arg(&disk.partition(1))]);
        tool("e2fsck", &["-fn", arg(&disk.partition(2))]);
    }
}

#[test]
fn the_table_as_it_is_fits_and_takes_settings() {
    let kit = Kit::new(1);
    let Some(disk) = Disk::new(kit.folder.path(), 4 << 30, 0) else { return };
    let settings = kit.settings("code = 'a'\n");
    let more = ["--yes", &disk.name(), "--provision", arg(&settings)];
    let said = write(&kit.image, &disk.device, &more);
    assert_eq!(said.code, Some(0), "{}", said.text);
    assert_eq!(on_boot(&disk, &kit, "tapcard.toml"), "code = 'a'");
    disk.show_partitions();
    let checked = tool("fsck.vfat", &["-nv", arg(&disk.partition(1))]);
    assert!(checked.contains("2 FATs, 32 bit"), "{checked}");
}

#[test]
fn the_name_may_be_typed_and_the_map_may_lie_elsewhere() {
    let kit = Kit::new(SMALL);
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0) else { return };
    let said = write_and_type(&kit.image, &disk.device, &format!("{}\n", disk.name()));
    assert_eq!(said.code, Some(0), "{}", said.text);
    let warning = format!("Everything on {} (", arg(&disk.device));
    assert!(said.text.contains(&warning), "{}", said.text);
    holds(&disk, &kit);
    let elsewhere = kit.path("elsewhere");
    fs::rename(kit.path("kiosk.img.bmap"), &elsewhere).unwrap();
    let more = ["--yes", &disk.name(), "--bmap", arg(&elsewhere)];
    let said = write(&kit.image, &disk.device, &more);
    assert_eq!(said.code, Some(0), "{}", said.text);
    assert!(!said.text.contains("no block map"), "{}", said.text);
}

#[test]
fn an_image_with_the_right_checksum_beside_it_is_written() {
    let kit = Kit::new(SMALL);
    let packed = kit.zst();
    let sum = tool("sha256sum", &[arg(&packed)]);
    fs::write(Path::new(&format!("{}.sha256", arg(&packed))), sum).unwrap();
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0) else { return };
    let said = write(&packed, &disk.device, &["--yes", &disk.name()]);
    assert_eq!(said.code, Some(0), "{}", said.text);
    assert!(!said.text.contains("no checksum"), "{}", said.text);
}

#[test]
fn a_run_that_was_killed_is_made_good_by_the_same_command() {
    let kit = Kit::new(SMALL);
    let packed = kit.zst();
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0) else { return };
    let name = disk.name();
    for step in ["writing\n", "reading back\n"] {
        let mut command = program();
        command.arg("write").arg(&packed).arg("--to").arg(&disk.device).args(["--yes", &name]);
        let mut running = command.spawn().unwrap();
        read_until(running.stderr.as_mut().unwrap(), step);
        running.kill().unwrap();
        running.wait().unwrap();
        let said = write(&packed, &disk.device, &["--yes", &name]);
        assert_eq!(said.code, Some(0), "{}", said.text);
        holds(&disk, &kit);
    }
}
