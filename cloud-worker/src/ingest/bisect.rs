//! A batch that Postgres refuses is written in halves, down to the message at fault, which is set aside.

use anyhow::Context;
use postgres::Client;
use rumqttc::Publish;
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::{Outcome, Refusal};
use tracing::{error, info, warn};

use super::act::{Sender, once};
use super::batch::{self, Office};
use crate::database::{Prepared, has_met};
use crate::inbox::Item;
use crate::reason::reason;
use crate::store::outcome::Remembered;
use crate::store::{dead_letter, terminal};

/// What came of some messages.
#[derive(Default)]
pub(super) struct Done {
    /// The receipts that may now be sent.
    pub(super) receipts: Vec<Remembered>,
    /// Who sent what had to be set aside.
    pub(super) suspects: Vec<TerminalId>,
    /// Somebody else was at the same rows.
    pub(super) has_met: bool,
}

/// Writes messages; those that Postgres refuses for what they say are set aside, and the others are written without
/// them.
///
/// # Errors
/// Fails when Postgres is away; then the messages wait.
pub(super) fn write_all(
    db: &mut Client,
    prepared: &mut Prepared,
    office: Office<'_>,
    messages: &[Publish],
    done: &mut Done,
) -> anyhow::Result<()> {
    match batch::write(db, prepared, office, messages) {
        Ok(receipts) => {
            done.receipts.extend(receipts);
            Ok(())
        }
        Err(why) if has_met(&why) && !office.is_orderly => {
            info!(n_messages = messages.len(), "met somebody else: {}", reason(&why));
            done.has_met = true;
            let office = Office { is_orderly: true, ..office };
            write_all(db, prepared, office, messages, done)
        }
        // Two who serve the same part could meet at the same large batch for ever; small ones hold few rows.
        Err(why) if has_met(&why) && messages.len() > 1 => {
            info!(n_messages = messages.len(), "met somebody else, in halves: {}", reason(&why));
            halves(db, prepared, office, messages, done)
        }
        Err(why) if may_pass(&why) => Err(why),
        Err(why) => match messages {
            [] => Ok(()),
            [one] => set_aside(db, prepared, one, &reason(&why), done),
            _ => {
                warn!(n_messages = messages.len(), "writing a batch in halves: {}", reason(&why));
                halves(db, prepared, office, messages, done)
            }
        },
    }
}

fn halves(
    db: &mut Client,
    prepared: &mut Prepared,
    office: Office<'_>,
    messages: &[Publish],
    done: &mut Done,
) -> anyhow::Result<()> {
    let (first, second) = messages.split_at(messages.len() / 2);
    write_all(db, prepared, office, first, done)?;
    write_all(db, prepared, office, second, done)
}

/// Whether trying again may succeed. Postgres says so by the class of its code: 08 connections, 0A a plan that a
/// migration overtook, 25 a session that was ended, 40 transactions that met, 53 resources, 55 locks, 57 the operator,
/// 58 the system. What has no code is a connection that was lost; what is no database's failure at all would fail again.
fn may_pass(why: &anyhow::Error) -> bool {
    let may_pass = why.downcast_ref::<postgres::Error>().is_some_and(|it| {
        it.code().is_none_or(|it| {
            ["08", "0A", "25", "40", "53", "55", "57", "58"]
                .contains(&it.code().get(..2).unwrap_or("08"))
        })
    });
    may_pass || has_met(why)
}

/// Keeps a message for the operator that could not be carried out; its terminal's receipt says so.
fn set_aside(
    db: &mut Client,
    prepared: &mut Prepared,
    message: &Publish,
    why: &str,
    done: &mut Done,
) -> anyhow::Result<()> {
    let item = Item::read(&message.topic, &message.payload);
    let mut tx = db.transaction().context("beginning")?;
    let terminal = item.terminal().unwrap_or(TerminalId::new(0));
    let known = terminal::find(&mut tx, prepared, &[terminal])?;
    let receipt = match (item.task(), known.get(&terminal)) {
        (Some(task), Some(who)) => {
            let text = "the cloud cannot store this".to_owned();
            let refused = || Outcome::Refused { reason: Refusal::Undecodable, text, result: None };
            let sender = Sender { terminal, who: *who };
            Some(once(&mut tx, sender, task, |_| Ok(refused()))?)
        }
        _ => None,
    };
    error!(terminal.id = %terminal, "set a message aside that cannot be stored: {why}");
    dead_letter::add(&mut tx, terminal, &message.payload, why)?;
    tx.commit().context("committing")?;
    done.receipts.extend(receipt);
    done.suspects.push(terminal);
    Ok(())
}
