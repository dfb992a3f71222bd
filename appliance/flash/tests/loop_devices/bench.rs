//! Disks made of files, and the program at work on them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A program that Debian may keep where only root looks.
fn of_the_system(command: &str) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(command);
    command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
    command
}

/// Runs a tool that has to succeed.
#[track_caller]
pub(super) fn tool(command: &str, arguments: &[&str]) -> String {
    let done = of_the_system(command).args(arguments).output();
    let done = done.unwrap_or_else(|it| panic!("{command}: {it}; see tests/tools/packages"));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command} {arguments:?}: {said}");
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// The path as an argument.
pub(super) fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A file that looks like a disk, until it is dropped.
pub(super) struct Disk {
    pub(super) device: PathBuf,
    pub(super) file: PathBuf,
}

impl Disk {
    /// Of so many bytes, each of them this; none where loop devices cannot be had, which is said.
    pub(super) fn new(folder: &Path, n_bytes: u64, filled_with: u8) -> Option<Disk> {
        let file = folder.join("disk");
        let mut disk = File::create(&file).unwrap();
        if filled_with == 0 {
            disk.set_len(n_bytes).unwrap();
        } else {
            io::copy(&mut io::repeat(filled_with).take(n_bytes), &mut disk).unwrap();
        }
        Disk::attach(&file, &[])
    }

    /// Of a file that is there.
    pub(super) fn attach(file: &Path, options: &[&str]) -> Option<Disk> {
        let done = of_the_system("losetup")
            .args(["-f", "--show"])
            .args(options)
            .arg(file)
            .output()
            .unwrap();
        if !done.status.success() {
            let why = String::from_utf8_lossy(&done.stderr);
            let _ = writeln!(io::stderr(), "SKIP: no loop device: {}", why.trim());
            return None;
        }
        let device = PathBuf::from(String::from_utf8(done.stdout).unwrap().trim());
        Some(Disk { device, file: file.to_owned() })
    }

    pub(super) fn name(&self) -> String {
        self.device.file_name().unwrap().to_string_lossy().into_owned()
    }

    /// Has the kernel see its partitions; it does not read every table by itself.
    pub(super) fn show_partitions(&self) {
        tool("partx", &["-u", arg(&self.device)]);
    }

    pub(super) fn partition(&self, number: u32) -> PathBuf {
        PathBuf::from(format!("{}p{number}", arg(&self.device)))
    }

    /// What is on it.
    pub(super) fn sum(&self) -> String {
        tool("sync", &[]);
        tool("sha256sum", &[arg(&self.file)])
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        for (command, option) in [("partx", "-d"), ("losetup", "-d")] {
            let _ = of_the_system(command).arg(option).arg(&self.device).output();
        }
    }
}

/// A file system in use, until it is dropped.
pub(super) struct Mounted(PathBuf);

impl Mounted {
    pub(super) fn new(device: &Path, place: &Path) -> Mounted {
        std::fs::create_dir(place).unwrap();
        tool("mount", &["-t", "ext4", arg(device), arg(place)]);
        Mounted(place.to_owned())
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = of_the_system("umount").arg(&self.0).output();
    }
}

/// What the program said, and how it ended.
pub(super) struct Said {
    pub(super) code: Option<i32>,
    pub(super) text: String,
}

impl From<Output> for Said {
    fn from(done: Output) -> Said {
        let text = String::from_utf8(done.stderr).unwrap();
        Said { code: done.status.code(), text }
    }
}

pub(super) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tapcard-flash"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// `tapcard-flash write IMAGE --to DISK`, and more.
pub(super) fn write(image: &Path, to: &Path, more: &[&str]) -> Said {
    program().arg("write").arg(image).arg("--to").arg(to).args(more).output().unwrap().into()
}

/// The same, with this typed when it asks.
pub(super) fn write_and_type(image: &Path, to: &Path, typed: &str) -> Said {
    let mut command = program();
    let mut running =
        command.arg("write").arg(image).arg("--to").arg(to).stdin(Stdio::piped()).spawn().unwrap();
    // It may have refused before it asked.
    let _ = running.stdin.take().unwrap().write_all(typed.as_bytes());
    running.wait_with_output().unwrap().into()
}

/// Reads up to the end of these words.
#[track_caller]
pub(super) fn read_until(from: &mut impl Read, words: &str) {
    let mut text = Vec::new();
    while !text.ends_with(words.as_bytes()) {
        let mut byte = [0];
        from.read_exact(&mut byte).unwrap();
        text.extend(byte);
    }
}
