//! The holder's own part of a contact: words, corrections, and taking it out.

use anyhow::Context;
use postgres::Transaction;
use serde_json::Value;
use tapcard_protocol::message::{
    ContactAdd, ContactUpdate, LinkState, Outcome, Refusal, Settled, TaskId,
};
use tapcard_protocol::{AccountId, TerminalId};

use super::contact::TAKEN_OUT;
use super::{account, outbox};
use crate::plan::local_owner;
use crate::store::terminal::Terminal;

/// Which contacts a terminal may write to: a kiosk those that it met itself.
const IN_SCOPE: &str = "($3::bigint is null or exists (select from exchange e
    where e.account_id = $1 and e.peer_id = $2 and e.terminal_id = $3))";

/// Changes words and corrections.
///
/// # Errors
/// Fails with the database.
pub(crate) fn update(
    tx: &mut Transaction<'_>,
    who: Terminal,
    terminal: TerminalId,
    update: &ContactUpdate,
) -> anyhow::Result<Outcome> {
    let book = account::lock(tx, who.account)?.book + 1;
    let text = format!(
        "update contact set note = coalesce($4, note), tags = coalesce($5, tags), rating = coalesce($6, rating),
             snapshot = coalesce($7, snapshot), remarked = $8
         where account_id = $1 and owner_id = $2 and deleted_at is null and {IN_SCOPE} returning link"
    );
    let row = tx.query_opt(
        &text,
        &[
            &who.account.as_i64(),
            &update.owner.as_i64(),
            &who.scope(terminal),
            &update.note,
            &update.tags,
            &update.rating.map(i16::from),
            &update.card.clone().map(Value::from),
            &book.cast_signed(),
        ],
    );
    let Some(row) = row.context("changing a contact")? else { return Ok(no_contact()) };
    let state = state(row.get(0));
    spread(tx, who.account, update.owner)?;
    Ok(Outcome::Done { result: Some(Settled::Linked { owner: Some(update.owner), state }) })
}

/// Adds a contact that was typed or came out of a file. It gives no right to anything.
///
/// # Errors
/// Fails with the database.
pub(crate) fn add(
    tx: &mut Transaction<'_>,
    who: Terminal,
    (terminal, task): (TerminalId, TaskId),
    it: &ContactAdd,
    partner: Option<AccountId>,
) -> anyhow::Result<Outcome> {
    let owner = partner.unwrap_or_else(|| local_owner(terminal, task));
    let book = account::lock(tx, who.account)?.book + 1;
    let row = tx.query_one(
        "insert into contact (account_id, owner_id, snapshot, note, remarked) values ($1, $2, $3, $4, $5)
         on conflict (account_id, owner_id) do update set snapshot = excluded.snapshot,
             note = case when excluded.note = '' then contact.note else excluded.note end,
             remarked = excluded.remarked, deleted_at = null
         returning link",
        &[
            &who.account.as_i64(),
            &owner.as_i64(),
            &Value::from(it.card.clone()),
            &it.note,
            &book.cast_signed(),
        ],
    );
    let state = state(row.context("adding a contact")?.get(0));
    spread(tx, who.account, owner)?;
    Ok(Outcome::Done { result: Some(Settled::Linked { owner: partner, state }) })
}

/// Takes a contact out, with everything that the holder wrote about it.
///
/// # Errors
/// Fails with the database.
pub(crate) fn delete(
    tx: &mut Transaction<'_>,
    who: Terminal,
    terminal: TerminalId,
    owner: AccountId,
    now: jiff::Timestamp,
) -> anyhow::Result<Outcome> {
    account::lock(tx, who.account)?;
    let text = format!(
        "update contact set {TAKEN_OUT}, deleted_at = $4
         where account_id = $1 and owner_id = $2 and deleted_at is null and {IN_SCOPE}"
    );
    let n_rows =
        tx.execute(&text, &[&who.account.as_i64(), &owner.as_i64(), &who.scope(terminal), &now]);
    if n_rows.context("taking a contact out")? == 0 {
        return Ok(no_contact());
    }
    spread(tx, who.account, owner)?;
    let state = LinkState::None;
    Ok(Outcome::Done { result: Some(Settled::Linked { owner: Some(owner), state }) })
}

/// The account's other terminals hear of it.
fn spread(tx: &mut Transaction<'_>, holder: AccountId, owner: AccountId) -> anyhow::Result<()> {
    account::turn_page(tx, &[holder])?;
    outbox::card(tx, holder, owner)
}

fn state(link: &str) -> LinkState {
    let all = [LinkState::Offered, LinkState::Live];
    all.into_iter().find(|it| it.name() == link).unwrap_or(LinkState::None)
}

fn no_contact() -> Outcome {
    let text = "the address book has no such contact for this device".to_owned();
    Outcome::Refused { reason: Refusal::NoContact, text, result: None }
}
