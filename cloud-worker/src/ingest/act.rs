//! What one message changes that is no exchange.

use jiff::Timestamp;
use postgres::Transaction;
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::{Outcome, Settled, Task, TaskId};
use tracing::warn;

use super::batch::Facts;
use crate::inbox::{Item, receipt};
use crate::plan::forbidden;
use crate::store::outcome::Remembered;
use crate::store::terminal::Terminal;
use crate::store::{
    account, applied, card, check, dead_letter, introduction, link, outbox, outcome, remark,
    terminal, undo, withdrawal,
};

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) terminal: TerminalId,
    pub(super) who: Terminal,
}

/// Carries out one message; its receipt if it has one.
pub(super) fn act(
    tx: &mut Transaction<'_>,
    facts: &Facts,
    item: &Item,
    sender: Sender,
    payload: &[u8],
) -> anyhow::Result<Option<Remembered>> {
    let Sender { terminal, who } = sender;
    match item {
        Item::Dead(..) => bury(tx, item, payload)?,
        Item::Sync(_, task, sync) => {
            let upto = TaskId { epoch: task.epoch, seq: sync.receipted };
            outcome::forget(tx, who.account, terminal, upto)?;
            terminal::heard(tx, terminal, &sync.client)?;
            applied::report(tx, who.account, terminal, &applied::of(sync), Timestamp::now())?;
            outbox::page(tx, who.account, terminal, *task, sync)?;
        }
        Item::Applied(_, reports) => {
            applied::report(tx, who.account, terminal, reports, Timestamp::now())?;
        }
        Item::Refused(_, task, refused) => {
            warn!(terminal.id = %terminal, task.id = %task, "refused a task that cannot be read");
            return once(tx, sender, *task, |_| Ok(refused.clone())).map(Some);
        }
        Item::Once(_, task, asked) => {
            let settled =
                once(tx, sender, *task, |tx| match forbidden(who.kind, who.is_cancelled, asked) {
                    Some(refused) => Ok(refused),
                    None if outcome::is_receipted(tx, who.account, terminal, *task)? => {
                        Ok(outcome::used_up())
                    }
                    None => carry_out(tx, facts, sender, *task, asked),
                });
            return settled.map(Some);
        }
    }
    Ok(None)
}

/// The receipt of a task: what is remembered, or what comes of it now.
pub(super) fn once(
    tx: &mut Transaction<'_>,
    Sender { terminal, who }: Sender,
    task: TaskId,
    act: impl FnOnce(&mut Transaction<'_>) -> anyhow::Result<Outcome>,
) -> anyhow::Result<Remembered> {
    let settled = match outcome::find(tx, who.account, terminal, task)? {
        Some(receipt) => receipt,
        None => {
            let settled = receipt(task, act(tx)?);
            outcome::remember(tx, who.account, terminal, task, &settled)?;
            settled
        }
    };
    Ok((terminal, settled))
}

fn carry_out(
    tx: &mut Transaction<'_>,
    facts: &Facts,
    Sender { terminal, who }: Sender,
    task: TaskId,
    asked: &Task,
) -> anyhow::Result<Outcome> {
    match asked {
        Task::Register(it) => {
            let edition = account::register(tx, who.account, it.card.as_ref())?;
            Ok(Outcome::Done {
                result: Some(Settled::Registered { account: who.account, edition }),
            })
        }
        Task::Introduce(it) => {
            let pair = (facts.account(&it.one)?, facts.account(&it.other)?);
            introduction::introduce(tx, (terminal, task), it, pair)
        }
        Task::Link(it) => link::answer(tx, who.account, *it),
        Task::CardUpdate(it) => card::update(tx, who.account, terminal, it),
        Task::ContactUpdate(it) => remark::update(tx, who, terminal, it),
        Task::ContactAdd(it) => {
            let partner = facts.partner(it.partner.as_ref(), who.account)?;
            remark::add(tx, who, (terminal, task), it, partner)
        }
        Task::ContactDelete(it) => remark::delete(tx, who, terminal, it.owner, Timestamp::now()),
        Task::Undo(it) => undo::undo(tx, who, terminal, *it),
        Task::CheckBook(_) => check::check(tx, who, terminal),
        Task::Withdraw(it) => withdrawal::withdraw(tx, who, who.scope(terminal), it),
        Task::Exchange(_) => unreachable!("exchanges are written in batches"),
        Task::Sync(_) | Task::Applied(_) => unreachable!("these are sorted out"),
    }
}

/// Sets a message aside that nobody can be answered for.
pub(super) fn bury(tx: &mut Transaction<'_>, item: &Item, payload: &[u8]) -> anyhow::Result<()> {
    let reason = match item {
        Item::Dead(_, reason) => reason,
        _ => "the terminal is not enrolled",
    };
    let terminal = item.terminal().unwrap_or(TerminalId::new(0));
    warn!(terminal.id = %terminal, "set a message aside: {reason}");
    dead_letter::add(tx, terminal, payload, reason)
}
