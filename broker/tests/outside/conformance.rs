//! What MQTT 3.1.1 demands of a server, by subject; `broker/README.md` has the table of the statements and
//! names the test that shows each. Every test says its part in packets written by hand.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "conformance_connect.rs"]
mod connect;
#[path = "conformance_link.rs"]
mod link;
#[path = "conformance_packets.rs"]
mod packets;
#[path = "conformance_publish.rs"]
mod publish;
#[path = "conformance_subscribe.rs"]
mod subscribe;
#[path = "../broker/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "written for another target too")]
mod support;
#[path = "conformance_table.rs"]
mod table;
#[path = "conformance_will.rs"]
mod will;

use support::{Broker, Client, Who};

/// The account and the terminal that tests speak for, and the filter of the terminal's shard.
const ACCOUNT: u64 = 1;
const TERMINAL: u64 = 2;
const SHARD: &str = "tapcard/v1/task/02/+";
const STATES: &str = "tapcard/v1/state/+";

/// A packet with its fixed header; the body is shorter than 128 bytes.
fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).unwrap();
    assert!(length < 128, "a length of one byte");
    [&[first, length][..], body].concat()
}

/// Bytes with their length before them, whatever they are.
fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    [&length.to_be_bytes()[..], bytes].concat()
}

fn kiosk() -> Who {
    Who::kiosk(ACCOUNT, TERMINAL)
}

fn phone() -> Who {
    Who::phone(ACCOUNT, TERMINAL)
}

/// A worker that hears the terminal's tasks and everybody's states.
fn listening_worker(broker: &Broker) -> Client {
    let mut worker = broker.client(&Who::worker());
    assert_eq!(worker.subscribe(&[(SHARD, 1), (STATES, 1)]), [1, 1]);
    worker
}

/// What a client that was let in may not send: the connection ends without an answer.
#[track_caller]
fn assert_ends(broker: &Broker, who: &Who, bytes: &[u8]) {
    let mut client = broker.client(who);
    client.send(bytes);
    client.assert_closed();
}
