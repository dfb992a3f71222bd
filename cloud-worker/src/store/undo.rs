//! A touch that is taken back.

use anyhow::Context;
use postgres::Transaction;
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::{Outcome, Refusal, TaskId, Undo};

use super::contact::TAKEN_OUT;
use super::outcome::{self, Remembered};
use super::{account, outbox};
use crate::inbox::receipt;
use crate::store::terminal::Terminal;

// What other touches left of the same partner stays.
const ALONE: &str =
    "not exists (select from exchange e where e.account_id = $1 and e.peer_id = $2)";

/// Takes an exchange of this terminal back, with the contact and the offer that it alone has made. One that has not come
/// yet never takes effect.
///
/// # Errors
/// Fails with the database.
pub(crate) fn undo(
    tx: &mut Transaction<'_>,
    who: Terminal,
    terminal: TerminalId,
    it: Undo,
) -> anyhow::Result<Outcome> {
    account::lock(tx, who.account)?;
    let me = who.account.as_i64();
    let row = tx.query_opt(
        "delete from exchange where account_id = $1 and terminal_id = $2 and epoch = $3 and seq = $4 returning peer_id",
        &[&me, &terminal.as_i64(), &it.task.epoch.cast_signed(), &it.task.seq.cast_signed()],
    );
    let Some(row) = row.context("taking an exchange back")? else {
        return bar(tx, who, terminal, it.task);
    };
    let peer: i64 = row.get(0);
    let text = format!("delete from offer where account_id = $2 and from_id = $1 and {ALONE}");
    tx.execute(&text, &[&me, &peer]).context("taking an offer back")?;
    let text = format!(
        "update contact set {TAKEN_OUT}, deleted_at = now()
         where account_id = $1 and owner_id = $2 and deleted_at is null and {ALONE}"
    );
    if tx.execute(&text, &[&me, &peer]).context("taking a contact back")? == 1 {
        account::turn_page(tx, &[who.account])?;
        outbox::card(tx, who.account, peer.into())?;
    }
    Ok(Outcome::Done { result: None })
}

/// The exchange may still come, since its message was lost: then it finds this in its place.
fn bar(
    tx: &mut Transaction<'_>,
    who: Terminal,
    terminal: TerminalId,
    task: TaskId,
) -> anyhow::Result<Outcome> {
    if outcome::find(tx, who.account, terminal, task)?.is_none() {
        let text = "this was taken back before it came".to_owned();
        let refused = Outcome::Refused { reason: Refusal::Undone, text, result: None };
        let remembered: Remembered = (terminal, receipt(task, refused));
        outcome::remember(tx, who.account, terminal, task, &remembered.1)?;
    }
    Ok(Outcome::Done { result: None })
}
