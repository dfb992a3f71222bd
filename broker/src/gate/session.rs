//! One client's session after its CONNECT: packets in, steps out. No socket, no clock, no other client.
//!
//! The connection takes the steps in their order, so an acknowledgement always follows the deed.

use bytes::{Bytes, BytesMut};
use rumqttd::protocol::{QoS, matches};
use tapcard_protocol::topic::Topic;
use thiserror::Error;

use super::access::{Destination, Rights, Source};
use super::codec::{Packet, Publish, Reply, encode_publish};
use super::window::Window;

/// A message for terminals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// A terminal's or an account's topic.
    pub topic: Topic,
    /// The content.
    pub payload: Bytes,
    /// The QoS it was published with.
    pub qos: QoS,
}

/// What the connection must do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Write to the client.
    Reply(Reply),
    /// Publish to the workers.
    Publish {
        /// A task or state topic.
        topic: Topic,
        /// The content.
        payload: Bytes,
    },
    /// Put into the queue of every present recipient.
    Deliver(Message),
    /// Tokens no longer count, as this says.
    Revoke(Bytes),
    /// The client shows a fresh token.
    Renew(Bytes),
    /// From now on this client is a recipient of the topic.
    Listen(Topic),
    /// From now on it is not.
    Mute(Topic),
    /// Subscribe the filters at the router, and write the reply when the router has done so.
    Follow {
        /// What the router does not have yet.
        filters: Vec<String>,
        /// The SUBACK.
        reply: Reply,
    },
    /// Unsubscribe the filter at the router.
    Unfollow(String),
    /// Tell the router that its message with this packet identifier has arrived.
    Release(u16),
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The client took its leave.
    #[error("it said goodbye")]
    Goodbye,
    /// It published what it may not.
    #[error("it published what it may not")]
    Forbidden,
}

/// What the gate remembers of a client while it is connected.
#[derive(Debug)]
pub(crate) struct Session {
    rights: Rights,
    /// Granted filters, each with the QoS granted.
    subscriptions: Vec<(String, QoS)>,
    window: Window,
}

impl Session {
    /// A session without a past.
    pub(crate) fn new(rights: Rights) -> Session {
        Session { rights, subscriptions: Vec::new(), window: Window::default() }
    }

    /// The client has shown a fresh token. What was granted before stays, as the table gives the same.
    pub(crate) fn renew(&mut self, rights: Rights) {
        self.rights = rights;
    }

    /// Whether the client can take one more message.
    pub(crate) fn has_room(&self) -> bool {
        self.window.has_room()
    }

    /// Appends the steps that a packet leads to.
    pub(crate) fn hear(&mut self, packet: Packet, steps: &mut Vec<Step>) -> Result<(), Ended> {
        match packet {
            Packet::Publish(publish) => self.publish(publish, steps)?,
            Packet::PubAck(id) => {
                self.window.land(id);
                self.release(steps);
            }
            Packet::Subscribe { id, filters } => self.subscribe(id, filters, steps),
            Packet::Unsubscribe { id, filters } => self.unsubscribe(id, &filters, steps),
            Packet::Ping => steps.push(Step::Reply(Reply::Pong)),
            Packet::Disconnect => return Err(Ended::Goodbye),
        }
        Ok(())
    }

    /// Appends a message for this client to the output, if it still wants it.
    pub(crate) fn tell(&mut self, message: &Message, output: &mut BytesMut) {
        let topic = message.topic.to_string();
        let Some(granted) = self.granted(&topic) else { return };
        let once = granted == QoS::AtMostOnce || message.qos == QoS::AtMostOnce;
        let id = (!once).then(|| self.window.send(None));
        encode_publish(&topic, &message.payload, id, output);
    }

    /// Appends a message of the router to the output; `id` is the router's own packet identifier for it.
    pub(crate) fn forward(
        &mut self,
        (topic, payload, id): (&str, &[u8], u16),
        output: &mut BytesMut,
        steps: &mut Vec<Step>,
    ) {
        let ours = self.window.send(Some(id));
        match self.granted(topic) {
            Some(QoS::AtMostOnce) => encode_publish(topic, payload, None, output),
            Some(_) => return encode_publish(topic, payload, Some(ours), output),
            None => {}
        }
        self.window.land(ours);
        self.release(steps);
    }

    fn publish(&mut self, publish: Publish, steps: &mut Vec<Step>) -> Result<(), Ended> {
        let Publish { topic, payload, qos, retain, id } = publish;
        match self.rights.publish(&topic, qos, retain).ok_or(Ended::Forbidden)? {
            Destination::Workers(topic) => steps.push(Step::Publish { topic, payload }),
            Destination::Terminals(topic) => {
                steps.push(Step::Deliver(Message { topic, payload, qos }));
            }
            Destination::Revocations => steps.push(Step::Revoke(payload)),
            Destination::Login => steps.push(Step::Renew(payload)),
        }
        if qos == QoS::AtLeastOnce {
            steps.push(Step::Reply(Reply::PubAck(id)));
        }
        Ok(())
    }

    fn subscribe(&mut self, id: u16, filters: Vec<(String, QoS)>, steps: &mut Vec<Step>) {
        let (mut granted, mut follow) = (Vec::new(), Vec::new());
        for (filter, qos) in filters {
            // The highest QoS here is 1, and a grant may be lower than the wish (MQTT 3.1.1 §3.8.4).
            let qos = if qos == QoS::AtMostOnce { qos } else { QoS::AtLeastOnce };
            let source = self.rights.subscribe(&filter);
            granted.push(source.map(|_| qos));
            match source {
                None => continue,
                Some(Source::Gate(topic)) => steps.push(Step::Listen(topic)),
                Some(Source::Router) => follow.push(filter.clone()),
            }
            self.subscriptions.retain(|(it, _)| *it != filter);
            // Most clients have one or two, and there are many clients.
            self.subscriptions.reserve_exact(1);
            self.subscriptions.push((filter, qos));
        }
        let reply = Reply::SubAck { id, granted };
        steps.push(match follow.is_empty() {
            true => Step::Reply(reply),
            false => Step::Follow { filters: follow, reply },
        });
    }

    fn unsubscribe(&mut self, id: u16, filters: &[String], steps: &mut Vec<Step>) {
        for filter in filters {
            let before = self.subscriptions.len();
            self.subscriptions.retain(|(it, _)| it != filter);
            if self.subscriptions.len() == before {
                continue;
            }
            steps.push(match Topic::parse(filter) {
                Some(topic) => Step::Mute(topic),
                None => Step::Unfollow(filter.clone()),
            });
        }
        steps.push(Step::Reply(Reply::UnsubAck(id)));
    }

    fn granted(&self, topic: &str) -> Option<QoS> {
        let fitting = self.subscriptions.iter().filter(|(filter, _)| matches(topic, filter));
        fitting.map(|(_, qos)| *qos).max_by_key(|it| *it as u8)
    }

    fn release(&mut self, steps: &mut Vec<Step>) {
        while let Some(id) = self.window.release() {
            steps.push(Step::Release(id));
        }
    }
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::access::{Kind, Party, acl};
    use tapcard_protocol::topic::ALL_STATES;
    use tapcard_protocol::{AccountId, TerminalId};

    use super::*;

    const ACCOUNT: AccountId = AccountId::new(7);
    const TERMINAL: TerminalId = TerminalId::new(0x5e);
    const SHARD: &str = "tapcard/v1/task/14/+";

    fn session(party: &Party) -> Session {
        Session::new(Rights::new(party, acl(party)))
    }

    fn phone() -> Session {
        session(&Party::Terminal { kind: Kind::Phone, account: ACCOUNT, terminal: TERMINAL })
    }

    fn hear(session: &mut Session, packet: Packet) -> Vec<Step> {
        let mut steps = Vec::new();
        session.hear(packet, &mut steps).unwrap();
        steps
    }

    fn publish(topic: Topic, qos: QoS, id: u16) -> Packet {
        let (topic, payload) = (topic.to_string(), Bytes::from_static(b"hi"));
        Packet::Publish(Publish { topic, payload, qos, retain: false, id })
    }

    fn subscribe(filters: &[(&str, QoS)]) -> Packet {
        let filters = filters.iter().map(|(it, qos)| ((*it).to_owned(), *qos)).collect();
        Packet::Subscribe { id: 1, filters }
    }

    fn forward(session: &mut Session, topic: Topic, id: u16) -> (BytesMut, Vec<Step>) {
        let (mut output, mut steps) = (BytesMut::new(), Vec::new());
        session.forward((&topic.to_string(), b"hi", id), &mut output, &mut steps);
        (output, steps)
    }

    #[test]
    fn the_acknowledgement_follows_the_deed() {
        let payload = Bytes::from_static(b"hi");
        let topic = Topic::Task(TERMINAL);
        assert_eq!(
            hear(&mut phone(), publish(topic, QoS::AtLeastOnce, 3)),
            [Step::Publish { topic, payload: payload.clone() }, Step::Reply(Reply::PubAck(3))]
        );
        let (topic, qos) = (Topic::Notice(ACCOUNT), QoS::AtLeastOnce);
        assert_eq!(
            hear(&mut session(&Party::Worker), publish(topic, qos, 4)),
            [Step::Deliver(Message { topic, payload, qos }), Step::Reply(Reply::PubAck(4))]
        );
        let payload = Bytes::from_static(b"hi");
        assert_eq!(
            hear(&mut session(&Party::Worker), publish(Topic::Revoke, QoS::AtLeastOnce, 5)),
            [Step::Revoke(payload.clone()), Step::Reply(Reply::PubAck(5))]
        );
        assert_eq!(
            hear(&mut phone(), publish(Topic::Login, QoS::AtMostOnce, 0)),
            [Step::Renew(payload)]
        );
    }

    #[test]
    fn a_forbidden_message_leads_to_nothing_but_the_end() {
        let mut steps = Vec::new();
        let packet = publish(Topic::Task(TerminalId::new(1)), QoS::AtLeastOnce, 3);
        assert_eq!(phone().hear(packet, &mut steps), Err(Ended::Forbidden));
        assert_eq!(steps, []);
    }

    #[test]
    fn each_filter_of_a_subscribe_is_answered_in_its_place() {
        let own = Topic::Notice(ACCOUNT);
        let packet = subscribe(&[
            ("#", QoS::AtLeastOnce),
            (&own.to_string(), QoS::ExactlyOnce),
            ("tapcard/v1/notice/+", QoS::AtLeastOnce),
        ]);
        let granted = vec![None, Some(QoS::AtLeastOnce), None];
        assert_eq!(
            hear(&mut phone(), packet),
            [Step::Listen(own), Step::Reply(Reply::SubAck { id: 1, granted })]
        );
    }

    #[test]
    fn a_worker_is_answered_when_the_router_has_its_filters() {
        let packet = subscribe(&[(SHARD, QoS::AtLeastOnce), ("#", QoS::AtLeastOnce)]);
        let granted = vec![Some(QoS::AtLeastOnce), None];
        assert_eq!(
            hear(&mut session(&Party::Worker), packet),
            [Step::Follow { filters: vec![SHARD.into()], reply: Reply::SubAck { id: 1, granted } }]
        );
    }

    #[test]
    fn the_router_hears_of_arrivals_in_its_order_whatever_the_qos() {
        let mut worker = session(&Party::Worker);
        hear(&mut worker, subscribe(&[(SHARD, QoS::AtLeastOnce), (ALL_STATES, QoS::AtMostOnce)]));
        let (task, state) = (Topic::Task(TERMINAL), Topic::State(TERMINAL));
        assert_eq!(forward(&mut worker, task, 41).1, []);
        assert_eq!(forward(&mut worker, state, 42).1, []);
        assert_eq!(forward(&mut worker, task, 43).1, []);
        assert_eq!(hear(&mut worker, Packet::PubAck(3)), []);
        let released = [Step::Release(41), Step::Release(42), Step::Release(43)];
        assert_eq!(hear(&mut worker, Packet::PubAck(1)), released);
    }

    #[test]
    fn what_is_no_longer_wanted_is_swallowed() {
        let mut worker = session(&Party::Worker);
        hear(&mut worker, subscribe(&[(SHARD, QoS::AtLeastOnce)]));
        let unsubscribe = Packet::Unsubscribe { id: 2, filters: vec![SHARD.into(), "x".into()] };
        assert_eq!(
            hear(&mut worker, unsubscribe),
            [Step::Unfollow(SHARD.into()), Step::Reply(Reply::UnsubAck(2))]
        );
        let (output, steps) = forward(&mut worker, Topic::Task(TERMINAL), 41);
        assert_eq!((output.len(), steps), (0, vec![Step::Release(41)]));
    }

    #[test]
    fn a_full_window_takes_no_more() {
        let (mut phone, topic) = (phone(), Topic::Notice(ACCOUNT));
        hear(&mut phone, subscribe(&[(&topic.to_string(), QoS::AtLeastOnce)]));
        let payload = Bytes::from_static(b"hi");
        let message = Message { topic, payload, qos: QoS::AtLeastOnce };
        let mut output = BytesMut::new();
        for _ in 0..100 {
            assert!(phone.has_room());
            phone.tell(&message, &mut output);
        }
        assert!(!phone.has_room());
        hear(&mut phone, Packet::PubAck(50));
        assert!(phone.has_room());
    }
}
