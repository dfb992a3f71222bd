//! One batch of messages in one transaction. Every step leaves the receipts in the outbox, so that they go out after
//! the commit and not before.

use std::collections::HashMap;

use anyhow::Context;
use jiff::Timestamp;
use postgres::{Client, Transaction};
use rumqttc::Publish;
use tapcard_protocol::message::{Exchange, Outcome, Refusal, Settled, TaskId};
use tapcard_protocol::{AccountId, Identifier, TerminalId};
use tracing::{error, info, warn};

use crate::inbox::{Item, Once, receipt};
use crate::plan::forbidden;
use crate::reason::reason;
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

impl Facts {
    /// The account of an exchange's partner. A card that bears the sender's own number is like one without: it may be
    /// a colleague's with the firm's number, and is kept under a place of its own.
    fn partner(&self, exchange: &Exchange, own: AccountId) -> anyhow::Result<Option<AccountId>> {
        let Some(number) = &exchange.partner else { return Ok(None) };
        let account =
            self.partners.get(number).context("a number that was looked up has no account")?;
        Ok(Some(*account).filter(|it| *it != own))
    }
}

/// Writes messages; when Postgres refuses what one of them says, the others are written without it.
///
/// # Errors
/// Fails when Postgres is away; then the messages wait.
pub(crate) fn write_all(db: &mut Client, messages: &[Publish]) -> anyhow::Result<()> {
    match write(db, messages) {
        Err(why) if is_about_content(&why) => {
            warn!("writing a batch message by message: {}", reason(&why));
        }
        other => return other,
    }
    for message in messages {
        match write(db, std::slice::from_ref(message)) {
            Err(why) if is_about_content(&why) => set_aside(db, message)?,
            other => other?,
        }
    }
    Ok(())
}

/// Whether trying again would fail again: Postgres says so of data (class 22) and constraints (class 23), and we of
/// what is no database's failure at all.
fn is_about_content(why: &anyhow::Error) -> bool {
    match why.downcast_ref::<postgres::Error>() {
        None => true,
        Some(it) => {
            it.code().is_some_and(|it| it.code().starts_with("22") || it.code().starts_with("23"))
        }
    }
}

/// Keeps a message for the operator that could not be carried out, and tells its terminal.
fn set_aside(db: &mut Client, message: &Publish) -> anyhow::Result<()> {
    let item = Item::read(&message.topic, &message.payload);
    let mut tx = db.transaction().context("beginning")?;
    let terminal = item.terminal().unwrap_or(TerminalId::new(0));
    let known = terminal::find(&mut tx, &[terminal])?;
    if let (Item::Once(_, task, _), Some(who)) = (&item, known.get(&terminal)) {
        if !outcome::is_known(&mut tx, who.account, terminal, *task)? {
            let text = "the cloud cannot store this".to_owned();
            let refused = Outcome::Refused { reason: Refusal::Undecodable, text, result: None };
            outcome::remember(&mut tx, who.account, terminal, *task, &receipt(*task, refused))?;
        }
        outbox::receipt(&mut tx, who.account, terminal, *task)?;
    }
    error!(terminal.id = %terminal, "set a message aside that cannot be stored");
    dead_letter::add(&mut tx, terminal, &message.payload, "the database refuses it")?;
    outbox::wake(&mut tx)?;
    tx.commit().context("committing")
}

/// Writes a batch.
///
/// # Errors
/// Fails with the database; then nothing of it stands there but accounts for new numbers.
fn write(db: &mut Client, messages: &[Publish]) -> anyhow::Result<()> {
    let items: Vec<Item> = messages.iter().map(|it| Item::read(&it.topic, &it.payload)).collect();
    let facts = look_up(db, &items)?;
    let mut tx = db.transaction().context("beginning a batch")?;
    // Exchanges that follow one another are written together; everything keeps its order.
    let mut exchanges: Vec<Entry<'_>> = Vec::new();
    for (item, message) in items.iter().zip(messages) {
        let known = item.terminal().and_then(|it| Some((it, *facts.terminals.get(&it)?)));
        if let (Item::Once(_, task, once @ Once::Exchange(it)), Some((terminal, who))) =
            (item, known)
            && forbidden(who.kind, who.is_cancelled, once).is_none()
        {
            let partner = facts.partner(it, who.account)?;
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
        Item::Sync(_, task, sync) => {
            applied::report(tx, who.account, terminal, &applied::of(sync), Timestamp::now())?;
            outbox::page(tx, who.account, terminal, *task, sync)
        }
        Item::Applied(_, reports) => {
            applied::report(tx, who.account, terminal, reports, Timestamp::now())
        }
        Item::Once(_, task, once) => {
            if !outcome::is_known(tx, who.account, terminal, *task)? {
                let outcome = match forbidden(who.kind, who.is_cancelled, once) {
                    Some(refused) => refused,
                    None => carry_out(tx, terminal, who, *task, once)?,
                };
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
