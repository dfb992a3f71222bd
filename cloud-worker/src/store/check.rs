//! How an address book stands: whom the own card reaches, and whose cards follow their owners.

use anyhow::Context;
use postgres::{GenericClient, Row};
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::{Outcome, Settled};

use super::card;
use super::contact::{IS_CLOSED, ended};
use super::terminal::Terminal;

/// Most contacts that one answer names.
const MOST: i64 = 500;

const FOLLOWING: &str = "select count(*) from contact c where c.account_id = $1 and c.link = 'live'
    and (select a.state from account a where a.account_id = c.owner_id) = 'active'";

/// Counts, and names the contacts that follow no more, within a kiosk's scope.
///
/// # Errors
/// Fails with the database.
pub(crate) fn check(
    db: &mut impl GenericClient,
    who: Terminal,
    terminal: TerminalId,
) -> anyhow::Result<Outcome> {
    let me = who.account.as_i64();
    let counts = card::counts(db, who.account)?;
    let following: i64 = db.query_one(FOLLOWING, &[&me]).context("counting cards")?.get(0);
    let text = format!(
        "select c.owner_id, c.is_withdrawn, {IS_CLOSED}
         from contact c left join account a on a.account_id = c.owner_id
         where c.account_id = $1 and c.deleted_at is null and (c.is_withdrawn or {IS_CLOSED})
             and ($2::bigint is null or exists (select from exchange e where e.account_id = c.account_id
                 and e.peer_id = c.owner_id and e.terminal_id = $2))
         order by c.owner_id limit $3"
    );
    let rows = db.query(&text, &[&me, &who.scope(terminal), &MOST]);
    let rows = rows.context("looking what has ended")?;
    let named = |row: &Row| Some((row.get::<_, i64>(0).into(), ended(row.get(1), row.get(2))?));
    let ended = rows.iter().filter_map(named).collect();
    let following = u32::try_from(following).unwrap_or(u32::MAX);
    Ok(Outcome::Done { result: Some(Settled::Checked { counts, following, ended }) })
}
