//! Who is let in, who is not and how it is told, and when a connection ends by itself.

use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{
    Broker, Client, Connect, Who, eventually, notice, now, publish_keys, socket, state, task,
    terminal, upgrade,
};

fn answer(broker: &Broker, connect: &Connect) -> Option<u8> {
    Client::tcp(broker.addresses.tcp).connect(connect)
}

#[test]
fn a_token_that_does_not_count_is_a_bad_password() {
    let broker = Broker::start();
    let phone = Who::phone(1, 2);
    let cid = &phone.claims.cid;
    let mut expired = phone.clone();
    expired.claims.exp = now() - 1;
    let unknown = Who { kid: "unknown", ..phone.clone() };
    let worker_with_the_web_key = Who { kid: "web", ..Who::worker() };
    for connect in [
        Connect::new(cid, "wrong"),
        Connect::new(cid, ""),
        Connect { password: None, ..Connect::new(cid, "") },
        expired.connect(),
        unknown.connect(),
        worker_with_the_web_key.connect(),
    ] {
        assert_eq!(answer(&broker, &connect), Some(4), "{connect:?}");
    }
    assert_eq!(answer(&broker, &phone.connect()), Some(0));
    let mut endless = phone.clone();
    endless.claims.exp = u64::MAX;
    assert_eq!(answer(&broker, &endless.connect()), Some(4), "it could never be revoked");
}

#[test]
fn a_foreign_client_id_is_refused() {
    let broker = Broker::start();
    let phone = Who::phone(1, 2);
    for cid in ["0000000000003", "", "worker-1"] {
        assert_eq!(answer(&broker, &Connect::new(cid, &phone.token())), Some(2), "{cid}");
    }
    let mut no_terminal = phone.clone();
    no_terminal.claims.cid = "worker-1".into();
    assert_eq!(answer(&broker, &no_terminal.connect()), Some(2));
    let mut no_account = phone;
    no_account.claims.sub = "worker".into();
    assert_eq!(answer(&broker, &no_account.connect()), Some(2));
}

#[test]
fn a_kept_session_and_a_forbidden_last_will_are_not_authorised() {
    let broker = Broker::start();
    let kiosk = Who::kiosk(1, 2).connect();
    let will = |topic: String, qos, retain| Connect {
        will: Some((topic, "offline".into(), qos, retain)),
        ..kiosk.clone()
    };
    for connect in [
        Connect { clean: false, ..kiosk.clone() },
        will(state(3), 1, false),
        will(task(2), 1, false),
        will(notice(1), 1, false),
        will(terminal(2), 1, false),
        will("tapcard/v1/state/+".into(), 1, false),
        will("名片/x".into(), 1, false),
        will(state(2), 2, false),
        will(state(2), 1, true),
    ] {
        assert_eq!(answer(&broker, &connect), Some(5), "{connect:?}");
    }
    assert_eq!(answer(&broker, &will(state(2), 1, false)), Some(0));
}

#[test]
fn another_version_of_mqtt_is_told_so() {
    let broker = Broker::start();
    let connect = Connect { level: 5, ..Who::kiosk(1, 2).connect() };
    assert_eq!(answer(&broker, &connect), Some(1));
}

#[test]
fn a_key_that_was_added_counts_within_a_second_or_two() {
    let broker = Broker::start();
    let phone = Who { kid: "web-2", ..Who::phone(1, 2) };
    assert_eq!(answer(&broker, &phone.connect()), Some(4));
    publish_keys(&broker.keys(), &["web", "web-2", "worker"]);
    eventually("the new key", || (answer(&broker, &phone.connect()) == Some(0)).then_some(()));
}

#[test]
fn the_newer_of_two_connections_with_one_client_id_wins() {
    let broker = Broker::start();
    let phone = Who::phone(1, 2);
    let mut older = broker.client(&phone);
    assert_eq!(older.subscribe(&[(&notice(1), 1)]), [1]);
    let mut newer = Client::websocket(broker.addresses.ws).let_in(&phone.connect());
    older.assert_closed();
    assert_eq!(newer.subscribe(&[(&notice(1), 1)]), [1]);
    broker.client(&Who::worker()).publish(&notice(1), "for the newer");
    assert_eq!(newer.message().payload, "for the newer");
}

#[test]
fn a_connection_ends_with_its_token() {
    let broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    assert_eq!(worker.subscribe(&[("tapcard/v1/state/+", 1)]), [1]);
    let mut kiosk = Who::kiosk(1, 2);
    kiosk.claims.exp = now() + 2;
    let will = Some((state(2), "offline".into(), 1, false));
    let connect = Connect { will, ..kiosk.connect() };
    let mut client = Client::tcp(broker.addresses.tcp).let_in(&connect);
    client.publish(&task(2), "in time");
    client.assert_closed();
    assert!(now() >= kiosk.claims.exp);
    assert_eq!(worker.message().payload, "offline");
    assert_eq!(answer(&broker, &connect), Some(4));
}

#[test]
fn a_silent_client_is_given_up_after_one_and_a_half_keep_alives() {
    let broker = Broker::start();
    let connect = Connect { keep_alive: 1, ..Who::kiosk(1, 2).connect() };
    let mut client = Client::tcp(broker.addresses.tcp).let_in(&connect);
    let since = Instant::now();
    client.assert_closed();
    assert!((1400..5000).contains(&since.elapsed().as_millis()), "{:?}", since.elapsed());
}

#[test]
fn a_websocket_needs_the_path_and_the_sub_protocol() {
    let broker = Broker::start();
    let address = broker.addresses.ws;
    let ask = |path, headers: &[(&str, &str)]| {
        upgrade(Box::new(socket(address)), address, path, headers).map(|_| ())
    };
    let protocol = |it| [("sec-websocket-protocol", it)];
    assert_eq!(ask("/", &protocol("mqtt")), Err(400));
    assert_eq!(ask("/mqtt", &[]), Err(400));
    assert_eq!(ask("/mqtt", &protocol("mqttv3.1")), Err(400));
    assert_eq!(ask("/mqtt", &protocol("mqttv3.1, mqtt")), Ok(()));
    let from = |origin| ask("/mqtt", &[("sec-websocket-protocol", "mqtt"), ("origin", origin)]);
    assert_eq!(from("http://127.0.0.1:8080"), Ok(()), "a page of the same host");
    assert_eq!(from("https://evil.example"), Err(403));
}

#[test]
fn a_signal_ends_the_broker_cleanly() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut broker = Broker::start();
        let _client = broker.client(&Who::kiosk(1, 2));
        let pid = Pid::from_child(&broker.process);
        kill_process(pid, signal).unwrap();
        let status = eventually("the end", || broker.process.try_wait().unwrap());
        assert_eq!(status.code(), Some(0));
    }
}
