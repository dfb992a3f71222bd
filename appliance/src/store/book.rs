//! What the cloud tells about other people's cards. An older edition never replaces a newer.

use anyhow::Result;
use rusqlite::{Connection, params};
use tapcard_protocol::message::Page;
use tapcard_protocol::{AccountId, Card, Edition};

use super::Store;

impl Store {
    /// Lets every contact with this owner follow the card, and says which edition the book holds
    /// then: a newer one if it was here already, none if nobody here has that owner.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn follow(
        &mut self,
        owner: AccountId,
        edition: Edition,
        card: &Card,
    ) -> Result<Option<Edition>> {
        let write = self.db.transaction()?;
        write.execute(
            "UPDATE contact SET link = ?3, link_edition = ?2, ended = 0 WHERE owner = ?1 AND link_edition < ?2",
            params![owner.as_i64(), edition.0, card.to_json()],
        )?;
        let sql = "SELECT max(link_edition) FROM contact WHERE owner = ?1 AND link IS NOT NULL";
        let held: Option<u32> = write.query_row(sql, [owner.as_i64()], |row| row.get(0))?;
        write.commit()?;
        Ok(held.map(Edition))
    }

    /// The owner's card leaves; what was read stays.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn end_link(&mut self, owner: AccountId) -> Result<()> {
        end_link(&self.db, owner)
    }

    /// Takes a contact out. What waits for its receipt stays.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn take_out(&mut self, owner: AccountId) -> Result<()> {
        take_out(&self.db, owner)
    }

    /// Takes out the owners that a page of a sync calls gone and the cards that follow no more, and
    /// notes the book counter if the page ends the answer.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn turn_page(&mut self, page: &Page, is_last: bool) -> Result<()> {
        let write = self.db.transaction()?;
        for owner in &page.gone {
            take_out(&write, *owner)?;
        }
        for (owner, _) in &page.ended {
            end_link(&write, *owner)?;
        }
        if is_last {
            write.execute("UPDATE kiosk SET book = ?1", [page.book as i64])?;
        }
        Ok(write.commit()?)
    }
}

fn end_link(db: &Connection, owner: AccountId) -> Result<()> {
    let sql = "UPDATE contact SET ended = ended OR link IS NOT NULL, link = NULL, link_edition = 0 WHERE owner = ?1";
    db.execute(sql, [owner.as_i64()])?;
    Ok(())
}

fn take_out(db: &Connection, owner: AccountId) -> Result<()> {
    // What was written about it goes with it.
    let sql = "DELETE FROM outbox WHERE contact IN (SELECT id FROM contact WHERE owner = ?1 AND state = 'sent')";
    db.execute(sql, [owner.as_i64()])?;
    db.execute("DELETE FROM contact WHERE owner = ?1 AND state = 'sent'", [owner.as_i64()])?;
    Ok(())
}
