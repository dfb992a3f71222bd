//! Offers and what people say to them.

use anyhow::Context;
use jiff::Timestamp;
use postgres::{GenericClient, Transaction};
use tapcard_protocol::message::{Link, LinkState, LinkVerb, Offer, Outcome, Refusal, Settled};
use tapcard_protocol::{AccountId, Card};

use super::{account, outbox, withdrawal};

/// Most characters of a name in an offer.
const MAX_NAME: usize = 100;

/// Carries out an answer to an offer.
///
/// # Errors
/// Fails with the database.
pub(crate) fn answer(
    tx: &mut Transaction<'_>,
    me: AccountId,
    link: Link,
) -> anyhow::Result<Outcome> {
    match link.verb {
        LinkVerb::Block => return withdrawal::block(tx, me, link.owner),
        LinkVerb::Unblock => return withdrawal::unblock(tx, me, link.owner),
        LinkVerb::Accept | LinkVerb::Decline => {}
    }
    let row = tx
        .query_opt(
            "delete from offer where account_id = $1 and from_id = $2 returning gives, takes",
            &[&me.as_i64(), &link.owner.as_i64()],
        )
        .context("taking an offer")?;
    let Some(row) = row else {
        let text = "this offer is no longer open".to_owned();
        return Ok(Outcome::Refused { reason: Refusal::NoOffer, text, result: None });
    };
    // Nobody agrees to more than was shown.
    let (gives, takes) = (row.get::<_, bool>(0) && link.gives, row.get::<_, bool>(1) && link.takes);
    let is_accepted = link.verb == LinkVerb::Accept;
    if is_accepted {
        if gives {
            follow(tx, me, link.owner)?;
        }
        if takes {
            follow(tx, link.owner, me)?;
        }
        account::turn_page(tx, &[me, link.owner])?;
    }
    let state = if is_accepted && gives { LinkState::Live } else { LinkState::None };
    Ok(Outcome::Done { result: Some(Settled::Linked { owner: Some(link.owner), state }) })
}

/// From now on the owner's current card follows to the holder.
///
/// # Errors
/// Fails with the database.
pub(crate) fn follow(
    tx: &mut Transaction<'_>,
    holder: AccountId,
    owner: AccountId,
) -> anyhow::Result<()> {
    tx.execute(
        "insert into contact (account_id, owner_id, link) values ($1, $2, 'live')
         on conflict (account_id, owner_id) do update set link = 'live', is_withdrawn = false, is_closed = false, deleted_at = null",
        &[&holder.as_i64(), &owner.as_i64()],
    )
    .context("making a link live")?;
    outbox::card(tx, holder, owner)
}

/// The offers that wait for an account, or the one of them that `from` made.
///
/// # Errors
/// Fails with the database.
pub(crate) fn offers(
    db: &mut impl GenericClient,
    account: AccountId,
    from: Option<AccountId>,
) -> anyhow::Result<Vec<Offer>> {
    let rows = db
        .query(
            "select o.from_id, a.card, o.place, o.at, o.gives, o.takes from offer o join account a on a.account_id = o.from_id
             where o.account_id = $1 and ($2::bigint is null or o.from_id = $2) and a.state = 'active'
             order by o.made_at, o.from_id limit 50",
            &[&account.as_i64(), &from.map(AccountId::as_i64)],
        )
        .context("reading offers")?;
    rows.iter()
        .map(|row| {
            let name = super::card(row.get(1))?.as_ref().map(Card::name).unwrap_or_default();
            let name = name.chars().take(MAX_NAME).collect();
            let at: Timestamp = row.get(3);
            Ok(Offer {
                owner: row.get::<_, i64>(0).into(),
                name,
                place: row.get(2),
                at,
                gives: row.get(4),
                takes: row.get(5),
            })
        })
        .collect()
}
