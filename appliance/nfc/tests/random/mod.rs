//! Random values from a printed seed, so that a failure can be played again.

#![expect(dead_code, reason = "each test program uses its own part")]

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;

/// SplitMix64 (Steele, Lea, Flood 2014): enough for test data.
pub(crate) struct Random(u64);

impl Random {
    /// Takes the seed from the environment variable `name`, or draws one; prints it either way.
    pub(crate) fn from_environment(name: &str) -> Self {
        let seed = match std::env::var(name) {
            Ok(text) => text.parse().expect("the seed is a number"),
            Err(_) => RandomState::new().build_hasher().finish(),
        };
        writeln!(std::io::stderr(), "{name}={seed}").expect("stderr is open");
        Self(seed)
    }

    /// The same values for the same seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from 0 to `end`, without `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a size fits 64 bits");
        usize::try_from(self.next() % end).expect("smaller than a size")
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    pub(crate) fn bytes(&mut self, n_bytes: usize) -> Vec<u8> {
        (0..n_bytes).map(|_| self.byte()).collect()
    }

    /// One to `max_length` lower-case letters.
    pub(crate) fn word(&mut self, max_length: usize) -> String {
        (0..=self.below(max_length)).map(|_| char::from(b'a' + self.byte() % 26)).collect()
    }
}
