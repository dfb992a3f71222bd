//! The last will: published when a connection ends by itself, forgotten at a goodbye.

use std::time::Instant;

use crate::support::{Broker, Client, Connect, connect_bytes, state};
use crate::{STATES, kiosk, listening_worker};

fn with_will(payload: &str) -> Connect {
    Connect { will: Some((state(2), payload.into(), 1, false)), ..kiosk().connect() }
}

fn client(broker: &Broker, connect: &Connect) -> Client {
    Client::tcp(broker.addresses.tcp).let_in(connect)
}

#[test]
fn a_will_is_published_however_the_connection_is_lost() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    drop(client(&broker, &with_will("cut off")));
    assert_eq!(worker.message().payload, "cut off");

    let mut malformed = client(&broker, &with_will("malformed"));
    malformed.send(&[0xf0, 0]);
    assert_eq!(worker.message().payload, "malformed");

    let silent = Connect { keep_alive: 1, ..with_will("silent") };
    let _silent = client(&broker, &silent);
    assert_eq!(worker.message().payload, "silent");

    let mut older = client(&broker, &with_will("taken over"));
    let _newer = broker.client(&kiosk());
    older.assert_closed();
    let message = worker.message();
    assert_eq!((message.topic, message.payload), (state(2), "taken over".into()));
}

#[test]
fn a_will_is_published_once_and_a_goodbye_forgets_it() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    drop(client(&broker, &with_will("once")));
    assert_eq!(worker.message().payload, "once");
    client(&broker, &with_will("forgotten")).disconnect();
    drop(broker.client(&kiosk()));
    broker.client(&kiosk()).publish(&state(2), "online");
    assert_eq!(worker.message().payload, "online");
}

#[test]
fn without_a_will_a_lost_connection_says_nothing() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    drop(broker.client(&kiosk()));
    broker.client(&kiosk()).publish(&state(2), "online");
    assert_eq!(worker.message().payload, "online");
}

#[test]
fn a_will_is_not_kept_for_later_subscribers() {
    let broker = Broker::start();
    let mut witness = listening_worker(&broker);
    drop(client(&broker, &with_will("offline")));
    assert_eq!(witness.message().payload, "offline");
    let mut later = broker.client(&crate::support::Who {
        claims: tapcard_protocol::token::Claims {
            cid: "worker-2".into(),
            ..crate::support::Who::worker().claims
        },
        kid: "worker",
    });
    assert_eq!(later.subscribe(&[(STATES, 1)]), [1]);
    assert_eq!(later.messages_so_far(), []);
}

#[test]
fn a_will_at_qos_2_or_to_be_kept_is_refused_with_5() {
    let broker = Broker::start();
    for (qos, retain) in [(2, false), (0, true), (1, true), (2, true)] {
        let will = Some((state(2), "offline".into(), qos, retain));
        let mut client = Client::tcp(broker.addresses.tcp);
        client.send(&connect_bytes(&Connect { will, ..kiosk().connect() }));
        assert_eq!(client.packet(), Some((0x20, vec![0, 5])));
        assert_eq!(client.packet(), None);
    }
}

#[test]
fn a_silent_client_is_closed_after_one_and_a_half_keep_alives() {
    let broker = Broker::start();
    let connect = Connect { keep_alive: 1, ..kiosk().connect() };
    let mut client = client(&broker, &connect);
    let since = Instant::now();
    client.assert_closed();
    assert!(since.elapsed().as_millis() >= 1400, "{:?}", since.elapsed());
}
