//! Touches that a phone brings here: what they show, and claiming one.

use anyhow::Context;
use jiff::Timestamp;
use postgres::{Client, GenericClient, Transaction};
use serde_json::Value;
use tapcard_protocol::touch::{Mode, Surface, TouchKey, TouchToken};
use tapcard_protocol::{AccountId, Card};

use super::web_session::Session;
use super::{account, link, outbox};

/// The version of the words on the page that a claim says yes to; `docs/AGREED.md` has them.
const AGREED: &str = "page-2026-11b";

/// How many people may claim one touch: the tag shows another after each, a code may be read by several.
const fn most_claims(surface: Surface) -> i32 {
    match surface {
        Surface::Tag => 1,
        Surface::Code => 20,
    }
}

/// A touch that was proved.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The kiosk's owner.
    pub(crate) owner: AccountId,
    /// The owner's card.
    pub(crate) card: Card,
    /// Where the kiosk stands.
    pub(crate) place: String,
    /// What its mode was.
    pub(crate) mode: Mode,
    /// Its time has not run out.
    pub(crate) is_open: bool,
    /// Nobody has claimed it, or not everybody who may.
    pub(crate) is_free: bool,
}

/// The touch that a token names; none if it is forged, or its key too old, or nobody's. Notes when it was first seen.
///
/// # Errors
/// Fails with the database.
pub(crate) fn visit(db: &mut Client, token: TouchToken) -> anyhow::Result<Option<Visit>> {
    let row = db.query_opt(
        "select t.account_id, k.key, a.card, t.place from terminal t
         join account a on a.account_id = t.account_id and a.state = 'active'
         join touch_key k on k.account_id = t.account_id and k.terminal_id = t.terminal_id and k.epoch = $2
             and k.made_at > now() - interval '72 hours'
         where t.terminal_id = $1 and t.kind = 'kiosk'",
        &[&token.kiosk().as_i64(), &i32::from(token.epoch())],
    );
    let Some(row) = row.context("looking for a kiosk")? else { return Ok(None) };
    let key = <[u8; 32]>::try_from(row.get::<_, &[u8]>(1)).context("a touch key is too short")?;
    if !token.is_made_with(&TouchKey { epoch: token.epoch(), key }) {
        return Ok(None);
    }
    let owner: AccountId = row.get::<_, i64>(0).into();
    let seen = db.query_one(
        "insert into touch (account_id, terminal_id, epoch, counter, seen_at) values ($1, $2, $3, $4, now())
         on conflict (account_id, terminal_id, epoch, counter) do update set claims = touch.claims
         returning seen_at > now() - interval '30 minutes', claims < $5",
        &[
            &owner.as_i64(),
            &token.kiosk().as_i64(),
            &i32::from(token.epoch()),
            &i64::from(token.counter()),
            &most_claims(token.surface()),
        ],
    );
    let seen = seen.context("noting a touch")?;
    Ok(Some(Visit {
        owner,
        card: super::card(row.get(2))?.unwrap_or_else(|| Card::named("")),
        place: row.get(3),
        mode: token.mode(),
        is_open: seen.get(0),
        is_free: seen.get(1),
    }))
}

/// Whether somebody has claimed this touch before.
///
/// # Errors
/// Fails with the database.
pub(crate) fn is_claimed(
    db: &mut impl GenericClient,
    who: AccountId,
    owner: AccountId,
    token: TouchToken,
) -> anyhow::Result<bool> {
    let row = db.query_opt(
        "select 1 from exchange where account_id = $1 and touch = $2 and peer_id = $3",
        &[&who.as_i64(), &name(token), &owner.as_i64()],
    );
    Ok(row.context("looking for an exchange")?.is_some())
}

/// Which touch it is, without what proves it.
fn name(token: TouchToken) -> String {
    format!("touch-{}-{}-{}", token.kiosk(), token.epoch(), token.counter())
}

/// A signed-in visitor claims a touch: both own doors took part, so the cards that the mode lets through follow from now
/// on. Whether it was still free; claiming it again changes nothing.
///
/// # Errors
/// Fails with the database.
pub(crate) fn claim(
    db: &mut Client,
    token: TouchToken,
    owner: AccountId,
    visitor: Session,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let mut tx = db.transaction().context("beginning")?;
    // First: of two taps at the same moment the second sees what came of the first.
    let card = account::lock(&mut tx, visitor.account)?.card;
    if is_claimed(&mut tx, visitor.account, owner, token)? {
        return Ok(true);
    }
    if visitor.account == owner || !take(&mut tx, token, owner, visitor.account)? {
        return Ok(false);
    }
    let mode = token.mode();
    let owners = account::read(&mut tx, owner)?.card;
    let (given, received) = (mode.takes(), mode.gives());
    log(&mut tx, token, (visitor, owner), (given, received), now)?;
    if received {
        keep(&mut tx, visitor.account, owner, owners)?;
    }
    if given {
        keep(&mut tx, owner, visitor.account, card)?;
    }
    account::turn_page(&mut tx, &[visitor.account, owner])?;
    // It wakes the relay for all of this.
    outbox::claimed(&mut tx, owner, token.kiosk(), (received, given))?;
    tx.commit().context("committing")?;
    Ok(true)
}

/// Counts a claim, if the touch has one left.
fn take(
    tx: &mut Transaction<'_>,
    token: TouchToken,
    owner: AccountId,
    visitor: AccountId,
) -> anyhow::Result<bool> {
    let n_rows = tx.execute(
        "update touch set claims = claims + 1
         where account_id = $1 and terminal_id = $2 and epoch = $3 and counter = $4 and claims < $5
             and seen_at > now() - interval '30 minutes'
             and not exists (select from block b where (b.account_id, b.other_id) in (($1, $6), ($6, $1)))",
        &[
            &owner.as_i64(),
            &token.kiosk().as_i64(),
            &i32::from(token.epoch()),
            &i64::from(token.counter()),
            &most_claims(token.surface()),
            &visitor.as_i64(),
        ],
    );
    Ok(n_rows.context("claiming a touch")? == 1)
}

/// Writes the exchange into both logs, each from its own side.
fn log(
    tx: &mut Transaction<'_>,
    token: TouchToken,
    (visitor, owner): (Session, AccountId),
    (given, received): (bool, bool),
    now: Timestamp,
) -> anyhow::Result<()> {
    let direction = |gives: bool, takes: bool| match (gives, takes) {
        (true, true) => "both",
        (true, false) => "given",
        (false, _) => "received",
    };
    // Unique as a task's identity is: the touch of a kiosk, and who claims it.
    let seq = i64::from(token.epoch()) << 32 | i64::from(token.counter());
    let sides = [
        (
            visitor.account,
            visitor.terminal,
            token.kiosk().as_i64(),
            owner,
            direction(given, received),
        ),
        (
            owner,
            token.kiosk(),
            visitor.account.as_i64(),
            visitor.account,
            direction(received, given),
        ),
    ];
    for (account, terminal, epoch, peer, direction) in sides {
        tx.execute(
            "insert into exchange (account_id, terminal_id, epoch, seq, peer_id, partner, direction, touch, at,
                 clock_synced, place, note, consent, agreed)
             values ($1, $2, $3, $4, $5,
                 (select identifier from identifier i where i.account_id = $5 order by created_at limit 1),
                 $6, $7, $8, true, (select place from terminal where terminal_id = $9), '', true, $10)
             on conflict do nothing",
            &[
                &account.as_i64(),
                &terminal.as_i64(),
                &epoch,
                &seq,
                &peer.as_i64(),
                &direction,
                &name(token),
                &now,
                &token.kiosk().as_i64(),
                &AGREED,
            ],
        )
        .context("logging a claim")?;
    }
    Ok(())
}

/// The holder has the owner's card, as it is now, and it follows.
fn keep(
    tx: &mut Transaction<'_>,
    holder: AccountId,
    owner: AccountId,
    card: Option<Card>,
) -> anyhow::Result<()> {
    link::follow(tx, holder, owner)?;
    tx.execute(
        "update contact set snapshot = coalesce($3, snapshot) where account_id = $1 and owner_id = $2",
        &[&holder.as_i64(), &owner.as_i64(), &card.map(Value::from)],
    )
    .context("keeping a card")?;
    Ok(())
}
