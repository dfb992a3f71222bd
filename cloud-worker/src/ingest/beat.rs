//! Answers on the beat: how long the work took is not to be read from when the receipt comes. Somebody who names a number
//! could else tell whether it is known, whether it has a phone, and whether its account was cancelled.

use std::thread;
use std::time::{Duration, Instant};

use crate::draw;
use crate::store::identifier::Haste;

/// From one moment at which receipts leave to the next, from when the first message of a batch came. Most batches are
/// written within one.
const BEAT: Duration = Duration::from_millis(15);

/// Up to how long after a beat a receipt leaves. The tenth of a millisecond by which caches that were used a moment ago
/// are quicker drowns in it.
const BLUR: Duration = Duration::from_millis(4);

/// Whether a batch may be answered as soon as it can be. A full one comes from many terminals: the gate takes less than
/// a batch a second from each.
pub(super) fn haste(n_messages: usize, most: usize) -> Haste {
    if n_messages < most { Haste::No } else { Haste::Yes }
}

/// Waits for the next beat, and a moment that nobody can tell.
pub(super) fn wait(began: Instant) {
    let due = began + due(began.elapsed()) + blur(draw::number());
    loop {
        let rest = due.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return;
        }
        thread::park_timeout(rest);
    }
}

/// The first beat after so long a work.
fn due(took: Duration) -> Duration {
    let n_beats = took.as_nanos() / BEAT.as_nanos() + 1;
    BEAT.saturating_mul(u32::try_from(n_beats).unwrap_or(u32::MAX))
}

/// A part of the blur by a number that was drawn.
fn blur(drawn: u64) -> Duration {
    let nanos = u64::try_from(BLUR.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(drawn % nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_of_any_length_is_answered_on_a_beat() {
        let ms = Duration::from_millis;
        assert_eq!([0, 1, 9, 14].map(|it| due(ms(it))), [ms(15); 4]);
        assert_eq!([15, 29].map(|it| due(ms(it))), [ms(30); 2]);
        assert_eq!(due(ms(3_000)), ms(3_015));
    }

    #[test]
    fn the_blur_stays_within_its_bounds() {
        assert_eq!(blur(0), Duration::ZERO);
        assert_eq!(blur(3_999_999), Duration::from_nanos(3_999_999));
        assert_eq!(blur(4_000_001), Duration::from_nanos(1));
    }

    #[test]
    fn full_batches_do_not_wait() {
        assert_eq!([1, 99, 100].map(|it| haste(it, 100)), [Haste::No, Haste::No, Haste::Yes]);
        assert_eq!(haste(1, 1), Haste::Yes);
    }
}
