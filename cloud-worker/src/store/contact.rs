//! Address books, as a terminal asks for them and as a fan-out goes through them.

use anyhow::Context;
use postgres::{GenericClient, Row};
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{Ended, Page, Remarks, Sync};
use tapcard_protocol::{AccountId, Card, TerminalId};

use super::{account, link, touch_key};
use crate::plan::{self, Held};
use crate::store::terminal::Terminal;

/// Contacts that one page goes through.
const STEP: i64 = 500;

/// Whether the account behind a contact `c` is closed, so that nobody may pass its card on: of one that was never linked
/// nothing is told. `a` is the owner's account, if there is one.
pub(super) const IS_CLOSED: &str =
    "(c.is_closed or c.link = 'live' and coalesce(a.state = 'cancelled', false))";

/// What makes a contact one that was taken out, besides the time of it: nothing of it stays but that it was there.
pub(super) const TAKEN_OUT: &str =
    "snapshot = null, note = '', tags = '{}', rating = 0, link = 'none',
    is_withdrawn = false, is_closed = false";

/// Answers a sync.
///
/// # Errors
/// Fails with the database.
pub(crate) fn page(
    db: &mut impl GenericClient,
    who: Terminal,
    terminal: TerminalId,
    sync: &Sync,
) -> anyhow::Result<Page> {
    let own = account::read(db, who.account)?;
    let held = held(db, who.account, who.scope(terminal), sync)?;
    let more = held.len() as i64 == STEP;
    let mut page = plan::page(sync, plan::own(sync, own.edition, own.card), held, more);
    page.book = own.book;
    match who.kind {
        _ if page.next.is_some() => {}
        Kind::Phone => page.offers = plan::fitting(link::offers(db, who.account, None)?),
        Kind::Kiosk | Kind::OrganiserKiosk => {
            page.touch_key = Some(touch_key::of_today(db, who.account, terminal)?);
        }
        Kind::Worker => {}
    }
    Ok(page)
}

/// An account's contacts in the asked range, within a kiosk's scope if there is one.
fn held(
    db: &mut impl GenericClient,
    account: AccountId,
    scope: Option<i64>,
    sync: &Sync,
) -> anyhow::Result<Vec<Held>> {
    let rows = db
        .query(
            &format!("select c.owner_id, c.link = 'live' and a.edition > 0 and a.state <> 'cancelled', a.edition,
                 case when c.link = 'live' and a.edition > 0 and a.state <> 'cancelled' then a.card else c.snapshot end,
                 c.deleted_at is not null, c.note, c.tags, c.rating, c.remarked, c.is_withdrawn,
                 {IS_CLOSED}
             from contact c left join account a on a.account_id = c.owner_id
             where c.account_id = $1 and c.owner_id > $2 and ($3::bigint is null or c.owner_id <= $3)
                 and ($4::bigint is null or exists (select from exchange e where e.account_id = c.account_id
                     and e.peer_id = c.owner_id and e.terminal_id = $4))
             order by c.owner_id limit $5"),
            &[
                &account.as_i64(),
                &sync.after.map_or(-1, AccountId::as_i64),
                &sync.upto.map(AccountId::as_i64),
                &scope,
                &STEP,
            ],
        )
        .context("reading an address book")?;
    rows.iter()
        .map(|row| {
            let follows = row.get::<_, Option<bool>>(1).unwrap_or(false);
            let edition = if follows { row.get(2) } else { 0 };
            Ok(Held {
                owner: row.get::<_, i64>(0).into(),
                edition: super::edition(edition),
                card: super::card(row.get(3))?,
                deleted: row.get(4),
                remarks: remarks(row, 5),
                remarked: row.get::<_, i64>(8).cast_unsigned(),
                ended: ended(row.get(9), row.get(10)),
            })
        })
        .collect()
}

/// The next holders of an owner's card whose account is active, behind `cursor`, and where they end.
///
/// # Errors
/// Fails with the database.
pub(crate) fn holders(
    db: &mut impl GenericClient,
    owner: AccountId,
    cursor: i64,
    limit: i64,
) -> anyhow::Result<(Vec<i64>, Option<i64>)> {
    let rows = db
        .query(
            // No join, as for the counts of a card.
            "select c.account_id, (select a.state = 'active' from account a where a.account_id = c.account_id)
             from contact c where c.owner_id = $1 and c.link = 'live' and c.account_id > $2 order by c.account_id limit $3",
            &[&owner.as_i64(), &cursor, &limit],
        )
        .context("reading partners")?;
    let last = rows.last().map(|row| row.get(0));
    let active = rows.iter().filter(|row| row.get(1)).map(|row| row.get(0)).collect();
    Ok((active, last))
}

/// The holder's own words: note, tags and rating, from this column on.
pub(super) fn remarks(row: &Row, at: usize) -> Remarks {
    let rating = u8::try_from(row.get::<_, i16>(at + 2)).unwrap_or(0);
    Remarks { note: row.get(at), tags: row.get(at + 1), rating }
}

/// Why a card that followed does so no more; of one that never did nothing is told.
pub(super) fn ended(is_withdrawn: bool, is_closed: bool) -> Option<Ended> {
    match (is_closed, is_withdrawn) {
        (true, _) => Some(Ended::Cancelled),
        (false, true) => Some(Ended::Withdrawn),
        (false, false) => None,
    }
}

/// What a holder has of an owner.
pub(crate) struct Contact {
    /// The owner's current card follows.
    pub(crate) is_live: bool,
    /// What was read.
    pub(crate) snapshot: Option<Card>,
    /// The holder's own words.
    pub(crate) remarks: Remarks,
    /// The holder has taken it out.
    pub(crate) is_deleted: bool,
    /// Why the owner's card follows no more.
    pub(crate) ended: Option<Ended>,
}

/// Looks a contact up.
///
/// # Errors
/// Fails with the database.
pub(crate) fn find(
    db: &mut impl GenericClient,
    holder: AccountId,
    owner: AccountId,
) -> anyhow::Result<Option<Contact>> {
    let row = db
        .query_opt(
            &format!("select c.link = 'live', c.snapshot, c.note, c.tags, c.rating, c.deleted_at is not null,
                 c.is_withdrawn, {IS_CLOSED}
             from contact c left join account a on a.account_id = c.owner_id
             where c.account_id = $1 and c.owner_id = $2"),
            &[&holder.as_i64(), &owner.as_i64()],
        )
        .context("looking up a contact")?;
    let contact = |row: Row| {
        let ended = ended(row.get(6), row.get(7));
        Ok(Contact {
            is_live: row.get::<_, bool>(0) && ended.is_none(),
            snapshot: super::card(row.get(1))?,
            remarks: remarks(&row, 2),
            is_deleted: row.get(5),
            ended,
        })
    };
    row.map(contact).transpose()
}
