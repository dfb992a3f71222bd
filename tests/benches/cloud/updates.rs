//! Updates: a card is changed, committed, and delivered to all partners; beside it, the same messages published raw
//! through Mosquitto.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tapcard_load::crowd::Crowd;
use tapcard_load::mqtt::{Publication, connect, subscribe};
use tapcard_load::sample::Sample;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{CardUpdate, Down, Notice, Task, TaskId, down, up};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{Card, Edition};
use tapcard_tests::World;
use tapcard_tests::patience::wait;
use tapcard_tests::program::Program;
use tapcard_tests::world::free_port;

use crate::guests::{account, greetings, terminal};

/// Partners of the one who changes the card, each with a phone that is connected. A connection to the gate belongs to
/// one account, so they are as many connections.
pub(crate) const PARTNERS: usize = 10_000;
/// How long Mosquitto may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Everybody's phones.
pub(crate) struct Party {
    crowd: Crowd,
    owner: usize,
    n_partners: usize,
    edition: u32,
}

impl Party {
    /// Makes links live from these accounts to `owner`, and lets all phones connect.
    pub(crate) fn open(
        world: &World,
        owner: usize,
        (first, end): (usize, usize),
    ) -> anyhow::Result<Party> {
        let holders: Vec<i64> = (first..end).map(|it| account(it).as_i64()).collect();
        let mut db = world.postgres.client()?;
        db.execute(
            "insert into contact (account_id, owner_id, link) select unnest($1::bigint[]), $2, 'live'",
            &[&holders, &account(owner).as_i64()],
        )?;
        db.batch_execute("vacuum analyze contact")?;
        let address = SocketAddr::from(([127, 0, 0, 1], world.broker_port()));
        let mut crowd = Crowd::new(address)?;
        let mut all = greetings(world, Kind::Phone, (owner, owner + 1))?;
        all.extend(greetings(world, Kind::Phone, (first, end))?);
        crowd.enter(all.iter().map(Vec::as_slice))?;
        Ok(Party { crowd, owner, n_partners: end - first, edition: 0 })
    }

    /// Changes the card so many times, each when everybody has the one before; deliveries a second.
    pub(crate) fn update_often(&mut self, times: usize) -> anyhow::Result<f64> {
        let rates: anyhow::Result<Vec<f64>> = (0..times).map(|_| self.update()).collect();
        Ok(times as f64 / rates?.iter().map(|rate| rate.recip()).sum::<f64>())
    }

    /// Changes the card so many times, at most once in a period. Returns how long each notice took, in ms.
    pub(crate) fn update_steadily(
        &mut self,
        times: usize,
        period: Duration,
    ) -> anyhow::Result<Sample> {
        steadily(self, times, period)
    }

    /// Changes the card once; deliveries a second, from the edit until the last partner has it.
    pub(crate) fn update(&mut self) -> anyhow::Result<f64> {
        let update =
            CardUpdate { base: Edition(self.edition), card: card(self.edition), notify: true };
        self.edition += 1;
        let terminal = terminal(self.owner);
        let id = TaskId { epoch: 1, seq: self.edition.into() };
        let payload = up(id, terminal, Timestamp::now(), &Task::CardUpdate(update));
        let message = Publication::new(&Topic::Task(terminal).to_string(), &payload);
        let (before, began) = (self.crowd.tally().messages, Instant::now());
        self.crowd.publish(0, std::iter::once(&message))?;
        // The receipt, the own card and the summary come to the owner's phone besides.
        let all = self.n_partners + 3;
        self.crowd.until(|it| it.messages - before >= all)?;
        Ok(self.n_partners as f64 / began.elapsed().as_secs_f64())
    }
}

fn card(edition: u32) -> Card {
    let mut card = Card::named("Ada Lindqvist");
    card.set_title(&format!("Head of Exchange {edition}"));
    card
}

/// Mosquitto, with as many subscribers and one publisher.
pub(crate) struct Raw {
    crowd: Crowd,
    _mosquitto: Program,
    notices: Vec<Publication>,
}

/// As generous as it can be set: no login, no disk, no limit on queues and messages in flight.
const MOSQUITTO: &str = "\
allow_anonymous true\npersistence false\nlog_dest none\nset_tcp_nodelay true\nuser root\n\
max_inflight_messages 0\nmax_queued_messages 0\n";
/// Most messages of the publisher that it has not acknowledged.
const WINDOW: usize = 1_000;

impl Raw {
    /// Starts it and lets everybody connect.
    pub(crate) fn open(world: &World) -> anyhow::Result<Raw> {
        let (port, config) = (free_port()?, world.path("mosquitto.conf"));
        fs::write(&config, format!("{MOSQUITTO}listener {port} 127.0.0.1\n"))?;
        let mut command = Command::new("/usr/sbin/mosquitto");
        let log = world.path("mosquitto.log");
        let mosquitto = Program::start("mosquitto", command.arg("-c").arg(config), &log)?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        wait("Mosquitto", PATIENCE, || Ok(TcpStream::connect(address).ok()))?;
        let mut crowd = Crowd::new(address)?;
        crowd.enter_unsubscribed(&connect("publisher", ""))?;
        let phones: Vec<Vec<u8>> = (0..PARTNERS)
            .map(|it| {
                let topic = Topic::Notice(account(it)).to_string();
                [connect(&terminal(it).to_string(), ""), subscribe(&[topic])].concat()
            })
            .collect();
        crowd.enter(phones.iter().map(Vec::as_slice))?;
        let notice =
            Notice::Card { owner: account(0), edition: Edition(1), card: card(1), remarks: None };
        let payload = down(Timestamp::now(), &Down::Notice(notice));
        let topics = (0..PARTNERS).map(|it| Topic::Notice(account(it)).to_string());
        let notices = topics.map(|it| Publication::new(&it, &payload)).collect();
        Ok(Raw { crowd, _mosquitto: mosquitto, notices })
    }

    /// Tells everybody once; deliveries a second.
    pub(crate) fn tell(&mut self) -> anyhow::Result<f64> {
        let (before, began, mut sent) = (self.crowd.tally(), Instant::now(), 0);
        while self.crowd.tally().messages - before.messages < PARTNERS {
            let acknowledged = self.crowd.tally().acknowledged - before.acknowledged;
            let more = (WINDOW + acknowledged).min(PARTNERS);
            self.crowd.publish(0, self.notices[sent..more].iter())?;
            sent = more;
            self.crowd.turn()?;
        }
        Ok(PARTNERS as f64 / began.elapsed().as_secs_f64())
    }

    /// As [`Party::update_steadily`].
    pub(crate) fn tell_steadily(
        &mut self,
        times: usize,
        period: Duration,
    ) -> anyhow::Result<Sample> {
        steadily(self, times, period)
    }
}

/// Somebody who tells all partners, over connections of which the first is the teller's own.
trait Teller {
    fn crowd(&mut self) -> &mut Crowd;
    fn once(&mut self) -> anyhow::Result<f64>;
}

impl Teller for Party {
    fn crowd(&mut self) -> &mut Crowd {
        &mut self.crowd
    }

    fn once(&mut self) -> anyhow::Result<f64> {
        self.update()
    }
}

impl Teller for Raw {
    fn crowd(&mut self) -> &mut Crowd {
        &mut self.crowd
    }

    fn once(&mut self) -> anyhow::Result<f64> {
        self.tell()
    }
}

/// Tells so many times, at most once in a period. Returns how long each message took to each partner, in ms.
fn steadily(teller: &mut impl Teller, times: usize, period: Duration) -> anyhow::Result<Sample> {
    let mut took = Vec::new();
    teller.crowd().watch();
    for _ in 0..times {
        let began = Instant::now();
        teller.once()?;
        let partners = teller.crowd().arrivals().into_iter().filter(|it| it.0 != 0);
        took.extend(partners.map(|it| (it.1 - began).as_secs_f64() * 1e3));
        teller.crowd().within(period.saturating_sub(began.elapsed()), |_| false)?;
    }
    Ok(Sample::of(took))
}
