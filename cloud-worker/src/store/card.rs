//! Own cards and their editions.

use anyhow::Context;
use postgres::{GenericClient, Transaction};
use tapcard_protocol::message::{CardUpdate, Counts, Outcome};
use tapcard_protocol::{AccountId, Card, Edition, TerminalId};

use super::{account, outbox};
use crate::plan::{self, Edit};

/// Writes a new edition; the caller holds the account's row.
///
/// # Errors
/// Fails with the database.
pub(crate) fn write(
    db: &mut impl GenericClient,
    account: AccountId,
    edition: Edition,
    card: &Card,
    terminal: Option<TerminalId>,
) -> anyhow::Result<()> {
    let number = i32::try_from(edition.0).context("an account has no more editions left")?;
    let value = serde_json::Value::from(card.clone());
    db.execute(
        "update account set card = $2, edition = $3 where account_id = $1",
        &[&account.as_i64(), &value, &number],
    )
    .context("writing a card")?;
    db.execute(
        "insert into card_edition (account_id, edition, card, terminal_id) values ($1, $2, $3, $4)",
        &[&account.as_i64(), &number, &value, &terminal.map(TerminalId::as_i64)],
    )
    .context("keeping an edition")?;
    Ok(())
}

/// Carries out an edit of the own card.
///
/// # Errors
/// Fails with the database.
pub(crate) fn update(
    tx: &mut Transaction<'_>,
    account: AccountId,
    terminal: TerminalId,
    update: &CardUpdate,
) -> anyhow::Result<Outcome> {
    let own = account::lock(tx, account)?;
    let base = if update.base == own.edition { None } else { of(tx, account, update.base)? };
    let (edition, merged) = match plan::edit(update, own.edition, own.card, base.as_ref()) {
        Edit::Refuse(outcome) => return Ok(outcome),
        Edit::Take(edition, merged) => (edition, merged),
    };
    write(tx, account, edition, merged.as_ref().unwrap_or(&update.card), Some(terminal))?;
    outbox::own_card(tx, account)?;
    if update.notify {
        tell_partners(tx, account)?;
    }
    Ok(plan::edited(edition, counts(tx, account)?, merged))
}

/// The card of an earlier edition.
///
/// # Errors
/// Fails with the database.
pub(crate) fn of(
    db: &mut impl GenericClient,
    account: AccountId,
    edition: Edition,
) -> anyhow::Result<Option<Card>> {
    // A number that no edition can have is one that there is not.
    let number = i32::try_from(edition.0).unwrap_or(-1);
    let text = "select card from card_edition where account_id = $1 and edition = $2";
    let row = db.query_opt(text, &[&account.as_i64(), &number]).context("reading an edition")?;
    row.map_or(Ok(None), |row| super::card(row.get(0)))
}

/// Queues the telling of an account's partners.
///
/// # Errors
/// Fails with the database.
pub(crate) fn tell_partners(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<()> {
    db.execute(
        "insert into fanout (account_id, queued_at) values ($1, clock_timestamp())
         on conflict (account_id) do update set again = true",
        &[&account.as_i64()],
    )
    .context("asking for a fan-out")?;
    Ok(())
}

/// How many partners hold an account's card, by the state of their account.
///
/// # Errors
/// Fails with the database.
pub(crate) fn counts(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<Counts> {
    let rows = db
        .query(
            // No join: Postgres may think that one owner has nearly all partners, and go through the accounts.
            "select (select a.state from account a where a.account_id = c.account_id) as state, count(*)
             from contact c where c.owner_id = $1 and c.link = 'live' group by 1",
            &[&account.as_i64()],
        )
        .context("counting partners")?;
    let mut counts = Counts::default();
    for row in rows {
        let number = u32::try_from(row.get::<_, i64>(1)).unwrap_or(u32::MAX);
        match row.get(0) {
            "active" => counts.active = number,
            "unclaimed" => counts.unclaimed = number,
            _ => counts.cancelled = number,
        }
    }
    Ok(counts)
}
