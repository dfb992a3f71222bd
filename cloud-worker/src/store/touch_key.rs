//! What kiosks make their touch tokens with.

use anyhow::Context;
use postgres::{GenericClient, Row};
use tapcard_protocol::touch::TouchKey;
use tapcard_protocol::{AccountId, TerminalId};

use crate::draw;

/// A kiosk's key of today; a day after it was made it is followed by a new one, and when no token
/// made with it can still be good it is forgotten.
///
/// # Errors
/// Fails with the database.
pub(crate) fn of_today(
    db: &mut impl GenericClient,
    account: AccountId,
    kiosk: TerminalId,
) -> anyhow::Result<TouchKey> {
    if let Some(key) = newest(db, account, kiosk)? {
        return Ok(key);
    }
    db.execute(
        "delete from touch_key where account_id = $1 and terminal_id = $2 and made_at < now() - interval '8 days'",
        &[&account.as_i64(), &kiosk.as_i64()],
    )
    .context("forgetting old touch keys")?;
    // Two relays may come here at once: the epoch's first key is the one.
    db.execute(
        "insert into touch_key (account_id, terminal_id, epoch, key, made_at)
         select $1, $2, coalesce(((select epoch from touch_key where account_id = $1 and terminal_id = $2
             order by made_at desc limit 1) + 1) & 65535, 0), $3, clock_timestamp()
         on conflict do nothing",
        &[&account.as_i64(), &kiosk.as_i64(), &&draw::bytes::<32>()[..]],
    )
    .context("making a touch key")?;
    newest(db, account, kiosk)?.context("a touch key that was just made is missing")
}

fn newest(
    db: &mut impl GenericClient,
    account: AccountId,
    kiosk: TerminalId,
) -> anyhow::Result<Option<TouchKey>> {
    let row = db
        .query_opt(
            "select epoch, key from touch_key where account_id = $1 and terminal_id = $2
                 and made_at > now() - interval '24 hours' order by made_at desc limit 1",
            &[&account.as_i64(), &kiosk.as_i64()],
        )
        .context("reading a touch key")?;
    row.map(|row| key(&row)).transpose()
}

fn key(row: &Row) -> anyhow::Result<TouchKey> {
    let epoch = u16::try_from(row.get::<_, i32>(0)).context("a touch key's epoch is none")?;
    let key = <[u8; 32]>::try_from(row.get::<_, &[u8]>(1)).context("a touch key is too short")?;
    Ok(TouchKey { epoch, key })
}
