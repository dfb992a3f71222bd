//! A flashed card, as a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use tapcard_tests::program::output;

/// Where its first partition begins, as `appliance/image/disk.sfdisk` has it: sector 8192 of 512 bytes.
const BOOT: u64 = 8192 * 512;

/// In which sector its data partition begins, which is the last and takes what is left of the card.
const DATA: u64 = 8192 + 524_288 + 2 * 2_097_152;

/// A card is larger than the image.
const LARGER: &str = "4G";
/// A shell on the second serial line: an attacker with the card in hand could add it too.
const SHELL: &str = "extra=console=ttyS0 systemd.getty_auto=no systemd.debug_shell=ttyS0\n";

/// A card.
pub(crate) struct Card {
    /// The file.
    pub(crate) path: PathBuf,
}

impl Card {
    /// A fresh one, as the image has it.
    pub(crate) fn copy(image: &Path, path: &Path) -> anyhow::Result<Card> {
        output(Command::new("cp").arg("--sparse=always").args([image, path]))?;
        let card = Card { path: path.to_owned() };
        card.put("cmdline.env", SHELL)?;
        Ok(card)
    }

    /// One as an operator makes it: written by `tapcard-flash` with its settings, onto a block device of this machine.
    pub(crate) fn flash(image: &Path, path: &Path, settings: &str) -> anyhow::Result<Card> {
        output(Command::new("truncate").args(["-s", LARGER]).arg(path))?;
        let disk = output(Command::new("/sbin/losetup").args(["--find", "--show"]).arg(path))?;
        let disk = disk.trim();
        let file = path.with_extension("toml");
        fs::write(&file, settings)?;
        let name = disk.trim_start_matches("/dev/");
        let mut flash = Command::new(tapcard_tests::program::path("tapcard-flash")?);
        flash.arg("write").arg(image.with_extension("img.zst")).args(["--to", disk, "--yes", name]);
        let written = output(flash.arg("--provision").arg(&file));
        output(Command::new("/sbin/losetup").args(["--detach", disk]))?;
        written?;
        let card = Card { path: path.to_owned() };
        card.put("cmdline.env", SHELL)?;
        Ok(card)
    }

    /// What SQLite says of the kiosk's store: "ok" if it is whole.
    pub(crate) fn judge_store(&self) -> anyhow::Result<String> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data.ext4");
        let mut copy = Command::new("dd");
        copy.arg(format!("if={}", self.path.display())).arg(format!("of={}", data.display()));
        copy.args(["bs=512", "conv=sparse", "status=none"]);
        output(copy.arg(format!("skip={DATA}")))?;
        // As the next start would: what the file system's journal holds counts.
        output(Command::new("/sbin/e2fsck").args(["-p", "-E", "journal_only"]).arg(&data))?;
        let orders: String = ["kiosk.db", "kiosk.db-wal", "kiosk.db-shm"]
            .map(|it| format!("dump /tapcard/{it} {}\n", folder.path().join(it).display()))
            .concat();
        let file = folder.path().join("orders");
        fs::write(&file, orders)?;
        output(Command::new("/sbin/debugfs").arg("-f").arg(&file).arg(&data))?;
        let store = rusqlite::Connection::open(folder.path().join("kiosk.db"))?;
        Ok(store.query_row("pragma integrity_check", [], |row| row.get(0))?)
    }

    /// Gives the slots their starts back, which a start that is ended early has used up.
    pub(crate) fn forget_starts(&self) -> anyhow::Result<()> {
        let partition = format!("{}@@{BOOT}", self.path.display());
        output(Command::new("mdel").args(["-i", &partition, "::slots.env"])).map(drop)
    }

    /// Puts a file on the first partition, as an operator does.
    pub(crate) fn put(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let file = self.path.with_extension("put");
        fs::write(&file, text).context("writing a file for the card")?;
        let partition = format!("{}@@{BOOT}", self.path.display());
        let mut copy = Command::new("mcopy");
        copy.args(["-o", "-i", &partition]).arg(&file).arg(format!("::{name}"));
        output(&mut copy).map(drop)
    }
}
