//! What is refused, and that the disk is then as it was.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::fs::OFlags;

use crate::bench::{Disk, Mounted, Said, arg, program, read_until, tool, write, write_and_type};
use crate::kit::{Kit, SMALL};

/// Refused with such a sentence and this code, and nothing on the disk is changed.
#[track_caller]
fn refused(disk: &Disk, code: i32, sentence: &str, run: impl FnOnce() -> Said) -> String {
    let before = disk.sum();
    let said = run();
    assert_eq!(said.code, Some(code), "{}", said.text);
    assert!(said.text.contains(sentence), "{sentence:?} is not in: {}", said.text);
    assert_eq!(disk.sum(), before, "the disk was changed");
    said.text
}

fn cut(file: &Path, n_bytes: u64) {
    let file = OpenOptions::new().write(true).open(file).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length - n_bytes).unwrap();
}

#[test]
fn a_disk_in_use_is_not_written() {
    let kit = Kit::new(SMALL);
    fs::copy(&kit.image, kit.path("disk")).unwrap();
    let Some(disk) = Disk::attach(&kit.path("disk"), &[]) else { return };
    disk.show_partitions();
    let name = disk.name();
    let mounted = Mounted::new(&disk.partition(4), &kit.path("mounted"));
    let sentence = format!("{name}p4 is mounted at {}", arg(&kit.path("mounted")));
    refused(&disk, 1, &sentence, || write(&kit.image, &disk.device, &["--yes", &name]));
    drop(mounted);
    let exclusive = OFlags::EXCL.bits().cast_signed();
    let held = OpenOptions::new().read(true).custom_flags(exclusive).open(&disk.device).unwrap();
    refused(&disk, 1, "is in use by another program", || {
        write(&kit.image, &disk.device, &["--yes", &name])
    });
    drop(held);
    let part = disk.partition(4);
    let sentence = format!("is a partition; name the whole disk, {}", arg(&disk.device));
    refused(&disk, 1, &sentence, || write(&kit.image, &part, &["--yes", &name]));
}

#[test]
fn a_disk_that_is_too_small_is_not_written_however_its_size_is_known() {
    let kit = Kit::new(SMALL);
    let (zst, xz) = (kit.zst(), kit.xz());
    let Some(disk) = Disk::new(kit.folder.path(), kit.size() - 512, 0xee) else { return };
    let sentence = format!("{} is too small: the image takes", disk.name());
    for image in [&kit.image, &zst, &xz] {
        refused(&disk, 1, &sentence, || write(image, &disk.device, &["--yes", &disk.name()]));
    }
    kit.forget_map();
    for image in [&kit.image, &zst, &xz] {
        refused(&disk, 1, &sentence, || write(image, &disk.device, &["--yes", &disk.name()]));
    }
}

#[test]
fn an_image_that_was_cut_off_is_not_written() {
    let kit = Kit::new(SMALL);
    let images: [PathBuf; 3] = [kit.zst(), kit.xz(), kit.image.clone()];
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0xee) else { return };
    for has_map in [true, false] {
        for image in &images {
            cut(image, 100);
            refused(&disk, 1, "the image ends too early", || {
                write(image, &disk.device, &["--yes", &disk.name()])
            });
        }
        if has_map {
            kit.forget_map();
        }
    }
}

#[test]
fn an_image_that_does_not_agree_with_its_checksums_is_not_written() {
    let kit = Kit::new(SMALL);
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0xee) else { return };
    let run = |image: &Path| write(image, &disk.device, &["--yes", &disk.name()]);
    let map = kit.path("kiosk.img.bmap");
    let good = fs::read_to_string(&map).unwrap();
    fs::write(&map, good.replacen("<BlockMap>", "<BlockMap> ", 1)).unwrap();
    refused(&disk, 1, "its own checksum is wrong", || run(&kit.image));
    fs::write(&map, good).unwrap();
    fs::write(kit.path("kiosk.img.sha256"), format!("{}  kiosk.img\n", "0".repeat(64))).unwrap();
    refused(&disk, 1, "it was not fetched or copied whole", || run(&kit.image));
    fs::remove_file(kit.path("kiosk.img.sha256")).unwrap();
    let image = fs::read(&kit.image).unwrap();
    let mut damaged = image;
    damaged[kit.partitions[1].start as usize + 1024] ^= 1;
    fs::write(&kit.image, damaged).unwrap();
    for image in [kit.image.clone(), kit.zst()] {
        refused(&disk, 1, "a checksum is wrong", || run(&image));
    }
}

#[test]
fn another_name_than_the_disks_own_writes_nothing() {
    let kit = Kit::new(SMALL);
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0xee) else { return };
    let sentence = format!("the disk to be written is called {}, not", disk.name());
    for typed in ["sdz\n", "\n", "", "yes\n"] {
        refused(&disk, 1, &sentence, || write_and_type(&kit.image, &disk.device, typed));
    }
    refused(&disk, 1, &sentence, || write(&kit.image, &disk.device, &["--yes", "sdz"]));
}

#[test]
fn a_disk_that_was_changed_after_it_was_named_is_not_written() {
    let kit = Kit::new(SMALL);
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0xee) else { return };
    let mut running = program();
    running.arg("write").arg(&kit.image).arg("--to").arg(&disk.device).stdin(Stdio::piped());
    let mut running = running.spawn().unwrap();
    let mut asked = running.stderr.take().unwrap();
    read_until(&mut asked, "to go on: ");
    // Another card of the same size in the same reader.
    let other = kit.path("other");
    File::create(&other).unwrap().set_len(kit.size()).unwrap();
    tool("losetup", &["-d", arg(&disk.device)]);
    tool("losetup", &[arg(&disk.device), arg(&other)]);
    running.stdin.take().unwrap().write_all(format!("{}\n", disk.name()).as_bytes()).unwrap();
    let mut said = String::new();
    asked.read_to_string(&mut said).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("is another disk than a moment ago"), "{said}");
    assert!(fs::read(&other).unwrap().iter().all(|&it| it == 0), "the other disk was written");
}

#[test]
fn what_is_no_disk_is_not_written() {
    let kit = Kit::new(SMALL);
    let file = kit.path("file");
    fs::write(&file, "mine").unwrap();
    for to in [file.as_path(), Path::new("/dev/null"), Path::new("/dev/nowhere"), kit.folder.path()]
    {
        let said = write(&kit.image, to, &["--yes", "file"]);
        assert_eq!(said.code, Some(1));
        assert!(said.text.contains("is not a disk, or not there"), "{}", said.text);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn a_write_protected_disk_is_not_written() {
    let kit = Kit::new(SMALL);
    fs::write(kit.path("disk"), vec![0xee; 1 << 20]).unwrap();
    let Some(disk) = Disk::attach(&kit.path("disk"), &["--read-only"]) else { return };
    refused(&disk, 1, "it is write-protected", || {
        write(&kit.image, &disk.device, &["--yes", &disk.name()])
    });
}

#[test]
fn settings_that_are_not_toml_write_nothing_and_are_not_repeated() {
    let kit = Kit::new(SMALL);
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0xee) else { return };
    let run = |text: &[u8]| {
        let settings = kit.settings(text);
        let more = ["--yes", &disk.name(), "--provision", arg(&settings)];
        write(&kit.image, &disk.device, &more)
    };
    let said = refused(&disk, 78, "line 2 is not TOML", || run(b"a = 1\ncode = hunter2\n"));
    assert!(!said.contains("hunter"), "{said}");
    refused(&disk, 78, "line 1 is not text", || run(b"a = '\xff'\n"));
    refused(&disk, 78, "larger than 64 KiB", || run(&vec![b'#'; 65 * 1024]));
}

#[test]
fn settings_for_an_image_that_takes_none_write_nothing() {
    let kit = Kit::new(SMALL);
    tool("sfdisk", &["-q", "--part-label", arg(&kit.image), "1", "other"]);
    kit.map();
    let Some(disk) = Disk::new(kit.folder.path(), kit.size(), 0xee) else { return };
    let settings = kit.settings("a = 1\n");
    let more = ["--yes", &disk.name(), "--provision", arg(&settings)];
    refused(&disk, 1, "no boot partition that takes settings", || {
        write(&kit.image, &disk.device, &more)
    });
}
