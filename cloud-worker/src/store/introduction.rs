//! Two visitors at an organiser's kiosk: each is offered the other's card, and the organiser gets nothing.

use anyhow::Context;
use postgres::Transaction;
use tapcard_protocol::message::{Introduce, Outcome, TaskId};
use tapcard_protocol::{AccountId, TerminalId};

/// Writes two offers, and one exchange into each visitor's log. Who is barred has none.
///
/// # Errors
/// Fails with the database.
pub(crate) fn introduce(
    tx: &mut Transaction<'_>,
    (terminal, task): (TerminalId, TaskId),
    it: &Introduce,
    (one, other): (AccountId, AccountId),
) -> anyhow::Result<Outcome> {
    for (account, peer, partner) in [(one, other, &it.other), (other, one, &it.one)] {
        tx.execute(
            "insert into exchange (account_id, terminal_id, epoch, seq, peer_id, partner, direction, touch, at,
                 clock_synced, place, note, consent)
             select account_id, $2, $3, $4, $5, $6, 'both', $7, $8, $9, $10, '', true
             from account where account_id = $1 on conflict do nothing",
            &[
                &account.as_i64(),
                &terminal.as_i64(),
                &task.epoch.cast_signed(),
                &task.seq.cast_signed(),
                &peer.as_i64(),
                &partner.as_str(),
                &it.touch,
                &it.at,
                &it.clock_synced,
                &it.place,
            ],
        )
        .context("logging an introduction")?;
        tx.execute(
            "with offered as (
                 insert into offer (account_id, from_id, gives, takes, place, at)
                 select account_id, $2, true, true, $3, $4 from account where account_id = $1
                     and not exists (select from block b where (b.account_id, b.other_id) in (($1, $2), ($2, $1)))
                     and not exists (select from contact c where c.account_id = $1 and c.owner_id = $2 and c.link = 'live')
                 on conflict (account_id, from_id) do update set gives = true, takes = true,
                     place = excluded.place, at = excluded.at
                 returning account_id, from_id
             )
             insert into outbox (account_id, kind, owner_id) select account_id, 'offer', from_id from offered
             on conflict (account_id, kind, owner_id) where kind in ('offer', 'card')
             do update set outbox_id = excluded.outbox_id",
            &[&account.as_i64(), &peer.as_i64(), &it.place, &it.at],
        )
        .context("offering cards")?;
    }
    Ok(Outcome::Done { result: None })
}
