//! Telling the gate which tokens no longer count: all of them at every connection, for the gate forgets them when it
//! starts anew, and then each as it comes.

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use postgres::Client;
use tapcard_protocol::message::{Revocation, Revoked};
use tapcard_protocol::token::LONGEST_LIFE;
use tapcard_protocol::topic::Topic;
use tracing::info;

use crate::link::Link;
use crate::store::terminal;

/// What one connection has been told.
pub(super) struct Told {
    until: Timestamp,
}

impl Told {
    /// Tells everything that could still matter, and that it is everything.
    ///
    /// # Errors
    /// Fails with the database or the broker.
    pub(super) fn all(db: &mut Client, link: &Link) -> anyhow::Result<Told> {
        let longest = SignedDuration::from_secs(LONGEST_LIFE as i64);
        let since = Timestamp::now().checked_sub(longest).context("the clock is far off")?;
        let mut told = Told { until: since };
        told.more(db, link)?;
        tell(link, &Revocation { revoked: vec![], complete: true })?;
        Ok(told)
    }

    /// Tells what was revoked since; whether there was anything.
    ///
    /// # Errors
    /// Fails with the database or the broker.
    pub(super) fn more(&mut self, db: &mut Client, link: &Link) -> anyhow::Result<bool> {
        let rows = terminal::revoked_since(db, self.until)?;
        let Some((_, latest)) = rows.last() else { return Ok(false) };
        let entry = |&(terminal, not_before): &(_, Timestamp)| Revoked {
            terminal,
            not_before: u64::try_from(not_before.as_second()).unwrap_or_default(),
        };
        for part in rows.chunks(Revocation::MOST) {
            let revoked = part.iter().map(entry).collect();
            tell(link, &Revocation { revoked, complete: false })?;
        }
        info!(n_terminals = rows.len(), "told which tokens no longer count");
        self.until = *latest;
        Ok(true)
    }
}

fn tell(link: &Link, revocation: &Revocation) -> anyhow::Result<()> {
    link.publish(vec![(Topic::Revoke.to_string(), revocation.write(Timestamp::now()))])
}
