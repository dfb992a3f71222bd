//! Fixed headers, packet identifiers and text, whatever the packet.

use crate::support::{Broker, publish_bytes, task};
use crate::{assert_ends, field, kiosk, packet, phone};

/// Text that no packet may contain (RFC 3629; MQTT 3.1.1 §1.5.3).
const BAD_TEXT: [&[u8]; 5] = [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"with\0nul"];

fn subscribe(first: u8, id: u16, filter: &[u8], options: u8) -> Vec<u8> {
    packet(first, &[&id.to_be_bytes()[..], &field(filter), &[options]].concat())
}

fn unsubscribe(first: u8, id: u16, filter: &[u8]) -> Vec<u8> {
    packet(first, &[&id.to_be_bytes()[..], &field(filter)].concat())
}

#[test]
fn other_flags_than_the_standards_end_the_connection() {
    let broker = Broker::start();
    for flags in 0..16u8 {
        if flags != 0b0010 {
            assert_ends(&broker, &kiosk(), &subscribe(0x80 | flags, 1, b"a", 1));
            assert_ends(&broker, &kiosk(), &unsubscribe(0xa0 | flags, 1, b"a"));
        }
        if flags != 0 {
            assert_ends(&broker, &kiosk(), &packet(0x40 | flags, &[0, 1]));
            assert_ends(&broker, &kiosk(), &packet(0xc0 | flags, &[]));
            assert_ends(&broker, &kiosk(), &packet(0xe0 | flags, &[]));
        }
    }
}

#[test]
fn a_packet_of_qos_2_ends_the_connection_whatever_its_flags() {
    let broker = Broker::start();
    for kind in [0x50, 0x60, 0x70] {
        for flags in [0, 0b0010, 0b1111] {
            assert_ends(&broker, &kiosk(), &packet(kind | flags, &[0, 1]));
        }
    }
}

#[test]
fn a_packet_that_only_a_server_sends_or_nobody_ends_the_connection() {
    let broker = Broker::start();
    for first in [0x00, 0x20, 0x90, 0xb0, 0xd0, 0xf0] {
        assert_ends(&broker, &kiosk(), &packet(first, &[0, 1]));
    }
}

#[test]
fn the_identifier_0_ends_the_connection() {
    let broker = Broker::start();
    assert_ends(&broker, &kiosk(), &publish_bytes(task(2).as_bytes(), "x", 0b10, 0));
    assert_ends(&broker, &kiosk(), &subscribe(0x82, 0, b"a", 1));
    assert_ends(&broker, &kiosk(), &unsubscribe(0xa2, 0, b"a"));
}

#[test]
fn text_that_is_no_utf_8_or_contains_nul_ends_the_connection() {
    let broker = Broker::start();
    for text in BAD_TEXT {
        assert_ends(&broker, &kiosk(), &publish_bytes(text, "x", 0b10, 1));
        assert_ends(&broker, &kiosk(), &subscribe(0x82, 1, text, 1));
        assert_ends(&broker, &kiosk(), &unsubscribe(0xa2, 1, text));
    }
}

#[test]
fn a_subscribe_with_reserved_bits_or_qos_3_ends_the_connection() {
    let broker = Broker::start();
    for options in [3, 4, 5, 0x10, 0x41, 0x80, 0xff] {
        assert_ends(&broker, &kiosk(), &subscribe(0x82, 1, b"a", options));
    }
}

#[test]
fn an_empty_subscribe_or_unsubscribe_ends_the_connection() {
    let broker = Broker::start();
    for first in [0x82, 0xa2] {
        for body in [&[][..], &[0], &[0, 1]] {
            assert_ends(&broker, &kiosk(), &packet(first, body));
        }
    }
}

#[test]
fn a_length_that_leads_nowhere_ends_the_connection() {
    let broker = Broker::start();
    assert_ends(&broker, &kiosk(), &[0x82, 5, 0, 1, 0, 9, b'a']);
    assert_ends(&broker, &kiosk(), &[0x82, 7, 0, 1, 0, 1, b'a', 1, 0]);
    assert_ends(&broker, &kiosk(), &[0xa2, 5, 0, 1, 0, 9, b'a']);
    assert_ends(&broker, &kiosk(), &[0x32, 4, 0, 9, b'a', 1]);
    assert_ends(&broker, &kiosk(), &[0x40, 3, 0, 1, 0]);
    assert_ends(&broker, &kiosk(), &[0xc0, 1, 0]);
    assert_ends(&broker, &kiosk(), &[0xe0, 1, 0]);
    assert_ends(&broker, &kiosk(), &[0x30, 0xff, 0xff, 0xff, 0xff, 1]);
}

#[test]
fn a_byte_order_mark_is_part_of_the_text() {
    let broker = Broker::start();
    let mut phone = broker.client(&phone());
    let marked = format!("\u{feff}{}", crate::support::notice(1));
    assert_eq!(phone.subscribe(&[(&marked, 1), (&crate::support::notice(1), 1)]), [0x80, 1]);
    let marked = format!("\u{feff}{}", task(2));
    assert_ends(&broker, &kiosk(), &publish_bytes(marked.as_bytes(), "x", 0b10, 1));
}
