//! Numbers that follow from a seed, so that a run can be repeated.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// xorshift64 (Marsaglia 2003).
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    /// The seed of `TAPCARD_SEED`, or a new one; says which.
    ///
    /// # Errors
    /// Fails when the variable holds no number.
    pub fn from_environment() -> anyhow::Result<(Chance, u64)> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_nanos();
        let seed = std::env::var("TAPCARD_SEED").map_or(Ok(now as u64 | 1), |it| it.parse())?;
        Ok((Chance(seed), seed))
    }

    /// One that goes its own way from here, differently for each name.
    #[must_use]
    pub fn fork(&self, name: u64) -> Chance {
        // SplitMix64's finisher (Steele, Lea, Flood 2014) spreads neighbouring names; never zero.
        let mixed =
            (self.0 ^ name.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Chance((mixed ^ mixed >> 27) | 1)
    }

    /// A number below the limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    /// Whether it happens, once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Rests for up to so long.
    pub fn rest(&mut self, limit: Duration) {
        let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let end = Instant::now() + Duration::from_millis(self.below(limit));
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            thread::park_timeout(left);
        }
    }
}
