//! Pictures, animations, films and documents that cards refer to. A card holds the name, never the bytes.

use anyhow::Context;
use postgres::GenericClient;
use sha2::{Digest, Sha256};
use tapcard_protocol::AccountId;
use tapcard_protocol::card::MediaName;

use super::account;
use crate::draw;
use crate::media::Medium;

/// Most media of one account.
const MOST: i64 = 20;
/// Most bytes of them together: two films and some pictures.
const MOST_BYTES: i64 = 60_000_000;

/// What is to be sent to who asks for it.
pub(crate) struct Stored {
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// Stores a medium, unless the account has as much as it may have.
///
/// # Errors
/// Fails with the database.
pub(crate) fn add(
    db: &mut impl GenericClient,
    account: AccountId,
    it: &Medium,
) -> anyhow::Result<Option<MediaName>> {
    let mut tx = db.transaction().context("beginning")?;
    // Of two that come at the same moment the second counts the first.
    account::lock(&mut tx, account)?;
    let text =
        "select count(*), coalesce(sum(length(bytes)), 0)::bigint from media where account_id = $1";
    let row = tx.query_one(text, &[&account.as_i64()]).context("counting media")?;
    let (n_media, n_bytes): (i64, i64) = (row.get(0), row.get(1));
    let room = MOST_BYTES.saturating_sub(n_bytes);
    if n_media >= MOST || i64::try_from(it.bytes.len()).map_or(true, |it| it > room) {
        return Ok(None);
    }
    let name = MediaName(draw::bytes());
    tx.execute(
        "insert into media (name, account_id, media_type, sha256, bytes, small) values ($1, $2, $3, $4, $5, $6)",
        &[
            &&name.0[..],
            &account.as_i64(),
            &it.form.media_type(),
            &&Sha256::digest(&it.bytes)[..],
            &it.bytes,
            &it.small,
        ],
    )
    .context("storing a medium")?;
    tx.commit().context("committing")?;
    Ok(Some(name))
}

/// What a name stands for.
///
/// # Errors
/// Fails with the database.
pub(crate) fn find(db: &mut impl GenericClient, name: MediaName) -> anyhow::Result<Option<Stored>> {
    let text = "select media_type, bytes from media where name = $1";
    let row = db.query_opt(text, &[&&name.0[..]]).context("looking for a medium")?;
    Ok(row.map(|row| Stored { media_type: row.get(0), bytes: row.get(1) }))
}

/// The small JPEG of a picture.
///
/// # Errors
/// Fails with the database.
pub(crate) fn small(
    db: &mut impl GenericClient,
    name: MediaName,
) -> anyhow::Result<Option<Vec<u8>>> {
    let text = "select small from media where name = $1";
    let row = db.query_opt(text, &[&&name.0[..]]).context("looking for a picture")?;
    Ok(row.and_then(|row| row.get(0)))
}

/// Drops what no card has shown for a day; how many. Until then whoever has the card of the day before may still fetch it.
///
/// # Errors
/// Fails with the database.
pub(crate) fn sweep(db: &mut impl GenericClient) -> anyhow::Result<u64> {
    db.batch_execute(
        "update media m set unused_at = case when unused_at is null then now() end
         where (unused_at is null) <> exists (select from account a where a.account_id = m.account_id
             and position(encode(m.name, 'hex') in a.card::text) > 0)",
    )
    .context("looking which media are shown")?;
    db.execute("delete from media where unused_at < now() - interval '1 day'", &[])
        .context("dropping media that no card shows")
}
