//! How quickly a client may speak. Whoever speaks faster is not refused but heard later. Pure: time is
//! counted from any fixed moment.

use std::time::Duration;

/// Seconds of the rate that may be spent at once, after a silence: a kiosk that was offline sends its
/// outbox, a phone its reports.
const SAVED: f64 = 4.0;

/// A bucket that fills at a steady rate.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    rate: f64,
    /// What may still be said; negative when too much was.
    credit: f64,
    at: Duration,
}

impl Bucket {
    /// A full bucket for so many packets a second.
    pub(crate) fn new(rate: u32, now: Duration) -> Bucket {
        let rate = f64::from(rate);
        Bucket { rate, credit: rate * SAVED, at: now }
    }

    /// A packet was heard.
    pub(crate) fn spend(&mut self, now: Duration) {
        let earned = now.saturating_sub(self.at).as_secs_f64() * self.rate;
        self.credit = (self.credit + earned).min(self.rate * SAVED) - 1.0;
        self.at = now;
    }

    /// When the next one may be heard, none if that is now.
    pub(crate) fn rest(&self) -> Option<Duration> {
        (self.credit < 0.0).then(|| self.at + Duration::from_secs_f64(-self.credit / self.rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_burst_is_heard_at_once_and_what_follows_at_the_rate() {
        let mut bucket = Bucket::new(10, seconds(5.0));
        for _ in 0..40 {
            bucket.spend(seconds(5.0));
        }
        assert_eq!(bucket.rest(), None);
        let mut now = seconds(5.0);
        for _ in 0..20 {
            bucket.spend(now);
            now = bucket.rest().unwrap().max(now);
        }
        assert!((now.as_secs_f64() - 7.0).abs() < 0.01, "{now:?}");
    }

    #[test]
    fn silence_is_saved_up_to_a_burst() {
        let mut bucket = Bucket::new(10, Duration::ZERO);
        bucket.spend(seconds(1000.0));
        assert!((bucket.credit - 39.0).abs() < 0.01);
    }
}
