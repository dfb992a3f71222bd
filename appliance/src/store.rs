//! What must survive the power cut: the own card, the contacts, the outbox and the counters of touches,
//! in one SQLite file.
//!
//! It decides nothing about time or network. Every public method that writes is one transaction.

mod book;
mod chosen;
mod contacts;
mod outbox;
mod own_card;
mod receipts;
mod remark;
mod schema;
mod touch;
mod whole;
mod wipe;

use std::path::Path;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use tapcard_protocol::message::{Register, Task, TaskId};
use tapcard_protocol::{Card, TerminalId};

pub use contacts::{Contact, ContactId, Delivery, Kept};
pub use own_card::OwnCard;
pub use receipts::Settlement;
pub use whole::Found;
pub use wipe::Erased;

/// The kiosk's memory.
pub struct Store {
    db: Connection,
    epoch: u64,
    terminal: TerminalId,
    counters: touch::Counters,
}

impl Store {
    /// Opens the file, or makes it; `epoch` is drawn at random and counts only for a new one.
    ///
    /// # Errors
    /// Fails when the file cannot be used, is newer than this program or belongs to another terminal.
    pub fn open(path: &Path, terminal: TerminalId, epoch: u64) -> Result<Store> {
        let context = || format!("opening the store {}", path.display());
        let db = Connection::open(path).with_context(context)?;
        schema::prepare(&db).with_context(context)?;
        db.execute(
            "INSERT INTO kiosk (only, epoch, terminal) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING",
            params![epoch as i64, terminal.as_i64()],
        )?;
        let (epoch, owner): (i64, i64) = db
            .query_row("SELECT epoch, terminal FROM kiosk", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .with_context(context)?;
        if owner != terminal.as_i64() {
            bail!("the store {} belongs to terminal {}", path.display(), TerminalId::from(owner));
        }
        Ok(Store { db, epoch: epoch as u64, terminal, counters: 0..0 })
    }

    /// Asks the cloud to know this terminal, unless it does or has been asked; `card` is the
    /// owner's, for an account that has none.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn register(&mut self, at: Timestamp, card: Option<Card>) -> Result<()> {
        let (epoch, terminal) = (self.epoch, self.terminal);
        let write = self.db.transaction()?;
        let known: bool = write.query_row(
            "SELECT registered OR EXISTS (SELECT 1 FROM outbox WHERE kind = 'register' AND failed IS NULL)
             FROM kiosk",
            [],
            |row| row.get(0),
        )?;
        if !known {
            outbox::add(&write, epoch, terminal, at, &Task::Register(Register { card }))?;
        }
        Ok(write.commit()?)
    }

    /// The book counter of the last complete answer to a sync.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn book(&self) -> Result<u64> {
        let book: i64 = self.db.query_row("SELECT book FROM kiosk", [], |row| row.get(0))?;
        Ok(book as u64)
    }

    /// Whether the file can be written now.
    pub fn is_writable(&self) -> bool {
        self.db.execute("UPDATE kiosk SET registered = registered", []).is_ok()
    }

    /// Which task of this store a row of the outbox is.
    pub fn task_id(&self, seq: u64) -> TaskId {
        TaskId { epoch: self.epoch, seq }
    }
}

/// A card as the database holds it. What was written here can be read here.
fn card_from(text: &str) -> Result<Card> {
    serde_json::from_str(text).context("reading a stored card")
}

/// Reads one row, if there is one.
fn one<T>(
    write: &Transaction<'_>,
    sql: &str,
    params: impl rusqlite::Params,
    read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    Ok(write.query_row(sql, params, read).optional()?)
}

#[cfg(test)]
mod tests;
