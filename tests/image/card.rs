//! A flashed card, as a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use tapcard_tests::program::output;

/// Where its first partition begins, as `appliance/image/disk.sfdisk` has it: sector 8192 of 512 bytes.
const BOOT: u64 = 8192 * 512;

/// Where its data partition begins and how long it is, in sectors.
const DATA: (u64, u64) = (8192 + 524_288 + 2 * 2_097_152, 524_288);

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
        // A shell on the second serial line: an attacker with the card in hand could add it too.
        card.put(
            "cmdline.env",
            "extra=console=ttyS0 systemd.getty_auto=no systemd.debug_shell=ttyS0\n",
        )?;
        Ok(card)
    }

    /// What SQLite says of the kiosk's store: "ok" if it is whole.
    pub(crate) fn judge_store(&self) -> anyhow::Result<String> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data.ext4");
        let (sector, n_sectors) = (DATA.0.to_string(), DATA.1.to_string());
        let mut copy = Command::new("dd");
        copy.arg(format!("if={}", self.path.display())).arg(format!("of={}", data.display()));
        copy.args(["bs=512", "conv=sparse", "status=none"]);
        output(copy.arg(format!("skip={sector}")).arg(format!("count={n_sectors}")))?;
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
