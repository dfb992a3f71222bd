//! Messages that nobody can be answered for; kept for the operator, the last hundred of each terminal.

use anyhow::Context;
use postgres::GenericClient;
use tapcard_protocol::TerminalId;

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
