//! How far a card has come: what terminals report.

use anyhow::Context;
use jiff::Timestamp;
use postgres::GenericClient;
use tapcard_protocol::message::Applied;
use tapcard_protocol::{AccountId, TerminalId};

/// Writes reports down; one about an owner whom the terminal's account does not follow counts for nothing.
///
/// # Errors
/// Fails with the database.
pub(crate) fn report(
    db: &mut impl GenericClient,
    holder: AccountId,
    terminal: TerminalId,
    reports: &[Applied],
    now: Timestamp,
) -> anyhow::Result<()> {
    let owners: Vec<i64> = reports.iter().map(|it| it.owner.as_i64()).collect();
    let editions: Vec<i32> =
        reports.iter().map(|it| i32::try_from(it.edition.0).unwrap_or(0)).collect();
    let outcomes: Vec<&str> = reports.iter().map(|it| it.outcome.name()).collect();
    let reasons: Vec<Option<&str>> = reports.iter().map(|it| it.reason.as_deref()).collect();
    db.execute(
        "insert into delivery (account_id, terminal_id, holder_id, edition, outcome, reason, reported_at)
         select distinct on (r.owner_id) r.owner_id, $2, $1, r.edition, r.outcome, r.reason, $7
         from unnest($3::bigint[], $4::integer[], $5::text[], $6::text[]) as r (owner_id, edition, outcome, reason)
         where r.owner_id = $1 or exists (select from contact c
             where c.account_id = $1 and c.owner_id = r.owner_id and c.link = 'live')
         order by r.owner_id, r.edition desc
         on conflict (account_id, terminal_id) do update set edition = excluded.edition,
             outcome = excluded.outcome, reason = excluded.reason, reported_at = excluded.reported_at
         where delivery.edition <= excluded.edition",
        &[&holder.as_i64(), &terminal.as_i64(), &owners, &editions, &outcomes, &reasons, &now],
    )
    .context("writing reports down")?;
    Ok(())
}
