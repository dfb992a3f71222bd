//! From a terminal through the router to the worker: tasks, states, last wills.

use crate::support::{Broker, Client, Connect, Who, state, task};

const KIOSK: u64 = 0x5e;
/// The filter of shard 14, which is [`KIOSK`]'s.
const SHARD: &str = "tapcard/v1/task/14/+";
const STATES: &str = "tapcard/v1/state/+";

fn listening_worker(broker: &Broker) -> Client {
    let mut worker = broker.client(&Who::worker());
    assert_eq!(worker.subscribe(&[(SHARD, 1), (STATES, 1)]), [1, 1]);
    worker
}

fn with_will(who: &Who, topic: &str) -> Connect {
    Connect { will: Some((topic.into(), "offline".into(), 1, false)), ..who.connect() }
}

#[test]
fn a_task_reaches_the_worker_of_its_shard() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let kiosk = Who::kiosk(1, KIOSK);
    let over_tcp = || broker.client(&kiosk);
    let over_websocket = || Client::websocket(broker.addresses.ws).let_in(&kiosk.connect());
    for connect in [&over_tcp as &dyn Fn() -> Client, &over_websocket] {
        connect().publish(&task(KIOSK), "a task");
        let message = worker.message();
        assert_eq!(message.topic, task(KIOSK));
        assert_eq!((message.payload.as_str(), message.qos), ("a task", 1));
    }
}

#[test]
fn a_worker_hears_only_its_shards() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    broker.client(&Who::kiosk(1, 0x5f)).publish(&task(0x5f), "another shard's");
    broker.client(&Who::kiosk(1, KIOSK)).publish(&task(KIOSK), "its own");
    assert_eq!(worker.message().payload, "its own");
}

#[test]
fn one_terminals_tasks_keep_their_order() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let mut kiosk = broker.client(&Who::kiosk(1, KIOSK));
    for n in 0..500 {
        kiosk.publish(&task(KIOSK), &n.to_string());
    }
    for n in 0..500 {
        assert_eq!(worker.message().payload, n.to_string());
    }
}

#[test]
fn acknowledgements_out_of_order_do_not_end_a_worker() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let mut kiosk = broker.client(&Who::kiosk(1, KIOSK));
    for round in 0..5 {
        for n in 0..100 {
            kiosk.publish(&task(KIOSK), &format!("{round}-{n}"));
        }
        let messages: Vec<_> = (0..100).map(|_| worker.message_unacknowledged()).collect();
        assert_eq!(messages[99].payload, format!("{round}-99"));
        for message in messages.iter().rev() {
            worker.acknowledge(message.id);
        }
    }
}

#[test]
fn a_hundred_unacknowledged_tasks_are_the_limit() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let mut kiosk = broker.client(&Who::kiosk(1, KIOSK));
    for n in 0..150 {
        kiosk.publish(&task(KIOSK), &n.to_string());
    }
    let first: Vec<_> = (0..100).map(|_| worker.message_unacknowledged()).collect();
    assert_eq!(worker.messages_so_far(), []);
    for message in first {
        worker.acknowledge(message.id);
    }
    for n in 100..150 {
        assert_eq!(worker.message().payload, n.to_string());
    }
}

#[test]
fn a_worker_that_came_back_gets_what_follows() {
    let broker = Broker::start();
    let mut kiosk = broker.client(&Who::kiosk(1, KIOSK));
    for round in 0..20 {
        let mut worker = listening_worker(&broker);
        kiosk.publish(&task(KIOSK), &format!("{round}"));
        kiosk.publish(&task(KIOSK), "never acknowledged");
        assert_eq!(worker.message().payload, format!("{round}"));
        if round % 2 == 0 {
            worker.disconnect();
        }
    }
}

#[test]
fn a_worker_may_ask_for_tasks_at_qos_0() {
    let broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    assert_eq!(worker.subscribe(&[(SHARD, 0), (STATES, 1)]), [0, 1]);
    let mut kiosk = broker.client(&Who::kiosk(1, KIOSK));
    kiosk.publish(&state(KIOSK), "online");
    for n in 0..300 {
        kiosk.publish(&task(KIOSK), &n.to_string());
    }
    let online = worker.message_unacknowledged();
    assert_eq!((online.payload.as_str(), online.qos), ("online", 1));
    for n in 0..99 {
        let message = worker.message();
        assert_eq!((message.payload, message.qos), (n.to_string(), 0));
    }
    worker.acknowledge(online.id);
    for n in 99..300 {
        assert_eq!(worker.message().payload, n.to_string());
    }
}

#[test]
fn an_unsubscribed_shard_is_silent() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    worker.unsubscribe(SHARD);
    let mut kiosk = broker.client(&Who::kiosk(1, KIOSK));
    kiosk.publish(&task(KIOSK), "unheard");
    kiosk.publish(&state(KIOSK), "heard");
    assert_eq!(worker.message().payload, "heard");
    assert_eq!(worker.subscribe(&[(SHARD, 1)]), [1]);
    kiosk.publish(&task(KIOSK), "heard again");
    assert_eq!(worker.message().payload, "heard again");
}

#[test]
fn a_last_will_tells_of_a_lost_terminal_but_not_of_a_goodbye() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let connect = with_will(&Who::kiosk(1, KIOSK), &state(KIOSK));
    Client::tcp(broker.addresses.tcp).let_in(&connect).disconnect();
    drop(Client::tcp(broker.addresses.tcp).let_in(&connect));
    let message = worker.message();
    assert_eq!((message.topic, message.payload), (state(KIOSK), "offline".into()));
    broker.client(&Who::kiosk(1, KIOSK)).publish(&state(KIOSK), "online");
    assert_eq!(worker.message().payload, "online");
}

#[test]
fn after_a_take_over_the_older_will_comes_before_the_newer_connection_speaks() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let connect = with_will(&Who::kiosk(1, KIOSK), &state(KIOSK));
    let mut older = Client::tcp(broker.addresses.tcp).let_in(&connect);
    let mut newer = Client::tcp(broker.addresses.tcp).let_in(&connect);
    newer.publish(&state(KIOSK), "online");
    older.assert_closed();
    newer.publish(&state(KIOSK), "still online");
    for expected in ["offline", "online", "still online"] {
        assert_eq!(worker.message().payload, expected);
    }
}
