//! Telling the gate which tokens no longer count: all of them at every connection, for the gate forgets them when it
//! starts anew, and then each as it comes.

use std::collections::HashSet;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use postgres::Client;
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::{Revocation, Revoked};
use tapcard_protocol::token::LONGEST_LIFE;
use tapcard_protocol::topic::Topic;
use tracing::info;

use crate::link::Link;
use crate::store::terminal;

/// How far back every look goes. Revocations share a second, and one may be committed after another that is later.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// What one connection has been told.
pub(super) struct Told {
    until: Timestamp,
    /// What the next look will find again.
    recent: HashSet<(Timestamp, TerminalId)>,
}

impl Told {
    /// Tells everything that could still matter, and that it is everything.
    ///
    /// # Errors
    /// Fails with the database or the broker.
    pub(super) fn all(db: &mut Client, link: &Link) -> anyhow::Result<Told> {
        let longest = SignedDuration::from_secs(LONGEST_LIFE as i64);
        let since = Timestamp::now().checked_sub(longest).context("the clock is far off")?;
        let mut told = Told { until: since, recent: HashSet::new() };
        told.more(db, link)?;
        tell(link, &Revocation { revoked: vec![], complete: true })?;
        Ok(told)
    }

    /// Tells what was revoked since; whether there was anything.
    ///
    /// # Errors
    /// Fails with the database or the broker.
    pub(super) fn more(&mut self, db: &mut Client, link: &Link) -> anyhow::Result<bool> {
        let found = terminal::revoked_since(db, self.until - OVERLAP)?;
        let news: Vec<Revoked> = found
            .iter()
            .filter(|(terminal, not_before)| !self.recent.contains(&(*not_before, *terminal)))
            .map(|&(terminal, not_before)| Revoked {
                terminal,
                not_before: u64::try_from(not_before.as_second()).unwrap_or_default(),
            })
            .collect();
        for part in news.chunks(Revocation::MOST) {
            tell(link, &Revocation { revoked: part.to_vec(), complete: false })?;
        }
        self.remember(found);
        if news.is_empty() {
            return Ok(false);
        }
        info!(n_terminals = news.len(), "told which tokens no longer count");
        Ok(true)
    }

    fn remember(&mut self, found: Vec<(TerminalId, Timestamp)>) {
        self.until = found.last().map_or(self.until, |(_, latest)| self.until.max(*latest));
        let oldest = self.until - OVERLAP;
        self.recent = found.into_iter().map(|(terminal, at)| (at, terminal)).collect();
        self.recent.retain(|(at, _)| *at > oldest);
    }
}

fn tell(link: &Link, revocation: &Revocation) -> anyhow::Result<()> {
    link.publish(vec![(Topic::Revoke.to_string(), revocation.write(Timestamp::now()))])
}
