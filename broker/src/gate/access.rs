//! What a client may do, and where it leads. Deny by default; no state.
//!
//! A right counts when both the token and the table of `tapcard-protocol` give it. Refused besides:
//! QoS 2, the retain flag, and every topic or filter that is not spelt exactly as ours are. Nothing that
//! is refused here reaches rumqttd.

use bytes::Bytes;
use rumqttd::protocol::{LastWill, QoS};
use tapcard_protocol::access::{Acl, Party, acl};
use tapcard_protocol::topic::{ALL_STATES, SHARDS, Topic, shard_filter};

/// What a client may do.
#[derive(Clone, Debug)]
pub(crate) struct Rights {
    table: Acl,
    /// None when it says what the table says, as tokens do: there is one for every connection.
    token: Option<Acl>,
}

/// Where an allowed message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To the workers, through the router.
    Workers(Topic),
    /// To the terminals that listen, straight from the gate.
    Terminals(Topic),
    /// To the gate itself: what workers revoke.
    Revocations,
    /// To the gate itself: the client's own fresh token.
    Login,
}

/// Where the messages of an allowed filter come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// From the gate's own delivery.
    Gate(Topic),
    /// From the router.
    Router,
}

/// A last will that may be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Will {
    /// Always the terminal's own state.
    pub topic: Topic,
    /// The content.
    pub payload: Bytes,
}

impl Rights {
    /// The rights of a party whose token says `token`.
    pub(crate) fn new(party: &Party, token: Acl) -> Rights {
        let table = acl(party);
        let token = Some(token).filter(|it| *it != table);
        Rights { table, token }
    }

    /// Where a message goes, or none when it is forbidden.
    pub(crate) fn publish(&self, topic: &str, qos: QoS, retain: bool) -> Option<Destination> {
        if !self.both_say(|it| it.may_publish(topic)) || retain || qos == QoS::ExactlyOnce {
            return None;
        }
        match Topic::parse(topic)? {
            it @ (Topic::Task(_) | Topic::State(_)) => Some(Destination::Workers(it)),
            it @ (Topic::Terminal(_) | Topic::Notice(_)) => Some(Destination::Terminals(it)),
            Topic::Revoke => Some(Destination::Revocations),
            Topic::Login => Some(Destination::Login),
        }
    }

    /// Where a filter's messages come from, or none when it is forbidden.
    ///
    /// The router never forgets a filter, so it learns only a fixed few: each shard's tasks, all states.
    pub(crate) fn subscribe(&self, filter: &str) -> Option<Source> {
        if !self.both_say(|it| it.may_subscribe(filter)) {
            return None;
        }
        if filter == ALL_STATES || (0..SHARDS).any(|it| filter == shard_filter(it)) {
            return Some(Source::Router);
        }
        Topic::parse(filter)
            .filter(|it| matches!(it, Topic::Terminal(_) | Topic::Notice(_)))
            .map(Source::Gate)
    }

    fn both_say(&self, yes: impl Fn(&Acl) -> bool) -> bool {
        yes(&self.table) && self.token.as_ref().is_none_or(yes)
    }

    /// The will as it would be published, or none when that is forbidden.
    pub(crate) fn will(&self, will: &LastWill) -> Option<Will> {
        let topic = std::str::from_utf8(&will.topic).ok()?;
        match self.publish(topic, will.qos, will.retain)? {
            Destination::Workers(topic @ Topic::State(_)) => {
                Some(Will { topic, payload: Bytes::copy_from_slice(&will.message) })
            }
            Destination::Workers(_)
            | Destination::Terminals(_)
            | Destination::Revocations
            | Destination::Login => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::access::Kind;
    use tapcard_protocol::{AccountId, TerminalId};

    use super::*;

    const TERMINAL: TerminalId = TerminalId::new(0x5e);
    const OTHER: TerminalId = TerminalId::new(0x5f);
    const ACCOUNT: AccountId = AccountId::new(7);

    fn full(party: &Party) -> Rights {
        Rights::new(party, acl(party))
    }

    fn terminal(kind: Kind) -> Rights {
        full(&Party::Terminal { kind, account: ACCOUNT, terminal: TERMINAL })
    }

    /// Every topic there is for two terminals and two accounts.
    fn topics() -> Vec<Topic> {
        let mut topics = vec![Topic::Revoke, Topic::Login];
        for it in [TERMINAL, OTHER] {
            topics.extend([Topic::Task(it), Topic::State(it), Topic::Terminal(it)]);
        }
        topics.extend([Topic::Notice(ACCOUNT), Topic::Notice(AccountId::new(8))]);
        topics
    }

    fn publishes(rights: &Rights, topic: Topic) -> Option<Destination> {
        rights.publish(&topic.to_string(), QoS::AtLeastOnce, false)
    }

    #[test]
    fn only_the_listed_may_be_published() {
        for kind in [Kind::Kiosk, Kind::OrganiserKiosk, Kind::Phone] {
            for topic in topics() {
                let expected = match topic {
                    Topic::Task(TERMINAL) | Topic::State(TERMINAL) => {
                        Some(Destination::Workers(topic))
                    }
                    Topic::Login => Some(Destination::Login),
                    _ => None,
                };
                assert_eq!(publishes(&terminal(kind), topic), expected, "{kind:?} {topic}");
            }
        }
        for topic in topics() {
            let expected = match topic {
                Topic::Terminal(_) | Topic::Notice(_) => Some(Destination::Terminals(topic)),
                Topic::Revoke => Some(Destination::Revocations),
                Topic::Login => Some(Destination::Login),
                Topic::Task(_) | Topic::State(_) => None,
            };
            assert_eq!(publishes(&full(&Party::Worker), topic), expected, "worker {topic}");
        }
    }

    #[test]
    fn only_the_listed_may_be_subscribed() {
        for kind in [Kind::Kiosk, Kind::OrganiserKiosk, Kind::Phone] {
            for topic in topics() {
                let listed = topic == Topic::Terminal(TERMINAL)
                    || (kind == Kind::Phone && topic == Topic::Notice(ACCOUNT));
                let expected = listed.then_some(Source::Gate(topic));
                let granted = terminal(kind).subscribe(&topic.to_string());
                assert_eq!(granted, expected, "{kind:?} {topic}");
            }
        }
        let worker = full(&Party::Worker);
        for topic in topics() {
            assert_eq!(worker.subscribe(&topic.to_string()), None, "worker {topic}");
        }
        for shard in 0..SHARDS {
            assert_eq!(worker.subscribe(&shard_filter(shard)), Some(Source::Router));
        }
        assert_eq!(worker.subscribe(ALL_STATES), Some(Source::Router));
        for filter in [shard_filter(SHARDS), "tapcard/v1/task/+/+".into(), "#".into()] {
            assert_eq!(worker.subscribe(&filter), None, "{filter}");
        }
    }

    #[test]
    fn neither_token_nor_table_gives_a_right_alone() {
        let party = Party::Terminal { kind: Kind::Kiosk, account: ACCOUNT, terminal: TERMINAL };
        let everything = Acl { publish: vec!["+/+/+/+".into()], subscribe: vec!["+/+/+/+".into()] };
        let (task, own) = (Topic::Task(OTHER), Topic::Terminal(TERMINAL));
        let generous = Rights::new(&party, everything);
        assert_eq!(publishes(&generous, task), None);
        assert_eq!(generous.subscribe(&Topic::Notice(ACCOUNT).to_string()), None);
        assert_eq!(generous.subscribe(&own.to_string()), Some(Source::Gate(own)));
        let nothing = Rights::new(&party, Acl::default());
        assert_eq!(publishes(&nothing, Topic::Task(TERMINAL)), None);
        assert_eq!(nothing.subscribe(&own.to_string()), None);
    }

    #[test]
    fn qos_2_and_retained_messages_are_refused() {
        let (kiosk, topic) = (terminal(Kind::Kiosk), Topic::Task(TERMINAL).to_string());
        assert!(kiosk.publish(&topic, QoS::AtMostOnce, false).is_some());
        assert_eq!(kiosk.publish(&topic, QoS::ExactlyOnce, false), None);
        assert_eq!(kiosk.publish(&topic, QoS::AtMostOnce, true), None);
    }

    #[test]
    fn a_will_speaks_only_of_its_own_terminal() {
        let will = |topic: Topic| LastWill {
            topic: topic.to_string().into(),
            message: "offline".into(),
            qos: QoS::AtLeastOnce,
            retain: false,
        };
        let kiosk = terminal(Kind::Kiosk);
        for topic in topics() {
            let allowed = kiosk.will(&will(topic)).map(|it| it.topic);
            assert_eq!(allowed, (topic == Topic::State(TERMINAL)).then_some(topic), "{topic}");
            assert_eq!(full(&Party::Worker).will(&will(topic)), None, "worker {topic}");
        }
    }
}
