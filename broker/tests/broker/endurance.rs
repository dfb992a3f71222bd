//! What strangers send to bring a broker down. First of all the inputs that end rumqttd 0.20 behind its own
//! listeners; here they end a connection at most.

use std::io::{Read, Write};
use std::net::TcpStream;

use async_tungstenite::tungstenite::{Bytes, Message};

use crate::support::{Broker, Client, Connect, Who, connect_bytes, publish_bytes, task, text};

/// Whether a task still comes through, over both listeners.
fn assert_works(broker: &mut Broker) {
    broker.assert_alive();
    let mut worker = broker.client(&Who::worker());
    assert_eq!(worker.subscribe(&[("tapcard/v1/task/01/+", 1)]), [1]);
    let kiosk = Who::kiosk(9, 1);
    broker.client(&kiosk).publish(&task(1), "over TCP");
    assert_eq!(worker.message().payload, "over TCP");
    let mut kiosk = Client::websocket(broker.addresses.ws).let_in(&kiosk.connect());
    kiosk.publish(&task(1), "over WebSocket");
    assert_eq!(worker.message().payload, "over WebSocket");
}

#[test]
fn a_topic_that_begins_outside_ascii_does_not_kill() {
    let mut broker = Broker::start();
    for who in [Who::kiosk(1, 2), Who::worker()] {
        let mut client = broker.client(&who);
        client.send(&publish_bytes("名片/x".as_bytes(), "x", 0b10, 1));
        client.assert_closed();
    }
    assert_works(&mut broker);
}

#[test]
fn the_last_member_of_a_shared_subscription_does_not_kill() {
    let mut broker = Broker::start();
    let kept = Connect { clean: false, ..Who::worker().connect() };
    assert_eq!(Client::tcp(broker.addresses.tcp).connect(&kept), Some(5));
    let mut worker = broker.client(&Who::worker());
    let shared = "$share/g/tapcard/v1/task/02/+";
    assert_eq!(worker.subscribe(&[(shared, 1), ("tapcard/v1/task/02/+", 1)]), [0x80, 1]);
    broker.client(&Who::kiosk(1, 2)).publish(&task(2), "unacknowledged");
    worker.message_unacknowledged();
    drop(worker);
    assert_works(&mut broker);
}

#[test]
fn a_strange_client_id_does_not_kill() {
    let mut broker = Broker::start();
    for _ in 0..3 {
        let mut strange = Who::worker();
        strange.claims.cid = "a/b+#$".into();
        broker.client(&strange).disconnect();
        let forged = Connect::new("a/b", &Who::kiosk(1, 2).token());
        assert_eq!(Client::tcp(broker.addresses.tcp).connect(&forged), Some(2));
    }
    assert_works(&mut broker);
}

#[test]
fn a_client_of_mqtt_5_does_not_kill() {
    let mut broker = Broker::start();
    for _ in 0..2 {
        let version_5 = Connect { level: 5, ..Who::kiosk(1, 2).connect() };
        let mut client = Client::tcp(broker.addresses.tcp);
        assert_eq!(client.connect(&version_5), Some(1));
        client.assert_closed();
    }
    assert_works(&mut broker);
}

#[test]
fn silent_sockets_keep_nobody_out() {
    let mut broker = Broker::start();
    let addresses = [broker.addresses.tcp, broker.addresses.ws];
    let silent: Vec<_> = (0..20).map(|it| TcpStream::connect(addresses[it % 2]).unwrap()).collect();
    let mut half = TcpStream::connect(broker.addresses.ws).unwrap();
    half.write_all(b"GET /mqtt HTTP/1.1\r\n").unwrap();
    assert_works(&mut broker);
    for mut socket in silent.into_iter().chain([half]) {
        assert_eq!(socket.read(&mut [0]).unwrap(), 0, "not given up");
    }
}

#[test]
fn bytes_that_are_no_mqtt_do_not_kill() {
    let mut broker = Broker::start();
    let hello = connect_bytes(&Who::kiosk(1, 2).connect());
    let endless = [0x30, 0xff, 0xff, 0xff, 0xff];
    let before: [&[u8]; 5] =
        [b"GET / HTTP/1.1\r\n\r\n", &[0xc0, 0], &endless, &[0x10, 0], &[0x10, 2, 0xff, 0xff]];
    for bytes in before {
        let mut client = Client::tcp(broker.addresses.tcp);
        client.send(bytes);
        client.assert_closed();
    }
    let no_filter = [0x82, 2, 0, 1];
    let no_id = [&[0x82, 8, 0, 0][..], &text("abc"), &[0]].concat();
    let after: [&[u8]; 9] = [
        &hello,
        &endless,
        &no_filter,
        &no_id,
        &[0xa2, 2, 0, 1],
        &[0xa2, 1, 0],
        &[0x36, 3, 0, 1, b'a'],
        &[0x20, 2, 0, 0],
        &[0x62, 2, 0, 1],
    ];
    for bytes in after {
        let mut client = broker.client(&Who::kiosk(1, 2));
        client.send(bytes);
        client.assert_closed();
    }
    assert_works(&mut broker);
}

#[test]
fn a_connect_in_single_bytes_is_still_one() {
    let broker = Broker::start();
    let [over_tcp, over_websocket] = [broker.addresses.tcp, broker.addresses.ws];
    for mut client in [Client::tcp(over_tcp), Client::websocket(over_websocket)] {
        for byte in connect_bytes(&Who::kiosk(1, 2).connect()) {
            client.send(&[byte]);
        }
        assert_eq!(client.packet(), Some((0x20, vec![0, 0])));
    }
}

#[test]
fn only_binary_messages_of_a_websocket_are_mqtt() {
    let broker = Broker::start();
    let kiosk = Who::kiosk(1, 2).connect();
    let mut client = Client::websocket(broker.addresses.ws).let_in(&kiosk);
    client.send_frame(Message::Ping(Bytes::from_static(b"\xe0\x00")));
    client.send_frame(Message::Pong(Bytes::from_static(b"\xe0\x00")));
    client.send_frame(Message::Binary(Bytes::new()));
    client.publish(&task(2), "still there");
    client.send_frame(Message::text("\u{10}"));
    client.assert_closed();
}

#[test]
fn a_thousand_connections_that_come_and_go_leave_it_well() {
    let mut broker = Broker::start();
    let connect = connect_bytes(&Who::kiosk(1, 2).connect());
    for n in 0..1000 {
        let mut client = Client::tcp(broker.addresses.tcp);
        client.send(&connect[..n % connect.len()]);
    }
    assert_works(&mut broker);
}
