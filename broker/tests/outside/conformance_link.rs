//! What lies below and around the packets: WebSocket, pings, goodbyes, a broker that cannot go on.

use std::io::{Read, Write};

use async_tungstenite::tungstenite::Message;

use crate::support::{Broker, Client, Who, connect_bytes, publish_bytes, state, task};
use crate::{SHARD, kiosk, listening_worker};

/// Most workers whose tasks the broker can carry at a time.
const WORKERS: usize = 500;

#[test]
fn a_ping_is_answered_each_time() {
    let broker = Broker::start();
    let mut client = broker.client(&kiosk());
    client.send(&[0xc0, 0, 0xc0, 0]);
    for _ in 0..2 {
        assert_eq!(client.packet(), Some((0xd0, vec![])));
    }
}

#[test]
fn a_goodbye_with_reserved_bits_is_none() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let will = Some((state(2), "offline".into(), 1, false));
    let connect = crate::support::Connect { will, ..kiosk().connect() };
    for bytes in [&[0xe1, 0][..], &[0xe8, 0], &[0xe0, 1, 0]] {
        let mut client = Client::tcp(broker.addresses.tcp).let_in(&connect);
        client.send(bytes);
        client.assert_closed();
        assert_eq!(worker.message().payload, "offline");
    }
}

#[test]
fn what_follows_a_goodbye_is_not_acted_on() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let mut client = broker.client(&kiosk());
    let late = publish_bytes(task(2).as_bytes(), "late", 0b10, 1);
    client.send(&[&[0xe0, 0][..], &late].concat());
    assert_eq!(client.packet(), None);
    broker.client(&kiosk()).publish(&task(2), "in time");
    assert_eq!(worker.message().payload, "in time");
}

#[test]
fn packets_and_websocket_messages_need_not_begin_together() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let mut client = Client::websocket(broker.addresses.ws);
    let publish = |payload, id| publish_bytes(task(2).as_bytes(), payload, 0b10, id);
    let connect = connect_bytes(&kiosk().connect());
    let bytes = [connect, publish("first", 1), publish("second", 2), vec![0xc0, 0]].concat();
    let (begin, rest) = bytes.split_at(20);
    let (middle, end) = rest.split_at(rest.len() - 30);
    for part in [begin, middle, &[], end] {
        client.send(part);
    }
    assert_eq!(client.packet(), Some((0x20, vec![0, 0])));
    assert_eq!(client.packet(), Some((0x40, vec![0, 1])));
    assert_eq!(client.packet(), Some((0x40, vec![0, 2])));
    assert_eq!(client.packet(), Some((0xd0, vec![])));
    assert_eq!(
        (worker.message().payload, worker.message().payload),
        ("first".into(), "second".into())
    );
}

#[test]
fn a_websocket_message_of_text_ends_the_connection() {
    let broker = Broker::start();
    for text in ["", "\u{10}"] {
        let mut client = Client::websocket(broker.addresses.ws).let_in(&kiosk().connect());
        client.send_frame(Message::text(text));
        client.assert_closed();
    }
}

#[test]
fn the_sub_protocol_chosen_is_mqtt() {
    let broker = Broker::start();
    let mut socket = std::net::TcpStream::connect(broker.addresses.ws).unwrap();
    let request = "GET /mqtt HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                   Sec-WebSocket-Protocol: mqttv3.1, mqtt\r\n\r\n";
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    let answer = String::from_utf8(answer).unwrap().to_lowercase();
    assert!(answer.starts_with("http/1.1 101 "), "{answer}");
    let chosen: Vec<&str> =
        answer.lines().filter_map(|it| it.strip_prefix("sec-websocket-protocol: ")).collect();
    assert_eq!(chosen, ["mqtt"]);
}

#[test]
fn a_worker_for_which_there_is_no_room_is_closed() {
    let broker = Broker::start();
    let worker = |n: usize| {
        let mut who = Who::worker();
        who.claims.cid = format!("worker-{n}");
        broker.client(&who)
    };
    let mut workers: Vec<Client> = (0..WORKERS).map(worker).collect();
    for worker in &mut workers {
        assert_eq!(worker.subscribe(&[(SHARD, 1)]), [1]);
    }
    let mut one_more = worker(WORKERS);
    let subscribe = [&[0, 1][..], &crate::field(SHARD.as_bytes()), &[1]].concat();
    one_more.send(&crate::packet(0x82, &subscribe));
    one_more.assert_closed();
}
