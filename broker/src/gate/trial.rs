//! What the fuzz target does with its bytes. Whatever a client sends: no panic, no right that it does not have, an answer
//! for what asks for one, and nothing kept that grows without end.

use bytes::{Bytes, BytesMut};
use rumqttd::protocol::QoS;
use tapcard_protocol::access::{Kind, Party, acl};
use tapcard_protocol::topic::{ALL_STATES, SHARDS, Topic, shard_filter};
use tapcard_protocol::{AccountId, TerminalId};

use super::access::Rights;
use super::codec::{Packet, Reply, decode, decode_connect};
use super::session::{Message, Session, Step};

const ACCOUNT: AccountId = AccountId::new(7);
const TERMINAL: TerminalId = TerminalId::new(0x5e);

/// A client's first bytes.
pub fn connect(bytes: &[u8]) {
    let mut input = BytesMut::from(bytes);
    if let Ok(Some(connect)) = decode_connect(&mut input) {
        assert!(input.len() < bytes.len(), "something was read");
        assert!(!connect.client_id.contains('\0'));
    }
}

/// What a client sends after it has been let in: who it is, then its bytes. Between its packets it is told something,
/// and the router has a task for it.
pub fn session(bytes: &[u8]) {
    let Some((&first, sent)) = bytes.split_first() else { return };
    let kind = [Kind::Kiosk, Kind::Phone, Kind::Worker][usize::from(first) % 3];
    let party = match kind {
        Kind::Worker => Party::Worker,
        kind => Party::Terminal { kind, account: ACCOUNT, terminal: TERMINAL },
    };
    let mut session = Session::new(Rights::new(&party, acl(&party)));
    let (mut input, mut output, mut steps) = (BytesMut::from(sent), BytesMut::new(), Vec::new());
    let mut router_id = 0_u16;
    while let Ok(Some(packet)) = decode(&mut input) {
        let n_filters = match &packet {
            Packet::Subscribe { filters, .. } => filters.len(),
            _ => 0,
        };
        let heard = session.hear(packet, &mut steps);
        steps.drain(..).for_each(|step| check(kind, &step, n_filters));
        if heard.is_err() {
            return;
        }
        if session.has_room() {
            let (topic, payload) = (Topic::Notice(ACCOUNT), Bytes::from_static(b"news"));
            session.tell(&Message { topic, payload, qos: QoS::AtLeastOnce }, &mut output);
        }
        if session.has_room() && kind == Kind::Worker {
            router_id = router_id.wrapping_add(1).max(1);
            let topic = Topic::Task(TERMINAL).to_string();
            session.forward((&topic, b"task", router_id), &mut output, &mut steps);
            steps.drain(..).for_each(|step| check(kind, &step, 0));
        }
        assert!(output.len() < 64 * (sent.len() + 1), "it is told no more than it makes room for");
    }
}

/// A step that this kind of client may cause.
fn check(kind: Kind, step: &Step, n_filters: usize) {
    let is_worker = kind == Kind::Worker;
    match step {
        Step::Publish { topic, .. } => {
            assert!(!is_worker && [Topic::Task(TERMINAL), Topic::State(TERMINAL)].contains(topic));
        }
        Step::Deliver(message) => {
            assert!(is_worker && matches!(message.topic, Topic::Terminal(_) | Topic::Notice(_)));
        }
        Step::Revoke(_) | Step::Unfollow(_) | Step::Release(_) => assert!(is_worker),
        Step::Renew(_) => {}
        Step::Listen(topic) | Step::Mute(topic) => {
            let own = [Topic::Terminal(TERMINAL), Topic::Notice(ACCOUNT)];
            assert!(!is_worker && own[..if kind == Kind::Phone { 2 } else { 1 }].contains(topic));
        }
        Step::Follow { filters, reply } => {
            let is_known = |it: &String| {
                it == ALL_STATES || (0..SHARDS).any(|shard| *it == shard_filter(shard))
            };
            assert!(is_worker && filters.iter().all(is_known));
            check_reply(reply, n_filters);
        }
        Step::Reply(reply) => check_reply(reply, n_filters),
    }
}

fn check_reply(reply: &Reply, n_filters: usize) {
    match reply {
        Reply::SubAck { id, granted } => assert!(*id != 0 && granted.len() == n_filters),
        Reply::PubAck(id) | Reply::UnsubAck(id) => assert_ne!(*id, 0),
        Reply::Pong => {}
        Reply::ConnAck(_) => panic!("it was answered before"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Plays every file of a target's corpus, and each of them cut off and changed at every byte.
    #[track_caller]
    fn play(target: &str, function: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
        assert!(files.len() > 5, "{target} has a corpus");
        for file in files {
            let bytes = fs::read(&file).unwrap();
            function(&bytes);
            for at in 0..bytes.len() {
                function(&bytes[..at]);
                for change in [0x01, 0x80, 0xff] {
                    let mut changed = bytes.clone();
                    changed[at] ^= change;
                    function(&changed);
                }
            }
        }
    }

    #[test]
    fn the_corpus_of_connects_breaks_nothing() {
        play("connect", connect);
    }

    #[test]
    fn the_corpus_of_sessions_breaks_nothing() {
        play("session", session);
    }
}
