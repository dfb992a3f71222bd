//! Messages: identifiers, flags, topics, order.

use std::collections::HashSet;

use crate::support::{Broker, Client, Message, Who, notice, publish_bytes, state, task};
use crate::{SHARD, STATES, assert_ends, kiosk, listening_worker, phone};

fn listening_phone(broker: &Broker) -> Client {
    let mut phone = broker.client(&phone());
    assert_eq!(phone.subscribe(&[(&notice(1), 1)]), [1]);
    phone
}

#[test]
fn each_message_at_qos_1_is_acknowledged_in_order_with_its_identifier() {
    let broker = Broker::start();
    let _worker = listening_worker(&broker);
    let ids: Vec<u16> = (1..=200).map(|it| it * 327).collect();
    for (who, topic) in [(kiosk(), task(2)), (Who::worker(), notice(1))] {
        let mut client = broker.client(&who);
        let publish = |id: &u16| publish_bytes(topic.as_bytes(), "x", 0b10, *id);
        client.send(&ids.iter().flat_map(publish).collect::<Vec<u8>>());
        for id in &ids {
            assert_eq!(client.packet(), Some((0x40, id.to_be_bytes().to_vec())));
        }
    }
}

#[test]
fn a_message_at_qos_0_is_not_answered() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let mut client = broker.client(&kiosk());
    client.send(&publish_bytes(task(2).as_bytes(), "no answer", 0, 0));
    client.send(&[0xc0, 0]);
    assert_eq!(client.packet(), Some((0xd0, vec![])));
    assert_eq!(worker.message().payload, "no answer");
}

#[test]
fn an_identifier_used_again_is_another_message_and_dup_goes_no_further() {
    let broker = Broker::start();
    let mut listener = listening_phone(&broker);
    let mut sender = broker.client(&Who::worker());
    for flags in [0b0010, 0b1010, 0b1010] {
        sender.send(&publish_bytes(notice(1).as_bytes(), "again", flags, 7));
        assert_eq!(sender.packet(), Some((0x40, vec![0, 7])));
        // It would fail on a message with DUP or RETAIN.
        assert_eq!(listener.message().payload, "again");
    }
    assert_eq!(listener.messages_so_far(), []);
}

#[test]
fn dup_at_qos_0_and_qos_3_end_the_connection() {
    let broker = Broker::start();
    for flags in [0b1000, 0b1001, 0b0110, 0b0111, 0b1110] {
        assert_ends(&broker, &kiosk(), &publish_bytes(task(2).as_bytes(), "x", flags, 1));
    }
}

#[test]
fn qos_2_ends_the_connection_and_arrives_nowhere() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    for flags in [0b0100, 0b1100] {
        assert_ends(&broker, &kiosk(), &publish_bytes(task(2).as_bytes(), "x", flags, 1));
    }
    assert_eq!(worker.messages_so_far(), []);
}

#[test]
fn a_message_to_be_kept_ends_the_connection_and_is_not_kept() {
    let broker = Broker::start();
    for flags in [0b0001, 0b0011] {
        for payload in ["kept?", ""] {
            assert_ends(&broker, &kiosk(), &publish_bytes(state(2).as_bytes(), payload, flags, 1));
            let bytes = publish_bytes(notice(1).as_bytes(), payload, flags, 1);
            assert_ends(&broker, &Who::worker(), &bytes);
        }
    }
    assert_eq!(listening_worker(&broker).messages_so_far(), []);
    assert_eq!(listening_phone(&broker).messages_so_far(), []);
}

#[test]
fn no_message_is_kept_for_later_subscribers() {
    let broker = Broker::start();
    broker.client(&kiosk()).publish(&state(2), "online");
    broker.client(&Who::worker()).publish(&notice(1), "a card");
    let mut worker = broker.client(&Who::worker());
    for _ in 0..2 {
        assert_eq!(worker.subscribe(&[(STATES, 1), (SHARD, 1)]), [1, 1]);
        assert_eq!(worker.messages_so_far(), []);
    }
    let mut phone = listening_phone(&broker);
    assert_eq!(phone.messages_so_far(), []);
}

#[test]
fn a_topic_with_a_wildcard_or_without_a_character_ends_the_connection() {
    let broker = Broker::start();
    let wild = [&task(2).replace("/02/", "/+/"), "tapcard/v1/task/02/#", "#", "+", ""];
    for topic in wild {
        for flags in [0, 0b10] {
            assert_ends(&broker, &kiosk(), &publish_bytes(topic.as_bytes(), "x", flags, 1));
            assert_ends(&broker, &Who::worker(), &publish_bytes(topic.as_bytes(), "x", flags, 1));
        }
    }
}

#[test]
fn a_topic_of_the_longest_text_is_read_and_refused() {
    let broker = Broker::start();
    let longest = "a".repeat(65_535);
    assert_ends(&broker, &kiosk(), &publish_bytes(longest.as_bytes(), "x", 0b10, 1));
    let mut phone = broker.client(&phone());
    assert_eq!(phone.subscribe(&[(&longest, 1)]), [0x80]);
}

#[test]
fn messages_in_flight_have_identifiers_of_their_own_and_are_sent_once() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let mut phone = listening_phone(&broker);
    let (mut kiosk, mut sender) =
        (broker.client(&Who::kiosk(5, 0x12)), broker.client(&other_worker()));
    for n in 0..100 {
        kiosk.publish(&task(0x12), &n.to_string());
        sender.publish(&notice(1), &n.to_string());
    }
    for client in [&mut worker, &mut phone] {
        let flying: Vec<Message> = (0..100).map(|_| client.message_unacknowledged()).collect();
        let ids: HashSet<u16> = flying.iter().map(|it| it.id).collect();
        assert_eq!(ids.len(), 100);
        assert!(!ids.contains(&0));
        assert!(flying.iter().enumerate().all(|(n, it)| it.payload == n.to_string()));
        assert_eq!(client.messages_so_far(), []);
    }
}

/// A worker beside the one that listens.
fn other_worker() -> Who {
    let mut other = Who::worker();
    other.claims.cid = "worker-2".into();
    other
}

#[test]
fn at_qos_0_there_is_no_identifier() {
    let broker = Broker::start();
    let mut phone = broker.client(&phone());
    assert_eq!(phone.subscribe(&[(&notice(1), 0)]), [0]);
    broker.client(&Who::worker()).publish(&notice(1), "hi");
    let topic = crate::field(notice(1).as_bytes());
    assert_eq!(phone.packet(), Some((0x30, [&topic[..], b"hi"].concat())));
}

#[test]
fn messages_of_one_topic_keep_their_order_to_every_subscriber() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let mut phone = listening_phone(&broker);
    let (mut kiosk, mut sender) =
        (broker.client(&Who::kiosk(5, 0x12)), broker.client(&other_worker()));
    let payloads: Vec<String> = (0..300).map(|it| it.to_string()).collect();
    let bytes = |topic: String| {
        let publish = |n: usize| publish_bytes(topic.as_bytes(), &n.to_string(), 0b10, 1);
        (0..300).flat_map(publish).collect::<Vec<u8>>()
    };
    kiosk.send(&bytes(task(0x12)));
    sender.send(&bytes(notice(1)));
    for client in [&mut worker, &mut phone] {
        let heard: Vec<String> = (0..300).map(|_| client.message().payload).collect();
        assert_eq!(heard, payloads);
    }
}
