//! What a row of the outbox says, and on which topics. Cards are read now, so that the newest edition goes out.

use anyhow::Context;
use jiff::Timestamp;
use postgres::Client;
use tapcard_protocol::message::{
    Down, MAX_PAYLOAD, Notice, Outcome, Receipt, Settled, TaskId, down,
};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, Edition};
use tracing::error;

use crate::store::outbox::Letter;
use crate::store::{account, contact, link, terminal};

/// Topics and payloads, in the order in which they are to be published.
pub(crate) type Messages = Vec<(String, Vec<u8>)>;

/// Adds the messages of one row; none when what it names is gone.
///
/// # Errors
/// Fails with the database.
pub(crate) fn write(db: &mut Client, letter: &Letter, out: &mut Messages) -> anyhow::Result<()> {
    match letter {
        Letter::Nothing => {}
        Letter::Receipt(terminal, receipt) => {
            let receipt: Receipt =
                serde_json::from_value(receipt.clone()).context("a receipt cannot be read")?;
            push(out, Topic::Terminal(*terminal), &Down::Receipt(receipt));
        }
        Letter::Page(account, terminal, task, sync) => {
            if let Some(who) =
                terminal::find(db, &[*terminal])?.get(terminal).filter(|it| it.account == *account)
            {
                let page = contact::page(db, *who, *terminal, sync)?;
                push(out, Topic::Terminal(*terminal), &done(*task, Settled::Page(Box::new(page))));
            }
        }
        Letter::Offer(account, from) => {
            for offer in link::offers(db, *account, Some(*from))? {
                push(out, Topic::Notice(*account), &Down::Notice(Notice::Offer(offer)));
            }
        }
        Letter::Card(holder, owner) => card(db, *holder, *owner, out)?,
        Letter::OwnCard(account) => {
            let own = account::read(db, *account)?;
            if let Some(card) = own.card {
                let notice = Notice::OwnCard { owner: *account, edition: own.edition, card };
                tell_account(db, *account, &notice, out)?;
            }
        }
    }
    Ok(())
}

/// What a holder sees of a contact: the owner's current card over a live link, else, on the phones, what was read.
fn card(
    db: &mut Client,
    holder: AccountId,
    owner: AccountId,
    out: &mut Messages,
) -> anyhow::Result<()> {
    let Some(contact) = contact::find(db, holder, owner)? else { return Ok(()) };
    let own = if contact.is_live { account::read(db, owner)?.current() } else { None };
    if let Some((edition, card)) = own {
        tell_holders(db, &[holder.as_i64()], owner, &Notice::Card { owner, edition, card }, out)?;
    } else if let Some(card) = contact.snapshot {
        let notice = Notice::Card { owner, edition: Edition(0), card };
        push(out, Topic::Notice(holder), &Down::Notice(notice));
    }
    Ok(())
}

/// Tells holders' phones, and those of their kiosks that met the owner themselves.
///
/// # Errors
/// Fails with the database.
pub(super) fn tell_holders(
    db: &mut Client,
    holders: &[i64],
    owner: AccountId,
    notice: &Notice,
    out: &mut Messages,
) -> anyhow::Result<()> {
    let message = Down::Notice(notice.clone());
    for holder in holders {
        push(out, Topic::Notice((*holder).into()), &message);
    }
    for kiosk in terminal::kiosks_in_scope(db, holders, owner)? {
        push(out, Topic::Terminal(kiosk), &message);
    }
    Ok(())
}

/// Tells all of an account's terminals.
///
/// # Errors
/// Fails with the database.
pub(super) fn tell_account(
    db: &mut Client,
    account: AccountId,
    notice: &Notice,
    out: &mut Messages,
) -> anyhow::Result<()> {
    let message = Down::Notice(notice.clone());
    push(out, Topic::Notice(account), &message);
    for kiosk in terminal::kiosks(db, account)? {
        push(out, Topic::Terminal(kiosk), &message);
    }
    Ok(())
}

fn done(task: TaskId, result: Settled) -> Down {
    Down::Receipt(Receipt { task, outcome: Outcome::Done { result: Some(result) } })
}

fn push(out: &mut Messages, topic: Topic, message: &Down) {
    let payload = down(Timestamp::now(), message);
    if payload.len() > MAX_PAYLOAD {
        // The gate would close the connection, again and again.
        error!("left a message of {} bytes unsaid: it is larger than 64 KiB", payload.len());
        return;
    }
    out.push((topic.to_string(), payload));
}
