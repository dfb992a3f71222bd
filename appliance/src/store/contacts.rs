//! Whom this kiosk has met.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use tapcard_protocol::message::{Exchange, Task, TaskId, Undo};
use tapcard_protocol::vcard::Photo;
use tapcard_protocol::{AccountId, Card, Edition, TerminalId};

use super::{Store, card_from, outbox};

/// A contact's number in this store; never leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactId(pub i64);

/// How far a contact has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The visitor wanted it to stay here.
    Here,
    /// It waits for the staff's yes.
    Held,
    /// It waits for the cloud's receipt.
    Waiting,
    /// The cloud has it.
    Sent,
    /// The cloud refused it.
    Failed,
}

/// How far a contact has come: that it is held says a table of its own.
const STATE: &str = "CASE WHEN EXISTS (SELECT 1 FROM held WHERE held.contact = contact.id) THEN 'held' ELSE state END";

/// A contact as the staff sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// Its number here.
    pub id: ContactId,
    /// The owner's current card if it follows the owner, else the card as read.
    pub card: Card,
    /// Whether that card follows its owner.
    pub is_live: bool,
    /// Whether it did once, and does no more.
    pub has_ended: bool,
    /// When they met, by this kiosk's clock.
    pub at: Timestamp,
    /// How far it has come.
    pub delivery: Delivery,
    /// What was written beside it.
    pub note: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// One to five stars, or none.
    pub rating: u8,
}

/// What one exchange left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The contact.
    pub contact: ContactId,
    /// The row of its task, none if it stays here.
    pub seq: Option<u64>,
}

impl Store {
    /// Takes back what was kept a moment ago; the row of the task that tells the cloud, if it may know.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then it is still kept.
    pub fn undo(&mut self, kept: Kept, now: Timestamp) -> Result<Option<u64>> {
        let (epoch, terminal) = (self.epoch, self.terminal);
        let write = self.db.transaction()?;
        let mut row = None;
        if let Some(seq) = kept.seq {
            outbox::remove(&write, seq)?;
            let task = TaskId { epoch, seq };
            row = Some(outbox::add(&write, epoch, terminal, now, &Task::Undo(Undo { task }))?);
        }
        // What was written about it goes with it.
        write.execute("DELETE FROM outbox WHERE contact = ?1", [kept.contact.0])?;
        write.execute("DELETE FROM contact WHERE id = ?1", [kept.contact.0])?;
        write.commit()?;
        Ok(row)
    }

    /// Keeps a visitor's card, and its task if the exchange has the consent for the cloud.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then nothing was kept.
    pub fn keep(&mut self, exchange: Exchange, photo: Option<&Photo>) -> Result<Kept> {
        let (epoch, terminal) = (self.epoch, self.terminal);
        let write = self.db.transaction()?;
        let contact = insert(&write, &exchange, photo)?;
        let is_sent = exchange.consent;
        let seq =
            is_sent.then(|| send(&write, (epoch, terminal), contact, exchange)).transpose()?;
        write.commit()?;
        Ok(Kept { contact, seq })
    }

    /// Keeps a visitor's card for the staff to say yes to.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then nothing was kept.
    pub fn hold(&mut self, exchange: &Exchange, photo: Option<&Photo>) -> Result<Kept> {
        let write = self.db.transaction()?;
        let contact = insert(&write, exchange, photo)?;
        let text = serde_json::to_string(exchange)?;
        let sql = "INSERT INTO held (contact, exchange) VALUES (?1, ?2)";
        write.execute(sql, params![contact.0, text])?;
        write.commit()?;
        Ok(Kept { contact, seq: None })
    }

    /// Says yes to a contact that was held; the row of its task, if it goes to the cloud.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then it is still held.
    pub fn accept(&mut self, contact: ContactId) -> Result<Option<u64>> {
        let (epoch, terminal) = (self.epoch, self.terminal);
        let write = self.db.transaction()?;
        let sql = "DELETE FROM held WHERE contact = ?1 RETURNING exchange";
        let held = write.query_row(sql, [contact.0], |row| row.get::<_, String>(0)).optional()?;
        let exchange = held.map(|it| serde_json::from_str::<Exchange>(&it)).transpose()?;
        let exchange = exchange.filter(|it| it.consent);
        let seq = exchange.map(|it| send(&write, (epoch, terminal), contact, it)).transpose()?;
        write.commit()?;
        Ok(seq)
    }

    /// Takes back what was kept at any time; the row of the task that tells the cloud, if it knows.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then it is still kept.
    pub fn take_back(&mut self, contact: ContactId, now: Timestamp) -> Result<Option<u64>> {
        let sql = "SELECT seq FROM contact WHERE id = ?1";
        let found = self.db.query_row(sql, [contact.0], |row| row.get::<_, Option<i64>>(0));
        let Some(seq) = found.optional()? else { return Ok(None) };
        self.undo(Kept { contact, seq: seq.map(i64::cast_unsigned) }, now)
    }

    /// Sends a contact again that the cloud has refused; its row, if there is one.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn send_again(&mut self, contact: ContactId) -> Result<Option<u64>> {
        let write = self.db.transaction()?;
        let sql = "UPDATE outbox SET failed = NULL WHERE contact = ?1 AND failed IS NOT NULL RETURNING seq";
        let seq = write.query_row(sql, [contact.0], |row| row.get::<_, i64>(0)).optional()?;
        if seq.is_some() {
            let sql = "UPDATE contact SET state = 'waiting', problem = NULL WHERE id = ?1";
            write.execute(sql, [contact.0])?;
        }
        write.commit()?;
        Ok(seq.map(i64::cast_unsigned))
    }

    /// Whether a contact came from the touch of this name. A badge may hold any name, and may come
    /// twice.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn has_touch(&self, touch: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM contact WHERE touch = ?1)";
        Ok(self.db.query_row(sql, [touch], |row| row.get(0))?)
    }

    /// Every contact, the newest first.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn contacts(&self) -> Result<Vec<Contact>> {
        let sql = format!(
            "SELECT id, coalesce(link, snapshot), link IS NOT NULL, at, {STATE}, note, tags, rating,
                 ended
             FROM contact ORDER BY id DESC"
        );
        let mut rows = self.db.prepare_cached(&sql)?;
        let rows = rows.query_map([], |row| Ok(contact(row)))?;
        rows.map(|it| it?).collect()
    }

    /// The picture that was on a contact's card.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn photo(&self, contact: ContactId) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT photo FROM contact WHERE id = ?1 AND photo IS NOT NULL";
        Ok(self.db.query_row(sql, [contact.0], |row| row.get(0)).optional()?)
    }

    /// How far a contact has come, none if it is not here.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn delivery(&self, contact: ContactId) -> Result<Option<Delivery>> {
        let sql = format!("SELECT {STATE} FROM contact WHERE id = ?1");
        let mut row = self.db.prepare_cached(&sql)?;
        let mut rows = row.query([contact.0])?;
        Ok(rows.next()?.map(|it| it.get::<_, String>(0)).transpose()?.map(|it| Delivery::of(&it)))
    }

    /// The owners that contacts here follow, with the edition held, from `after` on, ascending.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn followed(
        &self,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<Vec<(AccountId, Edition)>> {
        let sql = "SELECT owner, max(link_edition) FROM contact
                   WHERE link IS NOT NULL AND owner > ?1 GROUP BY owner ORDER BY owner LIMIT ?2";
        let mut rows = self.db.prepare_cached(sql)?;
        let after = after.map_or(-1, AccountId::as_i64);
        let rows = rows.query_map(params![after, limit as i64], |row| {
            Ok((AccountId::from(row.get::<_, i64>(0)?), Edition(row.get(1)?)))
        })?;
        rows.map(|it| Ok(it?)).collect()
    }

    /// Forgets the contacts whose receipt is older than `retention`; what is only here stays.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn purge(&mut self, now: Timestamp, retention: SignedDuration) -> Result<usize> {
        let before = now.as_millisecond().saturating_sub(retention.as_millis() as i64);
        let sql = "DELETE FROM contact WHERE state = 'sent' AND receipted_at <= ?1
                   AND NOT EXISTS (SELECT 1 FROM outbox WHERE contact = contact.id)";
        Ok(self.db.execute(sql, [before])?)
    }
}

/// A new contact; it stays here until a task of it is sent.
fn insert(
    write: &Transaction<'_>,
    exchange: &Exchange,
    photo: Option<&Photo>,
) -> Result<ContactId> {
    write.execute(
        "INSERT INTO contact (touch, at, place, note, snapshot, photo_type, photo, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            exchange.touch,
            exchange.at.as_millisecond(),
            exchange.place,
            exchange.note,
            exchange.card.as_ref().map(Card::to_json),
            photo.map(|it| &it.media_type),
            photo.map(|it| &it.bytes),
            Delivery::Here.name(),
        ],
    )?;
    Ok(ContactId(write.last_insert_rowid()))
}

/// Writes a contact's task; its row.
fn send(
    write: &Transaction<'_>,
    (epoch, terminal): (u64, TerminalId),
    contact: ContactId,
    exchange: Exchange,
) -> Result<u64> {
    let at = exchange.at;
    let row = outbox::add(write, epoch, terminal, at, &Task::Exchange(Box::new(exchange)))?;
    let both = params![row as i64, contact.0];
    write.execute("UPDATE outbox SET contact = ?2 WHERE seq = ?1", both)?;
    write.execute("UPDATE contact SET seq = ?1, state = 'waiting' WHERE id = ?2", both)?;
    Ok(row)
}

fn contact(row: &Row<'_>) -> Result<Contact> {
    Ok(Contact {
        id: ContactId(row.get(0)?),
        card: card_from(&row.get::<_, String>(1)?)?,
        is_live: row.get(2)?,
        at: Timestamp::from_millisecond(row.get(3)?)?,
        delivery: Delivery::of(&row.get::<_, String>(4)?),
        note: row.get(5)?,
        tags: serde_json::from_str(&row.get::<_, String>(6)?)?,
        rating: row.get(7)?,
        has_ended: row.get(8)?,
    })
}

impl Delivery {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Delivery::Here => "here",
            Delivery::Held => "held",
            Delivery::Waiting => "waiting",
            Delivery::Sent => "sent",
            Delivery::Failed => "failed",
        }
    }

    /// The table allows these names alone; that something is held says a table of its own.
    fn of(name: &str) -> Delivery {
        match name {
            "here" => Delivery::Here,
            "held" => Delivery::Held,
            "waiting" => Delivery::Waiting,
            "sent" => Delivery::Sent,
            _ => Delivery::Failed,
        }
    }
}
