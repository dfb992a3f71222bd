//! The end of everything here, on an order from afar. What was not sent is sealed before, to a key that is not here.

use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use tapcard_protocol::wipe::{Order, boxes};

use super::{Store, schema};

/// Everything that is somebody's, in an order in which nothing is missed by what points to it.
const ERASED: &str = "
DELETE FROM outbox;
DELETE FROM held;
DELETE FROM contact;
DELETE FROM own_card;
DELETE FROM own_media;
UPDATE touch SET epoch = NULL, key = NULL;
UPDATE kiosk SET mode = NULL, book = 0, appearance = NULL, language = NULL, pin = NULL;
";

impl Store {
    /// Carries an order out: seals what was not sent, also what the cloud has refused, and erases everything else, in one
    /// transaction. From then on the file is [`Erased`]. False if an order was carried out before.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then all of it stays.
    pub fn obey(&mut self, order: &Order, seal: impl Fn(&[u8]) -> Result<Vec<u8>>) -> Result<bool> {
        let write = self.db.transaction()?;
        let sql = "UPDATE kiosk SET wiped = ?1 WHERE wiped IS NULL";
        if write.execute(sql, [&order.nonce.0[..]])? == 0 {
            return Ok(false);
        }
        for it in boxes(order, unsent(&write)?) {
            let sealed = seal(&it.write())?;
            write.execute("INSERT INTO sealed (box) VALUES (?1)", [sealed])?;
        }
        write.execute_batch(ERASED)?;
        write.commit()?;
        // If it fails, it is done when the file is opened next, or closed.
        let _ = forget_the_log(&self.db);
        Ok(true)
    }
}

/// The messages that the cloud has not answered with a yes, the oldest first.
fn unsent(write: &Transaction<'_>) -> Result<Vec<String>> {
    let mut rows = write.prepare("SELECT payload FROM outbox ORDER BY seq")?;
    let rows = rows.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|it| String::from_utf8(it?).context("a message of the outbox is no text")).collect()
}

/// What the log of writes still holds goes.
fn forget_the_log(db: &Connection) -> rusqlite::Result<()> {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// A store that was erased from afar: boxes that are still to be handed over, and nothing else.
pub struct Erased {
    db: Connection,
}

impl Erased {
    /// The file, if it was erased; nothing if there is none, or one that is in use.
    ///
    /// # Errors
    /// Fails when the file cannot be used, or is newer than this program.
    pub fn open(path: &Path) -> Result<Option<Erased>> {
        if !path.exists() {
            return Ok(None);
        }
        let context = || format!("opening the store {}", path.display());
        let db = Connection::open(path).with_context(context)?;
        schema::prepare(&db).with_context(context)?;
        let sql = "SELECT wiped IS NOT NULL FROM kiosk";
        let was_wiped: Option<bool> = db.query_row(sql, [], |row| row.get(0)).optional()?;
        if !was_wiped.unwrap_or_default() {
            return Ok(None);
        }
        // The power may have been cut before that.
        forget_the_log(&db).with_context(context)?;
        Ok(Some(Erased { db }))
    }

    /// The next box, and its number; nothing once all are handed over.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn next(&self) -> Result<Option<(i64, Vec<u8>)>> {
        let sql = "SELECT part, box FROM sealed ORDER BY part LIMIT 1";
        Ok(self.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// A box is handed over.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then it is handed over again.
    pub fn handed_over(&self, part: i64) -> Result<()> {
        self.db.execute("DELETE FROM sealed WHERE part = ?1", params![part])?;
        Ok(())
    }
}
