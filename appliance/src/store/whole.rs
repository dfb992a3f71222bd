//! The whole book at once: cards that come out of a file, and the end of all.

use anyhow::{Result, bail};
use jiff::Timestamp;
use rusqlite::params;
use tapcard_protocol::message::{ContactAdd, Task};
use tapcard_protocol::{Card, Identifier};

use super::{Delivery, Store, outbox};
use crate::session::Appearance;

/// A card out of a file, and the number it can be found by.
pub type Found = (Card, Option<Identifier>);

impl Store {
    /// Keeps cards that came out of a file, all or none; the rows of their tasks. `name` names each, as a touch would.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then none is kept.
    pub fn add(
        &mut self,
        cards: Vec<Found>,
        now: Timestamp,
        mut name: impl FnMut() -> Result<String>,
    ) -> Result<Vec<u64>> {
        let (epoch, terminal) = (self.epoch, self.terminal);
        let write = self.db.transaction()?;
        let mut rows = Vec::new();
        for (card, partner) in cards {
            write.execute(
                "INSERT INTO contact (touch, at, place, note, snapshot, state) VALUES (?1, ?2, '', '', ?3, ?4)",
                params![name()?, now.as_millisecond(), card.to_json(), Delivery::Waiting.name()],
            )?;
            let contact = write.last_insert_rowid();
            let task =
                Task::ContactAdd(Box::new(ContactAdd { partner, card, note: String::new() }));
            let seq = outbox::add(&write, epoch, terminal, now, &task)?;
            write.execute(
                "UPDATE outbox SET contact = ?2 WHERE seq = ?1",
                params![seq as i64, contact],
            )?;
            rows.push(seq);
        }
        write.commit()?;
        Ok(rows)
    }

    /// Erases every contact for good.
    ///
    /// # Errors
    /// Fails while something waits to be sent, and when the file cannot be written; then all of it stays.
    pub fn wipe(&mut self) -> Result<usize> {
        let write = self.db.transaction()?;
        let sql = "SELECT count(*) FROM outbox WHERE failed IS NULL";
        let n_waiting: i64 = write.query_row(sql, [], |row| row.get(0))?;
        if n_waiting > 0 {
            bail!("{n_waiting} tasks wait to be sent");
        }
        write.execute("DELETE FROM outbox", [])?;
        let n_contacts = write.execute("DELETE FROM contact", [])?;
        write.commit()?;
        // What the log of writes still holds goes too.
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(n_contacts)
    }

    /// How the screens look; as they are made before anybody has said so.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn appearance(&self) -> Result<Appearance> {
        let sql = "SELECT appearance FROM kiosk";
        let text: Option<String> = self.db.query_row(sql, [], |row| row.get(0))?;
        // One that an older or a newer program has written is no reason to stand still.
        Ok(text.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default())
    }

    /// Remembers how the screens look.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn appear(&mut self, appearance: Appearance) -> Result<()> {
        let text = serde_json::to_string(&appearance)?;
        self.db.execute("UPDATE kiosk SET appearance = ?1", [text])?;
        Ok(())
    }

    /// Whether the file can be written now.
    pub fn is_writable(&self) -> bool {
        self.db.execute("UPDATE kiosk SET registered = registered", []).is_ok()
    }
}
