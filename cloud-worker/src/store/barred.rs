//! Numbers that get no account by somebody else's word: those of cancelled accounts for a while, and of people who asked
//! to be left alone.

use std::collections::HashSet;

use anyhow::Context;
use postgres::GenericClient;
use tapcard_protocol::Identifier;

use crate::number_key::NumberKey;

/// Why a number is barred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Why {
    /// Its account was cancelled: what terminals send late must not open another. For 400 days.
    Cancelled,
    /// Its owner wants none, for good.
    OptOut,
}

impl Why {
    const fn name(self) -> &'static str {
        match self {
            Why::Cancelled => "cancelled",
            Why::OptOut => "opt-out",
        }
    }
}

/// Bars numbers by what is kept of them. Who wants none stays barred for good.
///
/// # Errors
/// Fails with the database.
pub(crate) fn bar(db: &mut impl GenericClient, sealed: &[Vec<u8>], why: Why) -> anyhow::Result<()> {
    db.execute(
        "insert into barred_number (number, reason, until)
         select number, $2, case when $2 = 'opt-out' then 'infinity' else now() + interval '400 days' end
         from unnest($1::bytea[]) as number
         on conflict (number) do update set until = greatest(barred_number.until, excluded.until),
             reason = case when excluded.reason = 'opt-out' then 'opt-out' else barred_number.reason end",
        &[&sealed, &why.name()],
    )
    .context("barring numbers")?;
    Ok(())
}

/// Those of some numbers that are barred.
///
/// # Errors
/// Fails with the database.
pub(crate) fn among<'a>(
    db: &mut impl GenericClient,
    key: &NumberKey,
    numbers: &[&'a Identifier],
) -> anyhow::Result<HashSet<&'a Identifier>> {
    let sealed: Vec<Vec<u8>> = numbers.iter().map(|it| key.sealed(it)).collect();
    let rows = db.query(
        "select place from unnest($1::bytea[]) with ordinality as asked (number, place)
         join barred_number using (number) where until > now()",
        &[&sealed],
    );
    let rows = rows.context("looking for barred numbers")?;
    let at = |row: &postgres::Row| usize::try_from(row.get::<_, i64>(0)).ok()?.checked_sub(1);
    Ok(rows.iter().filter_map(|row| numbers.get(at(row)?).copied()).collect())
}

/// Its owner has proved a number: it may have an account again.
///
/// # Errors
/// Fails with the database.
pub(crate) fn lift(
    db: &mut impl GenericClient,
    key: &NumberKey,
    number: &Identifier,
) -> anyhow::Result<()> {
    db.execute("delete from barred_number where number = $1", &[&key.sealed(number)])
        .context("lifting a bar")?;
    Ok(())
}

/// Forgets what has run out.
///
/// # Errors
/// Fails with the database.
pub(crate) fn forget(db: &mut impl GenericClient) -> anyhow::Result<u64> {
    db.execute("delete from barred_number where until < now()", &[]).context("forgetting bars")
}
