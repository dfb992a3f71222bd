//! One batch of messages in one transaction. Receipts go out after the commit and not before; what others are told
//! waits in the outbox.

use std::collections::HashMap;

use anyhow::{Context, bail};
use postgres::Client;
use rumqttc::Publish;
use tapcard_protocol::message::Task;
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, Identifier, TerminalId};
use tracing::info;

use super::act::{Sender, act, bury};
use crate::database::Prepared;
use crate::inbox::Item;
use crate::lease::Role;
use crate::plan::forbidden;
use crate::share::Share;
use crate::store::exchange::{Entry, Written};
use crate::store::identifier::{Named, Rules};
use crate::store::outcome::Remembered;
use crate::store::terminal::Terminal;
use crate::store::{account, exchange, identifier, outbox, outcome, terminal};

/// In whose name batches are written.
#[derive(Clone, Copy)]
pub(super) struct Office<'o> {
    /// What is served.
    pub(super) share: &'o Share,
    /// By which rules numbers get accounts.
    pub(super) rules: Rules<'o>,
    /// Whether the senders' accounts are locked first, one after the other. Batches that do so never wait for one another
    /// in a circle; it costs a round trip, and is for those that have met.
    pub(super) is_orderly: bool,
}

/// What a batch needs to know before it begins.
pub(super) struct Facts {
    terminals: HashMap<TerminalId, Terminal>,
    partners: HashMap<Identifier, AccountId>,
}

impl Facts {
    /// The account of a partner's number. A card that bears the sender's own number is like one without: it may be
    /// a colleague's with the firm's number, and is kept under a place of its own.
    pub(super) fn partner(
        &self,
        number: Option<&Identifier>,
        own: AccountId,
    ) -> anyhow::Result<Option<AccountId>> {
        let account = number.map(|it| self.account(it)).transpose()?;
        Ok(account.filter(|it| *it != own))
    }

    /// The account of a number that a task names.
    pub(super) fn account(&self, number: &Identifier) -> anyhow::Result<AccountId> {
        let account = self.partners.get(number);
        account.copied().context("a number that was looked up has no account")
    }
}

/// Writes a batch, without what belongs to others' share by now: they have it too.
///
/// # Errors
/// Fails with the database; then nothing of it stands there but accounts for new numbers.
pub(super) fn write(
    db: &mut Client,
    prepared: &mut Prepared,
    office: Office<'_>,
    messages: &[Publish],
) -> anyhow::Result<Vec<Remembered>> {
    let items: Vec<Item> = messages.iter().map(|it| Item::read(&it.topic, &it.payload)).collect();
    let facts = look_up(db, prepared, office, &items)?;
    let mut tx = db.transaction().context("beginning a batch")?;
    let held = office.share.confirm(&mut tx, prepared)?;
    if office.is_orderly {
        account::lock_all(&mut tx, facts.terminals.values().map(|it| it.account))?;
    }
    // Exchanges that follow one another are written together; everything keeps its order.
    let mut exchanges: Vec<Entry<'_>> = Vec::new();
    let mut written = Written::default();
    for (item, message) in items.iter().zip(messages) {
        if item.terminal().is_some_and(|it| !held.contains_key(&it.shard())) {
            continue;
        }
        let known = item.terminal().and_then(|it| Some((it, *facts.terminals.get(&it)?)));
        if let (Item::Once(_, task, asked @ Task::Exchange(it)), Some((terminal, who))) =
            (item, known)
            && forbidden(who.kind, who.is_cancelled, asked).is_none()
        {
            let partner = facts.partner(it.partner.as_ref(), who.account)?;
            exchanges.push(Entry {
                account: who.account,
                terminal,
                task: *task,
                exchange: it,
                partner,
            });
            continue;
        }
        written.add(exchange::write(&mut tx, prepared, &std::mem::take(&mut exchanges))?);
        match known {
            Some((terminal, who)) => {
                let sender = Sender { terminal, who };
                let receipt = act(&mut tx, &facts, item, sender, &message.payload)?;
                written.receipts.extend(receipt);
                written.has_news = true;
            }
            None => bury(&mut tx, item, &message.payload)?,
        }
    }
    written.add(exchange::write(&mut tx, prepared, &exchanges)?);
    if written.has_news {
        outbox::wake(&mut tx)?;
    }
    tx.commit().context("committing a batch")?;
    info!(n_messages = messages.len(), "wrote a batch");
    Ok(written.receipts)
}

/// Carries a message out that was set aside; the receipts it has now. What its terminal was told then is taken back.
///
/// # Errors
/// Fails when it still cannot be carried out.
pub(crate) fn replay(
    db: &mut Client,
    rules: Rules<'_>,
    terminal: TerminalId,
    payload: &[u8],
) -> anyhow::Result<Vec<Remembered>> {
    let topic = Topic::Task(terminal).to_string();
    let message = &Publish::new(topic, rumqttc::QoS::AtLeastOnce, payload);
    let item = Item::read(&message.topic, &message.payload);
    if let Item::Dead(_, why) = &item {
        bail!("{why}");
    }
    let mut prepared = Prepared::default();
    if let (Some(terminal), Some(task)) = (item.terminal(), item.task())
        && let Some(who) = terminal::find(db, &mut prepared, &[terminal])?.get(&terminal)
    {
        outcome::take_back(db, who.account, terminal, task)?;
    }
    let everything = Share::new(Role::Ingest, true);
    let office = Office { share: &everything, rules, is_orderly: false };
    write(db, &mut prepared, office, std::slice::from_ref(message))
}

fn look_up(
    db: &mut Client,
    prepared: &mut Prepared,
    office: Office<'_>,
    items: &[Item],
) -> anyhow::Result<Facts> {
    let mut senders: Vec<TerminalId> = items.iter().filter_map(Item::terminal).collect();
    senders.sort_unstable();
    senders.dedup();
    let terminals = terminal::find(db, prepared, &senders)?;
    // Only a known terminal's word opens an account.
    let named: Vec<Named<'_>> = items
        .iter()
        .filter_map(|item| {
            let terminal = item.terminal()?;
            Some((item, terminals.get(&terminal)?.namer(terminal)))
        })
        .flat_map(|(item, by)| {
            item.numbers().into_iter().map(move |number| Named { number, by: Some(by) })
        })
        .collect();
    let partners = identifier::resolve(db, prepared, office.rules, &named)?;
    Ok(Facts { terminals, partners })
}
