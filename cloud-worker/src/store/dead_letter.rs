//! Messages that nobody can be answered for; kept for the operator, the last hundred of each terminal.

use anyhow::Context;
use jiff::Timestamp;
use postgres::GenericClient;
use tapcard_protocol::TerminalId;

/// A message that was set aside.
pub(crate) struct DeadLetter {
    /// Its number.
    pub(crate) id: i64,
    /// Whose it is.
    pub(crate) terminal: TerminalId,
    /// What was sent.
    pub(crate) payload: Vec<u8>,
    /// Why it could not be carried out.
    pub(crate) reason: String,
    /// When it came.
    pub(crate) received_at: Timestamp,
}

/// How many are kept of one terminal.
const KEPT: i64 = 100;

/// Sets a message aside.
///
/// # Errors
/// Fails with the database.
pub(crate) fn add(
    db: &mut impl GenericClient,
    terminal: TerminalId,
    payload: &[u8],
    reason: &str,
) -> anyhow::Result<()> {
    db.execute(
        "insert into dead_letter (terminal_id, payload, reason) values ($1, $2, $3)",
        &[&terminal.as_i64(), &payload, &reason],
    )
    .context("setting a message aside")?;
    db.execute(
        "delete from dead_letter where terminal_id = $1 and dead_letter_id <=
         (select dead_letter_id from dead_letter where terminal_id = $1
          order by dead_letter_id desc offset $2 limit 1)",
        &[&terminal.as_i64(), &KEPT],
    )
    .context("dropping old dead letters")?;
    Ok(())
}

/// All of them, the oldest first, or the one with this number.
///
/// # Errors
/// Fails with the database.
pub(crate) fn list(
    db: &mut impl GenericClient,
    id: Option<i64>,
) -> anyhow::Result<Vec<DeadLetter>> {
    let rows = db.query(
        "select dead_letter_id, terminal_id, payload, reason, received_at from dead_letter
         where $1::bigint is null or dead_letter_id = $1 order by dead_letter_id",
        &[&id],
    );
    let letter = |row: &postgres::Row| DeadLetter {
        id: row.get(0),
        terminal: row.get::<_, i64>(1).into(),
        payload: row.get(2),
        reason: row.get(3),
        received_at: row.get(4),
    };
    Ok(rows.context("reading what was set aside")?.iter().map(letter).collect())
}

/// Forgets one; whether it was there.
///
/// # Errors
/// Fails with the database.
pub(crate) fn remove(db: &mut impl GenericClient, id: i64) -> anyhow::Result<bool> {
    let text = "delete from dead_letter where dead_letter_id = $1";
    Ok(db.execute(text, &[&id]).context("dropping what was set aside")? == 1)
}
