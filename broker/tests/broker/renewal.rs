//! Tokens that are renewed on the live connection, revoked, or lose their key.

use std::thread;
use std::time::{Duration, Instant};

use crate::support::{
    Broker, Client, LOGIN, REVOKE, Who, eventually, notice, now, publish_bytes, publish_keys,
    publish_keys_as, state, task,
};

/// None that should die lives longer.
const SOON: Duration = Duration::from_secs(2);

fn expiring(who: Who, seconds: u64) -> Who {
    let mut who = who;
    who.claims.exp = now() + seconds;
    who
}

#[test]
fn a_fresh_token_keeps_the_connection_beyond_the_end_of_the_first() {
    let broker = Broker::start();
    let first = expiring(Who::phone(1, 2), 2);
    let mut phone = broker.client(&first);
    assert_eq!(phone.subscribe(&[(&notice(1), 1)]), [1]);
    phone.publish(LOGIN, &Who::phone(1, 2).token());
    let mut worker = broker.client(&Who::worker());
    eventually("the end of the first token", || (now() > first.claims.exp).then_some(()));
    worker.publish(&notice(1), "still here");
    assert_eq!(phone.message().payload, "still here");
}

#[test]
fn the_renewed_connection_ends_with_its_second_token() {
    let broker = Broker::start();
    let mut phone = broker.client(&Who::phone(1, 2));
    let second = expiring(Who::phone(1, 2), 2);
    phone.publish(LOGIN, &second.token());
    phone.assert_closed();
    assert!(now() >= second.claims.exp);
}

#[test]
fn a_token_that_does_not_count_or_is_somebody_elses_ends_the_connection() {
    let broker = Broker::start();
    let expired = {
        let mut who = Who::phone(1, 2);
        who.claims.exp = now() - 1;
        who
    };
    for token in [
        "nonsense".to_owned(),
        expired.token(),
        Who::phone(1, 3).token(),
        Who::phone(2, 2).token(),
        Who::worker().token(),
        Who { kid: "stranger", ..Who::phone(1, 2) }.token(),
    ] {
        let mut phone = broker.client(&Who::phone(1, 2));
        phone.send(&publish_bytes(LOGIN.as_bytes(), &token, 0b10, 1));
        phone.assert_closed();
    }
}

#[test]
fn a_worker_renews_too() {
    let broker = Broker::start();
    let mut worker = broker.client(&expiring(Who::worker(), 2));
    worker.publish(LOGIN, &Who::worker().token());
    let end = now() + 2;
    eventually("the end of the first token", || (now() > end).then_some(()));
    worker.publish(&notice(1), "still here");
}

#[test]
fn revoked_tokens_are_cut_at_once_and_refused_and_fresh_ones_count() {
    let broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    assert_eq!(worker.subscribe(&[("tapcard/v1/state/+", 1)]), [1]);
    let stolen = {
        let mut who = Who::kiosk(1, 2);
        who.claims.iat = now() - 10;
        who
    };
    let mut bystander = broker.client(&Who::phone(1, 3));
    let connect = crate::support::Connect {
        will: Some((state(2), "offline".into(), 1, false)),
        ..stolen.connect()
    };
    let mut kiosk = Client::tcp(broker.addresses.tcp).let_in(&connect);
    let start = Instant::now();
    broker.revoke(2, now() - 5);
    kiosk.assert_closed();
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(worker.message().payload, "offline", "its last will is published");
    assert_eq!(Client::tcp(broker.addresses.tcp).connect(&stolen.connect()), Some(4));
    broker.client(&Who::kiosk(1, 2)).publish(&task(2), "with a fresh token");
    assert_eq!(bystander.subscribe(&[(&notice(1), 1)]), [1]);
}

#[test]
fn a_revoked_token_cannot_be_shown_again_on_the_live_connection() {
    let broker = Broker::start();
    let old = {
        let mut who = Who::phone(1, 2);
        who.claims.iat = now() - 10;
        who
    };
    broker.revoke(2, now() - 5);
    let mut phone = broker.client(&Who::phone(1, 2));
    phone.send(&publish_bytes(LOGIN.as_bytes(), &old.token(), 0b10, 1));
    phone.assert_closed();
}

#[test]
fn terminals_wait_until_a_worker_has_told_what_is_revoked() {
    let broker = Broker::start_closed("");
    let stolen = {
        let mut who = Who::phone(1, 3);
        who.claims.iat = now() - 10;
        who
    };
    let address = broker.addresses.tcp;
    let [good, bad] = [Who::phone(1, 2), stolen]
        .map(|it| thread::spawn(move || Client::tcp(address).connect(&it.connect())));
    broker.revoke(3, now() - 5);
    assert!(!good.is_finished());
    broker.open();
    assert_eq!(good.join().unwrap(), Some(0));
    assert_eq!(bad.join().unwrap(), Some(4));
}

#[test]
fn a_terminal_that_waited_in_vain_is_told_that_the_server_is_unavailable() {
    let broker = Broker::start_closed("");
    let mut phone = Client::tcp(broker.addresses.tcp);
    assert_eq!(phone.connect(&Who::phone(1, 2).connect()), Some(3));
}

#[test]
fn what_is_no_revocation_changes_nothing() {
    let broker = Broker::start_closed("");
    let mut worker = broker.client(&Who::worker());
    worker.publish(REVOKE, "{\"complete\": true}");
    assert_eq!(Client::tcp(broker.addresses.tcp).connect(&Who::phone(1, 2).connect()), Some(3));
    worker.publish(&notice(1), "the worker goes on");
}

#[test]
fn a_key_that_is_taken_out_ends_its_connections_and_no_others() {
    let broker = Broker::start();
    publish_keys(&broker.keys(), &["web", "web-2", "worker"]);
    let newer = Who { kid: "web-2", ..Who::phone(1, 3) };
    let (mut older, mut staying) = (broker.client(&Who::phone(1, 2)), broker.client(&newer));
    let mut worker = broker.client(&Who::worker());
    assert_eq!(staying.subscribe(&[(&notice(1), 1)]), [1]);
    let start = Instant::now();
    publish_keys(&broker.keys(), &["web-2", "worker"]);
    older.assert_closed();
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    worker.publish(&notice(1), "still here");
    assert_eq!(staying.message().payload, "still here");
    assert_eq!(Client::tcp(broker.addresses.tcp).connect(&Who::phone(1, 2).connect()), Some(4));
}

#[test]
fn a_key_that_another_takes_the_name_of_ends_its_connections_and_no_others() {
    let broker = Broker::start();
    publish_keys(&broker.keys(), &["web", "web-2", "worker"]);
    let newer = Who { kid: "web-2", ..Who::phone(1, 3) };
    let (mut older, mut staying) = (broker.client(&Who::phone(1, 2)), broker.client(&newer));
    publish_keys_as(&broker.keys(), &[("web", "web-3"), ("web-2", "web-2"), ("worker", "worker")]);
    older.assert_closed();
    assert_eq!(staying.subscribe(&[(&notice(1), 1)]), [1]);
    assert_eq!(Client::tcp(broker.addresses.tcp).connect(&Who::phone(1, 2).connect()), Some(4));
}

#[test]
fn a_key_whose_end_a_login_notices_first_ends_its_connections_too() {
    let broker = Broker::start();
    let mut older = broker.client(&Who::phone(1, 2));
    publish_keys(&broker.keys(), &["web-2", "worker"]);
    drop(broker.client(&Who { kid: "web-2", ..Who::phone(1, 3) }));
    older.assert_closed();
}

#[test]
fn a_key_file_that_is_broken_or_gone_ends_nobody() {
    let broker = Broker::start();
    let mut phone = broker.client(&Who::phone(1, 2));
    std::fs::write(broker.keys(), "{").unwrap();
    // A login makes it look at the file.
    let stranger = Who { kid: "stranger", ..Who::phone(1, 3) };
    assert_eq!(Client::tcp(broker.addresses.tcp).connect(&stranger.connect()), Some(4));
    std::fs::remove_file(broker.keys()).unwrap();
    assert_eq!(Client::tcp(broker.addresses.tcp).connect(&stranger.connect()), Some(4));
    assert_eq!(phone.subscribe(&[(&notice(1), 1)]), [1]);
    drop(broker.client(&Who::phone(1, 4)));
}
