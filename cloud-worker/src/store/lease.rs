//! Leases as they stand in the database. Its clock alone judges them; what ends later than a lease can last was written
//! before that clock was set back, and counts no more.

use std::collections::BTreeMap;

use anyhow::Context;
use postgres::GenericClient;

use crate::database::Prepared;
use crate::lease::{Lease, Role};

/// How long a lease lasts, and a claim; they are renewed four times as often.
const LIFE: &str = "interval '2 seconds'";

/// Says that somebody wants a share, and how many do.
///
/// # Errors
/// Fails with the database.
pub(crate) fn claim(db: &mut impl GenericClient, role: Role, me: i64) -> anyhow::Result<usize> {
    let text = format!(
        "insert into lease_claimant (role, owner, until) values ($1, $2, clock_timestamp() + {LIFE})
         on conflict (role, owner) do update set until = excluded.until"
    );
    db.execute(&text, &[&role.name(), &me]).context("claiming a share of the work")?;
    let text = format!(
        "delete from lease_claimant where role = $1
             and until not between clock_timestamp() and clock_timestamp() + {LIFE}"
    );
    db.execute(&text, &[&role.name()]).context("forgetting who is gone")?;
    let text = "select count(*) from lease_claimant where role = $1";
    let row = db.query_one(text, &[&role.name()]).context("counting who shares the work")?;
    Ok(usize::try_from(row.get::<_, i64>(0)).unwrap_or(usize::MAX))
}

/// Takes a claim back, and gives what is held to whoever comes first.
///
/// # Errors
/// Fails with the database.
pub(crate) fn leave(db: &mut impl GenericClient, role: Role, me: i64) -> anyhow::Result<()> {
    let text = "delete from lease_claimant where role = $1 and owner = $2";
    db.execute(text, &[&role.name(), &me]).context("leaving the work to others")?;
    let text = "update lease set until = '-infinity' where role = $1 and owner = $2";
    db.execute(text, &[&role.name(), &me]).context("leaving the work to others")?;
    Ok(())
}

/// All leases of a role.
///
/// # Errors
/// Fails with the database.
pub(crate) fn all(db: &mut impl GenericClient, role: Role) -> anyhow::Result<Vec<Lease>> {
    let text = format!(
        "select part, owner, generation, until > clock_timestamp() and until <= clock_timestamp() + {LIFE} from lease
         where role = $1 order by part"
    );
    let rows = db.query(&text, &[&role.name()]).context("reading the leases")?;
    let lease = |row: &postgres::Row| Lease {
        part: row.get::<_, i16>(0).unsigned_abs() as u8,
        owner: row.get(1),
        generation: row.get(2),
        is_live: row.get(3),
    };
    Ok(rows.iter().map(lease).collect())
}

/// Renews what is held and takes `taken`, unless somebody was quicker. Returns what is held now, with generations.
///
/// # Errors
/// Fails with the database.
pub(crate) fn hold(
    db: &mut impl GenericClient,
    role: Role,
    me: i64,
    taken: &[Lease],
) -> anyhow::Result<BTreeMap<u8, i64>> {
    let text = format!(
        "with taken as (
            update lease set owner = $2, generation = lease.generation + 1, until = clock_timestamp() + {LIFE}
            from unnest($3::smallint[], $4::bigint[]) as free (part, generation)
            where role = $1 and lease.part = free.part and lease.generation = free.generation
            returning lease.part, lease.generation
        ), kept as (
            update lease set until = clock_timestamp() + {LIFE}
            where role = $1 and owner = $2 and part <> all ($3::smallint[]) returning part, generation
        )
        select part, generation from taken union all select part, generation from kept"
    );
    let parts: Vec<i16> = taken.iter().map(|it| it.part.into()).collect();
    let generations: Vec<i64> = taken.iter().map(|it| it.generation).collect();
    let rows = db.query(&text, &[&role.name(), &me, &parts, &generations]);
    Ok(rows.context("renewing the leases")?.iter().map(held).collect())
}

/// Which of `parts` are still held in these generations; they stay so until the end of the transaction.
///
/// # Errors
/// Fails with the database.
pub(crate) fn still(
    tx: &mut postgres::Transaction<'_>,
    prepared: &mut Prepared,
    role: Role,
    me: i64,
    held_until_now: &BTreeMap<u8, i64>,
) -> anyhow::Result<BTreeMap<u8, i64>> {
    let parts: Vec<i16> = held_until_now.keys().map(|it| (*it).into()).collect();
    let generations: Vec<i64> = held_until_now.values().copied().collect();
    let still = prepared.get(
        tx,
        "select part, generation from lease
         where role = $1 and owner = $2 and until > clock_timestamp()
             and (part, generation) in (select * from unnest($3::smallint[], $4::bigint[]))
         for share of lease",
    )?;
    let rows = tx.query(&still, &[&role.name(), &me, &parts, &generations]);
    Ok(rows.context("checking the leases")?.iter().map(held).collect())
}

fn held(row: &postgres::Row) -> (u8, i64) {
    (row.get::<_, i16>(0).unsigned_abs() as u8, row.get(1))
}
