//! From the worker to terminals: the gate's own delivery.

use crate::support::{Broker, Client, Message, Who, notice, publish_bytes, task, terminal};

fn listening(broker: &Broker, who: &Who, filter: &str) -> Client {
    let mut client = broker.client(who);
    assert_eq!(client.subscribe(&[(filter, 1)]), [1]);
    client
}

#[test]
fn a_notice_reaches_exactly_its_accounts_phones() {
    let broker = Broker::start();
    let mut ours: Vec<_> =
        [10, 11].map(|it| listening(&broker, &Who::phone(1, it), &notice(1))).into();
    let mut over_websocket =
        Client::websocket(broker.addresses.ws).let_in(&Who::phone(1, 12).connect());
    assert_eq!(over_websocket.subscribe(&[(&notice(1), 1)]), [1]);
    ours.push(over_websocket);
    let mut others = [
        listening(&broker, &Who::phone(2, 20), &notice(2)),
        listening(&broker, &Who::phone(1, 13), &terminal(13)),
        listening(&broker, &Who::kiosk(1, 14), &terminal(14)),
    ];
    broker.client(&Who::worker()).publish(&notice(1), "a card");
    for phone in &mut ours {
        let message = phone.message();
        assert_eq!((message.topic, message.payload, message.qos), (notice(1), "a card".into(), 1));
    }
    for other in &mut others {
        assert_eq!(other.messages_so_far(), []);
    }
}

#[test]
fn a_receipt_reaches_its_terminal_only() {
    let broker = Broker::start();
    let mut kiosk = listening(&broker, &Who::kiosk(1, 10), &terminal(10));
    let mut other = listening(&broker, &Who::kiosk(1, 11), &terminal(11));
    broker.client(&Who::worker()).publish(&terminal(10), "a receipt");
    assert_eq!(kiosk.message().payload, "a receipt");
    assert_eq!(other.messages_so_far(), []);
}

#[test]
fn a_message_to_nobody_is_acknowledged() {
    let broker = Broker::start();
    let mut worker = broker.client(&Who::worker());
    for topic in [notice(1), terminal(2), "tapcard/v1/revoke".into()] {
        worker.publish(&topic, "for nobody");
    }
    let mut deaf = broker.client(&Who::phone(1, 2));
    worker.publish(&notice(1), "not subscribed");
    assert_eq!(deaf.messages_so_far(), []);
}

#[test]
fn what_has_been_acknowledged_to_the_worker_stands_in_every_queue() {
    let broker = Broker::start();
    let mut phones = [10, 11].map(|it| listening(&broker, &Who::phone(1, it), &notice(1)));
    let mut worker = broker.client(&Who::worker());
    for n in 0..500 {
        worker.publish(&notice(1), &n.to_string());
    }
    for phone in &mut phones {
        for n in 0..500 {
            assert_eq!(phone.message().payload, n.to_string());
        }
    }
}

#[test]
fn at_most_a_hundred_messages_are_in_flight_and_acknowledged_in_any_order() {
    let broker = Broker::start();
    let mut phone = listening(&broker, &Who::phone(1, 10), &notice(1));
    let mut worker = broker.client(&Who::worker());
    for n in 0..120 {
        worker.publish(&notice(1), &n.to_string());
    }
    let flying: Vec<Message> = (0..100).map(|_| phone.message_unacknowledged()).collect();
    assert_eq!(phone.messages_so_far(), []);
    for message in flying.iter().rev() {
        phone.acknowledge(message.id);
    }
    for n in 100..120 {
        assert_eq!(phone.message().payload, n.to_string());
    }
}

#[test]
fn the_lower_qos_of_message_and_subscription_counts() {
    let broker = Broker::start();
    let mut once = broker.client(&Who::phone(1, 10));
    assert_eq!(once.subscribe(&[(&notice(1), 0)]), [0]);
    let mut surely = broker.client(&Who::phone(1, 11));
    assert_eq!(surely.subscribe(&[(&notice(1), 2)]), [1]);
    let mut worker = broker.client(&Who::worker());
    worker.publish(&notice(1), "at 1");
    worker.send(&publish_bytes(notice(1).as_bytes(), "at 0", 0, 0));
    let heard = |client: &mut Client| [client.message(), client.message()].map(|it| it.qos);
    assert_eq!(heard(&mut once), [0, 0]);
    assert_eq!(heard(&mut surely), [1, 0]);
}

#[test]
fn an_unsubscribed_topic_is_silent() {
    let broker = Broker::start();
    let mut phone = listening(&broker, &Who::phone(1, 10), &notice(1));
    assert_eq!(phone.subscribe(&[(&terminal(10), 1)]), [1]);
    phone.unsubscribe(&notice(1));
    phone.unsubscribe("tapcard/v1/never");
    let mut worker = broker.client(&Who::worker());
    worker.publish(&notice(1), "unheard");
    worker.publish(&terminal(10), "heard");
    assert_eq!(phone.message().payload, "heard");
}

#[test]
fn whoever_does_not_take_its_messages_is_closed_and_nobody_waits_for_it() {
    let broker = Broker::start();
    let mut lazy = listening(&broker, &Who::phone(1, 10), &notice(1));
    let mut eager = listening(&broker, &Who::phone(1, 11), &notice(1));
    let mut worker = broker.client(&Who::worker());
    for n in 0..1200 {
        worker.publish(&notice(1), &n.to_string());
        assert_eq!(eager.message().payload, n.to_string());
    }
    lazy.assert_closed();
    broker.client(&Who::phone(1, 10)).publish(&task(10), "it may come again");
}

#[test]
fn a_message_of_the_largest_size_passes() {
    let broker = Broker::start();
    let mut phone = listening(&broker, &Who::phone(1, 10), &notice(1));
    let mut over_websocket =
        Client::websocket(broker.addresses.ws).let_in(&Who::phone(1, 11).connect());
    assert_eq!(over_websocket.subscribe(&[(&notice(1), 1)]), [1]);
    let largest = "x".repeat(64 * 1024);
    let mut worker = broker.client(&Who::worker());
    worker.publish(&notice(1), &largest);
    assert_eq!(phone.message().payload, largest);
    assert_eq!(over_websocket.message().payload, largest);
    worker.send(&publish_bytes(notice(1).as_bytes(), &"x".repeat(64 * 1024 + 100), 0b10, 9));
    worker.assert_closed();
}
