//! SUBSCRIBE and UNSUBSCRIBE: what is granted, replaced and ended.

use crate::support::{Broker, Client, Who, notice, publish_bytes, state, task, terminal};
use crate::{SHARD, STATES, field, kiosk, listening_worker, packet, phone};

fn unsubscribe(client: &mut Client, id: u16, filters: &[&str]) {
    let filters: Vec<u8> = filters.iter().flat_map(|it| field(it.as_bytes())).collect();
    client.send(&packet(0xa2, &[&id.to_be_bytes()[..], &filters].concat()));
    assert_eq!(client.packet(), Some((0xb0, id.to_be_bytes().to_vec())));
}

#[test]
fn the_answers_carry_the_identifiers_of_the_questions() {
    let broker = Broker::start();
    for who in [phone(), Who::worker()] {
        let mut client = broker.client(&who);
        for id in [1u16, 0x102, 0xffff] {
            let id = id.to_be_bytes();
            let filters = [&field(b"#")[..], &[1], &field(SHARD.as_bytes()), &[1]].concat();
            client.send(&packet(0x82, &[&id[..], &filters].concat()));
            let (first, answer) = client.packet().unwrap();
            assert_eq!((first, &answer[..2], answer.len()), (0x90, &id[..], 4));
            unsubscribe(&mut client, u16::from_be_bytes(id), &["#", SHARD]);
        }
    }
}

#[test]
fn every_filter_has_its_code_in_its_place() {
    let broker = Broker::start();
    let mut phone = broker.client(&phone());
    let (own, ours) = (terminal(2), notice(1));
    let asked = [("#", 0), (&*own, 0), ("a", 2), (&*ours, 1), (&*own, 2), ("+", 1)];
    assert_eq!(phone.subscribe(&asked), [0x80, 0, 0x80, 1, 1, 0x80]);
    let mut worker = broker.client(&Who::worker());
    let asked = [(SHARD, 0), ("#", 1), (STATES, 2), ("tapcard/v1/task/+/+", 0)];
    assert_eq!(worker.subscribe(&asked), [0, 0x80, 1, 0x80]);
}

#[test]
fn a_filter_with_a_misplaced_wildcard_or_without_a_character_is_refused() {
    let broker = Broker::start();
    for who in [phone(), Who::worker()] {
        let mut client = broker.client(&who);
        for filter in
            ["", "tapcard/v1/#/x", "tapcard/v1/x#", "tapcard/v1/task/02/x+", "#/a", "+a", "++"]
        {
            assert_eq!(client.subscribe(&[(filter, 1)]), [0x80], "{filter}");
        }
    }
}

#[test]
fn no_filter_that_begins_with_a_wildcard_is_granted() {
    let broker = Broker::start();
    for who in [kiosk(), phone(), Who::worker()] {
        let mut client = broker.client(&who);
        for filter in ["#", "+", "+/#", "+/v1/state/+", "+/v1/task/02/+", "$SYS/#", "$SYS/+"] {
            assert_eq!(client.subscribe(&[(filter, 1)]), [0x80], "{filter}");
        }
    }
}

#[test]
fn a_filter_is_compared_character_by_character() {
    let broker = Broker::start();
    let mut phone = broker.client(&phone());
    let own = notice(1);
    for filter in [
        own.to_uppercase(),
        format!("{own}/"),
        format!("/{own}"),
        own.replace("v1/", "v1//"),
        own.replace("v1/", "v1/./"),
        format!("{own} "),
        own.replace('1', "\u{ff11}"),
    ] {
        assert_eq!(phone.subscribe(&[(&filter, 1)]), [0x80], "{filter}");
    }
}

#[test]
fn the_same_filter_again_replaces_the_subscription() {
    let broker = Broker::start();
    let mut sender = broker.client(&Who::worker());
    let mut phone = broker.client(&phone());
    for qos in [1, 0, 1, 1] {
        assert_eq!(phone.subscribe(&[(&notice(1), qos)]), [qos]);
        sender.publish(&notice(1), "once");
        assert_eq!(phone.message().qos, qos);
        assert_eq!(phone.messages_so_far(), []);
    }
}

#[test]
fn a_workers_filter_again_replaces_its_subscription() {
    let broker = Broker::start();
    let mut kiosk = broker.client(&kiosk());
    let mut worker = broker.client(&Who::worker());
    for (n, qos) in [1, 0, 1, 1].into_iter().enumerate() {
        assert_eq!(worker.subscribe(&[(SHARD, qos), (STATES, 1)]), [qos, 1]);
        kiosk.publish(&task(2), &n.to_string());
        kiosk.publish(&state(2), "after it");
        let message = worker.message();
        assert_eq!((message.payload, message.qos), (n.to_string(), qos));
        assert_eq!(worker.message().payload, "after it");
    }
}

#[test]
fn a_filter_twice_in_one_subscribe_counts_as_one_after_the_other() {
    let broker = Broker::start();
    let mut phone = broker.client(&phone());
    assert_eq!(phone.subscribe(&[(&notice(1), 1), (&notice(1), 0)]), [1, 0]);
    let mut worker = broker.client(&Who::worker());
    assert_eq!(worker.subscribe(&[(SHARD, 0), (SHARD, 1), (STATES, 1)]), [0, 1, 1]);
    worker.publish(&notice(1), "once");
    assert_eq!(phone.message().qos, 0);
    assert_eq!(phone.messages_so_far(), []);
    let mut kiosk = broker.client(&kiosk());
    kiosk.publish(&task(2), "once");
    kiosk.publish(&state(2), "after it");
    assert_eq!(worker.message().payload, "once");
    assert_eq!(worker.message().payload, "after it");
}

#[test]
fn an_unsubscribe_ends_exactly_the_filters_it_names() {
    let broker = Broker::start();
    let mut kiosk = broker.client(&kiosk());
    let mut worker = listening_worker(&broker);
    unsubscribe(&mut worker, 3, &["#", "tapcard/v1/task/+/+", &task(2), "tapcard/v1/never"]);
    kiosk.publish(&task(2), "still heard");
    assert_eq!(worker.message().payload, "still heard");
    unsubscribe(&mut worker, 4, &["tapcard/v1/never", SHARD]);
    kiosk.publish(&task(2), "unheard");
    kiosk.publish(&state(2), "heard");
    assert_eq!(worker.message().payload, "heard");
    unsubscribe(&mut worker, 5, &[SHARD, STATES]);
    kiosk.publish(&state(2), "unheard");
    assert_eq!(worker.messages_so_far(), []);
}

#[test]
fn several_filters_of_an_unsubscribe_have_one_answer() {
    let broker = Broker::start();
    let mut phone = broker.client(&phone());
    assert_eq!(phone.subscribe(&[(&notice(1), 1), (&terminal(2), 1)]), [1, 1]);
    unsubscribe(&mut phone, 9, &[&notice(1), "tapcard/v1/never", &terminal(2)]);
    let mut worker = broker.client(&Who::worker());
    worker.publish(&notice(1), "unheard");
    worker.publish(&terminal(2), "unheard");
    assert_eq!(phone.messages_so_far(), []);
}

#[test]
fn what_is_in_flight_may_still_be_acknowledged_after_an_unsubscribe() {
    let broker = Broker::start();
    let mut sender = broker.client(&Who::worker());
    let mut phone = broker.client(&phone());
    assert_eq!(phone.subscribe(&[(&notice(1), 1), (&terminal(2), 1)]), [1, 1]);
    sender.publish(&notice(1), "in flight");
    let message = phone.message_unacknowledged();
    unsubscribe(&mut phone, 9, &[&notice(1)]);
    phone.acknowledge(message.id);
    sender.publish(&terminal(2), "later");
    assert_eq!(phone.message().payload, "later");
}

#[test]
fn the_lower_of_both_qos_counts_from_the_worker_and_1_from_terminals() {
    let broker = Broker::start();
    let mut worker = listening_worker(&broker);
    let mut phone = broker.client(&phone());
    assert_eq!(phone.subscribe(&[(&notice(1), 1)]), [1]);
    worker.send(&publish_bytes(notice(1).as_bytes(), "at 0", 0, 0));
    assert_eq!(phone.message().qos, 0);
    // On purpose (README): the router does not carry what QoS a task was published with.
    phone.send(&publish_bytes(task(2).as_bytes(), "at 0", 0, 0));
    assert_eq!(worker.message().qos, 1);
}
