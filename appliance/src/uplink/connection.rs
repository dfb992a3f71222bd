//! One connection to the broker, from CONNECT to its first error. It has a thread of its own, which
//! ends with it.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use rumqttc::mqttbytes::v4::SubscribeReasonCode;
use rumqttc::{
    Client, ConnectReturnCode, ConnectionError, LastWill, MqttOptions, NetworkOptions, Packet, QoS,
    TlsConfiguration, Transport,
};
use rustls::ClientConfig;
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::{Down, MAX_PAYLOAD, read_down};
use tapcard_protocol::topic::{OFFLINE, ONLINE, Topic};
use tracing::warn;

use crate::config::Broker;

/// How often the broker hears of an idle kiosk.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Most bytes of one packet: a full payload with its topic. rumqttc's own limit is 10 KiB.
const MAX_PACKET: usize = MAX_PAYLOAD + 4 * 1024;
/// More requests than ever wait: 32 rows, a sync, reports, and a few of our own.
const QUEUE: usize = 100;

/// What happens on a connection.
pub(super) enum Event {
    /// The broker accepted the login.
    Accepted,
    /// Our own topic is subscribed: nothing that is said now is missed.
    Subscribed,
    /// The cloud said something.
    Down(Box<Down>),
    /// The connection is over.
    Ended(String),
}

/// A connection that is being made or stands.
pub(super) struct Connection {
    client: Client,
    terminal: TerminalId,
}

impl Connection {
    /// Starts to connect, over TLS where there are demands; `tell` hears everything, and answers false when nobody
    /// listens any more.
    pub(super) fn open(
        broker: &Broker,
        demands: Option<Arc<ClientConfig>>,
        (terminal, token): (TerminalId, &str),
        tell: impl Fn(Event) -> bool + Send + 'static,
    ) -> Result<Connection> {
        let id = terminal.to_string();
        let mut options = MqttOptions::new(&id, &broker.host, broker.port);
        options
            .set_credentials(&id, token)
            .set_keep_alive(KEEP_ALIVE)
            .set_clean_session(true)
            .set_max_packet_size(MAX_PACKET, MAX_PACKET)
            .set_last_will(LastWill::new(
                Topic::State(terminal).to_string(),
                OFFLINE,
                QoS::AtLeastOnce,
                false,
            ));
        if let Some(demands) = demands {
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(demands)));
        }
        let (client, mut connection) = Client::new(options, QUEUE);
        connection.eventloop.set_network_options(promptly());
        let subscriber = client.clone();
        thread::Builder::new().name("mqtt".into()).spawn(move || {
            let own_topic = Topic::Terminal(terminal).to_string();
            for event in connection.iter() {
                let told = match event {
                    Ok(rumqttc::Event::Incoming(packet)) => {
                        match read(packet, &subscriber, &own_topic) {
                            Some(Event::Ended(reason)) => {
                                tell(Event::Ended(reason));
                                return;
                            }
                            Some(event) => tell(event),
                            None => true,
                        }
                    }
                    Ok(rumqttc::Event::Outgoing(_)) => true,
                    Err(error) => {
                        tell(Event::Ended(sentence(&error)));
                        return;
                    }
                };
                if !told {
                    return;
                }
            }
            tell(Event::Ended("the connection was closed".into()));
        })?;
        Ok(Connection { client, terminal })
    }

    /// Publishes on the terminal's task topic.
    pub(super) fn publish(&self, payload: Vec<u8>) {
        self.send(Topic::Task(self.terminal), payload);
    }

    /// Shows a fresh token.
    pub(super) fn show(&self, token: String) {
        self.send(Topic::Login, token.into_bytes());
    }

    /// Says that this terminal is online.
    pub(super) fn announce(&self) {
        self.send(Topic::State(self.terminal), ONLINE.into());
    }

    fn send(&self, topic: Topic, payload: Vec<u8>) {
        // A full queue means a broker that takes nothing; what is lost here is said again.
        if self.client.try_publish(topic.to_string(), QoS::AtLeastOnce, false, payload).is_err() {
            warn!("the broker is slow: a message was dropped and will be sent again");
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

fn read(packet: Packet, client: &Client, own_topic: &str) -> Option<Event> {
    match packet {
        Packet::ConnAck(_) => {
            let asked = client.try_subscribe(own_topic, QoS::AtLeastOnce);
            Some(asked.map_or_else(|it| Event::Ended(it.to_string()), |()| Event::Accepted))
        }
        Packet::SubAck(ack) => Some(match ack.return_codes.first() {
            Some(SubscribeReasonCode::Success(_)) => Event::Subscribed,
            _ => Event::Ended("the broker refuses this terminal its own topic".into()),
        }),
        Packet::Publish(message) if message.topic == own_topic => {
            match read_down(&message.payload) {
                Ok(down) => Some(Event::Down(Box::new(down))),
                Err(error) => {
                    warn!(n_bytes = message.payload.len(), "passed over a message: {error}");
                    None
                }
            }
        }
        _ => None,
    }
}

/// Why a connection ended, for the person who can act.
fn sentence(error: &ConnectionError) -> String {
    let ConnectionError::ConnectionRefused(code) = error else { return error.to_string() };
    match code {
        ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized => {
            "the broker refuses this terminal's token; nothing is lost, and it is tried again"
                .into()
        }
        ConnectReturnCode::ServiceUnavailable => "the broker is not ready yet".into(),
        ConnectReturnCode::BadClientId
        | ConnectReturnCode::RefusedProtocolVersion
        | ConnectReturnCode::Success => format!("the broker refuses the connection: {code:?}"),
    }
}
