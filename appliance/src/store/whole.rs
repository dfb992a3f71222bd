//! The whole book at once: cards that come out of a file, and the end of all.

use anyhow::{Result, bail};
use jiff::Timestamp;
use rusqlite::params;
use tapcard_protocol::message::{ContactAdd, Task};
use tapcard_protocol::{Card, Identifier};

use super::{Delivery, Store, outbox};

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
    /// Fails while something is not sent, also since the cloud has refused it, and when the file cannot be written; then all of it stays.
    pub fn wipe(&mut self) -> Result<usize> {
        let write = self.db.transaction()?;
        let sql = "SELECT count(*) FROM outbox WHERE failed IS NULL OR contact IS NOT NULL";
        let n_unsent: i64 = write.query_row(sql, [], |row| row.get(0))?;
        if n_unsent > 0 {
            bail!("{n_unsent} tasks are not sent");
        }
        let n_contacts = write.execute("DELETE FROM contact", [])?;
        write.commit()?;
        // What the log of writes still holds goes too.
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(n_contacts)
    }
}
