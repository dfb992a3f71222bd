//! Who may publish and subscribe what, as clients see it.

use tapcard_protocol::access::Kind;

use crate::support::{Broker, Client, Who, notice, publish_bytes, state, task, terminal};

/// A SUBACK's code for a refused filter (MQTT 3.1.1 §3.9.3).
const REFUSED: u8 = 0x80;

#[test]
fn a_phone_hears_its_own_accounts_notices_and_no_others() {
    let broker = Broker::start();
    let mut phone = broker.client(&Who::phone(1, 2));
    assert_eq!(phone.subscribe(&[(&notice(1), 1)]), [1]);
    for filter in [
        notice(3).as_str(),
        "tapcard/v1/notice/+",
        "tapcard/v1/notice/#",
        "#",
        "+/#",
        "$SYS/#",
        "",
        &format!("$share/g/{}", notice(1)),
        &terminal(3),
        &task(2),
        &state(2),
        "tapcard/v1/state/+",
        "tapcard/v1/revoke",
        &notice(1).to_uppercase(),
        "名片/x",
    ] {
        assert_eq!(phone.subscribe(&[(filter, 1)]), [REFUSED], "{filter}");
    }
    assert_eq!(phone.subscribe(&[("#", 1), (&terminal(2), 2), (&notice(9), 0)]), [0x80, 1, 0x80]);
}

#[test]
fn nobody_hears_more_than_the_table_and_the_token_both_give() {
    let broker = Broker::start();
    let mut generous = Who::kiosk(1, 2);
    generous.claims.acl.subscribe = vec!["#".into(), notice(1), notice(3)];
    let mut kiosk = broker.client(&generous);
    for filter in [&*notice(1), &*notice(3), &*terminal(2)] {
        assert_eq!(kiosk.subscribe(&[(filter, 1)]), [REFUSED], "{filter}");
    }
}

#[test]
fn a_worker_hears_shards_and_states_and_nothing_else() {
    let broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    let granted = ["tapcard/v1/task/00/+", "tapcard/v1/task/15/+", "tapcard/v1/state/+"];
    for filter in granted {
        assert_eq!(worker.subscribe(&[(filter, 1)]), [1], "{filter}");
    }
    let refused = [
        "tapcard/v1/task/+/+",
        "tapcard/v1/task/16/+",
        "tapcard/v1/task/#",
        "tapcard/v1/task/00/0000000000000",
        "$share/g/tapcard/v1/task/00/+",
        "tapcard/v1/notice/+",
        "tapcard/v1/terminal/+",
        "#",
    ];
    for filter in refused {
        assert_eq!(worker.subscribe(&[(filter, 1)]), [REFUSED], "{filter}");
    }
}

#[test]
fn a_forbidden_message_ends_the_connection_and_arrives_nowhere() {
    let broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    let shards =
        [("tapcard/v1/task/02/+", 1), ("tapcard/v1/task/03/+", 1), ("tapcard/v1/state/+", 1)];
    assert_eq!(worker.subscribe(&shards), [1, 1, 1]);
    let mut victim = broker.client(&Who::phone(3, 3));
    assert_eq!(victim.subscribe(&[(&notice(3), 1), (&terminal(3), 1)]), [1, 1]);
    for kind in [Kind::Kiosk, Kind::OrganiserKiosk, Kind::Phone] {
        for topic in [task(3), state(3), notice(3), terminal(3), notice(1), terminal(2)] {
            assert_ends(&broker, &Who::terminal(kind, 1, 2), topic.as_bytes(), 0b10);
        }
    }
    victim.publish(&task(3), "its own");
    assert_eq!(worker.message().payload, "its own");
    assert_eq!(worker.messages_so_far(), []);
    assert_eq!(victim.messages_so_far(), []);
}

#[test]
fn what_is_no_topic_of_ours_ends_the_connection() {
    let broker = Broker::start();
    let kiosk = Who::kiosk(1, 2);
    let long = format!("tapcard/v1/{}", "a".repeat(60_000));
    for topic in ["", "#", "tapcard/v1/task/02/+", "$SYS/x", "名片/x", "tapcard/v1/revoke", &long]
    {
        assert_ends(&broker, &kiosk, topic.as_bytes(), 0b10);
        assert_ends(&broker, &kiosk, topic.as_bytes(), 0);
    }
    assert_ends(&broker, &kiosk, b"\xff\xfe", 0b10);
    let worker = Who::worker();
    for topic in [&*task(2), &*state(2), "tapcard/v1/notice/+", "tapcard/v1/notice/1"] {
        assert_ends(&broker, &worker, topic.as_bytes(), 0b10);
    }
}

#[test]
fn qos_2_and_the_retain_flag_end_the_connection() {
    let broker = Broker::start();
    for flags in [0b100, 0b110, 0b11, 0b1] {
        assert_ends(&broker, &Who::kiosk(1, 2), task(2).as_bytes(), flags);
    }
}

#[test]
fn a_token_may_give_less_than_the_table() {
    let broker = Broker::start();
    let mut modest = Who::kiosk(1, 2);
    modest.claims.acl.publish.retain(|it| *it == state(2));
    broker.client(&modest).publish(&state(2), "online");
    assert_ends(&broker, &modest, task(2).as_bytes(), 0b10);
}

#[track_caller]
fn assert_ends(broker: &Broker, who: &Who, topic: &[u8], flags: u8) {
    let mut client = Client::tcp(broker.addresses.tcp).let_in(&who.connect());
    client.send(&publish_bytes(topic, "forbidden", flags, 1));
    client.assert_closed();
}
