//! Bytes to the packets that a client may send, and replies to bytes: MQTT 3.1.1.
//!
//! The work is rumqttd's codec, but for what it reads too kindly, which `fields` reads. Everything a client
//! has no business to send is refused here, so that the rest of the gate sees only these few packets.

use bytes::{BufMut, Bytes, BytesMut};
use rumqttd::protocol::v4::{FixedHeader, V4, check, write_remaining_length};
use rumqttd::protocol::{
    ConnAck, ConnectReturnCode, Error, LastWill, Packet as Wire, PingResp, Protocol, PubAck,
    PubAckReason, QoS, SubAck, SubscribeReasonCode, UnsubAck,
};
use tapcard_protocol::topic::MAX_LENGTH;
use thiserror::Error;

use super::fields;

/// Largest payload, in bytes.
const MAX_PAYLOAD: usize = 64 * 1024;
/// Largest remaining length (MQTT 3.1.1 §2.2.3): topic, packet identifier and payload.
const MAX_REMAINING: usize = 2 + MAX_LENGTH + 2 + MAX_PAYLOAD;
/// First byte of CONNECT (MQTT 3.1.1 §3.1.1).
const CONNECT: u8 = 0x10;

/// A client's first packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Connect {
    /// What the client calls itself.
    pub client_id: String,
    /// The password, empty when there is none.
    pub password: String,
    /// Whether it asks for a session without a past.
    pub clean_session: bool,
    /// Seconds between packets; 0 means as long as it likes.
    pub keep_alive: u16,
    /// What to publish when it goes without a word.
    pub will: Option<LastWill>,
}

/// Any later packet of a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    /// A message.
    Publish(Publish),
    /// It has our message with this packet identifier.
    PubAck(u16),
    /// It asks for messages.
    Subscribe {
        /// Packet identifier.
        id: u16,
        /// Topic filters, at least one.
        filters: Vec<(String, QoS)>,
    },
    /// It no longer wants messages.
    Unsubscribe {
        /// Packet identifier.
        id: u16,
        /// Topic filters, at least one.
        filters: Vec<String>,
    },
    /// It is still there.
    Ping,
    /// It goes, and its last will is void.
    Disconnect,
}

/// A message from a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Publish {
    /// The topic, not yet looked at.
    pub topic: String,
    /// The content; a copy, so that a message that is kept does not keep the read buffer too.
    pub payload: Bytes,
    /// How often it may arrive.
    pub qos: QoS,
    /// Whether it asks to be kept for later subscribers.
    pub retain: bool,
    /// Packet identifier; 0 at QoS 0.
    pub id: u16,
}

/// What the gate answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The answer to CONNECT, in a session without a past.
    ConnAck(ConnectReturnCode),
    /// The message with this packet identifier has been taken.
    PubAck(u16),
    /// What was granted of a SUBSCRIBE, filter by filter.
    SubAck {
        /// The packet identifier of the SUBSCRIBE.
        id: u16,
        /// The QoS granted, or none for 0x80.
        granted: Vec<Option<QoS>>,
    },
    /// The UNSUBSCRIBE with this packet identifier is done.
    UnsubAck(u16),
    /// The answer to a ping.
    Pong,
}

/// A first packet that is not answered with a session.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum BadConnect {
    /// It is CONNECT of another version of MQTT.
    #[error("another version of MQTT")]
    Version,
    /// It is no CONNECT.
    #[error("not an MQTT CONNECT")]
    Malformed,
}

/// Bytes that no client may send.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("malformed or forbidden packet")]
pub(crate) struct Malformed;

/// Takes CONNECT off the input; none until all of it is there.
pub(crate) fn decode_connect(input: &mut BytesMut) -> Result<Option<Connect>, BadConnect> {
    if input.first().is_some_and(|it| *it != CONNECT) {
        return Err(BadConnect::Malformed);
    }
    match check(input.iter(), MAX_REMAINING) {
        Ok(header) => {
            let packet = input.split_to(header.frame_length());
            fields::connect(&packet[header.fixed_header_len..]).map(Some)
        }
        Err(Error::InsufficientBytes(_)) => Ok(None),
        Err(_) => Err(BadConnect::Malformed),
    }
}

/// Takes the next packet off the input; none until all of it is there.
pub(crate) fn decode(input: &mut BytesMut) -> Result<Option<Packet>, Malformed> {
    if input.first().is_some_and(|it| !may_begin(*it)) {
        return Err(Malformed);
    }
    let header = match check(input.iter(), MAX_REMAINING) {
        Ok(header) => header,
        Err(Error::InsufficientBytes(_)) => return Ok(None),
        Err(_) => return Err(Malformed),
    };
    if let Some(read) = strict_reader(header.byte1) {
        let packet = input.split_to(header.frame_length());
        return read(&packet[header.fixed_header_len..]).map(Some);
    }
    let id = publish_id(&header, input);
    match V4.read_mut(input, MAX_REMAINING).map_err(|_| Malformed)? {
        Wire::Publish(it, _) => Ok(Some(Packet::Publish(Publish {
            topic: String::from_utf8(it.topic.into()).map_err(|_| Malformed)?,
            payload: Bytes::copy_from_slice(&it.payload),
            qos: qos(header.byte1).ok_or(Malformed)?,
            retain: it.retain,
            id,
        }))),
        Wire::PubAck(it, _) => Ok(Some(Packet::PubAck(it.pkid))),
        Wire::PingReq(_) if header.remaining_len == 0 => Ok(Some(Packet::Ping)),
        Wire::Disconnect(..) => Ok(Some(Packet::Disconnect)),
        _ => Err(Malformed),
    }
}

type Reader = fn(&[u8]) -> Result<Packet, Malformed>;

/// What reads a packet that begins so, unless rumqttd does.
fn strict_reader(first: u8) -> Option<Reader> {
    match first >> 4 {
        8 => Some(fields::subscribe),
        10 => Some(fields::unsubscribe),
        _ => None,
    }
}

/// Whether a packet that begins so may come from a client: type and flags (MQTT 3.1.1 §2.2.2).
fn may_begin(first: u8) -> bool {
    match first >> 4 {
        3 => first & 0b1110 != 0b1000,
        4 | 12 | 14 => first & 0xf == 0,
        8 | 10 => first & 0xf == 0b0010,
        _ => false,
    }
}

fn qos(first: u8) -> Option<QoS> {
    rumqttd::protocol::qos((first >> 1) & 0b11)
}

/// The packet identifier of a PUBLISH, which rumqttd reads but does not show (MQTT 3.1.1 §3.3.2.2).
fn publish_id(header: &FixedHeader, packet: &[u8]) -> u16 {
    let word =
        |at: usize| packet.get(at..at + 2).map_or(0, |it| u16::from_be_bytes([it[0], it[1]]));
    if header.byte1 >> 4 != 3 || qos(header.byte1) == Some(QoS::AtMostOnce) {
        return 0;
    }
    let topic = header.fixed_header_len;
    word(topic + 2 + usize::from(word(topic)))
}

/// Appends a reply to the output.
pub(crate) fn encode(reply: &Reply, output: &mut BytesMut) {
    let packet = match reply {
        Reply::ConnAck(code) => {
            Wire::ConnAck(ConnAck { session_present: false, code: *code }, None)
        }
        Reply::PubAck(id) => Wire::PubAck(puback(*id), None),
        Reply::SubAck { id, granted } => {
            let code = |it: &Option<QoS>| match it {
                Some(qos) => SubscribeReasonCode::Success(*qos),
                None => SubscribeReasonCode::Failure,
            };
            let return_codes = granted.iter().map(code).collect();
            Wire::SubAck(SubAck { pkid: *id, return_codes }, None)
        }
        Reply::UnsubAck(id) => Wire::UnsubAck(UnsubAck { pkid: *id, reasons: Vec::new() }, None),
        Reply::Pong => Wire::PingResp(PingResp),
    };
    V4.write(packet, output).expect("these packets are shorter than any limit");
}

/// An acknowledgement as the router takes it.
pub(crate) fn puback(id: u16) -> PubAck {
    PubAck { pkid: id, reason: PubAckReason::Success }
}

/// Appends a message to the output; at QoS 0 when it has no packet identifier, else at QoS 1.
pub(crate) fn encode_publish(topic: &str, payload: &[u8], id: Option<u16>, output: &mut BytesMut) {
    let length = 2 + topic.len() + id.map_or(0, |_| 2) + payload.len();
    output.reserve(5 + length);
    output.put_u8(if id.is_some() { 0b0011_0010 } else { 0b0011_0000 });
    write_remaining_length(output, length).expect("a message of ours is far below the limit");
    output.put_u16(u16::try_from(topic.len()).expect("topics are short"));
    output.put_slice(topic.as_bytes());
    if let Some(id) = id {
        output.put_u16(id);
    }
    output.put_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A CONNECT with a will at QoS 1, a user name and a password.
    const HELLO: &[u8] = b"\x10\x1b\0\x04MQTT\x04\xce\0\x1e\0\x02id\0\x01t\0\x01m\0\x01u\0\x02pw";

    /// Packets as the standard spells them, and what they say.
    fn golden() -> Vec<(&'static [u8], Packet)> {
        let publish = |qos, id| {
            let (topic, payload) = ("a/b".into(), Bytes::from_static(b"hi"));
            Packet::Publish(Publish { topic, payload, qos, retain: false, id })
        };
        vec![
            (b"\x30\x07\0\x03a/bhi", publish(QoS::AtMostOnce, 0)),
            (b"\x32\x09\0\x03a/b\x01\x02hi", publish(QoS::AtLeastOnce, 0x102)),
            (b"\x3a\x09\0\x03a/b\x01\x02hi", publish(QoS::AtLeastOnce, 0x102)),
            (b"\x34\x09\0\x03a/b\x01\x02hi", publish(QoS::ExactlyOnce, 0x102)),
            (b"\x40\x02\x01\x02", Packet::PubAck(0x102)),
            (
                b"\x82\x09\0\x05\0\x01a\x01\0\0\0",
                Packet::Subscribe {
                    id: 5,
                    filters: vec![("a".into(), QoS::AtLeastOnce), (String::new(), QoS::AtMostOnce)],
                },
            ),
            (b"\xa2\x05\0\x05\0\x01a", Packet::Unsubscribe { id: 5, filters: vec!["a".into()] }),
            (b"\xc0\0", Packet::Ping),
            (b"\xe0\0", Packet::Disconnect),
        ]
    }

    fn read(bytes: &[u8]) -> Result<Option<Packet>, Malformed> {
        decode(&mut BytesMut::from(bytes))
    }

    #[test]
    fn packets_are_read_as_the_standard_spells_them() {
        for (bytes, packet) in golden() {
            assert_eq!(read(bytes), Ok(Some(packet)), "{bytes:?}");
        }
        let connect = decode_connect(&mut BytesMut::from(HELLO)).unwrap().unwrap();
        assert_eq!((connect.client_id.as_str(), connect.password.as_str()), ("id", "pw"));
        assert_eq!((connect.keep_alive, connect.clean_session), (30, true));
        let (topic, message) = (Bytes::from_static(b"t"), Bytes::from_static(b"m"));
        let will = LastWill { topic, message, qos: QoS::AtLeastOnce, retain: false };
        assert_eq!(connect.will, Some(will));
    }

    #[test]
    fn two_packets_in_one_read_are_two() {
        let mut input = BytesMut::from(&b"\xc0\0\x40\x02\x01\x02\xe0"[..]);
        assert_eq!(decode(&mut input), Ok(Some(Packet::Ping)));
        assert_eq!(decode(&mut input), Ok(Some(Packet::PubAck(0x102))));
        assert_eq!(decode(&mut input), Ok(None));
    }

    #[test]
    fn a_part_of_a_packet_is_awaited() {
        for (bytes, _) in golden() {
            for length in 0..bytes.len() {
                assert_eq!(read(&bytes[..length]), Ok(None), "{bytes:?} to {length}");
            }
        }
        for length in 0..HELLO.len() {
            assert_eq!(decode_connect(&mut BytesMut::from(&HELLO[..length])), Ok(None));
        }
    }

    #[test]
    fn no_changed_byte_makes_it_panic() {
        for bytes in golden().iter().map(|it| it.0).chain([HELLO]) {
            for (at, value) in (0..bytes.len()).flat_map(|at| (0..=255).map(move |it| (at, it))) {
                let mut changed = BytesMut::from(bytes);
                changed[at] = value;
                let _ = decode(&mut changed.clone());
                let _ = decode_connect(&mut changed);
            }
        }
    }

    #[test]
    fn what_no_client_may_send_is_malformed() {
        let forbidden: [&[u8]; 14] = [
            b"\x00\0",
            HELLO,
            b"\x20\x02\0\0",
            b"\x38\x07\0\x03a/bhi",
            b"\x36\x09\0\x03a/b\x01\x02hi",
            b"\x32\x09\0\x03a/b\0\0hi",
            b"\x41\x02\x01\x02",
            b"\x62\x02\x01\x02",
            b"\x80\x06\0\x05\0\x01a\x01",
            b"\x82\x02\0\x05",
            b"\x82\x06\0\0\0\x01a\x01",
            b"\xa2\x02\0\x05",
            b"\xc0\x01\0",
            b"\xf0\0",
        ];
        for bytes in forbidden {
            assert_eq!(read(bytes), Err(Malformed), "{bytes:?}");
        }
    }

    #[test]
    fn too_large_a_packet_is_refused_before_it_has_come() {
        let mut input = BytesMut::from(&[0x30][..]);
        write_remaining_length(&mut input, MAX_REMAINING).unwrap();
        assert_eq!(decode(&mut input), Ok(None));
        let mut input = BytesMut::from(&[0x30][..]);
        write_remaining_length(&mut input, MAX_REMAINING + 1).unwrap();
        assert_eq!(decode(&mut input), Err(Malformed));
        assert_eq!(read(b"\x30\xff\xff\xff\xff"), Err(Malformed));
    }

    #[test]
    fn another_version_is_told_from_nonsense() {
        for (at, value) in [(8, 5), (8, 3), (4, b'X')] {
            let mut other = BytesMut::from(HELLO);
            other[at] = value;
            assert_eq!(decode_connect(&mut other), Err(BadConnect::Version));
        }
        let nonsense = decode_connect(&mut BytesMut::from(&b"GET / HTTP/1.1"[..]));
        assert_eq!(nonsense, Err(BadConnect::Malformed));
    }

    #[test]
    fn replies_are_written_as_the_standard_spells_them() {
        let expected: [(Reply, &[u8]); 7] = [
            (Reply::ConnAck(ConnectReturnCode::Success), b"\x20\x02\0\0"),
            (Reply::ConnAck(ConnectReturnCode::BadUserNamePassword), b"\x20\x02\0\x04"),
            (Reply::ConnAck(ConnectReturnCode::ClientIdentifierNotValid), b"\x20\x02\0\x02"),
            (Reply::PubAck(0x102), b"\x40\x02\x01\x02"),
            (
                Reply::SubAck { id: 5, granted: vec![None, Some(QoS::AtLeastOnce)] },
                b"\x90\x04\0\x05\x80\x01",
            ),
            (Reply::UnsubAck(5), b"\xb0\x02\0\x05"),
            (Reply::Pong, b"\xd0\0"),
        ];
        for (reply, bytes) in expected {
            let mut output = BytesMut::new();
            encode(&reply, &mut output);
            assert_eq!(output, bytes, "{reply:?}");
        }
        let mut output = BytesMut::new();
        encode_publish("a/b", b"hi", Some(0x102), &mut output);
        encode_publish("a/b", b"hi", None, &mut output);
        assert_eq!(&output[..], b"\x32\x09\0\x03a/b\x01\x02hi\x30\x07\0\x03a/bhi");
    }
}
