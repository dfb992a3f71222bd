//! A bad network: it passes MQTT on between terminals and the broker, loses and repeats messages, and cuts connections.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::Context;
use tapcard_tests::chance::Chance;

/// Once in so many messages.
const LOST: u64 = 40;
const REPEATED: u64 = 30;
const CUT: u64 = 1_500;
/// The type of PUBLISH in a packet's first byte (MQTT 3.1.1 §2.2.1).
const PUBLISH: u8 = 3;

/// What happened on the wire.
#[derive(Default)]
pub(crate) struct Weather {
    /// Messages that were not passed on.
    pub(crate) lost: AtomicUsize,
    /// Messages that were passed on twice.
    pub(crate) repeated: AtomicUsize,
    /// Connections that were cut.
    pub(crate) cut: AtomicUsize,
    /// From now on everything is passed on once.
    pub(crate) is_calm: AtomicBool,
}

/// A port that leads to the broker, badly.
pub(crate) struct Wire {
    /// The port.
    pub(crate) port: u16,
    /// What happened.
    pub(crate) weather: Arc<Weather>,
}

impl Wire {
    /// Listens, and leads to this port.
    pub(crate) fn lay(broker: u16, chance: &Chance) -> anyhow::Result<Wire> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("laying a wire")?;
        let port = listener.local_addr()?.port();
        let weather = Arc::new(Weather::default());
        let (given, chance) = (Arc::clone(&weather), chance.clone());
        thread::spawn(move || {
            for (number, client) in listener.incoming().flatten().enumerate() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", broker)) else { continue };
                let ends = [client, server].map(|it| End::of(it).ok());
                let [Some(client), Some(server)] = ends else { continue };
                for (way, from, to) in [(0, &client, &server), (1, &server, &client)] {
                    let (from, to) = (from.clone(), to.clone());
                    let chance = chance.fork(2 * number as u64 + way);
                    let weather = Arc::clone(&given);
                    thread::spawn(move || pass(&from, &to, chance, &weather));
                }
            }
        });
        Ok(Wire { port, weather })
    }
}

/// One end of a connection. Both directions write to it.
#[derive(Clone)]
struct End {
    read: Arc<TcpStream>,
    write: Arc<Mutex<TcpStream>>,
}

impl End {
    fn of(stream: TcpStream) -> std::io::Result<End> {
        stream.set_nodelay(true)?;
        let write = Arc::new(Mutex::new(stream.try_clone()?));
        Ok(End { read: Arc::new(stream), write })
    }

    fn write(&self, packet: &[u8]) -> bool {
        self.write.lock().unwrap_or_else(PoisonError::into_inner).write_all(packet).is_ok()
    }
}

/// Passes packets on until one side is gone; then the other goes too.
fn pass(from: &End, to: &End, mut chance: Chance, weather: &Weather) {
    while let Some((packet, body)) = packet(&from.read) {
        let is_message = packet[0] >> 4 == PUBLISH && !weather.is_calm.load(Ordering::Relaxed);
        let times = match () {
            () if is_message && chance.one_in(LOST) => {
                weather.lost.fetch_add(1, Ordering::Relaxed);
                // TCP loses nothing: what is lost was acknowledged before, as by a broker whose ring has run over.
                if !acknowledgement(&packet, body).is_none_or(|it| from.write(&it)) {
                    break;
                }
                0
            }
            () if is_message && chance.one_in(REPEATED) => {
                weather.repeated.fetch_add(1, Ordering::Relaxed);
                2
            }
            () => 1,
        };
        if !(0..times).all(|_| to.write(&packet)) {
            break;
        }
        if is_message && chance.one_in(CUT) {
            weather.cut.fetch_add(1, Ordering::Relaxed);
            break;
        }
    }
    let _ = (from.read.shutdown(Shutdown::Both), to.read.shutdown(Shutdown::Both));
}

/// PUBACK for a message at QoS 1 (MQTT 3.1.1 §3.3.2, §3.4).
fn acknowledgement(packet: &[u8], body: usize) -> Option<[u8; 4]> {
    let is_asked = packet[0] & 0b110 != 0;
    let topic = usize::from(u16::from_be_bytes([*packet.get(body)?, *packet.get(body + 1)?]));
    let at = body + 2 + topic;
    is_asked.then_some([0x40, 2, *packet.get(at)?, *packet.get(at + 1)?])
}

/// The next packet, and where what follows its fixed header begins (MQTT 3.1.1 §2.2).
fn packet(mut from: &TcpStream) -> Option<(Vec<u8>, usize)> {
    let mut packet = vec![0; 1];
    from.read_exact(&mut packet).ok()?;
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        let mut byte = [0];
        from.read_exact(&mut byte).ok()?;
        packet.push(byte[0]);
        length |= usize::from(byte[0] & 0x7f) << shift;
        shift += 7;
        if byte[0] & 0x80 == 0 {
            break;
        }
        if shift > 21 {
            return None;
        }
    }
    let start = packet.len();
    packet.resize(start + length, 0);
    from.read_exact(&mut packet[start..]).ok()?;
    Some((packet, start))
}
