//! What the cloud's answers change here. One receipt is one transaction.

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{Transaction, params};
use tapcard_protocol::message::{LinkState, Outcome, Receipt, Refusal, Settled, Task};
use tapcard_protocol::{AccountId, Card, Edition};

use super::{ContactId, Store, one, outbox, own_card, remark};

/// What a receipt did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It answers nothing that waits here: it came twice, or after a newer store was made.
    Unknown,
    /// This contact is settled; `lacks_card` if it follows its owner but the owner's card is not here.
    Contact {
        /// Which.
        contact: ContactId,
        /// Ask for the owner's card.
        lacks_card: bool,
        /// The row of what was written about it meanwhile.
        next: Option<u64>,
    },
    /// The own card is settled, or its edit is refused; the row of the next edit, if one waited.
    OwnCard {
        /// The next row to send.
        next: Option<u64>,
    },
    /// The cloud knows this terminal.
    Registered,
    /// The row is set aside.
    SetAside,
}

impl Store {
    /// Settles the row that a receipt answers.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn settle(&mut self, receipt: &Receipt, now: Timestamp) -> Result<Settlement> {
        if receipt.task.epoch != self.epoch {
            return Ok(Settlement::Unknown);
        }
        let (epoch, terminal, seq) = (self.epoch, self.terminal, receipt.task.seq);
        let write = self.db.transaction()?;
        let Some(task) = outbox::read(&write, terminal, seq)? else {
            return Ok(Settlement::Unknown);
        };
        let settlement = match (&task, &receipt.outcome) {
            (Task::Exchange(_) | Task::ContactAdd(_), Outcome::Done { result }) => {
                let Some(sent) = contact_sent(&write, seq, result.as_ref(), now)? else {
                    write.commit()?;
                    return Ok(Settlement::Unknown);
                };
                let next = remark::catch_up(&write, (epoch, terminal), sent.0, now)?;
                Settlement::Contact { contact: sent.0, lacks_card: sent.1, next }
            }
            (Task::Register(_), Outcome::Done { .. }) => {
                write.execute("UPDATE kiosk SET registered = 1", [])?;
                outbox::remove(&write, seq)?;
                Settlement::Registered
            }
            (Task::CardUpdate(it), Outcome::Done { result }) => {
                if let Some(Settled::Updated { edition, card, .. }) = result {
                    card_taken(&write, seq, *edition, &it.card, card.as_ref())?;
                }
                outbox::remove(&write, seq)?;
                Settlement::OwnCard { next: own_card::send(&write, epoch, terminal, now)? }
            }
            (Task::CardUpdate(_), Outcome::Refused { reason: Refusal::Conflict, result, .. }) => {
                if let Some(Settled::Conflict { edition, card }) = result {
                    own_card::take(&write, *edition, card)?;
                }
                reopen_draft(&write)?;
                outbox::remove(&write, seq)?;
                Settlement::OwnCard { next: None }
            }
            // Nobody of that name is in the book any more.
            (Task::ContactUpdate(_), Outcome::Refused { .. }) => {
                outbox::remove(&write, seq)?;
                Settlement::SetAside
            }
            (task, Outcome::Refused { text, .. }) => refused(&write, seq, task, text)?,
            (_, Outcome::Done { .. }) => {
                outbox::remove(&write, seq)?;
                Settlement::Unknown
            }
        };
        write.commit()?;
        Ok(settlement)
    }
}

fn contact_of(write: &Transaction<'_>, seq: u64) -> Result<Option<i64>> {
    let sql = "SELECT contact FROM outbox WHERE seq = ?1";
    Ok(one(write, sql, [seq as i64], |row| row.get(0))?.flatten())
}

/// The cloud knows a contact; which, and whether its owner's card is to be asked for.
fn contact_sent(
    write: &Transaction<'_>,
    seq: u64,
    result: Option<&Settled>,
    now: Timestamp,
) -> Result<Option<(ContactId, bool)>> {
    let (owner, state) = match result {
        Some(Settled::Linked { owner, state }) => (*owner, *state),
        _ => (None, LinkState::None),
    };
    let contact = contact_of(write, seq)?;
    outbox::remove(write, seq)?;
    let Some(contact) = contact else { return Ok(None) };
    write.execute(
        "UPDATE contact SET state = 'sent', problem = NULL, receipted_at = ?2, owner = ?3 WHERE id = ?1",
        params![contact, now.as_millisecond(), owner.map(AccountId::as_i64)],
    )?;
    // Somebody met before: the card that follows them is here already.
    write.execute(
        "UPDATE contact SET (link, link_edition) = (
             SELECT other.link, other.link_edition FROM contact other
             WHERE other.owner = contact.owner AND other.link IS NOT NULL
             ORDER BY other.link_edition DESC LIMIT 1)
         WHERE id = ?1 AND EXISTS (
             SELECT 1 FROM contact other WHERE other.owner = contact.owner AND other.link IS NOT NULL)",
        [contact],
    )?;
    let sql = "SELECT link IS NULL FROM contact WHERE id = ?1";
    let bare = one(write, sql, [contact], |row| row.get(0))?.unwrap_or(false);
    let lacks_card = bare && state == LinkState::Live;
    Ok(Some((ContactId(contact), lacks_card)))
}

/// The cloud took an edit: it is the card now, with what was changed elsewhere if the cloud put that in. A later edit
/// that waits goes on from it.
fn card_taken(
    write: &Transaction<'_>,
    seq: u64,
    edition: Edition,
    sent: &Card,
    merged: Option<&Card>,
) -> Result<()> {
    own_card::take(write, edition, merged.unwrap_or(sent))?;
    write.execute(
        "UPDATE own_card SET draft = NULL, draft_base = NULL, draft_notify = NULL, draft_seq = NULL
         WHERE draft_seq = ?1",
        [seq as i64],
    )?;
    if let (Some(merged), Some(later)) = (merged, own_card::load(write)?.and_then(|it| it.draft)) {
        match Card::merge(sent, &later.card, merged) {
            Some(card) => {
                write.execute("UPDATE own_card SET draft = ?1", [card.to_json()])?;
            }
            None => return reopen_draft(write),
        }
    }
    write.execute("UPDATE own_card SET draft_base = ?1 WHERE draft IS NOT NULL", [edition.0])?;
    Ok(())
}

/// The edit stays here until the staff has looked at it beside the card that stands in the cloud.
fn reopen_draft(write: &Transaction<'_>) -> Result<()> {
    write.execute(
        "UPDATE own_card SET draft_base = edition, draft_notify = NULL, draft_seq = NULL, conflict = 1
         WHERE draft IS NOT NULL",
        [],
    )?;
    Ok(())
}

fn refused(write: &Transaction<'_>, seq: u64, task: &Task, text: &str) -> Result<Settlement> {
    outbox::set_aside(write, seq, text)?;
    match (task, contact_of(write, seq)?) {
        (_, Some(contact)) => {
            write.execute(
                "UPDATE contact SET state = 'failed', problem = ?2 WHERE id = ?1",
                params![contact, text],
            )?;
            Ok(Settlement::Contact { contact: ContactId(contact), lacks_card: false, next: None })
        }
        (Task::CardUpdate(_), None) => {
            write.execute("UPDATE own_card SET draft_notify = NULL, draft_seq = NULL", [])?;
            Ok(Settlement::OwnCard { next: None })
        }
        _ => Ok(Settlement::SetAside),
    }
}
