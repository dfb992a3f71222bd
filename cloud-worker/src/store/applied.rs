//! How far a card has come: what terminals report.

use anyhow::Context;
use jiff::Timestamp;
use postgres::GenericClient;
use tapcard_protocol::message::{Applied, ApplyOutcome, Sync};
use tapcard_protocol::{AccountId, Edition, TerminalId};

/// What a terminal's sync says by itself: it has these editions. So a report that was lost is made up for.
pub(crate) fn of(sync: &Sync) -> Vec<Applied> {
    let followed = sync.have.iter().filter(|it| it.1 > Edition(0));
    followed
        .map(|(owner, edition)| Applied {
            owner: *owner,
            edition: *edition,
            outcome: ApplyOutcome::Applied,
            reason: None,
        })
        .collect()
}

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
         select distinct on (r.owner_id) r.owner_id, $2, $1, least(r.edition, a.edition), r.outcome, r.reason, $7
         from account a join unnest($3::bigint[], $4::integer[], $5::text[], $6::text[]) as r (owner_id, edition, outcome, reason)
             on a.account_id = r.owner_id
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
