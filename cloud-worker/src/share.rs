//! One connection's share of the work: keeps its leases, and knows which it has.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use postgres::error::SqlState;
use postgres::{Client, Transaction};
use tapcard_protocol::AccountId;
use tracing::{info, warn};

use crate::database::Prepared;
use crate::draw;
use crate::lease::{PARTS, Role, to_take};
use crate::store::lease;

/// How often leases are renewed.
const EVERY: Duration = Duration::from_millis(500);
/// How long to wait between the first claim and the first lease: connections that start together then know of one
/// another, and none takes what it must soon give away. While a part changes hands, terminals repeat what they say.
const TOGETHER: Duration = Duration::from_millis(100);
/// How long to wait for somebody whose lease is to be taken; then it is tried again.
const LOCK: &str = "set local lock_timeout = '500ms'";

/// The parts of the work that one connection serves.
pub(crate) struct Share {
    role: Role,
    me: i64,
    held: BTreeMap<u8, i64>,
    due: Instant,
    /// Others know that it wants a share.
    has_claimed: bool,
    /// Serves every part and asks nobody.
    everything: bool,
}

impl Share {
    /// Holds nothing yet, or everything without asking.
    pub(crate) fn new(role: Role, everything: bool) -> Share {
        let all = if everything { PARTS } else { 0 };
        let held = (0..all).map(|part| (part, 0)).collect();
        let me = AccountId::new(draw::number()).as_i64();
        Share { role, me, held, due: Instant::now(), has_claimed: false, everything }
    }

    /// When [`Share::keep`] has something to do.
    pub(crate) fn due(&self) -> Instant {
        self.due
    }

    /// The parts that are served, ascending.
    pub(crate) fn parts(&self) -> impl Iterator<Item = u8> + '_ {
        self.held.keys().copied()
    }

    /// Whether a part is served.
    pub(crate) fn holds(&self, part: u8) -> bool {
        self.held.contains_key(&part)
    }

    /// Renews leases and takes what is fair, once in a while.
    ///
    /// # Errors
    /// Fails with the database.
    pub(crate) fn keep(&mut self, db: &mut Client) -> anyhow::Result<()> {
        if self.everything || Instant::now() < self.due {
            return Ok(());
        }
        if !self.has_claimed {
            lease::claim(db, self.role, self.me)?;
            self.has_claimed = true;
            self.due = Instant::now() + TOGETHER;
            return Ok(());
        }
        self.due = Instant::now() + EVERY;
        match self.renew(db) {
            Err(why) if is_locked(&why) => {
                warn!("somebody does not let go of a share of the work, asking again");
                Ok(())
            }
            other => other,
        }
    }

    fn renew(&mut self, db: &mut Client) -> anyhow::Result<()> {
        let n_claimants = lease::claim(db, self.role, self.me)?;
        let mut tx = db.transaction().context("beginning")?;
        tx.batch_execute(LOCK).context("bounding the wait")?;
        let taken = to_take(self.me, n_claimants, &lease::all(&mut tx, self.role)?);
        let held = lease::hold(&mut tx, self.role, self.me, &taken)?;
        tx.commit().context("committing the leases")?;
        if !held.keys().eq(self.held.keys()) {
            let (role, n_parts) = (self.role.name(), held.len());
            info!(role, n_parts, n_claimants, "serving another share of the work");
        }
        self.held = held;
        Ok(())
    }

    /// Which of its parts it may write for until the end of the transaction. It may have been away for longer than its
    /// leases last.
    ///
    /// # Errors
    /// Fails with the database.
    pub(crate) fn confirm(
        &self,
        tx: &mut Transaction<'_>,
        prepared: &mut Prepared,
    ) -> anyhow::Result<BTreeMap<u8, i64>> {
        if self.everything {
            return Ok(self.held.clone());
        }
        lease::still(tx, prepared, self.role, self.me, &self.held)
    }

    /// Gives everything to whoever comes first.
    ///
    /// # Errors
    /// Fails with the database.
    pub(crate) fn leave(&self, db: &mut Client) -> anyhow::Result<()> {
        lease::leave(db, self.role, self.me)
    }
}

fn is_locked(why: &anyhow::Error) -> bool {
    why.downcast_ref::<postgres::Error>()
        .is_some_and(|it| it.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
}
