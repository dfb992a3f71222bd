//! An operator renews certificates and keys, and revokes tokens, while everybody is connected.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Broker, Client, Who, now, publish_keys};

/// How often all of it is done.
const ROUNDS: u64 = 10;
/// The first of the terminals that must go.
const FIRST: u64 = 30_000;

/// Rounds of it; how long those lived that should die, after they should have.
pub(crate) fn rotate(broker: &Broker) -> Vec<Duration> {
    let other = Broker::start();
    let folders = [broker, &other].map(|it| it.folder.path().join("tls"));
    let files = ["server.pem", "server.key"];
    let own: Vec<Vec<u8>> = files.iter().map(|it| fs::read(folders[0].join(it)).unwrap()).collect();
    let theirs: Vec<Vec<u8>> =
        files.iter().map(|it| fs::read(folders[1].join(it)).unwrap()).collect();
    let mut deaths = Vec::new();
    for round in 0..ROUNDS {
        let shown = if round % 2 == 0 { &theirs } else { &own };
        for (name, bytes) in files.iter().zip(shown) {
            fs::write(folders[0].join(name), bytes).unwrap();
        }
        publish_keys(&broker.keys(), &["web", "web-2", "worker"]);
        let mut revoked = Who::phone(FIRST + round, FIRST + round);
        revoked.claims.iat = now() - 10;
        let keyless =
            Who { kid: "web-2", ..Who::phone(FIRST + 1000 + round, FIRST + 1000 + round) };
        let doomed = [revoked, keyless].map(|it| enter(broker, &it));
        let start = Instant::now();
        broker.revoke(FIRST + round, now() - 5);
        publish_keys(&broker.keys(), &["web", "worker"]);
        let dying = doomed.map(|mut client| {
            thread::spawn(move || {
                client.assert_closed();
                start.elapsed()
            })
        });
        deaths.extend(dying.map(|it| it.join().unwrap()));
    }
    deaths
}

/// The key may not have been read yet.
fn enter(broker: &Broker, who: &Who) -> Client {
    crate::support::eventually("the new key", || {
        let mut client = Client::tcp(broker.addresses.tcp);
        (client.connect(&who.connect()) == Some(0)).then_some(client)
    })
}
