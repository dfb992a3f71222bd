//! `make siege-broker`: what clients that mean no harm feel while others do. Twenty phones, five at each listener, hear
//! notices all the time; the time of each from the worker to the phone is taken, first in peace and then under each
//! attack. None of them may be dropped, and no notice lost; how much later they come is printed beside the peace of
//! the same run.

#![expect(clippy::unwrap_used, reason = "a bench stops at the first surprise")]

mod attacks;
mod crowd;
mod rotation;
#[path = "../../tests/broker/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "written for another target too")]
mod support;

use std::fs;
use std::io::{Write, stdout};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crowd::Crowd;
use support::Broker;

/// How long peace is measured, before all and after all.
const PEACE: Duration = Duration::from_secs(5);
/// What a desk's settings would say, but for the rate: the bench itself is quick.
const LIMITS: &str = "publish_rate = 1000000";

/// What was felt in a time.
struct Felt {
    times: Vec<Duration>,
}

impl Felt {
    fn ms(&self, part: f64) -> f64 {
        let mut sorted = self.times.clone();
        sorted.sort_unstable();
        let at = ((sorted.len() - 1) as f64 * part).round() as usize;
        sorted[at].as_secs_f64() * 1000.0
    }
}

fn main() {
    let mut broker = Broker::with_limits(LIMITS);
    let mut crowd = Crowd::enter(&broker);
    let peace = crowd.listen_for(PEACE);
    let mut out = stdout();
    writeln!(out, "{:<44}{:>10}{:>10}{:>10}{:>8}", "", "notices", "p50 ms", "p99 ms", "ratio")
        .unwrap();
    let line = |name: &str, felt: &Felt| {
        let (p50, p99) = (felt.ms(0.5), felt.ms(0.99));
        let ratio = p99 / peace.ms(0.99);
        let mut out = stdout();
        writeln!(out, "{name:<44}{:>10}{p50:>10.2}{p99:>10.2}{ratio:>8.2}", felt.times.len())
            .unwrap();
        json!({
            "name": format!("p99_ms_under {name}"), "value": rounded(p99), "unit": "ms",
            "peer": "in peace, same run", "peer_value": rounded(peace.ms(0.99)), "ratio": rounded(ratio),
        })
    };
    line("in peace", &peace);
    let mut rows: Vec<Value> = Vec::new();
    for attack in attacks::ALL {
        let attacks::Attack { name, act } = attack;
        let felt = crowd.listen_during(|| act(&broker));
        rows.push(line(name, &felt));
        broker.assert_alive();
    }
    let mut deaths = Vec::new();
    let felt = crowd.listen_during(|| deaths = rotation::rotate(&broker));
    rows.push(line("certificates, keys and revocations change", &felt));
    line("in peace again", &crowd.listen_for(PEACE));
    broker.assert_alive();
    crowd.assert_here();

    let slowest = deaths.iter().max().unwrap().as_secs_f64();
    writeln!(out, "\n{} connections that should die did so within {slowest:.2} s", deaths.len())
        .unwrap();
    rows.push(json!({
        "name": "slowest_death_s", "value": rounded(slowest), "unit": "s", "peer": "limit", "peer_value": 2.0,
        "ratio": rounded(slowest / 2.0),
    }));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("siege.json"), serde_json::to_string_pretty(&rows).unwrap() + "\n")
        .unwrap();
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
