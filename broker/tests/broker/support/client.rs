//! A client in hand-written MQTT 3.1.1, which also says what a decent library refuses to say.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;

use async_tungstenite::tungstenite;

use super::pipe::{Pipe, Stream, socket, tls, upgrade};
use tapcard_load::frame::{framed, text};

/// A connected client.
pub(crate) struct Client {
    pipe: Pipe,
    input: Vec<u8>,
    /// Messages that came while something else was awaited.
    messages: VecDeque<Message>,
    last_id: u16,
}

/// A message that the broker delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) payload: String,
    pub(crate) qos: u8,
    pub(crate) id: u16,
}

/// What CONNECT says.
#[derive(Clone, Debug)]
pub(crate) struct Connect {
    pub(crate) client_id: String,
    pub(crate) password: Option<String>,
    pub(crate) clean: bool,
    pub(crate) keep_alive: u16,
    pub(crate) level: u8,
    /// Topic, payload, QoS, retain.
    pub(crate) will: Option<(String, String, u8, bool)>,
}

impl Connect {
    pub(crate) fn new(client_id: &str, password: &str) -> Connect {
        Connect {
            client_id: client_id.into(),
            password: Some(password.into()),
            clean: true,
            keep_alive: 30,
            level: 4,
            will: None,
        }
    }
}

pub(crate) fn connect_bytes(connect: &Connect) -> Vec<u8> {
    let mut flags = u8::from(connect.clean) << 1;
    let mut payload = text(&connect.client_id);
    if let Some((topic, message, qos, retain)) = &connect.will {
        flags |= 0b100 | qos << 3 | u8::from(*retain) << 5;
        payload.extend([text(topic), text(message)].concat());
    }
    if let Some(password) = &connect.password {
        flags |= 0b1100_0000;
        payload.extend([text("tapcard"), text(password)].concat());
    }
    let mut body = [text("MQTT"), vec![connect.level, flags]].concat();
    body.extend(connect.keep_alive.to_be_bytes());
    framed(0x10, &[body, payload].concat())
}

pub(crate) fn publish_bytes(topic: &[u8], payload: &str, flags: u8, id: u16) -> Vec<u8> {
    let length = u16::try_from(topic.len()).unwrap();
    let mut body = [&length.to_be_bytes()[..], topic].concat();
    if flags & 0b110 != 0 {
        body.extend(id.to_be_bytes());
    }
    body.extend(payload.as_bytes());
    framed(0x30 | flags, &body)
}

impl Client {
    pub(crate) fn tcp(address: SocketAddr) -> Client {
        Client::over(Pipe::Bytes(Box::new(socket(address))))
    }

    pub(crate) fn websocket(address: SocketAddr) -> Client {
        Client::in_websocket(Box::new(socket(address)), address)
    }

    pub(crate) fn tls(address: SocketAddr, authority: &Path) -> Client {
        Client::over(Pipe::Bytes(tls(address, authority).unwrap()))
    }

    pub(crate) fn secure_websocket(address: SocketAddr, authority: &Path) -> Client {
        Client::in_websocket(tls(address, authority).unwrap(), address)
    }

    fn in_websocket(stream: Box<dyn Stream>, address: SocketAddr) -> Client {
        let upgraded = upgrade(stream, address, "/mqtt", &[("sec-websocket-protocol", "mqtt")]);
        Client::over(Pipe::WebSocket(Box::new(upgraded.unwrap())))
    }

    fn over(pipe: Pipe) -> Client {
        Client { pipe, input: Vec::new(), messages: VecDeque::new(), last_id: 0 }
    }

    /// The return code of CONNACK.
    pub(crate) fn connect(&mut self, connect: &Connect) -> Option<u8> {
        self.send(&connect_bytes(connect));
        let (first, body) = self.packet()?;
        assert_eq!((first, body[0]), (0x20, 0), "no CONNACK without a session");
        Some(body[1])
    }

    pub(crate) fn let_in(mut self, connect: &Connect) -> Client {
        assert_eq!(self.connect(connect), Some(0));
        self
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        // The broker may have closed already; the test sees that when it reads.
        let _ = self.pipe.write(bytes);
    }

    /// Sends a WebSocket message of any kind.
    pub(crate) fn send_frame(&mut self, message: tungstenite::Message) {
        let Pipe::WebSocket(it) = &mut self.pipe else { panic!("not over WebSocket") };
        it.send(message).unwrap();
    }

    /// The next packet, first byte and rest; none when the broker has closed.
    pub(crate) fn packet(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some(packet) = self.buffered() {
                return Some(packet);
            }
            let bytes = self.pipe.read();
            if bytes.is_empty() {
                return None;
            }
            self.input.extend(bytes);
        }
    }

    fn buffered(&mut self) -> Option<(u8, Vec<u8>)> {
        let (mut length, mut at) = (0, 1);
        loop {
            let byte = usize::from(*self.input.get(at)?);
            length |= (byte & 0x7f) << (7 * (at - 1));
            at += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if self.input.len() < at + length {
            return None;
        }
        let packet: Vec<u8> = self.input.drain(..at + length).collect();
        Some((packet[0], packet[at..].to_vec()))
    }

    /// The rest of the next packet of this type; messages before it are kept.
    fn answer(&mut self, first: u8) -> Vec<u8> {
        loop {
            let (it, body) = self.packet().expect("the broker closed the connection");
            if it >> 4 == 3 {
                self.messages.push_back(message(it, &body));
            } else {
                assert_eq!(it, first, "another packet");
                return body;
            }
        }
    }

    fn id(&mut self) -> u16 {
        self.last_id += 1;
        self.last_id
    }

    /// Subscribes and gives the codes of SUBACK.
    pub(crate) fn subscribe(&mut self, filters: &[(&str, u8)]) -> Vec<u8> {
        let id = self.id().to_be_bytes();
        let filters = filters.iter().flat_map(|(it, qos)| [text(it), vec![*qos]].concat());
        let body: Vec<u8> = id.into_iter().chain(filters).collect();
        self.send(&framed(0x82, &body));
        let answer = self.answer(0x90);
        assert_eq!(answer[..2], id);
        answer[2..].to_vec()
    }

    pub(crate) fn unsubscribe(&mut self, filter: &str) {
        let id = self.id().to_be_bytes();
        self.send(&framed(0xa2, &[&id[..], &text(filter)].concat()));
        assert_eq!(self.answer(0xb0), id);
    }

    /// Publishes at QoS 1 and waits for the PUBACK.
    pub(crate) fn publish(&mut self, topic: &str, payload: &str) {
        let id = self.id();
        self.send(&publish_bytes(topic.as_bytes(), payload, 0b10, id));
        assert_eq!(self.answer(0x40), id.to_be_bytes());
    }

    /// The next message, acknowledged if it asks for that.
    pub(crate) fn message(&mut self) -> Message {
        let message = self.message_unacknowledged();
        if message.qos == 1 {
            self.acknowledge(message.id);
        }
        message
    }

    pub(crate) fn message_unacknowledged(&mut self) -> Message {
        if let Some(message) = self.messages.pop_front() {
            return message;
        }
        let (first, body) = self.packet().expect("the broker closed the connection");
        assert_eq!(first >> 4, 3, "no message");
        message(first, &body)
    }

    pub(crate) fn acknowledge(&mut self, id: u16) {
        self.send(&framed(0x40, &id.to_be_bytes()));
    }

    /// Everything that the broker had already sent before it answers a ping; nothing is acknowledged.
    pub(crate) fn messages_so_far(&mut self) -> Vec<Message> {
        self.send(&[0xc0, 0]);
        self.answer(0xd0);
        self.messages.drain(..).collect()
    }

    pub(crate) fn disconnect(mut self) {
        self.send(&[0xe0, 0]);
        self.assert_closed();
    }

    pub(crate) fn assert_closed(&mut self) {
        while let Some((first, body)) = self.packet() {
            assert_eq!(first >> 4, 3, "an answer instead of the end: {first:#x} {body:?}");
        }
    }
}

fn message(first: u8, body: &[u8]) -> Message {
    assert_eq!(first & 0b1001, 0, "neither a duplicate nor retained");
    let (qos, topic) =
        ((first >> 1) & 0b11, 2 + usize::from(u16::from_be_bytes([body[0], body[1]])));
    let (id, payload) = match qos {
        0 => (0, topic),
        _ => (u16::from_be_bytes([body[topic], body[topic + 1]]), topic + 2),
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Message { topic: text(&body[2..topic]), payload: text(&body[payload..]), qos, id }
}
