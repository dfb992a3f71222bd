//! Tasks on their way to the cloud. A row leaves only when the cloud has answered it.

use anyhow::{Context, Result};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::{Introduce, Task, TaskId, read_up, up};

use super::Store;

/// Writes a task and returns the number of its row.
pub(super) fn add(
    write: &Transaction<'_>,
    epoch: u64,
    terminal: TerminalId,
    at: Timestamp,
    task: &Task,
) -> Result<u64> {
    let kind = match task {
        Task::Register(_) => "register",
        Task::Exchange(_) => "exchange",
        Task::Link(_) => "link",
        Task::Introduce(_) => "introduce",
        Task::ContactUpdate(_) => "contact-update",
        Task::ContactAdd(_) => "contact-add",
        Task::ContactDelete(_) => "contact-delete",
        Task::CheckBook(_) => "check-book",
        Task::Undo(_) => "undo",
        Task::Withdraw(_) => "withdraw",
        Task::CardUpdate(_) => "card-update",
        Task::Applied(_) => "applied",
        Task::Sync(_) => "sync",
    };
    write.execute("INSERT INTO outbox (kind, payload) VALUES (?1, x'')", [kind])?;
    let seq = write.last_insert_rowid();
    let payload = up(TaskId { epoch, seq: seq as u64 }, terminal, at, task);
    write.execute("UPDATE outbox SET payload = ?2 WHERE seq = ?1", params![seq, payload])?;
    Ok(seq as u64)
}

/// The task in a row.
pub(super) fn read(
    write: &Transaction<'_>,
    terminal: TerminalId,
    seq: u64,
) -> Result<Option<Task>> {
    let payload: Option<Vec<u8>> = write
        .query_row("SELECT payload FROM outbox WHERE seq = ?1", [seq as i64], |row| row.get(0))
        .optional()?;
    let Some(payload) = payload else { return Ok(None) };
    match read_up(terminal, &payload) {
        Ok((_, task)) => Ok(Some(task)),
        Err(no_task) => anyhow::bail!("the outbox holds no task at {seq}: {}", no_task.text),
    }
}

/// Takes an answered row away.
pub(super) fn remove(write: &Transaction<'_>, seq: u64) -> Result<()> {
    write.execute("DELETE FROM outbox WHERE seq = ?1", [seq as i64])?;
    Ok(())
}

/// Sets a refused row aside, with the reason; it is never sent again and never deleted.
pub(super) fn set_aside(write: &Transaction<'_>, seq: u64, reason: &str) -> Result<()> {
    write.execute("UPDATE outbox SET failed = ?2 WHERE seq = ?1", params![seq as i64, reason])?;
    Ok(())
}

impl Store {
    /// Keeps that two visitors are introduced, and nothing else of them; the row of the task.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then it was not kept.
    pub fn introduce(&mut self, it: Introduce) -> Result<u64> {
        let (epoch, terminal) = (self.epoch, self.terminal);
        let write = self.db.transaction()?;
        let at = it.at;
        let seq = add(&write, epoch, terminal, at, &Task::Introduce(it))?;
        write.commit()?;
        Ok(seq)
    }

    /// Every row that waits for an answer, oldest first.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn waiting(&self) -> Result<Vec<u64>> {
        let mut rows =
            self.db.prepare_cached("SELECT seq FROM outbox WHERE failed IS NULL ORDER BY seq")?;
        let rows = rows.query_map([], |row| row.get::<_, i64>(0))?;
        rows.map(|it| Ok(it? as u64)).collect()
    }

    /// The number up to which every row has its answer.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn receipted(&self) -> Result<u64> {
        let sql = "SELECT coalesce((SELECT min(seq) - 1 FROM outbox WHERE failed IS NULL),
            (SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)";
        let seq: i64 = self.db.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(seq as u64)
    }

    /// The message of a row, none if it was answered meanwhile.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn payload(&self, seq: u64) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT payload FROM outbox WHERE seq = ?1 AND failed IS NULL";
        let mut row = self.db.prepare_cached(sql)?;
        row.query_row([seq as i64], |row| row.get(0)).optional().context("reading the outbox")
    }
}
