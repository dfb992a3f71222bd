//! What the staff writes about a contact, and the other terminals of the account.

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};
use tapcard_protocol::message::{ContactUpdate, Remarks, Task};
use tapcard_protocol::{AccountId, TerminalId};

use super::{ContactId, Store, outbox};
use crate::session::Remark;

impl Store {
    /// Keeps what was written; the row of the task that tells the cloud. One whose contact the cloud does not know yet is
    /// told once it does, and of one that stays here it hears nothing.
    ///
    /// # Errors
    /// Fails when the file cannot be written; then the old words stand.
    pub fn remark(
        &mut self,
        contact: ContactId,
        remark: &Remark,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        let from = (self.epoch, self.terminal);
        let write = self.db.transaction()?;
        write.execute("UPDATE contact SET remarked = 1 WHERE id = ?1", [contact.0])?;
        match remark {
            Remark::Note(note) => write
                .execute("UPDATE contact SET note = ?2 WHERE id = ?1", params![contact.0, note])?,
            Remark::Tags(tags) => {
                let tags = serde_json::to_string(tags)?;
                write.execute(
                    "UPDATE contact SET tags = ?2 WHERE id = ?1",
                    params![contact.0, tags],
                )?
            }
            Remark::Rating(stars) => {
                let sql = "UPDATE contact SET rating = ?2 WHERE id = ?1";
                write.execute(sql, params![contact.0, stars])?
            }
        };
        let seq = catch_up(&write, from, contact, now)?;
        write.commit()?;
        Ok(seq)
    }

    /// Takes what another terminal of the account has written about a contact, unless there is newer here.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn take_remarks(&mut self, owner: AccountId, remarks: &Remarks) -> Result<()> {
        let sql = "UPDATE contact SET note = ?2, tags = ?3, rating = ?4 WHERE owner = ?1 AND remarked = 0
             AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.contact = contact.id AND failed IS NULL)";
        let tags = serde_json::to_string(&remarks.tags)?;
        self.db.execute(sql, params![owner.as_i64(), remarks.note, tags, remarks.rating])?;
        Ok(())
    }
}

/// Sends what is still to be told about a contact that the cloud knows; its row.
pub(super) fn catch_up(
    write: &Transaction<'_>,
    (epoch, terminal): (u64, TerminalId),
    contact: ContactId,
    now: Timestamp,
) -> Result<Option<u64>> {
    let sql = "UPDATE contact SET remarked = 0 WHERE id = ?1 AND remarked = 1 AND owner IS NOT NULL AND state = 'sent'
               RETURNING owner, note, tags, rating";
    let row = write.query_row(sql, [contact.0], |row| {
        let tags: String = row.get(2)?;
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, tags, row.get::<_, u8>(3)?))
    });
    let Some((owner, note, tags, rating)) = row.optional()? else { return Ok(None) };
    let update = ContactUpdate {
        owner: AccountId::from(owner),
        note: Some(note),
        tags: Some(serde_json::from_str(&tags)?),
        rating: Some(rating),
        card: None,
    };
    let task = Task::ContactUpdate(Box::new(update));
    let seq = outbox::add(write, epoch, terminal, now, &task)?;
    let sql = "UPDATE outbox SET contact = ?2 WHERE seq = ?1";
    write.execute(sql, params![seq as i64, contact.0])?;
    Ok(Some(seq))
}
