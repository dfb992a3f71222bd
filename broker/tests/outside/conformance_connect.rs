//! CONNECT and CONNACK: who begins, what is malformed, and how a refusal looks.

use crate::support::{
    Broker, Client, Connect, Who, connect_bytes, notice, publish_bytes, state, task,
};
use crate::{STATES, field, kiosk, listening_worker, packet, phone};

/// CONNECT as `connect_bytes` writes it: where its parts lie when the length takes two bytes.
const NAME: usize = 5;
const LEVEL: usize = 9;
const FLAGS: usize = 10;

/// A good CONNECT, and what a test changes in it.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = connect_bytes(&kiosk().connect());
    assert_eq!(&bytes[NAME..LEVEL], b"MQTT");
    change(&mut bytes);
    bytes
}

/// A CONNECT with these flags and fields; the fields together are shorter than 100 bytes.
fn short(flags: u8, fields: &[&[u8]]) -> Vec<u8> {
    let fields: Vec<u8> = fields.iter().flat_map(|it| field(it)).collect();
    let head = [&field(b"MQTT")[..], &[4, flags, 0, 30]].concat();
    packet(0x10, &[head, fields].concat())
}

#[track_caller]
fn assert_no_answer(broker: &Broker, bytes: &[u8]) {
    let mut client = Client::tcp(broker.addresses.tcp);
    client.send(bytes);
    assert_eq!(client.packet(), None, "an answer to {bytes:?}");
}

/// The only answer is this CONNACK, without a session, and then the end.
#[track_caller]
fn assert_refused(broker: &Broker, bytes: &[u8], code: u8) {
    let mut client = Client::tcp(broker.addresses.tcp);
    client.send(bytes);
    assert_eq!(client.packet(), Some((0x20, vec![0, code])));
    assert_eq!(client.packet(), None);
}

#[test]
fn whoever_does_not_begin_with_connect_gets_no_answer() {
    let broker = Broker::start();
    let publish = publish_bytes(task(2).as_bytes(), "early", 0b10, 1);
    let subscribe = packet(0x82, &[&[0, 1][..], &field(b"a"), &[1]].concat());
    for bytes in [&[0xc0, 0][..], &[0xe0, 0], &[0x20, 2, 0, 0], &publish, &subscribe] {
        assert_no_answer(&broker, bytes);
    }
}

#[test]
fn a_second_connect_ends_the_connection() {
    let broker = Broker::start();
    let mut client = broker.client(&kiosk());
    client.send(&connect_bytes(&kiosk().connect()));
    client.assert_closed();
}

#[test]
fn another_protocol_gets_no_session() {
    let broker = Broker::start();
    for name in [b"MQTX", b"mqtt", b"AMQP"] {
        let bytes = changed(|it| it[NAME..LEVEL].copy_from_slice(name));
        assert_refused(&broker, &bytes, 1);
    }
    let mqtt_3_1 = [&field(b"MQIsdp")[..], &[3, 2, 0, 30], &field(b"a")].concat();
    assert_refused(&broker, &packet(0x10, &mqtt_3_1), 1);
}

#[test]
fn another_level_is_answered_with_1() {
    let broker = Broker::start();
    for level in [0, 3, 5, 0x84, 255] {
        assert_refused(&broker, &changed(|it| it[LEVEL] = level), 1);
    }
}

#[test]
fn a_reserved_flag_that_is_set_ends_it_unanswered() {
    let broker = Broker::start();
    assert_no_answer(&broker, &changed(|it| it[FLAGS] |= 1));
    for nibble in 1..16 {
        assert_no_answer(&broker, &changed(|it| it[0] |= nibble));
    }
}

#[test]
fn flags_that_contradict_one_another_end_it_unanswered() {
    let broker = Broker::start();
    for will in [0b0000_1000, 0b0001_0000, 0b0010_0000] {
        assert_no_answer(&broker, &short(0b10 | will, &[b"id"]));
    }
    let password_alone = short(0b0100_0010, &[b"id", b"secret"]);
    assert_no_answer(&broker, &password_alone);
    let will_at_qos_3 = short(0b0001_1110, &[b"id", b"topic", b"message"]);
    assert_no_answer(&broker, &will_at_qos_3);
}

#[test]
fn a_field_too_many_or_too_few_ends_it_unanswered() {
    let broker = Broker::start();
    let not_announced = changed(|it| it[FLAGS] &= 0b0011_1111);
    assert_no_answer(&broker, &not_announced);
    assert_no_answer(&broker, &short(0b10, &[b"id", b"user"]));
    assert_no_answer(&broker, &short(0b1000_0010, &[b"id", b"user", b"password"]));
    assert_no_answer(&broker, &short(0b10, &[]));
    assert_no_answer(&broker, &short(0b110, &[b"id"]));
    assert_no_answer(&broker, &short(0b110, &[b"id", b"topic"]));
    assert_no_answer(&broker, &short(0b1000_0010, &[b"id"]));
    assert_no_answer(&broker, &short(0b1100_0010, &[b"id", b"user"]));
}

#[test]
fn text_that_is_no_utf_8_or_contains_nul_ends_it_unanswered() {
    let broker = Broker::start();
    let bad: [&[u8]; 5] = [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"with\0nul"];
    for text in bad {
        assert_no_answer(&broker, &short(0b1100_0010, &[text, b"user", b"password"]));
        assert_no_answer(&broker, &short(0b1100_0110, &[b"id", text, b"", b"user", b"password"]));
        assert_no_answer(&broker, &short(0b1100_0010, &[b"id", text, b"password"]));
    }
}

#[test]
fn will_message_and_password_may_be_any_bytes() {
    let broker = Broker::start();
    let password = short(0b1100_0010, &[b"id", b"user", b"\xff\0\xfe"]);
    assert_refused(&broker, &password, 4);
    let message = short(0b1100_0110, &[b"id", b"topic", b"\xff\0\xfe", b"user", b"password"]);
    assert_refused(&broker, &message, 4);
}

#[test]
fn an_empty_client_id_is_refused_with_2() {
    let broker = Broker::start();
    let connect = Connect { client_id: String::new(), ..kiosk().connect() };
    for clean in [true, false] {
        assert_refused(&broker, &connect_bytes(&Connect { clean, ..connect.clone() }), 2);
    }
}

#[test]
fn a_foreign_client_id_is_refused_with_2_however_it_is_spelt() {
    let broker = Broker::start();
    let own = kiosk().connect();
    let padded = format!("\u{feff}{}", own.client_id);
    for client_id in ["a", "abcdefghijklmnopqrstuvw", "0000000000003", &padded] {
        let connect = Connect { client_id: client_id.into(), ..own.clone() };
        assert_refused(&broker, &connect_bytes(&connect), 2);
    }
}

#[test]
fn a_kept_session_is_refused_with_5() {
    let broker = Broker::start();
    let kept = Connect { clean: false, ..phone().connect() };
    for _ in 0..2 {
        assert_refused(&broker, &connect_bytes(&kept), 5);
        broker.client(&phone()).disconnect();
    }
}

#[test]
fn what_follows_a_refused_connect_is_not_acted_on() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let foreign = Connect { client_id: "another".into(), ..kiosk().connect() };
    let publish = publish_bytes(task(2).as_bytes(), "after a refusal", 0b10, 1);
    assert_refused(&broker, &[connect_bytes(&foreign), publish].concat(), 2);
    broker.client(&kiosk()).publish(&task(2), "after a welcome");
    assert_eq!(worker.message().payload, "after a welcome");
}

#[test]
fn what_follows_connect_at_once_is_acted_on_after_connack() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let publish = publish_bytes(task(2).as_bytes(), "at once", 0b10, 1);
    let mut client = Client::tcp(broker.addresses.tcp);
    client.send(&[connect_bytes(&kiosk().connect()), publish, vec![0xc0, 0]].concat());
    assert_eq!(client.packet(), Some((0x20, vec![0, 0])));
    assert_eq!(client.packet(), Some((0x40, vec![0, 1])));
    assert_eq!(client.packet(), Some((0xd0, vec![])));
    assert_eq!(worker.message().payload, "at once");
}

#[test]
fn every_refusal_says_that_there_is_no_session_and_closes() {
    let broker = Broker::start();
    let own = kiosk().connect();
    let will = Some((state(3), "offline".into(), 1, false));
    for (connect, code) in [
        (Connect { level: 5, ..own.clone() }, 1),
        (Connect { client_id: "another".into(), ..own.clone() }, 2),
        (Connect { password: Some("wrong".into()), ..own.clone() }, 4),
        (Connect { will, ..own }, 5),
    ] {
        assert_refused(&broker, &connect_bytes(&connect), code);
    }
}

#[test]
fn a_session_begins_empty_and_says_so() {
    let broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    let mut first = broker.client(&phone());
    assert_eq!(first.subscribe(&[(&notice(1), 1)]), [1]);
    worker.publish(&notice(1), "never acknowledged");
    first.message_unacknowledged();
    first.disconnect();
    worker.publish(&notice(1), "while it was away");

    let mut second = Client::tcp(broker.addresses.tcp);
    second.send(&connect_bytes(&phone().connect()));
    assert_eq!(second.packet(), Some((0x20, vec![0, 0])));
    worker.publish(&notice(1), "not subscribed");
    assert_eq!(second.messages_so_far(), []);
}

#[test]
fn a_workers_session_begins_empty_too() {
    let broker = Broker::start();
    let mut kiosk = broker.client(&kiosk());
    let mut first = listening_worker(&broker);
    kiosk.publish(&state(2), "never acknowledged");
    first.message_unacknowledged();
    first.disconnect();
    kiosk.publish(&state(2), "while it was away");

    let mut second = broker.client(&Who::worker());
    kiosk.publish(&state(2), "not subscribed");
    assert_eq!(second.messages_so_far(), []);
    assert_eq!(second.subscribe(&[(STATES, 1)]), [1]);
    kiosk.publish(&state(2), "subscribed");
    assert_eq!(second.message().payload, "subscribed");
}

#[test]
fn a_newer_connection_of_the_same_client_ends_the_older() {
    let broker = Broker::start();
    for who in [kiosk(), phone(), Who::worker()] {
        let mut older = broker.client(&who);
        let mut newer = broker.client(&who);
        older.assert_closed();
        assert_eq!(newer.messages_so_far(), []);
    }
}
