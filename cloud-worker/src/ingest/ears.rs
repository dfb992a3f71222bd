//! What a connection listens to: the shards of its share.

use tapcard_protocol::topic::{ALL_TASKS, shard_filter};
use tracing::info;

use crate::config::Config;
use crate::lease::PARTS;
use crate::link::Link;
use crate::share::Share;

/// The filters that one connection has subscribed.
pub(super) struct Ears {
    /// Our own gate has a ring of messages for each filter, so it is asked for each shard. Other brokers queue for each
    /// client, and a NATS cluster agrees on every filter among its nodes: sixteen take it seconds, and while one node
    /// is down it refuses a third of them. There the shards of others are left out when they are written.
    by_shard: bool,
    open: Vec<String>,
}

impl Ears {
    /// Closed ones.
    pub(super) fn new(config: &Config) -> Ears {
        Ears { by_shard: config.login.is_none(), open: vec![] }
    }

    /// Subscribes what the share has, and ends what it has no longer.
    ///
    /// # Errors
    /// Fails when the connection is lost or the broker does not grant a filter.
    pub(super) fn follow(&mut self, link: &mut Link, share: &Share) -> anyhow::Result<()> {
        let wanted: Vec<String> = match self.by_shard {
            true => share.parts().map(shard_filter).collect(),
            false if share.parts().next().is_some() => vec![ALL_TASKS.to_owned()],
            false => vec![],
        };
        if wanted == self.open {
            return Ok(());
        }
        let missing = |of: &[String], it: &[String]| -> Vec<String> {
            of.iter().filter(|filter| !it.contains(filter)).cloned().collect()
        };
        let (new, old) = (missing(&wanted, &self.open), missing(&self.open, &wanted));
        link.unsubscribe(&old)?;
        if !new.is_empty() {
            link.subscribe(&new)?;
            info!(n_shards = share.parts().count(), of = PARTS, "taking tasks in");
        }
        self.open = wanted;
        Ok(())
    }
}
