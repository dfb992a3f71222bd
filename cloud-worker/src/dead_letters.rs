//! What the operator does with messages that were set aside: looks, tries again, drops.

use anyhow::{Context, bail};
use tracing::info;

use crate::config::Config;
use crate::link::Brokers;
use crate::mail::Mail;
use crate::reason::reason;
use crate::store::dead_letter::{self, DeadLetter};
use crate::store::identifier::{Haste, Rules};
use crate::{database, ingest, keys};

/// A line for each: number, time, terminal, size, why. What was sent is not shown, for it may be somebody's card.
///
/// # Errors
/// Fails with the database.
pub(crate) fn list(config: &Config) -> anyhow::Result<Vec<String>> {
    let letters = dead_letter::list(&mut database::connect(&config.postgres)?, None)?;
    let line = |it: &DeadLetter| {
        let DeadLetter { id, terminal, received_at, reason, .. } = it;
        format!("{id}\t{received_at:.0}\t{terminal}\t{} bytes\t{reason}", it.payload.len())
    };
    Ok(letters.iter().map(line).collect())
}

/// Tries one again, or all of them, and tells the terminals what came of it. What still cannot be carried out stays.
///
/// # Errors
/// Fails when one still cannot be carried out, and says why of each.
pub(crate) fn replay(config: &Config, id: Option<i64>) -> anyhow::Result<()> {
    let mut db = database::connect(&config.postgres)?;
    let key = keys::numbers(&config.keys)?;
    let letters = dead_letter::list(&mut db, id)?;
    if let (Some(id), []) = (id, &letters[..]) {
        bail!("there is no dead letter {id}");
    }
    let rules = Rules { key: &key, limits: config.limits, haste: Haste::Yes };
    let (mut mail, mut failed) = (Mail::default(), Vec::new());
    for letter in &letters {
        match ingest::replay(&mut db, rules, letter.terminal, &letter.payload) {
            Ok(receipts) => {
                receipts.iter().for_each(|(terminal, receipt)| mail.receipt(*terminal, receipt));
                dead_letter::remove(&mut db, letter.id)?;
            }
            Err(why) => failed.push(format!("{}: {}", letter.id, reason(&why))),
        }
    }
    let n_done = letters.len() - failed.len();
    // Without it the terminals hear of it when they ask again.
    Brokers::new(config).connect("replay")?.publish(mail).context("telling the terminals")?;
    info!(n_done, "carried out what was set aside");
    if failed.is_empty() { Ok(()) } else { bail!("still not possible\n{}", failed.join("\n")) }
}

/// Drops one for good.
///
/// # Errors
/// Fails when it is not there.
pub(crate) fn drop(config: &Config, id: i64) -> anyhow::Result<()> {
    let found = dead_letter::remove(&mut database::connect(&config.postgres)?, id)?;
    anyhow::ensure!(found, "there is no dead letter {id}");
    Ok(())
}
