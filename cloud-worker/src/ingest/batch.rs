//! One batch of messages in one transaction. Every step leaves the receipts in the outbox, so that they go out after
//! the commit and not before.

use std::collections::HashMap;

use anyhow::Context;
use jiff::Timestamp;
use postgres::{Client, Transaction};
use rumqttc::Publish;
use tapcard_protocol::message::{Outcome, Settled, TaskId};
use tapcard_protocol::{AccountId, Identifier, TerminalId};
use tracing::{info, warn};

use crate::inbox::{Item, Once, receipt};
use crate::store::exchange::Entry;
use crate::store::terminal::Terminal;
use crate::store::{
    account, applied, card, dead_letter, exchange, identifier, link, outbox, outcome, terminal,
};

/// What a batch needs to know before it begins.
struct Facts {
    terminals: HashMap<TerminalId, Terminal>,
    partners: HashMap<Identifier, AccountId>,
}

/// Writes a batch.
///
/// # Errors
/// Fails with the database; then nothing of it stands there but accounts for new numbers.
pub(crate) fn write(db: &mut Client, messages: &[Publish]) -> anyhow::Result<()> {
    let items: Vec<Item> = messages.iter().map(|it| Item::read(&it.topic, &it.payload)).collect();
    let facts = look_up(db, &items)?;
    let mut tx = db.transaction().context("beginning a batch")?;
    // Exchanges that follow one another are written together; everything keeps its order.
    let mut exchanges: Vec<Entry<'_>> = Vec::new();
    for (item, message) in items.iter().zip(messages) {
        let known = item.terminal().and_then(|it| Some((it, *facts.terminals.get(&it)?)));
        if let (Item::Once(_, task, Once::Exchange(it)), Some((terminal, who))) = (item, known) {
            let partner = it.partner.as_ref().and_then(|it| facts.partners.get(it).copied());
            exchanges.push(Entry {
                account: who.account,
                terminal,
                task: *task,
                exchange: it,
                partner,
            });
            continue;
        }
        exchange::write(&mut tx, &std::mem::take(&mut exchanges))?;
        match known {
            Some((terminal, who)) => one(&mut tx, item, terminal, who, &message.payload)?,
            None => bury(&mut tx, item, &message.payload)?,
        }
    }
    exchange::write(&mut tx, &exchanges)?;
    outbox::wake(&mut tx)?;
    tx.commit().context("committing a batch")?;
    info!(n_messages = messages.len(), "wrote a batch");
    Ok(())
}

fn look_up(db: &mut Client, items: &[Item]) -> anyhow::Result<Facts> {
    let mut senders: Vec<TerminalId> = items.iter().filter_map(Item::terminal).collect();
    senders.sort_unstable();
    senders.dedup();
    let terminals = terminal::find(db, &senders)?;
    // Only a known terminal's word opens an account.
    let partners = items.iter().filter_map(|it| match it {
        Item::Once(terminal, _, Once::Exchange(it)) if terminals.contains_key(terminal) => {
            it.partner.as_ref()
        }
        _ => None,
    });
    let partners = identifier::resolve(db, partners)?;
    Ok(Facts { terminals, partners })
}

/// Carries out one task that is no exchange.
fn one(
    tx: &mut Transaction<'_>,
    item: &Item,
    terminal: TerminalId,
    who: Terminal,
    payload: &[u8],
) -> anyhow::Result<()> {
    match item {
        Item::Dead(..) => bury(tx, item, payload),
        Item::Sync(_, task, sync) => outbox::page(tx, who.account, terminal, *task, sync),
        Item::Applied(_, reports) => {
            applied::report(tx, who.account, terminal, reports, Timestamp::now())
        }
        Item::Once(_, task, once) => {
            if !outcome::is_known(tx, who.account, terminal, *task)? {
                let outcome = carry_out(tx, terminal, who, *task, once)?;
                outcome::remember(tx, who.account, terminal, *task, &receipt(*task, outcome))?;
            }
            outbox::receipt(tx, who.account, terminal, *task)
        }
    }
}

fn carry_out(
    tx: &mut Transaction<'_>,
    terminal: TerminalId,
    who: Terminal,
    task: TaskId,
    once: &Once,
) -> anyhow::Result<Outcome> {
    match once {
        Once::Register(it) => {
            let edition = account::register(tx, who.account, it.card.as_ref())?;
            Ok(Outcome::Done {
                result: Some(Settled::Registered { account: who.account, edition }),
            })
        }
        Once::Link(it) => link::answer(tx, who.account, *it),
        Once::CardUpdate(it) => card::update(tx, who.account, terminal, it),
        Once::Refused(outcome) => {
            warn!(terminal.id = %terminal, task.id = %task, "refused a task that cannot be read");
            Ok(outcome.clone())
        }
        Once::Exchange(_) => unreachable!("exchanges are written in batches"),
    }
}

/// Sets a message aside that nobody can be answered for.
fn bury(tx: &mut Transaction<'_>, item: &Item, payload: &[u8]) -> anyhow::Result<()> {
    let reason = match item {
        Item::Dead(_, reason) => reason,
        _ => "the terminal is not enrolled",
    };
    let terminal = item.terminal().unwrap_or(TerminalId::new(0));
    warn!(terminal.id = %terminal, "set a message aside: {reason}");
    dead_letter::add(tx, terminal, payload, reason)
}
