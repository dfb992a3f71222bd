//! One-to-one: a kiosk's tasks to a worker, at QoS 1 on both sides.

use std::iter::repeat_n;

use tapcard_protocol::topic::{Topic, shard_filter};

use crate::brokers::Broker;
use crate::guests::{Mint, terminal};
use tapcard_load::crowd::Crowd;
use tapcard_load::mqtt::Publication;
use tapcard_load::sample::{Both, Speed, alternate};

/// Bytes of a message.
pub(crate) const MESSAGE: usize = 256;
/// Most messages that are under way to the broker, in it, or from it.
const WINDOW: usize = 1000;
const ROUNDS: usize = 7;
/// Messages in a round.
const MESSAGES: usize = 40_000;
/// The kiosk.
const KIOSK: u64 = 14;

/// A kiosk and whatever it takes to hear of its tasks, all in one crowd.
pub(crate) struct Errand {
    pub(crate) kiosk: usize,
    pub(crate) task: Publication,
}

impl Errand {
    /// Of the n-th terminal, which stands at this place of its crowd.
    pub(crate) fn new(kiosk: usize, n: u64) -> Errand {
        let topic = Topic::Task(terminal(n)).to_string();
        Errand { kiosk, task: Publication::new(&topic, &[b'x'; MESSAGE]) }
    }

    /// Publishes `n` times; back when all have arrived and everything is acknowledged.
    pub(crate) fn run(&self, crowd: &mut Crowd, n: usize) -> anyhow::Result<()> {
        let (before, mut sent) = (crowd.tally(), 0);
        loop {
            let now = crowd.tally();
            let done = (now.acknowledged - before.acknowledged).min(now.messages - before.messages);
            if done == n {
                return Ok(());
            }
            let more = (WINDOW + done - sent).min(n - sent);
            crowd.publish(self.kiosk, repeat_n(&self.task, more))?;
            sent += more;
            crowd.turn()?;
        }
    }
}

/// Messages a second and their cost.
pub(crate) fn measure(mint: &Mint) -> anyhow::Result<Both<Speed>> {
    let mut speeds = Both::<Speed>::default();
    let brokers = [Broker::ours(mint)?, Broker::mosquitto()?];
    let worker = mint.worker(&[shard_filter(terminal(KIOSK).shard())])?;
    let kiosk = mint.kiosk(KIOSK)?;
    let mut crowds = [Crowd::new(brokers[0].tcp)?, Crowd::new(brokers[1].tcp)?];
    for crowd in &mut crowds {
        crowd.enter([&worker[..], &kiosk].into_iter())?;
        Errand::new(1, KIOSK).run(crowd, MESSAGES)?;
    }
    alternate(ROUNDS, |ours| {
        let at = usize::from(!ours);
        speeds.of(ours).measure(
            || brokers[at].usage(),
            MESSAGES,
            || Errand::new(1, KIOSK).run(&mut crowds[at], MESSAGES),
        )
    })?;
    Ok(speeds)
}
