//! The one effect of a task: what came of it is remembered under its identity.

use anyhow::Context;
use postgres::GenericClient;
use serde_json::Value;
use tapcard_protocol::message::TaskId;
use tapcard_protocol::{AccountId, TerminalId};

/// Whether a task has had its effect.
///
/// # Errors
/// Fails with the database.
pub(crate) fn is_known(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
    task: TaskId,
) -> anyhow::Result<bool> {
    let row = db.query_opt(
        "select 1 from outcome where account_id = $1 and terminal_id = $2 and epoch = $3 and seq = $4",
        &[&account.as_i64(), &terminal.as_i64(), &task.epoch.cast_signed(), &task.seq.cast_signed()],
    );
    Ok(row.context("looking up a task")?.is_some())
}

/// Remembers what came of a task.
///
/// # Errors
/// Fails with the database, and when somebody else carried the task out meanwhile.
pub(crate) fn remember(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
    task: TaskId,
    receipt: &Value,
) -> anyhow::Result<()> {
    db.execute(
        "insert into outcome (account_id, terminal_id, epoch, seq, receipt) values ($1, $2, $3, $4, $5)",
        &[&account.as_i64(), &terminal.as_i64(), &task.epoch.cast_signed(), &task.seq.cast_signed(), receipt],
    )
    .context("remembering a task")?;
    Ok(())
}
