//! A batch of confirmed touches, written by one statement.

use anyhow::Context;
use jiff::Timestamp;
use postgres::Transaction;
use serde_json::Value;
use tapcard_protocol::message::{Exchange, TaskId};
use tapcard_protocol::{AccountId, TerminalId};

use crate::inbox::receipt;
use crate::plan::{exchanged, local_owner, ways};

/// One exchange with everything looked up.
pub(crate) struct Entry<'a> {
    /// The sender's account.
    pub(crate) account: AccountId,
    /// The sender.
    pub(crate) terminal: TerminalId,
    /// The task's identity.
    pub(crate) task: TaskId,
    /// What was confirmed.
    pub(crate) exchange: &'a Exchange,
    /// The account of the partner's number, none for a card without a usable one.
    pub(crate) partner: Option<AccountId>,
}

// A task that is repeated finds its outcome and changes nothing, but its receipt goes out again. A contact's snapshot
// is the last one read; its link is never lowered. An offer goes to accounts only, and only for what is not live yet.
const WRITE: &str = "
with source as (
    select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[],
        $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::boolean[], $12::bigint[], $13::bigint[],
        $14::text[], $15::text[], $16::boolean[], $17::jsonb[], $18::boolean[], $19::boolean[], $20::jsonb[])
    with ordinality as source (account_id, terminal_id, epoch, seq, peer_id, has_account, partner, direction, touch,
        at, clock_synced, boot_id, boot_ms, place, note, consent, card, gives, takes, receipt, place_in_batch)
),
linked as materialized (
    select source.*,
        exists (select from contact c where c.account_id = source.account_id and c.owner_id = peer_id
            and c.link = 'live') as follows,
        exists (select from contact c where c.account_id = peer_id and c.owner_id = source.account_id
            and c.link = 'live') as followed
    from source
),
fresh as (
    insert into outcome (account_id, terminal_id, epoch, seq, receipt)
    select account_id, terminal_id, epoch, seq,
        case when follows then jsonb_set(receipt, '{result,state}', '\"live\"') else receipt end
    from linked on conflict do nothing
    returning account_id, terminal_id, epoch, seq
),
task as materialized (
    select distinct on (account_id, terminal_id, epoch, seq) linked.*
    from linked join fresh using (account_id, terminal_id, epoch, seq)
    order by account_id, terminal_id, epoch, seq, place_in_batch
),
log as (
    insert into exchange (account_id, terminal_id, epoch, seq, peer_id, partner, direction, touch, at, clock_synced,
        boot_id, boot_ms, place, note, consent)
    select account_id, terminal_id, epoch, seq, peer_id, partner, direction, touch, at, clock_synced,
        boot_id, boot_ms, place, note, consent
    from task on conflict do nothing
),
book as (
    insert into contact (account_id, owner_id, snapshot, note, link)
    select account_id, peer_id,
        (array_agg(card order by place_in_batch desc) filter (where card is not null))[1],
        coalesce((array_agg(note order by place_in_batch desc) filter (where note <> ''))[1], ''),
        case when bool_or(has_account) then 'offered' else 'none' end
    from task where takes group by account_id, peer_id order by account_id, peer_id
    on conflict (account_id, owner_id) do update set
        snapshot = coalesce(excluded.snapshot, contact.snapshot),
        note = case when excluded.note = '' then contact.note else excluded.note end,
        link = case when contact.link = 'live' then 'live' else excluded.link end,
        deleted_at = null
    returning account_id, owner_id
),
shown as (
    insert into outbox (account_id, kind, owner_id) select account_id, 'card', owner_id from book
    on conflict (account_id, kind, owner_id)
        where kind in ('offer', 'card') do update set outbox_id = excluded.outbox_id
),
turned as (
    update account set book = book + 1
    from (select distinct account_id from task) as touched where account.account_id = touched.account_id
),
offered as (
    insert into offer (account_id, from_id, gives, takes, place, at)
    select peer_id, account_id, bool_or(gives), bool_or(takes),
        (array_agg(place order by place_in_batch desc))[1], (array_agg(at order by place_in_batch desc))[1]
    from task where has_account and ((gives and not followed) or (takes and not follows))
    group by peer_id, account_id order by peer_id, account_id
    on conflict (account_id, from_id) do update set gives = offer.gives or excluded.gives,
        takes = offer.takes or excluded.takes, place = excluded.place, at = excluded.at
    returning account_id, from_id
),
told as (
    insert into outbox (account_id, kind, owner_id) select account_id, 'offer', from_id from offered
    on conflict (account_id, kind, owner_id)
        where kind in ('offer', 'card') do update set outbox_id = excluded.outbox_id
)
insert into outbox (account_id, kind, terminal_id, epoch, seq)
select account_id, 'receipt', terminal_id, epoch, seq from source order by place_in_batch on conflict do nothing";

/// Writes exchanges, their contacts, offers and receipts; repeated ones only ask for their receipts again.
///
/// # Errors
/// Fails with the database.
pub(crate) fn write(tx: &mut Transaction<'_>, entries: &[Entry<'_>]) -> anyhow::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    macro_rules! column {
        ($read:expr) => {
            entries.iter().map($read).collect::<Vec<_>>()
        };
    }
    let peer =
        |it: &Entry<'_>| it.partner.unwrap_or_else(|| local_owner(it.terminal, it.task)).as_i64();
    let boot = |it: &Entry<'_>, part: fn(tapcard_protocol::message::Boot) -> u64| {
        it.exchange.boot.map(|boot| part(boot).cast_signed())
    };
    let card = |it: &Entry<'_>| {
        it.exchange.card.clone().filter(|_| ways(it.exchange.direction).takes).map(Value::from)
    };
    tx.execute(
        WRITE,
        &[
            &column!(|it| it.account.as_i64()),
            &column!(|it| it.terminal.as_i64()),
            &column!(|it| it.task.epoch.cast_signed()),
            &column!(|it| it.task.seq.cast_signed()),
            &column!(peer),
            &column!(|it| it.partner.is_some()),
            &column!(|it| it.exchange.partner.as_ref().map(tapcard_protocol::Identifier::as_str)),
            &column!(|it| it.exchange.direction.name()),
            &column!(|it| it.exchange.touch.as_str()),
            &column!(|it| it.exchange.at) as &Vec<Timestamp>,
            &column!(|it| it.exchange.clock_synced),
            &column!(|it| boot(it, |boot| boot.id)),
            &column!(|it| boot(it, |boot| boot.ms)),
            &column!(|it| it.exchange.place.as_str()),
            &column!(|it| it.exchange.note.as_str()),
            &column!(|it| it.exchange.consent),
            &column!(card),
            &column!(|it| ways(it.exchange.direction).gives),
            &column!(|it| ways(it.exchange.direction).takes),
            &column!(|it| receipt(it.task, exchanged(it.exchange, it.partner))),
        ],
    )
    .context("writing exchanges")?;
    Ok(())
}
