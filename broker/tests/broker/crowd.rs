//! Many at once, and some who mean no good.

use std::net::TcpStream;
use std::time::Instant;

use crate::support::{Broker, Client, Who, notice, socket, task};

#[test]
fn sockets_that_say_nothing_keep_nobody_out_of_any_listener() {
    let broker = Broker::with_limits("unverified = 40\nunverified_per_address = 20");
    let listeners = || {
        let it = &broker.addresses;
        [it.tcp, it.tls, it.ws, it.wss]
    };
    let silent: Vec<TcpStream> = (0..50).flat_map(|_| listeners()).map(socket).collect();
    broker.await_count("tapcard_broker_logins_total{outcome=\"pushed-out\"}", 180);
    for (number, (listener, client)) in (2..).zip(broker.over_all()) {
        let mut phone = client.let_in(&Who::phone(1, number).connect());
        assert_eq!(phone.subscribe(&[(&notice(1), 1)]), [1], "{listener}");
    }
    drop(silent);
}

#[test]
fn who_logged_in_is_not_pushed_out_by_those_who_do_not() {
    let broker = Broker::with_limits("unverified = 4\nunverified_per_address = 4");
    let mut phone = broker.client(&Who::phone(1, 2));
    let crowd: Vec<TcpStream> = (0..20).map(|_| socket(broker.addresses.tcp)).collect();
    assert_eq!(phone.subscribe(&[(&notice(1), 1)]), [1]);
    drop(crowd);
}

#[test]
fn one_client_too_many_is_told_that_the_server_is_unavailable() {
    let broker = Broker::with_limits("connections = 2");
    let _both = [2, 3].map(|terminal| broker.client(&Who::phone(1, terminal)));
    let refused = Client::tcp(broker.addresses.tcp).connect(&Who::phone(1, 4).connect());
    assert_eq!(refused, Some(3));
    let again = Client::tcp(broker.addresses.tcp).connect(&Who::phone(1, 2).connect());
    assert_eq!(again, Some(0), "who is here already may come again");
}

#[test]
fn many_wrong_passwords_of_an_address_refuse_nobody_else_of_that_address() {
    let broker = Broker::with_limits("failed_logins = 5");
    let stranger = Who { kid: "stranger", ..Who::phone(1, 9) };
    let mut waiting = Vec::new();
    for _ in 0..200 {
        let mut client = Client::tcp(broker.addresses.tcp);
        client.send(&crate::support::connect_bytes(&stranger.connect()));
        waiting.push(client);
    }
    let mut phone = broker.client(&Who::phone(1, 2));
    assert_eq!(phone.subscribe(&[(&notice(1), 1)]), [1]);
    drop(waiting);
}

#[test]
fn who_speaks_too_quickly_is_heard_later_and_loses_nothing() {
    let broker = Broker::with_limits("publish_rate = 100");
    let mut worker = broker.client(&Who::worker());
    assert_eq!(worker.subscribe(&[("tapcard/v1/task/02/+", 1)]), [1]);
    let mut kiosk = broker.client(&Who::kiosk(1, 2));
    let start = Instant::now();
    for number in 0..600 {
        kiosk.publish(&task(2), &number.to_string());
    }
    // 400 are saved up, 200 come at the rate.
    assert!(start.elapsed().as_millis() > 1500, "{:?}", start.elapsed());
    for number in 0..600 {
        assert_eq!(worker.message().payload, number.to_string());
    }
}
