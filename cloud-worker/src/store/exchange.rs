//! A batch of confirmed touches, written by one statement.

use anyhow::Context;
use jiff::Timestamp;
use postgres::Transaction;
use postgres::types::Json;
use tapcard_protocol::message::{Exchange, TaskId};
use tapcard_protocol::{AccountId, Card, TerminalId};

use super::meeting;
use crate::database::Prepared;
use crate::inbox::receipt;
use crate::plan::{exchanged, local_owner, ways};
use crate::store::outcome::Remembered;

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

// A task that is repeated finds its outcome and changes nothing; its receipt is the same. A contact's snapshot is the
// last one read; its link is never lowered. An offer goes to accounts only, and only for what is not live yet. Nobody is
// told who has no terminal: it asks when it has one. Of what stands in the batch alone Postgres expects few rows, and
// would hold each against each: `is true` keeps the search for what is fresh a hash, and the count of the book is looked
// up for a contact with a new note only.
const WRITE: &str = "
with source as (
    select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[],
        $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::boolean[], $12::bigint[], $13::bigint[],
        $14::text[], $15::text[], $16::boolean[], $17::text[], $18::jsonb[], $19::boolean[], $20::boolean[], $21::jsonb[])
    with ordinality as source (account_id, terminal_id, epoch, seq, peer_id, has_account, partner, direction, touch,
        at, clock_synced, boot_id, boot_ms, place, note, consent, agreed, card, gives, takes, receipt, place_in_batch)
),
linked as materialized (
    select source.*,
        exists (select from contact c where c.account_id = source.account_id and c.owner_id = peer_id
            and c.link = 'live') as follows,
        exists (select from contact c where c.account_id = peer_id and c.owner_id = source.account_id
            and c.link = 'live') as followed,
        exists (select from watermark w where w.account_id = source.account_id
            and w.terminal_id = source.terminal_id and w.epoch = source.epoch and w.receipted >= seq) as used_up,
        exists (select from block b where (b.account_id, b.other_id) = (peer_id, source.account_id)
            or (b.account_id, b.other_id) = (source.account_id, peer_id)) as is_blocked,
        exists (select from terminal t where t.account_id = source.account_id
            and t.terminal_id <> source.terminal_id) as has_others
    from source
),
fresh as (
    insert into outcome (account_id, terminal_id, epoch, seq, receipt)
    select account_id, terminal_id, epoch, seq,
        case when used_up then jsonb_set($22::jsonb, '{task}', receipt -> 'task')
            when follows then jsonb_set(receipt, '{result,state}', '\"live\"') else receipt end
    from linked on conflict do nothing
    returning account_id, terminal_id, epoch, seq, receipt
),
task as materialized (
    select distinct on (account_id, terminal_id, epoch, seq) linked.*
    from linked where not used_up
        and ((account_id, terminal_id, epoch, seq) in (select account_id, terminal_id, epoch, seq from fresh)) is true
    order by account_id, terminal_id, epoch, seq, place_in_batch
),
log as (
    insert into exchange (account_id, terminal_id, epoch, seq, peer_id, partner, direction, touch, at, clock_synced,
        boot_id, boot_ms, place, note, consent, agreed)
    select account_id, terminal_id, epoch, seq, peer_id, partner, direction, touch, at, clock_synced,
        boot_id, boot_ms, place, note, consent, agreed
    from task on conflict do nothing
),
turned as (
    update account set book = book + 1
    from (select distinct account_id from task) as touched where account.account_id = touched.account_id
    returning account.account_id, account.book
),
book as (
    insert into contact (account_id, owner_id, snapshot, note, link, remarked)
    select account_id, peer_id,
        (array_agg(card order by place_in_batch desc) filter (where card is not null))[1],
        coalesce((array_agg(note order by place_in_batch desc) filter (where note <> ''))[1], ''),
        case when bool_or(has_account) then 'offered' else 'none' end,
        coalesce(max((select book from turned where turned.account_id = task.account_id)) filter (where note <> ''), 0)
    from task where takes group by account_id, peer_id order by account_id, peer_id
    on conflict (account_id, owner_id) do update set
        snapshot = coalesce(excluded.snapshot, contact.snapshot),
        note = case when excluded.note = '' then contact.note else excluded.note end,
        link = case when contact.link = 'live' then 'live' else excluded.link end,
        remarked = case when excluded.note = '' then contact.remarked else excluded.remarked end,
        deleted_at = null
),
shown as (
    insert into outbox (account_id, kind, owner_id)
    select distinct account_id, 'card', peer_id from task where takes and (follows or has_others)
    on conflict (account_id, kind, owner_id)
        where kind in ('offer', 'card') do update set outbox_id = excluded.outbox_id
    returning outbox_id
),
offered as (
    insert into offer (account_id, from_id, gives, takes, named_gives, named_takes, place, at)
    select peer_id, account_id, bool_or(gives), bool_or(takes), bool_or(gives), bool_or(takes),
        (array_agg(place order by place_in_batch desc))[1], (array_agg(at order by place_in_batch desc))[1]
    from task where has_account and not is_blocked and ((gives and not followed) or (takes and not follows))
    group by peer_id, account_id order by peer_id, account_id
    on conflict (account_id, from_id) do update set gives = offer.gives or excluded.gives,
        takes = offer.takes or excluded.takes, named_gives = offer.named_gives or excluded.named_gives,
        named_takes = offer.named_takes or excluded.named_takes, place = excluded.place, at = excluded.at
    returning account_id, from_id
),
told as (
    insert into outbox (account_id, kind, owner_id) select account_id, 'offer', from_id from offered
    where exists (select from terminal t where t.account_id = offered.account_id)
    on conflict (account_id, kind, owner_id)
        where kind in ('offer', 'card') do update set outbox_id = excluded.outbox_id
    returning outbox_id
)
select terminal_id, receipt from fresh
union all
select null, null where exists (select from shown) or exists (select from told)";

const REPEATED: &str = "
select o.terminal_id, o.receipt from outcome o
where (o.account_id, o.terminal_id, o.epoch, o.seq) in
    (select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]))";

/// What came of writing exchanges.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The receipts, of repeated tasks those that are remembered. Of one that somebody else writes at this moment there
    /// is none.
    pub(crate) receipts: Vec<Remembered>,
    /// Something stands in the outbox now.
    pub(crate) has_news: bool,
}

impl Written {
    /// Adds what came of further ones.
    pub(crate) fn add(&mut self, other: Written) {
        self.receipts.extend(other.receipts);
        self.has_news |= other.has_news;
    }
}

/// Writes exchanges, their contacts and offers.
///
/// # Errors
/// Fails with the database.
pub(crate) fn write(
    tx: &mut Transaction<'_>,
    prepared: &mut Prepared,
    entries: &[Entry<'_>],
) -> anyhow::Result<Written> {
    if entries.is_empty() {
        return Ok(Written::default());
    }
    let have_met = meeting::meet(tx, prepared, entries)?;
    let statement = prepared.get(tx, WRITE)?;
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
    let taken = |it: &Entry<'_>| ways(it.exchange.direction).takes;
    let accounts = column!(|it| it.account.as_i64());
    let terminals = column!(|it| it.terminal.as_i64());
    let epochs = column!(|it| it.task.epoch.cast_signed());
    let seqs = column!(|it| it.task.seq.cast_signed());
    let rows = tx.query(
        &statement,
        &[
            &accounts,
            &terminals,
            &epochs,
            &seqs,
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
            &column!(|it| it.exchange.agreed.as_str()),
            &column!(|it| it.exchange.card.as_ref().filter(|_| taken(it)).map(Json::<&Card>)),
            &column!(|it| ways(it.exchange.direction).gives),
            &column!(taken),
            &column!(|it| receipt(it.task, exchanged(it.exchange, it.partner))),
            &receipt(entries[0].task, super::outcome::used_up()),
        ],
    );
    let rows = rows.context("writing exchanges")?;
    let receipts = rows.iter().filter_map(|row| {
        let terminal: Option<i64> = row.get(0);
        terminal.map(|terminal| (terminal.into(), row.get(1)))
    });
    let mut receipts: Vec<Remembered> = receipts.collect();
    let has_news = receipts.len() < rows.len();
    if receipts.len() < entries.len() {
        receipts = repeated(tx, prepared, [&accounts, &terminals, &epochs, &seqs])?;
    }
    Ok(Written { receipts, has_news: has_news || have_met })
}

/// The receipts that are remembered for exchanges, by the four columns of their identity.
fn repeated(
    tx: &mut Transaction<'_>,
    prepared: &mut Prepared,
    [accounts, terminals, epochs, seqs]: [&Vec<i64>; 4],
) -> anyhow::Result<Vec<Remembered>> {
    let statement = prepared.get(tx, REPEATED)?;
    let rows = tx.query(&statement, &[accounts, terminals, epochs, seqs]);
    let rows = rows.context("looking up repeated exchanges")?;
    Ok(rows.iter().map(|row| (row.get::<_, i64>(0).into(), row.get(1))).collect())
}
