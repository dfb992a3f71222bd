//! `make bench-nfc`: what it costs to read one card from one tag, for this driver and for those that
//! others wrote, and what the reader costs while nobody comes.
//!
//! The tag is an NTAG215 with an NDEF message of 395 bytes on a simulated chip. Counted are commands
//! and bytes from the moment when the chip is started; time is computed: the bytes at 921 600 Bd,
//! which is as fast as Linux and the chip go together, and the frames on the air at 106 kbit/s. The
//! bound is the least that ISO/IEC 14443-3 and the NTAG allow on the air for this message, see
//! `pn532_simulator::shortest_read`.

mod cost;
mod idle;
mod ours;
mod peers;
mod report;

use std::error::Error;
use std::process::ExitCode;

use pn532_simulator::shortest_read;
use tapcard_nfc::type2::reach::Reach;

use cost::{Cost, milliseconds};
use report::{Report, Row};

type Failure = Box<dyn Error>;

/// Bytes of the message: a card of 379 bytes and what NDEF adds.
const MESSAGE: usize = 395;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            report::complain(&format!("the bench failed: {why}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let bound = milliseconds(shortest_read(MESSAGE));
    let safe = ours::read(Reach::Safe)?;
    let large = ours::read(Reach::Large)?;
    let peers = peers::read()?;
    report::costs(bound, &[("ours, 15 pages", safe), ("ours, 62 pages", large)], &peers)?;
    let idle = idle::measure()?;
    report::idle(&idle)?;

    let best = peers.iter().min_by_key(|it| it.cost.commands).ok_or("no peer was measured")?;
    let commands = |name, cost: &Cost| Row {
        name,
        value: cost.commands as f64,
        unit: "commands",
        peer: best.name,
        peer_value: best.cost.commands as f64,
    };
    let over_bound = |name, cost: &Cost| Row {
        name,
        value: cost.milliseconds(),
        unit: "ms",
        peer: "bound on the air",
        peer_value: bound,
    };
    let worst = idle.ours.iter().map(|it| it.percent).fold(0.0, f64::max);
    let rows = [
        commands("read_commands_safe", &safe),
        commands("read_commands_large", &large),
        over_bound("read_ms_over_rf_bound_safe", &safe),
        over_bound("read_ms_over_rf_bound_large", &large),
        Row {
            name: "idle_cpu_percent",
            value: worst,
            unit: "% of a core",
            peer: "crate pn532, waiting for a tag",
            peer_value: idle.crate_alone,
        },
    ];
    Report(&rows).write("nfc")
}
