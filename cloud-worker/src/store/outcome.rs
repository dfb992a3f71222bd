//! The one effect of a task: what came of it is remembered under its identity, until its terminal has the receipt.

use anyhow::Context;
use postgres::GenericClient;
use serde_json::Value;
use tapcard_protocol::message::{Outcome, Refusal, TaskId};
use tapcard_protocol::{AccountId, TerminalId};

use crate::database::Overtaken;

/// A terminal, and the receipt that is remembered for a task of it.
pub(crate) type Remembered = (TerminalId, Value);

/// The receipt of a task that has had its effect.
///
/// # Errors
/// Fails with the database.
pub(crate) fn find(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
    task: TaskId,
) -> anyhow::Result<Option<Value>> {
    let row = db.query_opt(
        "select receipt from outcome where account_id = $1 and terminal_id = $2 and epoch = $3 and seq = $4",
        &[&account.as_i64(), &terminal.as_i64(), &task.epoch.cast_signed(), &task.seq.cast_signed()],
    );
    Ok(row.context("looking up a task")?.map(|row| row.get(0)))
}

/// Remembers what came of a task.
///
/// # Errors
/// Fails with the database, and with [`Overtaken`].
pub(crate) fn remember(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
    task: TaskId,
    receipt: &Value,
) -> anyhow::Result<()> {
    let n_rows = db.execute(
        "insert into outcome (account_id, terminal_id, epoch, seq, receipt) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        &[&account.as_i64(), &terminal.as_i64(), &task.epoch.cast_signed(), &task.seq.cast_signed(), receipt],
    );
    if n_rows.context("remembering a task")? == 0 {
        return Err(Overtaken.into());
    }
    Ok(())
}

/// Whether a terminal has said that it has the receipt to a task of this number.
///
/// # Errors
/// Fails with the database.
pub(crate) fn is_receipted(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
    task: TaskId,
) -> anyhow::Result<bool> {
    let row = db.query_opt(
        "select 1 from watermark where account_id = $1 and terminal_id = $2 and epoch = $3 and receipted >= $4",
        &[&account.as_i64(), &terminal.as_i64(), &task.epoch.cast_signed(), &task.seq.cast_signed()],
    );
    Ok(row.context("looking up a watermark")?.is_some())
}

/// The answer to a task whose number was used up. Either the message went round for a long time, and the terminal
/// knows it no more, or the terminal's memory was set back, and its staff must hear of it.
pub(crate) fn used_up() -> Outcome {
    let text = "this device has sent another task under the same number; its memory was set back"
        .to_owned();
    Outcome::Refused { reason: Refusal::AlreadyReceipted, text, result: None }
}

/// Takes a refusal back, so that the task can have its effect.
///
/// # Errors
/// Fails with the database.
pub(crate) fn take_back(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
    task: TaskId,
) -> anyhow::Result<()> {
    db.execute(
        "delete from outcome where account_id = $1 and terminal_id = $2 and epoch = $3 and seq = $4
             and receipt ->> 'outcome' = 'refused'",
        &[
            &account.as_i64(),
            &terminal.as_i64(),
            &task.epoch.cast_signed(),
            &task.seq.cast_signed(),
        ],
    )
    .context("taking a refusal back")?;
    Ok(())
}

/// Forgets the outcomes up to a number whose receipts a terminal has.
///
/// # Errors
/// Fails with the database.
pub(crate) fn forget(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
    upto: TaskId,
) -> anyhow::Result<()> {
    if upto.seq == 0 {
        return Ok(());
    }
    let (epoch, seq) = (upto.epoch.cast_signed(), upto.seq.cast_signed());
    db.execute(
        "insert into watermark (account_id, terminal_id, epoch, receipted) values ($1, $2, $3, $4)
         on conflict (account_id, terminal_id, epoch)
         do update set receipted = greatest(watermark.receipted, excluded.receipted)",
        &[&account.as_i64(), &terminal.as_i64(), &epoch, &seq],
    )
    .context("raising a watermark")?;
    db.execute(
        "delete from outcome where account_id = $1 and terminal_id = $2 and epoch = $3 and seq <= $4",
        &[&account.as_i64(), &terminal.as_i64(), &epoch, &seq],
    )
    .context("forgetting outcomes")?;
    Ok(())
}
