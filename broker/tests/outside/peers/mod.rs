//! Programs and libraries that nobody here wrote, all with the same few words.

mod mosquitto;
pub(crate) mod mqtt_js;
mod paho;
pub(crate) mod rumqttc;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::listener::Door;

/// How long a client may take for anything: some wait for seconds before they connect again.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that can be started.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// Whether it speaks MQTT over WebSocket.
    pub(crate) knows_websocket: bool,
    /// Whether it connects again by itself when TLS ends without a farewell.
    pub(crate) outlives_tls: bool,
    start: fn(&Door, &Login<'_>, &Wish) -> Peer,
}

/// All of them.
pub(crate) const PEERS: [Program; 4] = [
    Program {
        name: "mosquitto_sub, _pub",
        knows_websocket: false,
        outlives_tls: false,
        start: mosquitto::start,
    },
    Program {
        name: "Paho for Python",
        knows_websocket: true,
        outlives_tls: true,
        start: paho::start,
    },
    Program { name: "MQTT.js", knows_websocket: true, outlives_tls: true, start: mqtt_js::start },
    Program { name: "rumqttc", knows_websocket: true, outlives_tls: true, start: rumqttc::start },
];

/// What CONNECT says.
pub(crate) struct Login<'a> {
    pub(crate) id: &'a str,
    pub(crate) token: &'a str,
}

/// What a client is for.
pub(crate) enum Wish {
    /// To hear the messages of a filter.
    Hear(String),
    /// To say on a topic what it is told.
    Say(String),
}

/// What a client tells of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Connected,
    /// With this code of CONNACK.
    Refused(u8),
    /// Its filter has this code of SUBACK.
    Granted(u8),
    Message(String),
    /// What it said last has arrived.
    Acknowledged,
}

/// A running client; its program ends with it.
pub(crate) struct Peer {
    events: Receiver<Event>,
    say: Box<dyn FnMut(&str)>,
    program: Option<Child>,
}

impl Program {
    pub(crate) fn start(&self, door: &Door, id: &str, token: &str, wish: &Wish) -> Peer {
        (self.start)(door, &Login { id, token }, wish)
    }
}

impl Peer {
    /// Starts a program that says on its input what a line says, and prints lines that `read` understands.
    fn start(command: &mut Command, read: fn(&str) -> Option<Event>) -> Peer {
        let name = command.get_program().to_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name:?}: {error}; `make packages` installs it"));
        let (tell, events) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for event in stdout.lines().map_while(Result::ok).filter_map(|it| read(&it)) {
                if tell.send(event).is_err() {
                    return;
                }
            }
        });
        let mut stdin = child.stdin.take().unwrap();
        let say = Box::new(move |line: &str| writeln!(stdin, "{line}").unwrap());
        Peer { events, say, program: Some(child) }
    }

    /// Waits until the client tells this; what it tells before is passed over.
    #[track_caller]
    pub(crate) fn expect(&self, wanted: &Event) {
        let deadline = Instant::now() + PATIENCE;
        let mut passed = Vec::new();
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(rest) {
                Ok(event) if event == *wanted => return,
                Ok(event) => passed.push(event),
                Err(error) => panic!("no {wanted:?} but {passed:?}: {error}"),
            }
        }
    }

    pub(crate) fn say(&mut self, payload: &str) {
        (self.say)(payload);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.program {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A line of our own scripts: a word, and what belongs to it.
fn read_line(line: &str) -> Option<Event> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "connected" => Some(Event::Connected),
        "refused" => Some(Event::Refused(rest.parse().ok()?)),
        "granted" => Some(Event::Granted(rest.parse().ok()?)),
        "message" => Some(Event::Message(rest.into())),
        "acknowledged" => Some(Event::Acknowledged),
        _ => None,
    }
}

/// What a script is told on its command line, as JSON.
fn script_options(door: &Door, login: &Login<'_>, wish: &Wish) -> String {
    let (filter, topic) = match wish {
        Wish::Hear(filter) => (Some(filter), None),
        Wish::Say(topic) => (None, Some(topic)),
    };
    serde_json::json!({
        "url": door.url(),
        "host": door.address.ip(),
        "port": door.address.port(),
        "websocket": door.carrier == crate::listener::Carrier::WebSocket,
        "authority": door.authority,
        "id": login.id,
        "token": login.token,
        "filter": filter,
        "topic": topic,
    })
    .to_string()
}
