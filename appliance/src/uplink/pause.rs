//! How long to wait between two tries to connect.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST: Duration = Duration::from_secs(30);

/// Doubles from [`FIRST`] to [`LONGEST`]; a connection that was accepted starts a new one. A round through a list of
/// brokers waits no longer than one try of a single broker, so that one that comes back is found as soon.
#[derive(Debug)]
pub(super) struct Pause {
    n_brokers: u32,
    round: Duration,
    tries: u32,
}

impl Pause {
    /// The pause between tries of so many brokers.
    pub(super) fn new(n_brokers: usize) -> Pause {
        let n_brokers = u32::try_from(n_brokers).unwrap_or(u32::MAX).max(1);
        Pause { n_brokers, round: FIRST, tries: 0 }
    }

    /// The wait before the next try.
    pub(super) fn next(&mut self) -> Duration {
        let now = self.round / self.n_brokers;
        self.tries += 1;
        if self.tries == self.n_brokers {
            (self.tries, self.round) = (0, (self.round * 2).min(LONGEST));
        }
        now
    }

    /// Begins anew.
    pub(super) fn reset(&mut self) {
        (self.tries, self.round) = (0, FIRST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_up_to_half_a_minute() {
        let mut pause = Pause::new(1);
        let seconds: Vec<u64> = (0..8).map(|_| pause.next().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
        pause.reset();
        assert_eq!(pause.next(), FIRST);
    }

    #[test]
    fn a_round_of_brokers_waits_as_long_as_one() {
        let mut pause = Pause::new(2);
        let tenths: Vec<u128> = (0..6).map(|_| pause.next().as_millis() / 100).collect();
        assert_eq!(tenths, [5, 5, 10, 10, 20, 20]);
    }
}
