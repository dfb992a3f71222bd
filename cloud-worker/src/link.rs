//! One connection to the broker. A connection that fails is dropped and a new one is made: what was under way is
//! still in the database or at the terminal.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rumqttc::SubscribeReasonCode;
use rumqttc::{
    Client, Connection, ConnectionError, Event, Incoming, MqttOptions, Publish, QoS,
    SubscribeFilter,
};

use crate::{draw, keys};

/// Most bytes of an MQTT packet: a payload of 64 KiB and its topic.
const MAX_PACKET: usize = 68 * 1024;
/// Requests that may wait inside the client; more than the broker leaves unacknowledged.
const CAPACITY: usize = 256;
/// How long the broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the connection's thread tells its owner.
enum Heard {
    Connected,
    Subscribed(bool),
    PubAck,
    Message(Publish),
    Lost(String),
}

/// A live connection.
pub(crate) struct Link {
    client: Client,
    heard: Receiver<Heard>,
    /// Messages that came before the subscription was confirmed.
    early: VecDeque<Publish>,
}

impl Link {
    /// Connects as a worker; `role` becomes part of the client id.
    ///
    /// # Errors
    /// Says why the broker cannot be reached or refuses.
    pub(crate) fn connect(broker: &str, keys: &Path, role: &str) -> anyhow::Result<Link> {
        let client_id = format!("worker-{role}-{:016x}", draw::number());
        let token = keys::worker_token(keys, &client_id)?;
        let (host, port) = address(broker)?;
        let mut options = MqttOptions::new(&client_id, host, port);
        options.set_credentials(&client_id, token);
        options.set_max_packet_size(MAX_PACKET, MAX_PACKET);
        options.set_keep_alive(Duration::from_secs(15));
        options.set_clean_session(true);
        options.set_manual_acks(true);
        let (client, connection) = Client::new(options, CAPACITY);
        let (tell, heard) = channel();
        thread::Builder::new()
            .name(format!("mqtt-{role}"))
            .spawn(move || listen(connection, &tell))
            .context("starting the connection's thread")?;
        let link = Link { client, heard, early: VecDeque::new() };
        match link.hear(PATIENCE)? {
            Heard::Connected => Ok(link),
            _ => bail!("the broker answered before it accepted"),
        }
    }

    /// Subscribes with QoS 1.
    ///
    /// # Errors
    /// Fails when the broker does not grant every filter.
    pub(crate) fn subscribe(
        &mut self,
        filters: impl Iterator<Item = String>,
    ) -> anyhow::Result<()> {
        let filters = filters.map(|it| SubscribeFilter::new(it, QoS::AtLeastOnce));
        self.client.subscribe_many(filters).context("subscribing")?;
        loop {
            match self.hear(PATIENCE)? {
                Heard::Subscribed(true) => return Ok(()),
                Heard::Subscribed(false) => bail!("the broker does not grant the worker's topics"),
                Heard::Message(it) => self.early.push_back(it),
                Heard::Connected | Heard::PubAck | Heard::Lost(_) => {}
            }
        }
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

    /// Acknowledges a message; the broker wants them in the order in which they came.
    ///
    /// # Errors
    /// Fails when the connection is lost.
    pub(crate) fn ack(&self, message: &Publish) -> anyhow::Result<()> {
        self.client.ack(message).context("acknowledging")
    }

    /// Publishes messages and waits until the broker has taken every one.
    ///
    /// # Errors
    /// Fails when the connection is lost or the broker is silent; some may have been taken.
    pub(crate) fn publish(&self, messages: Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
        let mut open = messages.len();
        for (topic, payload) in messages {
            self.client.publish(topic, QoS::AtLeastOnce, false, payload).context("publishing")?;
        }
        while open > 0 {
            if let Heard::PubAck = self.hear(PATIENCE)? {
                open -= 1;
            }
        }
        Ok(())
    }

    /// Whether the connection still lives; reads what was heard meanwhile.
    ///
    /// # Errors
    /// Fails when it does not.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        self.next(Duration::ZERO).map(|_| ())
    }

    fn hear(&self, patience: Duration) -> anyhow::Result<Heard> {
        match self.heard.recv_timeout(patience).context("the broker is silent")? {
            Heard::Lost(why) => bail!(why),
            other => Ok(other),
        }
    }
}

fn listen(mut connection: Connection, tell: &Sender<Heard>) {
    for event in connection.iter() {
        let heard = match event {
            Ok(Event::Incoming(Incoming::ConnAck(_))) => Heard::Connected,
            Ok(Event::Incoming(Incoming::SubAck(it))) => {
                Heard::Subscribed(!it.return_codes.contains(&SubscribeReasonCode::Failure))
            }
            Ok(Event::Incoming(Incoming::PubAck(_))) => Heard::PubAck,
            Ok(Event::Incoming(Incoming::Publish(it))) => Heard::Message(it),
            Ok(_) => continue,
            Err(ConnectionError::ConnectionRefused(code)) => {
                Heard::Lost(format!("the broker refuses the worker's token: {code:?}"))
            }
            Err(why) => Heard::Lost(format!("the broker cannot be reached: {why}")),
        };
        let last = matches!(heard, Heard::Lost(_));
        if tell.send(heard).is_err() || last {
            return;
        }
    }
}

fn address(broker: &str) -> anyhow::Result<(&str, u16)> {
    let wrong = || format!("the broker's address {broker} is not of the form mqtt://host:port");
    let rest = broker.strip_prefix("mqtt://").with_context(wrong)?;
    let (host, port) = rest.rsplit_once(':').with_context(wrong)?;
    Ok((host, port.parse().with_context(wrong)?))
}
