//! What a reading costs on the wire and on the air.

use std::time::Duration;

use pn532_simulator::Counters;

/// The speed of the line in baud for which time is computed, the same for everybody.
const BAUD: f64 = 921_600.0;
/// Bits on a serial line for one byte: start, eight, stop.
const BITS: f64 = 10.0;

/// One reading's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) commands: u64,
    /// Bytes both ways.
    pub(crate) bytes: u64,
    /// Time of the frames on the air.
    pub(crate) air: Duration,
}

impl From<Counters> for Cost {
    fn from(counted: Counters) -> Self {
        let Counters { commands, to_chip, from_chip, air } = counted;
        Self { commands, bytes: to_chip + from_chip, air }
    }
}

impl Cost {
    /// Time on the line.
    pub(crate) fn on_line(&self) -> f64 {
        self.bytes as f64 * BITS / BAUD * 1000.0
    }

    /// Time on the line and on the air, which never run at once.
    pub(crate) fn milliseconds(&self) -> f64 {
        self.on_line() + milliseconds(self.air)
    }
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
