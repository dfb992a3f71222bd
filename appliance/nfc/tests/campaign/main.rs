//! What a few tests cannot show: every fault at every command, hundreds of meetings, and what each
//! mode does on the air for as long as one likes. Prints a table for each and what broke a rule.
//!
//! `cargo test` plays a short form. `make campaign-nfc` adds `--full`: 60 s for each mode, and 200
//! meetings for each pair of modes.

#[path = "../desk/mod.rs"]
mod desk;
mod faults;
#[expect(dead_code, reason = "each test program uses its own part")]
#[path = "../unit/hand.rs"]
mod hand;
mod meetings;
mod mode;
mod modes;
#[path = "../python/mod.rs"]
mod python;
#[path = "../random/mod.rs"]
mod random;

use std::io::{self, Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

use random::Random;

/// How much is played.
struct Extent {
    /// How long each mode is watched.
    watch: Duration,
    /// How often each pair of modes meets.
    n_meetings: usize,
}

const SHORT: Extent = Extent { watch: Duration::from_secs(6), n_meetings: 5 };
const FULL: Extent = Extent { watch: Duration::from_secs(60), n_meetings: 200 };

fn main() -> ExitCode {
    let is_full = std::env::args().any(|word| word == "--full");
    match play(if is_full { &FULL } else { &SHORT }) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => panic!("nobody reads the tables: {error}"),
    }
}

/// Plays all three; gives the number of broken rules.
fn play(extent: &Extent) -> io::Result<usize> {
    let mut random = Random::from_environment("CAMPAIGN_SEED");
    let mut broken = faults::play()?;
    broken.extend(meetings::play(extent.n_meetings, &mut random)?);
    broken.extend(modes::play(extent.watch, &mut random)?);
    let mut out = stdout();
    broken.iter().try_for_each(|rule| writeln!(out, "BROKEN: {rule}"))?;
    writeln!(out, "{} passed, {} failed", 3 - broken.len().min(3), broken.len())?;
    Ok(broken.len())
}
