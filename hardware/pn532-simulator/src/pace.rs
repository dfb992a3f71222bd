//! How fast bytes pass a serial line: in aggregate, so that a frame takes as long as its bytes.

use std::time::{Duration, Instant};

/// Start bit, eight data bits, stop bit.
const BITS_PER_BYTE: u32 = 10;

/// When the bytes on one direction of the line are through.
#[derive(Debug)]
pub(crate) struct Pace {
    per_byte: Duration,
    free_at: Instant,
}

impl Pace {
    pub(crate) fn new(baud: u32) -> Self {
        let per_byte = match baud {
            0 => Duration::ZERO,
            baud => Duration::from_secs(1) * BITS_PER_BYTE / baud,
        };
        Self { per_byte, free_at: Instant::now() }
    }

    pub(crate) fn add(&mut self, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.free_at = self.free_at.max(Instant::now()) + self.per_byte * bytes;
    }

    pub(crate) fn wait(&self) {
        let left = self.free_at.saturating_duration_since(Instant::now());
        if !left.is_zero() {
            std::thread::sleep(left);
        }
    }
}
