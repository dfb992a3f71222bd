//! What the bench prints and leaves behind.

use std::fs;
use std::io::{self, Write, stderr, stdout};
use std::path::Path;

use serde_json::{Value, json};

use crate::Failure;
use crate::cost::{Cost, milliseconds};
use crate::idle::Idle;
use crate::peers::Peer;

/// One figure beside another of the same run.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) peer_value: f64,
}

/// All of them.
pub(crate) struct Report<'a>(pub(crate) &'a [Row]);

impl Report<'_> {
    /// Prints them, and writes them to `target/bench/NAME.json`.
    pub(crate) fn write(&self, name: &str) -> Result<(), Failure> {
        let mut out = stdout();
        for Row { name, value, unit, peer, peer_value } in self.0 {
            let ratio = value / peer_value;
            writeln!(out, "{name}: {value:.2} {unit}; {peer}: {peer_value:.2}; ratio {ratio:.3}")?;
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
        fs::create_dir_all(&folder)?;
        let rows: Vec<Value> = self.0.iter().map(Row::json).collect();
        let file = folder.join(name).with_extension("json");
        Ok(fs::write(file, serde_json::to_string_pretty(&rows)? + "\n")?)
    }
}

impl Row {
    fn json(&self) -> Value {
        json!({
            "name": self.name, "value": rounded(self.value), "unit": self.unit,
            "peer": self.peer, "peer_value": rounded(self.peer_value),
            "ratio": rounded(self.value / self.peer_value),
        })
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// The table of costs, everybody's beside the bound.
pub(crate) fn costs(
    bound: f64,
    ours: &[(&'static str, Cost)],
    peers: &[Peer],
) -> Result<(), Failure> {
    let mut out = stdout();
    writeln!(
        out,
        "{:<50} {:>8} {:>7} {:>8} {:>8} {:>8} {:>7}",
        "reading 395 bytes from an NTAG215",
        "commands",
        "bytes",
        "line ms",
        "air ms",
        "sum ms",
        "ratio"
    )?;
    let peers = peers.iter().map(|it| (it.name, it.cost));
    for (name, cost) in ours.iter().copied().chain(peers) {
        let (line, air, sum) = (cost.on_line(), milliseconds(cost.air), cost.milliseconds());
        writeln!(
            out,
            "{name:<50} {:>8} {:>7} {line:>8.2} {air:>8.2} {sum:>8.2} {:>7.2}",
            cost.commands,
            cost.bytes,
            sum / bound
        )?;
    }
    writeln!(
        out,
        "{:<50} {:>8} {:>7} {:>8} {bound:>8.2} {bound:>8.2} {:>7.2}",
        "bound on the air", "", "", "", 1.0
    )?;
    Ok(writeln!(out)?)
}

/// What waiting costs.
pub(crate) fn idle(idle: &Idle) -> Result<(), Failure> {
    let mut out = stdout();
    for share in &idle.ours {
        writeln!(out, "waiting, radio {:?}: {:.2} % of a core", share.radio, share.percent)?;
    }
    writeln!(out, "waiting, crate pn532 alone: {:.2} % of a core", idle.crate_alone)?;
    Ok(writeln!(out)?)
}

/// One line to whoever started the bench.
pub(crate) fn complain(text: &str) {
    // Nobody is left to tell that this failed.
    let _: io::Result<()> = writeln!(stderr(), "{text}");
}
