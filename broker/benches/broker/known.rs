//! What a message costs when many terminals have been here before, and what each of them leaves behind.
//!
//! Seen is a terminal that connected, subscribed, told its state, sent a task and said goodbye. A second
//! broker, which has seen 100, is measured in turn: whatever else the machine does meets both. The
//! router's rings, which are bounded, are filled first.

use std::iter::once;

use tapcard_protocol::topic::{ALL_STATES, SHARDS, Topic, shard_filter};

use crate::brokers::Broker;
use crate::guests::{Mint, terminal};
use crate::idle;
use crate::notices::{CONNECTIONS, notices, tell};
use crate::tasks::Errand;
use tapcard_load::crowd::Crowd;
use tapcard_load::mqtt::Publication;
use tapcard_load::sample::{Both, Sample, Speed, alternate};

/// How many terminals the broker has seen when it is measured; the first is the peer's number.
const LEVELS: [u64; 4] = [100, 1000, 10_000, 100_000];
const ROUNDS: usize = 5;
/// Tasks in a round.
const TASKS: usize = 40_000;
/// Tasks that fill a shard's ring: 8 MiB, each counted with its topic.
const RING_OF_TASKS: usize = 30_000;
/// States that fill theirs.
const RING_OF_STATES: usize = 210_000;
/// Terminals that come and go together.
const VISIT: u64 = 100;
/// Where visitors' numbers begin, above the kiosks' and phones' that stay.
const VISITORS: u64 = 1 << 20;

/// Costs at one level; `theirs` is the broker that has seen the fewest.
pub(crate) struct Level {
    pub(crate) seen: u64,
    pub(crate) tasks: Both<Speed>,
    pub(crate) notices: Both<Speed>,
}

/// Bytes of memory of a terminal.
#[derive(Default)]
pub(crate) struct Left {
    /// That has said goodbye.
    pub(crate) gone: Sample,
    /// That is still connected.
    pub(crate) present: Sample,
}

/// A broker, those who stay connected and those who come and go.
struct Place {
    broker: Broker,
    stay: Crowd,
    visitors: Crowd,
    seen: u64,
    worker: usize,
    errand: Errand,
    notices: Vec<Publication>,
}

/// Costs at all levels, and the bytes that a terminal leaves behind.
pub(crate) fn measure(mint: &Mint) -> anyhow::Result<(Vec<Level>, Left)> {
    let mut left = Left::default();
    left.present.push(idle::of_one(mint, &Broker::ours(mint)?)?);
    let (mut grown, mut young) = (Place::new(mint)?, Place::new(mint)?);
    young.grow(mint, LEVELS[0])?;
    let mut levels = Vec::new();
    for seen in LEVELS {
        let (before, were) = (grown.broker.usage()?.memory, grown.seen);
        grown.grow(mint, seen)?;
        let more = grown.broker.usage()?.memory - before;
        if seen == LEVELS[LEVELS.len() - 1] {
            left.gone.push(more / (seen - were) as f64);
        }
        let mut level = Level { seen, tasks: Both::default(), notices: Both::default() };
        alternate(ROUNDS, |is_grown| {
            let place = if is_grown { &mut grown } else { &mut young };
            place.measure(level.tasks.of(is_grown), level.notices.of(is_grown))
        })?;
        levels.push(level);
    }
    Ok((levels, left))
}

impl Place {
    fn new(mint: &Mint) -> anyhow::Result<Place> {
        let broker = Broker::ours(mint)?;
        let filters: Vec<String> =
            (0..SHARDS).map(shard_filter).chain(once(ALL_STATES.to_owned())).collect();
        let kiosks = (0..u64::from(SHARDS)).map(|n| mint.kiosk(n));
        let phones = (0..CONNECTIONS.accounts).map(|n| mint.phone(n + u64::from(SHARDS)));
        let greetings: Vec<_> = kiosks.chain(phones).collect::<Result<_, _>>()?;
        let mut stay = Crowd::new(broker.tcp)?;
        stay.enter(greetings.iter().map(Vec::as_slice))?;
        let worker = stay.enter(once(&mint.worker(&filters)?[..]))?;
        for n in 0..SHARDS {
            Errand::new(n.into(), n.into()).run(&mut stay, RING_OF_TASKS)?;
        }
        let state = Publication::new(&Topic::State(terminal(0)).to_string(), b"online");
        Errand { kiosk: 0, task: state }.run(&mut stay, RING_OF_STATES)?;
        let visitors = Crowd::new(broker.tcp)?;
        let mut notices = notices(CONNECTIONS.accounts + u64::from(SHARDS));
        notices.drain(..usize::from(SHARDS));
        let errand = Errand::new(0, 0);
        Ok(Place { broker, stay, visitors, seen: 0, worker, errand, notices })
    }

    /// Lets terminals come and go until the broker has seen so many.
    fn grow(&mut self, mint: &Mint, seen: u64) -> anyhow::Result<()> {
        while self.seen < seen {
            let numbers = self.seen + VISITORS..self.seen + VISITORS + VISIT;
            let greetings: Vec<_> =
                numbers.clone().map(|n| mint.phone(n)).collect::<Result<_, _>>()?;
            self.visitors.enter(greetings.iter().map(Vec::as_slice))?;
            for (who, n) in numbers.enumerate() {
                let state = Publication::new(&Topic::State(terminal(n)).to_string(), b"online");
                let task = Errand::new(who, n).task;
                self.visitors.publish(who, [&state, &task].into_iter())?;
            }
            let (all, before) = (2 * VISIT as usize, self.stay.tally().messages);
            self.visitors.until(|it| it.acknowledged == all)?;
            self.visitors.leave()?;
            // The worker hears of them; what it has not yet taken must not count as theirs.
            self.stay.until(|it| it.messages - before == all)?;
            self.seen += VISIT;
        }
        Ok(())
    }

    fn measure(&mut self, tasks: &mut Speed, notices: &mut Speed) -> anyhow::Result<()> {
        let Place { broker, stay, worker, errand, .. } = self;
        tasks.measure(|| broker.usage(), TASKS, || errand.run(stay, TASKS))?;
        let n = self.notices.len() * CONNECTIONS.times;
        notices.measure(
            || broker.usage(),
            n,
            || tell(stay, *worker, &self.notices, CONNECTIONS.times),
        )
    }
}
