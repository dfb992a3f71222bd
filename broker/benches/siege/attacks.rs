//! What clients that mean harm do.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, park_timeout};
use std::time::Duration;

use crate::support::{Broker, Client, Connect, Who, connect_bytes, notice, publish_bytes, socket};

/// One of them.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) act: fn(&Broker),
}

/// One after another.
pub(crate) const ALL: [Attack; 5] = [
    Attack { name: "10,000 wrong passwords of the same address", act: wrong_passwords },
    Attack { name: "1,000 connections opened and dropped", act: dropped },
    Attack { name: "4,000 silent and half-open sockets", act: silent },
    Attack { name: "40 readers that take nothing", act: slow_readers },
    Attack { name: "what kills rumqttd's own listeners, 40 times", act: killers },
];

/// Attackers at once: as many as there are processors on a small machine, for their own work is not what is measured.
const AT_ONCE: usize = 2;

/// A breath between two deeds where one takes no time: an attack shall last for seconds, and the work of the attackers,
/// on the same processors, is not what is measured.
const BREATH: Duration = Duration::from_millis(2);

/// Does something so often, by several at once.
fn often(times: usize, act: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(at) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|it| *it < times)
                {
                    act(at);
                }
            });
        }
    });
}

/// A token of the right form and a known key's name, with a signature that is not that key's.
fn forged() -> Connect {
    let own = Who::phone(1, 2).token();
    let (signed, _) = own.rsplit_once('.').unwrap();
    let other = Who { kid: "worker", ..Who::phone(1, 2) }.token();
    let (_, signature) = other.rsplit_once('.').unwrap();
    Connect::new("0000000000002", &format!("{signed}.{signature}"))
}

fn wrong_passwords(broker: &Broker) {
    let bytes = connect_bytes(&forged());
    let address = broker.addresses.tcp;
    often(10_000, |_| {
        let mut socket = socket(address);
        // It may have been pushed out already.
        let _ = socket.write_all(&bytes);
        park_timeout(BREATH);
    });
}

fn dropped(broker: &Broker) {
    let bytes = connect_bytes(&Who::kiosk(1, 2).connect());
    let address = broker.addresses.tcp;
    often(1_000, |at| {
        let _ = socket(address).write_all(&bytes[..at % bytes.len()]);
        park_timeout(BREATH);
    });
}

fn silent(broker: &Broker) {
    let it = &broker.addresses;
    let beginnings: [(SocketAddr, &[u8]); 4] = [
        (it.tcp, b"\x10\x20\0\x04MQ"),
        (it.tls, b"\x16\x03\x01\x02\0\x01\0"),
        (it.ws, b"GET /mqtt HTTP/1.1\r\nHost: "),
        (it.wss, b""),
    ];
    let mut open: Vec<TcpStream> = Vec::new();
    for at in 0..4_000 {
        let (address, bytes) = beginnings[at % 4];
        let mut socket = socket(address);
        let _ = socket.write_all(bytes);
        open.push(socket);
        park_timeout(BREATH / 2);
        // More than the broker keeps, and fewer than this process may have.
        if open.len() > 800 {
            open.drain(..400);
        }
    }
}

/// They subscribe and then never read, while a worker tells them much.
fn slow_readers(broker: &Broker) {
    let first = 20_000;
    let readers: Vec<Client> = (first..first + 40)
        .map(|number| {
            let mut reader = broker.client(&Who::phone(number, number));
            assert_eq!(reader.subscribe(&[(&notice(number), 0)]), [0]);
            reader
        })
        .collect();
    let mut worker = broker.client(&Who::worker_called("worker-2"));
    let much = "x".repeat(16 * 1024);
    for _ in 0..50 {
        for number in first..first + 40 {
            worker.publish(&notice(number), &much);
            park_timeout(BREATH);
        }
    }
    drop(readers);
}

fn killers(broker: &Broker) {
    let beyond_ascii = publish_bytes("名片/x".as_bytes(), "x", 0b10, 1);
    often(40, |at| {
        let number = 40_000 + at as u64;
        let kiosk = Who::kiosk(number, number);
        let strange = Connect::new("a/b+#$", &kiosk.token());
        let version_5 = Connect { level: 5, ..kiosk.connect() };
        for refused in [&strange, &version_5] {
            // The answer waits, after so many.
            Client::tcp(broker.addresses.tcp).connect(refused);
        }
        let mut client = broker.client(&kiosk);
        client.send(&beyond_ascii);
        client.assert_closed();
        let mut worker = broker.client(&Who::worker_called(&format!("worker-{number}")));
        worker.subscribe(&[("$share/g/tapcard/v1/task/02/+", 1), ("tapcard/v1/task/02/+", 1)]);
        drop(worker);
    });
}
