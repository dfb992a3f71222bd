//! What people hold of a number becomes what they hold of its owner's account.

use anyhow::Context;
use postgres::Transaction;
use tapcard_protocol::AccountId;

use super::contact::TAKEN_OUT;
use super::{account, outbox};

// Who has met the owner under both keeps what is said there, and gets what is missing.
const CONTACTS: &str = "
insert into contact (account_id, owner_id, snapshot, note, tags, rating, link, remarked)
select c.account_id, $2, c.snapshot, c.note, c.tags, c.rating, c.link,
    (select a.book from account a where a.account_id = c.account_id)
from unnest($3::bigint[]) as holder (id), contact c
where c.account_id = holder.id and c.owner_id = $1 and c.deleted_at is null
on conflict (account_id, owner_id) do update set
    snapshot = coalesce(contact.snapshot, excluded.snapshot),
    note = case when contact.note = '' then excluded.note else contact.note end,
    link = case when contact.link = 'none' then excluded.link else contact.link end,
    remarked = excluded.remarked, deleted_at = null";

const LOG: &str = "
update exchange e set peer_id = $2 where e.account_id = any($3) and e.peer_id = $1
    and not exists (select from exchange o where o.account_id = e.account_id and o.touch = e.touch and o.peer_id = $2)";

// What is live already is offered to nobody again, and nothing by somebody who is blocked.
const OFFERS: &str = "
insert into offer (account_id, from_id, gives, takes, named_gives, named_takes, place, at, made_at)
select $2, from_id, gives, takes, named_gives, named_takes, place, at, made_at from (
    select from_id, named_gives, named_takes, place, at, made_at,
        gives and not exists (select from contact c where c.account_id = $2 and c.owner_id = from_id
            and c.link = 'live') as gives,
        takes and not exists (select from contact c where c.account_id = from_id and c.owner_id = $2
            and c.link = 'live') as takes
    from offer where account_id = $1 and from_id <> $2) as open
where (gives or takes) and not exists (select from block b
    where (b.account_id, b.other_id) = ($2, from_id) or (b.account_id, b.other_id) = (from_id, $2))
on conflict do nothing";

/// Who waits for the owner of a number: those whose books an adoption changes, ascending.
///
/// # Errors
/// Fails with the database.
pub(crate) fn holders(
    tx: &mut Transaction<'_>,
    from: AccountId,
    to: AccountId,
) -> anyhow::Result<Vec<AccountId>> {
    let text = "select from_id from offer where account_id = $1 and from_id <> $2 order by from_id";
    let rows = tx.query(text, &[&from.as_i64(), &to.as_i64()]);
    let rows = rows.context("looking who waits for a number")?;
    Ok(rows.iter().map(|row| row.get::<_, i64>(0).into()).collect())
}

/// Gives an account what others hold of another one that nobody uses: an unclaimed one, or a number's that has none.
///
/// # Errors
/// Fails with the database.
pub(crate) fn adopt(
    tx: &mut Transaction<'_>,
    from: AccountId,
    to: AccountId,
) -> anyhow::Result<()> {
    let holders = holders(tx, from, to)?;
    if holders.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = holders.iter().map(|it| it.as_i64()).collect();
    let (from, to) = (from.as_i64(), to.as_i64());
    account::turn_page(tx, &holders)?;
    tx.execute(CONTACTS, &[&from, &to, &ids]).context("taking contacts along")?;
    let left = format!(
        "update contact set {TAKEN_OUT}, deleted_at = now()
         where owner_id = $1 and account_id = any($2) and deleted_at is null"
    );
    tx.execute(&left, &[&from, &ids]).context("taking contacts along")?;
    tx.execute(LOG, &[&from, &to, &ids]).context("taking the log along")?;
    tx.execute(OFFERS, &[&from, &to]).context("taking offers along")?;
    tx.execute("delete from offer where account_id = $1", &[&from])
        .context("taking offers along")?;
    for holder in holders {
        outbox::card(tx, holder, AccountId::from(from))?;
        outbox::card(tx, holder, AccountId::from(to))?;
    }
    outbox::wake(tx)
}
