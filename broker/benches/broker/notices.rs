//! Fan-out: a worker tells accounts something, at QoS 1 on both sides.
//!
//! A connection to the gate belongs to one terminal of one account, so 10,000 accounts are 10,000
//! connections, and they are so for Mosquitto too. Beside it stands what 200 connections take: many
//! messages each, on one topic for each.

use crate::brokers::Broker;
use crate::guests::{Mint, notice};
use crate::tasks::MESSAGE;
use tapcard_load::crowd::Crowd;
use tapcard_load::mqtt::Publication;
use tapcard_load::sample::{Both, Speed, alternate};

/// Most messages of the worker that are not acknowledged.
const WINDOW: usize = 1000;
/// Brokers started anew, each for one first round.
const STARTS: usize = 3;
/// Rounds after the first.
const LATER: usize = 4;

/// Accounts with one phone each, and how often each is told in a round.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) accounts: u64,
    pub(crate) times: usize,
}

/// The 10,000 accounts, each with a connection.
pub(crate) const ACCOUNTS: Size = Size { accounts: 10_000, times: 1 };
/// 50,000 messages on 200 connections.
pub(crate) const CONNECTIONS: Size = Size { accounts: 200, times: 250 };

/// The first round after a start and the later ones.
#[derive(Default)]
pub(crate) struct Rounds {
    pub(crate) first: Both<Speed>,
    pub(crate) later: Both<Speed>,
}

/// A notice for each account.
pub(crate) fn notices(accounts: u64) -> Vec<Publication> {
    let topics = (0..accounts).map(|n| notice(n).to_string());
    topics.map(|it| Publication::new(&it, &[b'x'; MESSAGE])).collect()
}

/// Publishes every notice so many times; back when all have arrived and everything is acknowledged.
pub(crate) fn tell(
    crowd: &mut Crowd,
    worker: usize,
    notices: &[Publication],
    times: usize,
) -> anyhow::Result<()> {
    let (before, mut sent, n) = (crowd.tally(), 0, notices.len() * times);
    loop {
        let now = crowd.tally();
        let (acknowledged, arrived) =
            (now.acknowledged - before.acknowledged, now.messages - before.messages);
        if acknowledged.min(arrived) == n {
            return Ok(());
        }
        let more = (WINDOW + acknowledged - sent).min(n - sent);
        let next = notices.iter().cycle().skip(sent % notices.len());
        crowd.publish(worker, next.take(more))?;
        sent += more;
        crowd.turn()?;
    }
}

/// Deliveries a second and their cost.
pub(crate) fn measure(mint: &Mint, size: Size) -> anyhow::Result<Rounds> {
    let mut rounds = Rounds::default();
    let phones = (0..size.accounts).map(|n| mint.phone(n)).collect::<Result<Vec<_>, _>>()?;
    let worker = mint.mute_worker()?;
    let notices = notices(size.accounts);
    let n = notices.len() * size.times;
    alternate(STARTS, |ours| {
        let broker = if ours { Broker::ours(mint)? } else { Broker::mosquitto()? };
        let mut crowd = Crowd::new(broker.tcp)?;
        crowd.enter(phones.iter().map(Vec::as_slice))?;
        let worker = crowd.enter_unsubscribed(&worker)?;
        let mut round = |speed: &mut Speed| {
            speed.measure(|| broker.usage(), n, || tell(&mut crowd, worker, &notices, size.times))
        };
        round(rounds.first.of(ours))?;
        (0..LATER).try_for_each(|_| round(rounds.later.of(ours)))
    })?;
    Ok(rounds)
}
