//! The tables, and how an older file becomes a newer one.

use anyhow::{Result, bail};
use rusqlite::Connection;

/// Every change of the tables since the first, in order; `user_version` says how many a file has.
/// An entry that was once released is never edited.
const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE kiosk (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    epoch INTEGER NOT NULL,
    terminal INTEGER NOT NULL,
    registered INTEGER NOT NULL DEFAULT 0,
    mode TEXT,
    book INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE own_card (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    edition INTEGER NOT NULL,
    card TEXT NOT NULL,
    -- An edit that the cloud has not yet taken, made from edition draft_base.
    draft TEXT,
    draft_base INTEGER,
    -- What the person said to telling the partners; none while not asked.
    draft_notify INTEGER,
    -- The task it travels in, once it does.
    draft_seq INTEGER,
    -- The cloud refused it, since the card was changed at another door.
    conflict INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    touch TEXT NOT NULL UNIQUE,
    -- Milliseconds since 1970, by this kiosk's clock.
    at INTEGER NOT NULL,
    place TEXT NOT NULL,
    note TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    photo_type TEXT,
    photo BLOB,
    owner INTEGER,
    link TEXT,
    link_edition INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('here', 'waiting', 'sent', 'failed')),
    problem TEXT,
    receipted_at INTEGER
) STRICT;
CREATE INDEX contact_owner ON contact (owner);

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    contact INTEGER REFERENCES contact (id),
    -- The whole message, so that a task sent again is the same byte for byte.
    payload BLOB NOT NULL,
    failed TEXT
) STRICT;
",
    "
CREATE TABLE touch (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    -- The newest key that the cloud sent.
    epoch INTEGER,
    key BLOB,
    -- The first counter that was never reserved. It begins anywhere, so that a file that was made
    -- anew on the same day, under the same key, does not repeat the counters of the old one.
    next INTEGER NOT NULL
) STRICT;
INSERT INTO touch (only, next) VALUES (1, random() & 0x3fffffff);
",
    "
-- Counters have 29 bits now; half of them are left whatever the number was.
UPDATE touch SET next = next & 0x0fffffff;
",
    "
-- The row of its task, also when that has its answer: so that the staff can take it back.
ALTER TABLE contact ADD COLUMN seq INTEGER;
UPDATE contact SET seq = (SELECT max(outbox.seq) FROM outbox WHERE outbox.contact = contact.id);
",
    "
-- Contacts that wait for the staff's yes, with what is then kept.
CREATE TABLE held (
    contact INTEGER PRIMARY KEY REFERENCES contact (id) ON DELETE CASCADE,
    exchange TEXT NOT NULL
) STRICT;
",
    "
-- What the staff writes about a contact; the tags are a list in JSON.
ALTER TABLE contact ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE contact ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;
-- It was written before the cloud knew the contact, and is still to be told.
ALTER TABLE contact ADD COLUMN remarked INTEGER NOT NULL DEFAULT 0;
-- The card followed its owner, and does no more.
ALTER TABLE contact ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
-- How the screens look, in JSON.
ALTER TABLE kiosk ADD COLUMN appearance TEXT;
-- The owner's picture as the cloud has it, under the name that the own card gives it.
ALTER TABLE own_card ADD COLUMN portrait_name TEXT;
ALTER TABLE own_card ADD COLUMN portrait BLOB;
",
    "
-- What was chosen at the first start, and whether that is over. Files of before are of kiosks at work.
ALTER TABLE kiosk ADD COLUMN language TEXT;
ALTER TABLE kiosk ADD COLUMN pin TEXT;
ALTER TABLE kiosk ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
UPDATE kiosk SET begun = 1;
",
    "
-- The own card's pictures as the cloud has them, under the names that the card gives them.
CREATE TABLE own_media (
    name TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;
INSERT INTO own_media SELECT portrait_name, portrait FROM own_card
    WHERE portrait_name IS NOT NULL AND portrait IS NOT NULL;
ALTER TABLE own_card DROP COLUMN portrait_name;
ALTER TABLE own_card DROP COLUMN portrait;
",
    "
-- The order by which everything was erased from afar, and what was not sent, in boxes that the cloud alone opens.
ALTER TABLE kiosk ADD COLUMN wiped BLOB;
CREATE TABLE sealed (
    part INTEGER PRIMARY KEY AUTOINCREMENT,
    box BLOB NOT NULL
) STRICT;
",
];

/// Sets the connection up and brings the tables up to date.
pub(super) fn prepare(db: &Connection) -> Result<()> {
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", "ON")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let n_done = usize::try_from(version).unwrap_or(usize::MAX);
    if n_done > MIGRATIONS.len() {
        bail!("it was made by a newer version of this program");
    }
    bring(db, &MIGRATIONS[n_done..], n_done)
}

/// Carries out what changes the tables, each change whole or not at all; `n_done` were before.
fn bring(db: &Connection, changes: &[&str], n_done: usize) -> Result<()> {
    for (step, sql) in changes.iter().enumerate() {
        let write = db.unchecked_transaction()?;
        write.execute_batch(sql)?;
        write.pragma_update(None, "user_version", (n_done + step + 1) as i64)?;
        write.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes before pictures had a table of their own.
    const BEFORE_MEDIA: usize = 7;

    #[test]
    fn a_picture_that_was_here_stays() {
        let db = Connection::open_in_memory().unwrap();
        bring(&db, &MIGRATIONS[..BEFORE_MEDIA], 0).unwrap();
        db.execute_batch(
            "INSERT INTO own_card (only, edition, card, portrait_name, portrait) VALUES (1, 3, '{}', 'a5', x'07')",
        )
        .unwrap();
        prepare(&db).unwrap();
        let kept = db.query_row("SELECT name, bytes FROM own_media", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
        });
        assert_eq!(kept.unwrap(), ("a5".to_owned(), vec![7]));
        let edition: i64 =
            db.query_row("SELECT edition FROM own_card", [], |it| it.get(0)).unwrap();
        assert_eq!(edition, 3);
    }
}
