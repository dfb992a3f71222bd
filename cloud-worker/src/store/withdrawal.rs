//! An owner ends what was given: to one partner, to all of a place, or for good.

use anyhow::Context;
use postgres::Transaction;
use tapcard_protocol::AccountId;
use tapcard_protocol::message::{LinkState, Outcome, Refusal, Settled, Withdraw};

use super::{account, outbox};
use crate::store::terminal::Terminal;

/// Ends links to the own card. What the partners read stays with them.
///
/// # Errors
/// Fails with the database.
pub(crate) fn withdraw(
    tx: &mut Transaction<'_>,
    who: Terminal,
    scope: Option<i64>,
    what: &Withdraw,
) -> anyhow::Result<Outcome> {
    let (partner, place) = match what {
        Withdraw::Partner(it) => (Some(it.as_i64()), None),
        Withdraw::Place(it) => (None, Some(it.as_str())),
    };
    let rows = tx
        .query(
            "select peer_id from exchange where account_id = $1 and ($2::bigint is null or peer_id = $2)
                 and ($3::text is null or place = $3) and ($4::bigint is null or terminal_id = $4)
             union select $2::bigint where $2 is not null and $4::bigint is null",
            &[&who.account.as_i64(), &partner, &place, &scope],
        )
        .context("looking for partners")?;
    let partners: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    let ended = end(tx, who.account, &partners)?;
    if partner.is_some() && ended == 0 {
        let text = "this partner does not get the card".to_owned();
        return Ok(Outcome::Refused { reason: Refusal::NoContact, text, result: None });
    }
    Ok(Outcome::Done { result: Some(Settled::Withdrawn { partners: ended }) })
}

/// From now on nothing is offered between the two, and the own card follows to the other no more.
///
/// # Errors
/// Fails with the database.
pub(crate) fn block(
    tx: &mut Transaction<'_>,
    me: AccountId,
    other: AccountId,
) -> anyhow::Result<Outcome> {
    tx.execute(
        "insert into block (account_id, other_id) values ($1, $2) on conflict do nothing",
        &[&me.as_i64(), &other.as_i64()],
    )
    .context("blocking")?;
    end(tx, me, &[other.as_i64()])?;
    tx.execute(
        "delete from offer where account_id = $1 and from_id = $2",
        &[&me.as_i64(), &other.as_i64()],
    )
    .context("dropping an offer")?;
    Ok(settled(other))
}

/// Offers are possible again.
///
/// # Errors
/// Fails with the database.
pub(crate) fn unblock(
    tx: &mut Transaction<'_>,
    me: AccountId,
    other: AccountId,
) -> anyhow::Result<Outcome> {
    tx.execute(
        "delete from block where account_id = $1 and other_id = $2",
        &[&me.as_i64(), &other.as_i64()],
    )
    .context("lifting a block")?;
    Ok(settled(other))
}

fn settled(other: AccountId) -> Outcome {
    let state = LinkState::None;
    Outcome::Done { result: Some(Settled::Linked { owner: Some(other), state }) }
}

/// Ends the links and offers of the own card to these holders; how many links there were.
fn end(tx: &mut Transaction<'_>, owner: AccountId, holders: &[i64]) -> anyhow::Result<u32> {
    let rows = tx
        .query(
            "update contact set link = 'none', is_withdrawn = true
             where account_id = any($2) and owner_id = $1 and link = 'live' returning account_id",
            &[&owner.as_i64(), &holders],
        )
        .context("ending links")?;
    let ended: Vec<AccountId> = rows.iter().map(|row| row.get::<_, i64>(0).into()).collect();
    tx.execute(
        "delete from offer where account_id = any($2) and from_id = $1",
        &[&owner.as_i64(), &holders],
    )
    .context("taking offers back")?;
    account::turn_page(tx, &ended)?;
    for holder in &ended {
        outbox::card(tx, *holder, owner)?;
    }
    Ok(u32::try_from(ended.len()).unwrap_or(u32::MAX))
}
