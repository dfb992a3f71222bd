//! Exchanges from end to end: a kiosk's message in, its rows committed, its receipt out.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::Timestamp;
use tapcard_load::crowd::Crowd;
use tapcard_load::mqtt::Publication;
use tapcard_load::sample::Sample;
use tapcard_protocol::Card;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{Boot, Direction, Exchange, Task, TaskId, up};
use tapcard_protocol::topic::Topic;
use tapcard_tests::World;

use crate::guests::{self, greetings, number, terminal};

/// Kiosks that take part: those of the first accounts.
pub(crate) const KIOSKS: usize = 500;
/// Most exchanges without a receipt, over all kiosks; each alone may have 32.
const WINDOW: usize = 4_000;

/// Shards of tasks; the first kiosks are of one each.
const SHARDS: usize = 16;
/// How long a worker that listens takes at most to answer.
const ANSWER: Duration = Duration::from_secs(1);
/// How often a steady load looks whether it is time for the next message.
const TICK: Duration = Duration::from_millis(1);

/// The kiosks with their connections.
pub(crate) struct Hall {
    crowd: Crowd,
    /// The row of every kiosk's outbox that comes next.
    seq: u64,
}

impl Hall {
    /// Lets all kiosks connect.
    pub(crate) fn open(world: &World) -> anyhow::Result<Hall> {
        let address = SocketAddr::from(([127, 0, 0, 1], world.broker_port()));
        let mut crowd = Crowd::new(address)?;
        let greetings = greetings(world, Kind::Kiosk, (0, KIOSKS))?;
        crowd.enter(greetings.iter().map(Vec::as_slice))?;
        Ok(Hall { crowd, seq: 0 })
    }

    /// Back when a worker takes in what every shard says, and has published what another left: one that comes after
    /// another waits for its leases to end.
    pub(crate) fn settle(&mut self, world: &World, partners: (usize, usize)) -> anyhow::Result<()> {
        let mut db = world.postgres.client()?;
        loop {
            let messages = self.messages(1, partners)?;
            for (kiosk, message) in messages.iter().enumerate().take(SHARDS) {
                self.crowd.publish(kiosk, std::iter::once(message))?;
            }
            self.crowd.within(ANSWER, |_| false)?;
            let settled = "select count(*) = $2 and not exists (select from outbox) from exchange where seq = $1";
            if db.query_one(settled, &[&self.seq.cast_signed(), &(SHARDS as i64)])?.get(0) {
                return Ok(());
            }
        }
    }

    /// So many exchanges of every kiosk, each with a partner that it has not met; `partners` is the range of accounts
    /// they come from. Returns how many a second went from end to end.
    pub(crate) fn meet(&mut self, each: usize, partners: (usize, usize)) -> anyhow::Result<f64> {
        let messages = self.messages(each, partners)?;
        let (before, began, mut sent) = (self.crowd.tally().messages, Instant::now(), 0);
        loop {
            let receipted = self.crowd.tally().messages - before;
            if receipted >= messages.len() {
                return Ok(messages.len() as f64 / began.elapsed().as_secs_f64());
            }
            let more = (WINDOW + receipted).min(messages.len());
            for (at, message) in messages.iter().enumerate().take(more).skip(sent) {
                self.crowd.publish(at % KIOSKS, std::iter::once(message))?;
            }
            sent = more;
            self.crowd.turn()?;
        }
    }

    /// The same, so many a second. Returns how long each receipt took, in ms.
    pub(crate) fn meet_steadily(
        &mut self,
        each: usize,
        partners: (usize, usize),
        rate: f64,
    ) -> anyhow::Result<Sample> {
        let messages = self.messages(each, partners)?;
        let mut asked = vec![VecDeque::new(); KIOSKS];
        let (mut sent, mut took) = (0, Vec::with_capacity(messages.len()));
        self.crowd.watch();
        let began = Instant::now();
        while took.len() < messages.len() {
            let due = (began.elapsed().as_secs_f64() * rate) as usize;
            while sent < due.min(messages.len()) {
                let kiosk = sent % KIOSKS;
                asked[kiosk].push_back(Instant::now());
                self.crowd.publish(kiosk, std::iter::once(&messages[sent]))?;
                sent += 1;
            }
            self.crowd.within(TICK, |_| false)?;
            for (kiosk, at) in self.crowd.arrivals() {
                let asked = asked[kiosk].pop_front().context("a receipt that nobody asked for")?;
                took.push((at - asked).as_secs_f64() * 1e3);
            }
        }
        Ok(Sample::of(took))
    }

    /// In the order in which they are sent: one of each kiosk, and again.
    fn messages(
        &mut self,
        each: usize,
        (first, end): (usize, usize),
    ) -> anyhow::Result<Vec<Publication>> {
        let mut messages = Vec::with_capacity(each * KIOSKS);
        for _ in 0..each {
            self.seq += 1;
            for kiosk in 0..KIOSKS {
                // Every kiosk goes through the partners from a place of its own.
                let partner = first + (kiosk * 7_919 + self.seq as usize) % (end - first);
                messages.push(message(kiosk, self.seq, partner)?);
            }
        }
        Ok(messages)
    }
}

fn message(kiosk: usize, seq: u64, partner: usize) -> anyhow::Result<Publication> {
    let terminal = terminal(kiosk);
    let mut card = Card::named("Bo Okafor");
    card.set_title("Supply Chain Lead, Brightwater Foods");
    let exchange = Exchange {
        direction: Direction::Both,
        partner: Some(number(partner)?),
        card: Some(card),
        touch: format!("{kiosk}-{seq}"),
        at: Timestamp::now(),
        clock_synced: true,
        boot: Some(Boot { id: 1, ms: seq * 1000 }),
        place: "Hall 3 B12".to_owned(),
        note: String::new(),
        consent: true,
        agreed: String::new(),
    };
    let id = TaskId { epoch: guests::account(kiosk).as_u64(), seq };
    let payload = up(id, terminal, Timestamp::now(), &Task::Exchange(Box::new(exchange)));
    Ok(Publication::new(&Topic::Task(terminal).to_string(), &payload))
}
