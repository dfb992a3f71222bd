//! How long to be a card before the next poll. Pure. Two units that took turns of the same length
//! could poll at the same moments and never meet, so each turn is as long as chance will have it.

use std::time::Duration;

/// A card that nobody activates is shown anew after this time, which also asks whether the chip is
/// alive.
pub(super) const REFRESH: Duration = Duration::from_secs(2);

/// A poll of an empty field takes about 35 ms, so nine polls of ten fall into the other's turn as a
/// card; and somebody who holds a tag there is felt within half a second.
const SHORTEST: u64 = 300;
const LONGEST: u64 = 500;
/// The same while a tag lies there: three polls that find nobody say that it is gone.
const SHORTEST_OCCUPIED: u64 = 60;
const LONGEST_OCCUPIED: u64 = 100;

/// A source of chance (xorshift64, Marsaglia 2003): good enough for jitter.
pub(super) struct Turns(u64);

impl Turns {
    pub(super) fn new(seed: u64) -> Self {
        // Zero would stay zero for ever.
        Self(seed | 1 << 63)
    }

    /// The length of the next turn as a card.
    pub(super) fn listening(&mut self, is_occupied: bool) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let (shortest, longest) =
            if is_occupied { (SHORTEST_OCCUPIED, LONGEST_OCCUPIED) } else { (SHORTEST, LONGEST) };
        Duration::from_millis(shortest + self.0 % (longest - shortest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_differ_and_keep_within_their_bounds() {
        for seed in [0, 1, u64::MAX] {
            let mut turns = Turns::new(seed);
            let free: Vec<_> = (0..100).map(|_| turns.listening(false)).collect();
            assert!(free.iter().all(|turn| (300..500).contains(&turn.as_millis())));
            let longest = free.iter().max().unwrap();
            assert!(*longest - *free.iter().min().unwrap() > Duration::from_millis(150));
            assert!((0..100).all(|_| (60..100).contains(&turns.listening(true).as_millis())));
        }
    }

    /// Two units as the air sees them: A is found when it polls within a turn of B.
    #[test]
    fn two_units_meet_soon() {
        const POLL: u64 = 40;
        let mut meetings: Vec<u64> = (1..200)
            .map(|seed| {
                let (mut a, mut b) = (Turns::new(seed), Turns::new(seed * 7919));
                let (mut a_polls, mut b_polls) = (0, seed % 400);
                loop {
                    let (first, second) = (a_polls.min(b_polls), a_polls.max(b_polls));
                    if second - first >= POLL {
                        return first;
                    }
                    let turn = |turns: &mut Turns| turns.listening(false).as_millis();
                    a_polls += POLL + u64::try_from(turn(&mut a)).unwrap();
                    b_polls += POLL + u64::try_from(turn(&mut b)).unwrap();
                }
            })
            .collect();
        meetings.sort_unstable();
        assert!(meetings[meetings.len() / 2] < 1000, "median {} ms", meetings[meetings.len() / 2]);
        assert!(meetings[meetings.len() - 1] < 3000, "last {} ms", meetings[meetings.len() - 1]);
    }
}
