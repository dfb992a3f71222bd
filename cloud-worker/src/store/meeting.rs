//! Two accounts whose own terminals name each other: what one offered the other has accepted by that.

use anyhow::Context;
use postgres::{Client, Transaction};
use tapcard_protocol::AccountId;

use super::exchange::Entry;
use super::{account, link};
use crate::database::Prepared;
use crate::plan::{Ways, crossed, ways};

/// The first exchanges of the batch with somebody who has an offer open; repeated ones had their effect before.
const MET: &str = "
select place from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
    with ordinality as source (account_id, terminal_id, epoch, seq, peer_id, place)
where exists (select from offer o where o.account_id = source.account_id and o.from_id = source.peer_id
        and (o.named_gives or o.named_takes))
    and not exists (select from outcome o where o.account_id = source.account_id
        and o.terminal_id = source.terminal_id and o.epoch = source.epoch and o.seq = source.seq)
    and not exists (select from watermark w where w.account_id = source.account_id
        and w.terminal_id = source.terminal_id and w.epoch = source.epoch and w.receipted >= source.seq)
order by place";

/// Makes links live between accounts that have named each other. Comes before the exchanges are written, so that their
/// receipts say so. Whether anything changed.
///
/// # Errors
/// Fails with the database.
pub(crate) fn meet(
    tx: &mut Transaction<'_>,
    prepared: &mut Prepared,
    entries: &[Entry<'_>],
) -> anyhow::Result<bool> {
    let known: Vec<&Entry<'_>> = entries.iter().filter(|it| it.partner.is_some()).collect();
    if known.is_empty() {
        return Ok(false);
    }
    let column = |read: &dyn Fn(&Entry<'_>) -> i64| known.iter().map(|it| read(it)).collect();
    let columns: [Vec<i64>; 5] = [
        column(&|it| it.account.as_i64()),
        column(&|it| it.terminal.as_i64()),
        column(&|it| it.task.epoch.cast_signed()),
        column(&|it| it.task.seq.cast_signed()),
        column(&|it| it.partner.map_or(0, AccountId::as_i64)),
    ];
    let [accounts, terminals, epochs, seqs, peers] = &columns;
    let statement = prepared.get(tx, MET)?;
    let rows = tx.query(&statement, &[accounts, terminals, epochs, seqs, peers]);
    let rows = rows.context("looking for open offers")?;
    let mut met = false;
    for row in &rows {
        let place = usize::try_from(row.get::<_, i64>(0)).unwrap_or(0);
        let entry = place.checked_sub(1).and_then(|it| known.get(it)).copied();
        if let Some((entry, peer)) = entry.and_then(|it| Some((it, it.partner?))) {
            met |= answer(tx, entry, peer)?;
        }
    }
    Ok(met)
}

/// What the partner offered and this exchange takes becomes live, and what the partner asked for and this one gives.
fn answer(tx: &mut Transaction<'_>, entry: &Entry<'_>, peer: AccountId) -> anyhow::Result<bool> {
    let Some(named) = named(tx, entry.account, peer)? else { return Ok(false) };
    link_up(tx, entry.account, peer, crossed(ways(entry.exchange.direction), named))
}

/// Makes links live between two whose offers crossed: their terminals spoke at the same moment, and neither batch saw
/// the other's. Whether anything changed.
///
/// # Errors
/// Fails with the database.
pub(crate) fn cross(db: &mut Client, one: AccountId, other: AccountId) -> anyhow::Result<bool> {
    let mut tx = db.transaction().context("beginning")?;
    let (first, second) = (one.min(other), one.max(other));
    let to_first = named(&mut tx, first, second)?;
    let to_second = named(&mut tx, second, first)?;
    let (Some(to_first), Some(to_second)) = (to_first, to_second) else { return Ok(false) };
    let crossed = crossed(to_second, to_first);
    let changed = link_up(&mut tx, first, second, crossed)?;
    let back = Ways { gives: crossed.takes, takes: crossed.gives };
    use_up(&mut tx, second, first, back)?;
    tx.commit().context("committing a meeting")?;
    Ok(changed)
}

/// What `from`'s own terminal has offered and asked of an account, and nobody answered.
fn named(
    tx: &mut Transaction<'_>,
    account: AccountId,
    from: AccountId,
) -> anyhow::Result<Option<Ways>> {
    let row = tx.query_opt(
        "select named_gives, named_takes from offer where account_id = $1 and from_id = $2 for update",
        &[&account.as_i64(), &from.as_i64()],
    );
    let row = row.context("reading an offer")?;
    Ok(row.map(|row| Ways { gives: row.get(0), takes: row.get(1) }))
}

/// Follows `peer` where the ways take, and lets it follow where they give.
fn link_up(
    tx: &mut Transaction<'_>,
    me: AccountId,
    peer: AccountId,
    ways: Ways,
) -> anyhow::Result<bool> {
    if ways.takes {
        link::follow(tx, me, peer)?;
    }
    if ways.gives {
        link::follow(tx, peer, me)?;
    }
    use_up(tx, me, peer, Ways { gives: ways.takes, takes: ways.gives })?;
    let changed = ways.takes || ways.gives;
    if changed {
        account::turn_page(tx, &[me, peer])?;
    }
    Ok(changed)
}

/// Takes out of an offer what has come of it.
fn use_up(
    tx: &mut Transaction<'_>,
    account: AccountId,
    from: AccountId,
    used: Ways,
) -> anyhow::Result<()> {
    tx.execute(
        "update offer set gives = gives and not $3, takes = takes and not $4,
             named_gives = named_gives and not $3, named_takes = named_takes and not $4
         where account_id = $1 and from_id = $2",
        &[&account.as_i64(), &from.as_i64(), &used.gives, &used.takes],
    )
    .context("using an offer")?;
    tx.execute(
        "delete from offer where account_id = $1 and from_id = $2 and not gives and not takes",
        &[&account.as_i64(), &from.as_i64()],
    )
    .context("closing an offer")?;
    Ok(())
}
