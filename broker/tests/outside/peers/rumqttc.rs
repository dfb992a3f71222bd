//! rumqttc, the library of kiosk and worker, here over WebSocket too.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use ::rumqttc::{
    Client, ConnectionError, Event as Turn, MqttOptions, Packet, QoS, SubscribeReasonCode,
    TlsConfiguration, Transport,
};

use super::{Event, Login, Peer, Wish};
use crate::listener::{Carrier, Door};

/// How long it rests before it connects again: the library does not.
const REST: Duration = Duration::from_millis(100);

/// How it connects, whatever the listener.
pub(crate) fn options(door: &Door, id: &str, token: &str) -> MqttOptions {
    let tls = door.authority.as_ref().map(|authority| {
        let ca = std::fs::read(authority).unwrap();
        TlsConfiguration::Simple { ca, alpn: None, client_auth: None }
    });
    let host = match door.carrier {
        Carrier::Tcp => door.address.ip().to_string(),
        Carrier::WebSocket => door.url(),
    };
    let transport = match (door.carrier, tls) {
        (Carrier::Tcp, None) => Transport::Tcp,
        (Carrier::Tcp, Some(tls)) => Transport::tls_with_config(tls),
        (Carrier::WebSocket, None) => Transport::Ws,
        (Carrier::WebSocket, Some(tls)) => Transport::wss_with_config(tls),
    };
    let mut options = MqttOptions::new(id, host, door.address.port());
    options.set_credentials("tapcard", token).set_max_packet_size(70_000, 70_000);
    options.set_keep_alive(Duration::from_secs(30)).set_transport(transport);
    options
}

pub(super) fn start(door: &Door, login: &Login<'_>, wish: &Wish) -> Peer {
    let (client, mut connection) = Client::new(options(door, login.id, login.token), 10);
    let (tell, events) = channel();
    let (filter, topic) = match wish {
        Wish::Hear(filter) => (Some(filter.clone()), String::new()),
        Wish::Say(topic) => (None, topic.clone()),
    };
    let asking = client.clone();
    thread::spawn(move || {
        for turn in connection.iter() {
            let event = match turn {
                Ok(Turn::Incoming(packet)) => event(packet),
                Ok(Turn::Outgoing(_)) => None,
                Err(ConnectionError::ConnectionRefused(code)) => Some(Event::Refused(code as u8)),
                Err(_) => {
                    thread::park_timeout(REST);
                    None
                }
            };
            if let (Some(Event::Connected), Some(filter)) = (&event, &filter) {
                asking.try_subscribe(filter, QoS::AtLeastOnce).unwrap();
            }
            if event.is_some_and(|it| tell.send(it).is_err()) {
                return;
            }
        }
    });
    let say = Box::new(move |payload: &str| {
        client.try_publish(&topic, QoS::AtLeastOnce, false, payload).unwrap();
    });
    Peer { events, say, program: None }
}

fn event(packet: Packet) -> Option<Event> {
    match packet {
        Packet::ConnAck(_) => Some(Event::Connected),
        Packet::SubAck(it) => Some(Event::Granted(code(it.return_codes[0]))),
        Packet::Publish(it) => Some(Event::Message(String::from_utf8(it.payload.into()).unwrap())),
        Packet::PubAck(_) => Some(Event::Acknowledged),
        _ => None,
    }
}

/// A code of SUBACK as it came.
pub(crate) fn code(code: SubscribeReasonCode) -> u8 {
    match code {
        SubscribeReasonCode::Success(qos) => qos as u8,
        SubscribeReasonCode::Failure => 0x80,
    }
}
