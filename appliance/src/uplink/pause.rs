//! How long to wait between two tries to connect.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST: Duration = Duration::from_secs(30);

/// Doubles from [`FIRST`] to [`LONGEST`]; a connection that was accepted starts a new one.
#[derive(Debug)]
pub(super) struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Pause(FIRST)
    }
}

impl Pause {
    /// The wait before the next try.
    pub(super) fn next(&mut self) -> Duration {
        let now = self.0;
        self.0 = (now * 2).min(LONGEST);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_up_to_half_a_minute() {
        let mut pause = Pause::default();
        let seconds: Vec<u64> = (0..8).map(|_| pause.next().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
    }
}
