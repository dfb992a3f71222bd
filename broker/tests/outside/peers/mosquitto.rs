//! Debian's mosquitto_sub and mosquitto_pub, by what they print with `-d`.

use std::process::Command;

use super::{Event, Login, Peer, Wish};
use crate::listener::Door;

pub(super) fn start(door: &Door, login: &Login<'_>, wish: &Wish) -> Peer {
    // Into a pipe they would print only when they end.
    let mut command = Command::new("stdbuf");
    command.arg("-oL");
    match wish {
        Wish::Hear(filter) => command.args(["mosquitto_sub", "-F", "message %p", "-t", filter]),
        Wish::Say(topic) => command.args(["mosquitto_pub", "-l", "-t", topic]),
    };
    let port = door.address.port().to_string();
    command
        .args(["-d", "-q", "1", "-V", "mqttv311", "-k", "30"])
        .args(["-h", &door.address.ip().to_string(), "-p", &port])
        .args(["-i", login.id, "-u", "tapcard", "-P", login.token]);
    if let Some(authority) = &door.authority {
        command.arg("--cafile").arg(authority);
    }
    Peer::start(&mut command, read)
}

fn read(line: &str) -> Option<Event> {
    if let Some(payload) = line.strip_prefix("message ") {
        return Some(Event::Message(payload.into()));
    }
    if let Some(codes) = line.strip_prefix("Subscribed (") {
        let (_, code) = codes.split_once("): ")?;
        return Some(Event::Granted(code.parse().ok()?));
    }
    let (_, packet) = line.split_once(" received ")?;
    if packet.starts_with("PUBACK ") {
        return Some(Event::Acknowledged);
    }
    let code = packet.strip_prefix("CONNACK (")?.strip_suffix(')')?.parse().ok()?;
    Some(if code == 0 { Event::Connected } else { Event::Refused(code) })
}
