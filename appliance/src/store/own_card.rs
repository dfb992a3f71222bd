//! The own card: what stands in the cloud, and the edit made here that does not yet.

use anyhow::{Context, Result};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tapcard_protocol::card::MediaName;
use tapcard_protocol::message::{CardUpdate, Task};
use tapcard_protocol::{Card, Edition, TerminalId};

use super::{Store, card_from, outbox};

/// The own card as this kiosk holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnCard {
    /// The edition that stands in the cloud; zero before the first.
    pub edition: Edition,
    /// The card of that edition.
    pub card: Card,
    /// An edit made here that the cloud has not taken.
    pub draft: Option<Draft>,
    /// The cloud refused that edit, since the card was changed at another door meanwhile.
    pub is_conflict: bool,
}

/// An edit that the cloud has not taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The edition it began from.
    pub base: Edition,
    /// The whole card as edited.
    pub card: Card,
    /// Whether partners may be told; none while the staff has not said.
    pub notify: Option<bool>,
}

impl OwnCard {
    /// The card to show: with the edit that is on its way, as the staff decided it.
    pub fn shown(&self) -> &Card {
        match &self.draft {
            Some(Draft { card, notify: Some(_), .. }) => card,
            _ => &self.card,
        }
    }

    /// The card to edit next: the last edit as long as the cloud has not taken it.
    pub fn edited(&self) -> &Card {
        self.draft.as_ref().map_or(&self.card, |it| &it.card)
    }

    /// Whether an edit waits for the staff: not yet decided, or refused.
    pub fn is_open(&self) -> bool {
        self.draft.as_ref().is_some_and(|it| it.notify.is_none())
    }
}

const COLUMNS: &str =
    "SELECT edition, card, draft, draft_base, draft_notify, conflict FROM own_card";

pub(super) fn load(db: &Connection) -> Result<Option<OwnCard>> {
    let row = db.query_row(COLUMNS, [], |row| Ok(own_card(row))).optional()?;
    row.transpose().context("reading the own card")
}

fn own_card(row: &Row<'_>) -> Result<OwnCard> {
    let draft: Option<String> = row.get(2)?;
    let draft = match draft {
        Some(card) => Some(Draft {
            base: Edition(row.get::<_, Option<u32>>(3)?.unwrap_or_default()),
            card: card_from(&card)?,
            notify: row.get(4)?,
        }),
        None => None,
    };
    Ok(OwnCard {
        edition: Edition(row.get(0)?),
        card: card_from(&row.get::<_, String>(1)?)?,
        draft,
        is_conflict: row.get(5)?,
    })
}

/// Takes the card of a newer edition; an older one changes nothing and answers false.
pub(super) fn take(db: &Connection, edition: Edition, card: &Card) -> Result<bool> {
    let n_rows = db.execute(
        "INSERT INTO own_card (only, edition, card) VALUES (1, ?1, ?2)
         ON CONFLICT (only) DO UPDATE SET edition = excluded.edition, card = excluded.card
         WHERE excluded.edition > own_card.edition",
        params![edition.0, card.to_json()],
    )?;
    Ok(n_rows > 0)
}

/// Puts a decided draft into the outbox, unless another edit is on its way: then it waits for
/// that one's receipt, which alone tells from which edition it goes on.
pub(super) fn send(
    write: &rusqlite::Transaction<'_>,
    epoch: u64,
    terminal: TerminalId,
    at: Timestamp,
) -> Result<Option<u64>> {
    let on_its_way: bool = write.query_row(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE kind = 'card-update' AND failed IS NULL)",
        [],
        |row| row.get(0),
    )?;
    let Some(draft) = load(write)?.and_then(|it| it.draft).filter(|_| !on_its_way) else {
        return Ok(None);
    };
    let Some(notify) = draft.notify else { return Ok(None) };
    let task = Task::CardUpdate(CardUpdate { base: draft.base, card: draft.card, notify });
    let seq = outbox::add(write, epoch, terminal, at, &task)?;
    write.execute("UPDATE own_card SET draft_seq = ?1", [seq as i64])?;
    Ok(Some(seq))
}

impl Store {
    /// The own card, none before the first.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn own_card(&self) -> Result<Option<OwnCard>> {
        load(&self.db)
    }

    /// Takes the own card from the settings or from the cloud; true if it is newer than the one here.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn take_own_card(&mut self, edition: Edition, card: &Card) -> Result<bool> {
        take(&self.db, edition, card)
    }

    /// Keeps an edit, made from edition `base`; nothing is sent before [`Store::send_draft`].
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn keep_draft(&mut self, base: Edition, card: &Card) -> Result<()> {
        let write = self.db.transaction()?;
        write.execute(
            "INSERT INTO own_card (only, edition, card) VALUES (1, 0, ?1) ON CONFLICT DO NOTHING",
            [Card::named("").to_json()],
        )?;
        write.execute(
            "UPDATE own_card SET draft = ?1, draft_base = ?2, draft_notify = NULL, draft_seq = NULL",
            params![card.to_json(), base.0],
        )?;
        Ok(write.commit()?)
    }

    /// Decides over the kept edit; the row of its task, none if it must wait for an earlier edit.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn send_draft(&mut self, at: Timestamp, notify: bool) -> Result<Option<u64>> {
        let (epoch, terminal) = (self.epoch, self.terminal);
        let write = self.db.transaction()?;
        write.execute(
            "UPDATE own_card SET draft_notify = ?1, conflict = 0 WHERE draft IS NOT NULL",
            [notify],
        )?;
        let seq = send(&write, epoch, terminal, at)?;
        write.commit()?;
        Ok(seq)
    }

    /// A picture of the own card, if it is here.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn medium(&self, name: MediaName) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT bytes FROM own_media WHERE name = ?1";
        Ok(self.db.query_row(sql, [name.to_string()], |row| row.get(0)).optional()?)
    }

    /// Keeps a picture of the own card.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn keep_medium(&mut self, name: MediaName, bytes: &[u8]) -> Result<()> {
        let sql = "INSERT INTO own_media (name, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.db.execute(sql, params![name.to_string(), bytes])?;
        Ok(())
    }

    /// Drops the pictures that the own card no longer has.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn drop_media_but(&mut self, names: &[MediaName]) -> Result<()> {
        let names: Vec<String> = names.iter().map(MediaName::to_string).collect();
        let names = serde_json::to_string(&names).context("naming pictures")?;
        let sql = "DELETE FROM own_media WHERE name NOT IN (SELECT value FROM json_each(?1))";
        self.db.execute(sql, [names])?;
        Ok(())
    }
}
