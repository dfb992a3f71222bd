//! The listeners with TLS, and certificates that change.

use std::fs;
use std::path::Path;

use crate::support::{Broker, Client, Who, eventually, notice, tls};

/// Makes another authority and certificate where a broker would make its own.
fn other_certificate(broker: &Broker) -> (Broker, [&'static str; 2]) {
    let other = Broker::start();
    for name in ["ca.pem", "server.pem", "server.key"] {
        assert!(broker.folder.path().join("tls").join(name).exists());
    }
    (other, ["server.pem", "server.key"])
}

fn copy(from: &Broker, to: &Broker, name: &str) {
    let path = |it: &Broker| it.folder.path().join("tls").join(name);
    fs::copy(path(from), path(to)).unwrap();
}

#[test]
fn every_listener_carries_the_same_conversation() {
    let broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    for (number, (listener, client)) in (2..).zip(broker.over_all()) {
        let mut phone = client.let_in(&Who::phone(1, number).connect());
        assert_eq!(phone.subscribe(&[(&notice(1), 1)]), [1], "{listener}");
        worker.publish(&notice(1), listener);
        assert_eq!(phone.message().payload, listener);
        phone.disconnect();
    }
}

#[test]
fn who_trusts_another_authority_does_not_come_in() {
    let (broker, other) = (Broker::start(), Broker::start());
    assert!(tls(broker.addresses.tls, &other.authority()).is_err());
    assert!(tls(broker.addresses.wss, &other.authority()).is_err());
    assert!(tls(broker.addresses.tls, &broker.authority()).is_ok());
}

#[test]
fn a_new_certificate_is_shown_without_a_restart_and_nobody_is_dropped() {
    let broker = Broker::start();
    let mut before =
        Client::tls(broker.addresses.tls, &broker.authority()).let_in(&Who::phone(1, 2).connect());
    let mut over_websocket = Client::secure_websocket(broker.addresses.wss, &broker.authority())
        .let_in(&Who::phone(1, 3).connect());
    let (other, names) = other_certificate(&broker);
    for name in names {
        copy(&other, &broker, name);
    }
    let trusted = |authority: &Path| tls(broker.addresses.tls, authority).is_ok();
    eventually("the new certificate", || trusted(&other.authority()).then_some(()));
    assert!(!trusted(&broker.authority()));
    assert_eq!(before.subscribe(&[(&notice(1), 1)]), [1]);
    assert_eq!(over_websocket.subscribe(&[(&notice(1), 1)]), [1]);
    assert!(tls(broker.addresses.wss, &other.authority()).is_ok());
}

#[test]
fn plain_text_at_a_listener_with_tls_ends_that_connection_only() {
    let mut broker = Broker::start();
    for address in [broker.addresses.tls, broker.addresses.wss] {
        let mut client = Client::tcp(address);
        client.send(b"\x10\x10\0\x04MQTT\x04\x02\0\x1e\0\x04four");
        while client.packet().is_some() {}
    }
    broker.assert_alive();
    assert!(tls(broker.addresses.tls, &broker.authority()).is_ok());
}
