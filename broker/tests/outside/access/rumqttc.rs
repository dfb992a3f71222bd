//! The questions, asked with rumqttc.

use std::time::{Duration, Instant};

use ::rumqttc::{Client, Connection, ConnectionError, Event, Packet, QoS};

use super::table::{Ask, Verb};
use super::{Answer, Speaker};
use crate::listener::Door;
use crate::peers::rumqttc::{code, options};
use crate::support::PATIENCE;

/// A connection that has been let in.
struct Link {
    client: Client,
    connection: Connection,
    /// What is said here; a worker also hears what others say meanwhile.
    payload: String,
}

pub(super) fn ask(door: &Door, speaker: &Speaker, asks: &[Ask]) -> Vec<Answer> {
    let mut link = None;
    asks.iter()
        .map(|ask| {
            let open = link.get_or_insert_with(|| Link::open(door, speaker));
            let answer = match ask.verb {
                Verb::Subscribe => open.subscribe(&ask.topic),
                Verb::Publish => open.publish(&ask.topic),
            };
            if !matches!(answer, Answer::Granted | Answer::Refused | Answer::KeptBack) {
                link = None;
            }
            answer
        })
        .collect()
}

impl Link {
    fn open(door: &Door, speaker: &Speaker) -> Link {
        let id = &speaker.who.claims.cid;
        let (client, connection) = Client::new(options(door, id, &speaker.who.token()), 10);
        let mut link = Link { client, connection, payload: speaker.payload.clone() };
        assert!(matches!(link.packet(), Ok(Packet::ConnAck(_))), "not let in");
        for filter in &speaker.hears {
            assert_eq!(link.subscribe(filter), Answer::Granted);
        }
        link
    }

    /// The next packet of the broker's, or how the connection ended.
    fn packet(&mut self) -> Result<Packet, Box<ConnectionError>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            match self.connection.recv_timeout(rest.max(Duration::from_millis(1))) {
                Ok(Ok(Event::Incoming(Packet::Publish(it)))) if it.payload != self.payload => {}
                Ok(Ok(Event::Incoming(packet))) => return Ok(packet),
                Ok(Ok(Event::Outgoing(_))) => {}
                Ok(Err(error)) => return Err(Box::new(error)),
                Err(error) => panic!("no answer: {error:?}"),
            }
        }
    }

    fn subscribe(&mut self, filter: &str) -> Answer {
        if self.client.try_subscribe(filter, QoS::AtLeastOnce).is_err() {
            return Answer::KeptBack;
        }
        match self.packet() {
            Ok(Packet::SubAck(it)) => match code(it.return_codes[0]) {
                1 => Answer::Granted,
                0x80 => Answer::Refused,
                other => Answer::Strange(format!("SUBACK {other}")),
            },
            other => Answer::Strange(format!("{other:?}")),
        }
    }

    fn publish(&mut self, topic: &str) -> Answer {
        let payload = self.payload.clone();
        if self.client.try_publish(topic, QoS::AtLeastOnce, false, payload).is_err() {
            return Answer::KeptBack;
        }
        match self.packet() {
            Ok(Packet::PubAck(_)) => Answer::Granted,
            Err(_) => Answer::Closed,
            Ok(other) => Answer::Strange(format!("{other:?}")),
        }
    }
}
