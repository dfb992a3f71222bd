//! One connection to the broker. A connection that fails is dropped and a new one is made: what was under way is
//! still in the database or at the terminal.

mod conversation;

use std::collections::VecDeque;
use std::iter::Cycle;
use std::slice::Iter;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, bail};
use rumqttc::{
    EventLoop, MqttOptions, NetworkOptions, PubAck, Publish, QoS, Request, Subscribe,
    SubscribeFilter, Unsubscribe,
};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::config::{Broker, Config};
use crate::{draw, keys};

/// Most bytes of an MQTT packet: a payload of 64 KiB and its topic.
const MAX_PACKET: usize = 68 * 1024;
/// Requests that wait inside the client: ours wait outside, see [`conversation`].
const CAPACITY: usize = 1;
/// How long the broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to grant all filters: a NATS cluster agrees on each of them among its nodes.
const GRANT: Duration = Duration::from_secs(30);

/// What the connection's thread tells its owner.
enum Heard {
    Connected,
    Subscribed(bool),
    PubAck,
    Message(Publish),
    Lost(String),
}

/// The brokers of the configuration, one after the other and from the beginning again.
pub(crate) struct Brokers<'c> {
    config: &'c Config,
    turn: Cycle<Iter<'c, Broker>>,
}

impl<'c> Brokers<'c> {
    /// Begins with the first.
    pub(crate) fn new(config: &'c Config) -> Brokers<'c> {
        Brokers { config, turn: config.broker.iter().cycle() }
    }

    /// Connects as a worker to the next broker; `role` becomes part of the client id. Whatever ends a connection, the
    /// next one goes to another broker: one that accepts may yet be unable to serve.
    ///
    /// # Errors
    /// Says why the broker cannot be reached or refuses.
    pub(crate) fn connect(&mut self, role: &str) -> anyhow::Result<Link> {
        let broker = self.turn.next().context("the configuration names no broker")?;
        Link::connect(broker, self.config, role)
            .with_context(|| format!("connecting to {}:{}", broker.host, broker.port))
    }
}

/// A live connection.
pub(crate) struct Link {
    /// What is sent together goes to the connection's thread together.
    asks: UnboundedSender<Vec<Request>>,
    heard: Receiver<Heard>,
    /// Messages that came before the subscription was confirmed.
    early: VecDeque<Publish>,
}

impl Link {
    fn connect(broker: &Broker, config: &Config, role: &str) -> anyhow::Result<Link> {
        let client_id = format!("worker-{role}-{:016x}", draw::number());
        let (user, password) = credentials(config, &client_id)?;
        let mut options = MqttOptions::new(&client_id, &broker.host, broker.port);
        options.set_credentials(user, password);
        options.set_max_packet_size(MAX_PACKET, MAX_PACKET);
        options.set_keep_alive(Duration::from_secs(15));
        options.set_clean_session(true);
        options.set_manual_acks(true);
        let mut eventloop = EventLoop::new(options, CAPACITY);
        eventloop.set_network_options(promptly());
        let (tell, heard) = channel();
        let (asks, asked) = unbounded_channel();
        thread::Builder::new()
            .name(format!("mqtt-{role}"))
            .spawn(move || conversation::hold(eventloop, asked, &tell))
            .context("starting the connection's thread")?;
        let link = Link { asks, heard, early: VecDeque::new() };
        match link.hear(PATIENCE)? {
            Heard::Connected => Ok(link),
            _ => bail!("the broker answered before it accepted"),
        }
    }

    /// Subscribes with QoS 1.
    ///
    /// # Errors
    /// Fails when the broker does not grant every filter.
    pub(crate) fn subscribe(&mut self, filters: &[String]) -> anyhow::Result<()> {
        let filters = filters.iter().map(|it| SubscribeFilter::new(it.clone(), QoS::AtLeastOnce));
        self.ask(vec![Request::Subscribe(Subscribe::new_many(filters))])?;
        loop {
            match self.hear(GRANT)? {
                Heard::Subscribed(true) => return Ok(()),
                Heard::Subscribed(false) => bail!("the broker does not grant the worker's topics"),
                Heard::Message(it) => self.early.push_back(it),
                Heard::Connected | Heard::PubAck | Heard::Lost(_) => {}
            }
        }
    }

    /// Ends subscriptions; what is under way still comes.
    ///
    /// # Errors
    /// Fails when the connection is lost.
    pub(crate) fn unsubscribe(&self, filters: &[String]) -> anyhow::Result<()> {
        self.ask(filters.iter().map(|it| Request::Unsubscribe(Unsubscribe::new(it))).collect())
    }

    /// The next message; none when none came in time.
    ///
    /// # Errors
    /// Fails when the connection is lost.
    pub(crate) fn next(&mut self, patience: Duration) -> anyhow::Result<Option<Publish>> {
        if let Some(it) = self.early.pop_front() {
            return Ok(Some(it));
        }
        let end = Instant::now() + patience;
        loop {
            match self.heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(Heard::Message(it)) => return Ok(Some(it)),
                Ok(Heard::Lost(why)) => bail!(why),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => bail!("the connection has ended"),
            }
        }
    }

    /// Publishes messages and waits until the broker has taken every one.
    ///
    /// # Errors
    /// Fails when the connection is lost or the broker is silent; some may have been taken.
    pub(crate) fn publish(
        &self,
        messages: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> anyhow::Result<()> {
        let requests = requests(messages, QoS::AtLeastOnce);
        let mut open = requests.len();
        self.ask(requests)?;
        while open > 0 {
            if let Heard::PubAck = self.hear(PATIENCE)? {
                open -= 1;
            }
        }
        Ok(())
    }

    /// Publishes answers that are not missed for long if they are lost, and then acknowledges what they answer, in the
    /// order in which it came; does not wait.
    ///
    /// # Errors
    /// Fails when the connection is lost.
    pub(crate) fn answer(
        &self,
        answers: impl IntoIterator<Item = (String, Vec<u8>)>,
        answered: &[Publish],
    ) -> anyhow::Result<()> {
        let mut requests = requests(answers, QoS::AtMostOnce);
        requests.extend(answered.iter().map(|it| Request::PubAck(PubAck::new(it.pkid))));
        self.ask(requests)
    }

    /// Whether the connection still lives; reads what was heard meanwhile.
    ///
    /// # Errors
    /// Fails when it does not.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        self.next(Duration::ZERO).map(|_| ())
    }

    fn ask(&self, requests: Vec<Request>) -> anyhow::Result<()> {
        self.asks.send(requests).ok().context("the connection has ended")
    }

    fn hear(&self, patience: Duration) -> anyhow::Result<Heard> {
        match self.heard.recv_timeout(patience).context("the broker is silent")? {
            Heard::Lost(why) => bail!(why),
            other => Ok(other),
        }
    }
}

/// Small packets leave at once: else each waits for the other side's delayed acknowledgement of the one before, 40 ms
/// on Linux.
fn promptly() -> NetworkOptions {
    let mut options = NetworkOptions::new();
    options.set_tcp_nodelay(true);
    options
}

fn requests(messages: impl IntoIterator<Item = (String, Vec<u8>)>, qos: QoS) -> Vec<Request> {
    let publish =
        |(topic, payload)| Request::Publish(Publish::new::<String, _>(topic, qos, payload));
    messages.into_iter().map(publish).collect()
}

/// The login that the operator set, or a token for this very client id.
fn credentials(config: &Config, client_id: &str) -> anyhow::Result<(String, String)> {
    let Some(login) = &config.login else {
        return Ok((client_id.to_owned(), keys::worker_token(&config.keys, client_id)?));
    };
    let file = &login.password_file;
    let password = fs::read_to_string(file)
        .with_context(|| format!("reading the password file {}", file.display()))?;
    Ok((login.user.clone(), password.trim().to_owned()))
}
