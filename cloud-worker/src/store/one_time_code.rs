//! Codes that prove a number or a mail address.

use anyhow::Context;
use postgres::GenericClient;
use tapcard_protocol::touch::TouchToken;

use crate::addressee::Addressee;
use crate::one_time::Asked;

/// Takes part in the name of a lock: who asks for codes that go to one place asks after one another.
const LOCK: &str = "select pg_advisory_xact_lock(hashtextextended($1, 1668246629))";

/// What was asked for before, at a touch or at the front door; nobody else asks for the same until the end of the transaction.
///
/// # Errors
/// Fails with the database.
pub(crate) fn asked(
    tx: &mut postgres::Transaction<'_>,
    to: &Addressee,
    touch: Option<TouchToken>,
) -> anyhow::Result<Asked> {
    tx.execute(LOCK, &[&to.as_str()]).context("waiting for others who ask")?;
    tx.execute("delete from one_time_code where asked_at < now() - interval '1 day'", &[])
        .context("forgetting old codes")?;
    let row = tx.query_one(
        "select count(*) filter (where identifier = $1 and asked_at > now() - interval '1 hour'),
             count(*) filter (where identifier = $1), count(*) filter (where touch = $2 and touch <> ''),
             count(*) filter (where kiosk_id = $3 and asked_at > now() - interval '1 hour'),
             count(*) filter (where identifier like '%@%' = ($1 like '%@%'))
         from one_time_code",
        &[&to.as_str(), &name(touch), &kiosk(touch)],
    );
    let row = row.context("counting codes")?;
    Ok(Asked {
        number_hour: row.get(0),
        number_day: row.get(1),
        touch: row.get(2),
        kiosk_hour: row.get(3),
        all_day: row.get(4),
    })
}

/// Which touch it is, without what proves it; empty at the front door.
fn name(touch: Option<TouchToken>) -> String {
    touch.map_or_else(String::new, |it| format!("{}-{}-{}", it.kiosk(), it.epoch(), it.counter()))
}

/// At which kiosk; the front door counts as one more.
fn kiosk(touch: Option<TouchToken>) -> i64 {
    touch.map_or(0, |it| it.kiosk().as_i64())
}

/// Keeps a code that is being sent.
///
/// # Errors
/// Fails with the database.
pub(crate) fn add(
    db: &mut impl GenericClient,
    browser: &[u8],
    to: &Addressee,
    touch: Option<TouchToken>,
    sealed: &[u8],
) -> anyhow::Result<()> {
    db.execute(
        "insert into one_time_code (browser, identifier, kiosk_id, touch, code, asked_at)
         values ($1, $2, $3, $4, $5, now())",
        &[&browser, &to.as_str(), &kiosk(touch), &name(touch), &sealed],
    )
    .context("keeping a code")?;
    Ok(())
}

/// One try: whom it went to and the stored code, if this browser's code is still good. Five tries, five minutes, one use.
///
/// # Errors
/// Fails with the database.
pub(crate) fn try_once(
    db: &mut impl GenericClient,
    browser: &[u8],
) -> anyhow::Result<Option<(Addressee, Vec<u8>)>> {
    let row = db.query_opt(
        "update one_time_code set tries = tries + 1
         where browser = $1 and tries < 5 and used_at is null and asked_at > now() - interval '5 minutes'
         returning identifier, code",
        &[&browser],
    );
    let Some(row) = row.context("looking for a code")? else { return Ok(None) };
    let to = Addressee::read(row.get(0)).context("what a code is for is nothing")?;
    Ok(Some((to, row.get(1))))
}

/// The code has done its work, and so has every other one that went there.
///
/// # Errors
/// Fails with the database.
pub(crate) fn use_up(db: &mut impl GenericClient, to: &Addressee) -> anyhow::Result<()> {
    db.execute(
        "update one_time_code set used_at = now() where identifier = $1 and used_at is null",
        &[&to.as_str()],
    )
    .context("using codes up")?;
    Ok(())
}
