//! All that an account holds, for its owner to take along.

use anyhow::Context;
use jiff::Timestamp;
use postgres::{GenericClient, Row};
use serde::Serialize;
use tapcard_protocol::message::{Ended, Remarks};
use tapcard_protocol::{AccountId, Card, Edition, Identifier};

use super::account;
use super::contact::{self, IS_CLOSED};

/// An account's own, its contacts, and whom it met when.
#[derive(Serialize)]
pub(crate) struct Archive {
    pub(crate) account: AccountId,
    pub(crate) numbers: Vec<Identifier>,
    pub(crate) edition: Edition,
    pub(crate) card: Option<Card>,
    pub(crate) contacts: Vec<Kept>,
    pub(crate) exchanges: Vec<Meeting>,
}

/// A contact.
#[derive(Serialize)]
pub(crate) struct Kept {
    pub(crate) owner: AccountId,
    /// As its owner has it now if it follows, else as it was read.
    pub(crate) card: Option<Card>,
    #[serde(flatten)]
    pub(crate) remarks: Remarks,
    /// none, offered or live.
    pub(crate) link: String,
    /// Its owner has ended the link, or closed the account: nobody may pass the card on.
    pub(crate) ended: Option<Ended>,
    /// The last exchange with it, if there was one.
    pub(crate) met: Option<Met>,
}

/// When and where somebody was met.
#[derive(Clone, Serialize)]
pub(crate) struct Met {
    /// By the terminal's clock.
    pub(crate) at: Timestamp,
    pub(crate) place: String,
}

/// One exchange, and what was agreed to then.
#[derive(Serialize)]
pub(crate) struct Meeting {
    #[serde(flatten)]
    pub(crate) met: Met,
    /// By the cloud's clock.
    pub(crate) received_at: Timestamp,
    pub(crate) owner: AccountId,
    /// The partner's number, as it was.
    pub(crate) partner: Option<String>,
    /// received, given or both.
    pub(crate) direction: String,
    pub(crate) note: String,
    /// The person agreed that it is kept in the cloud.
    pub(crate) consent: bool,
    /// To which version of the words.
    pub(crate) agreed: String,
    /// Which kind of terminal says so.
    pub(crate) asserted_by: Option<String>,
}

/// Reads all of it.
///
/// # Errors
/// Fails with the database.
pub(crate) fn read(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<Archive> {
    let own = account::read(db, account)?;
    Ok(Archive {
        account,
        numbers: account::numbers(db, account)?,
        edition: own.edition,
        card: own.card,
        contacts: contacts(db, account)?,
        exchanges: exchanges(db, account)?,
    })
}

fn contacts(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<Vec<Kept>> {
    let rows = db.query(
        &format!("select c.owner_id, case when c.link = 'live' and a.edition > 0 and a.state <> 'cancelled' then a.card
                 else c.snapshot end,
             c.note, c.tags, c.rating, c.link, c.is_withdrawn,
             {IS_CLOSED}, e.at, e.place
         from contact c left join account a on a.account_id = c.owner_id
         left join lateral (select at, place from exchange e where e.account_id = c.account_id and e.peer_id = c.owner_id
             order by received_at desc limit 1) e on true
         where c.account_id = $1 and c.deleted_at is null order by c.owner_id"),
        &[&account.as_i64()],
    );
    let kept = |row: &Row| {
        let at: Option<Timestamp> = row.get(8);
        Ok(Kept {
            owner: row.get::<_, i64>(0).into(),
            card: super::card(row.get(1))?,
            remarks: contact::remarks(row, 2),
            link: row.get(5),
            ended: contact::ended(row.get(6), row.get(7)),
            met: at.map(|at| Met { at, place: row.get(9) }),
        })
    };
    rows.context("reading an address book")?.iter().map(kept).collect()
}

fn exchanges(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<Vec<Meeting>> {
    let rows = db.query(
        "select at, place, received_at, peer_id, partner, direction, note, consent, agreed,
             (select kind from terminal t where t.terminal_id = e.terminal_id)
         from exchange e where account_id = $1 order by received_at, seq",
        &[&account.as_i64()],
    );
    let meeting = |row: &Row| Meeting {
        met: Met { at: row.get(0), place: row.get(1) },
        received_at: row.get(2),
        owner: row.get::<_, i64>(3).into(),
        partner: row.get(4),
        direction: row.get(5),
        note: row.get(6),
        consent: row.get(7),
        agreed: row.get(8),
        asserted_by: row.get(9),
    };
    Ok(rows.context("reading exchanges")?.iter().map(meeting).collect())
}
