//! Who serves which part of the work. Pure: what stands in the database goes in, what to take comes out.
//!
//! Leases are for speed alone. That nothing is lost or doubled rests on the tables' keys and on editions, so two owners
//! of one part do no harm.

use tapcard_protocol::topic::SHARDS;

/// Into how many parts the work of each role is divided.
pub(crate) const PARTS: u8 = SHARDS;

/// What is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Taking tasks in, by the terminal's shard.
    Ingest,
    /// Publishing, by the account's number.
    Relay,
}

impl Role {
    /// The name as tables spell it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Role::Ingest => "ingest",
            Role::Relay => "relay",
        }
    }
}

/// A lease as it stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    /// Of which part.
    pub(crate) part: u8,
    /// Whose it is or was.
    pub(crate) owner: Option<i64>,
    /// How many owners there have been.
    pub(crate) generation: i64,
    /// It has not run out.
    pub(crate) is_live: bool,
}

/// Which leases to take, beside keeping one's own: those that nobody holds up to a fair share, then of those who have
/// more than their share. One that ran out and that nobody took meanwhile is still one's own.
///
/// `n_claimants` are all who want a share, oneself among them.
pub(crate) fn to_take(me: i64, n_claimants: usize, leases: &[Lease]) -> Vec<Lease> {
    let fair = leases.len().div_ceil(n_claimants.max(1));
    let is_mine = |it: &&Lease| it.owner == Some(me);
    let mut n_mine = leases.iter().filter(is_mine).count();
    let (mut free, mut others): (Vec<Lease>, Vec<Lease>) =
        leases.iter().filter(|it| !is_mine(it)).partition(|it| !it.is_live);
    free.truncate(fair.saturating_sub(n_mine));
    n_mine += free.len();
    let mut taken = free;
    while let Some(at) = surplus(&others, n_mine) {
        taken.push(others.swap_remove(at));
        n_mine += 1;
    }
    taken
}

/// Where a lease stands of who has at least two more than `n_mine`.
fn surplus(others: &[Lease], n_mine: usize) -> Option<usize> {
    let count = |owner| others.iter().filter(|it| it.owner == owner).count();
    others.iter().position(|it| count(it.owner) >= n_mine + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leases(owners: &[Option<i64>]) -> Vec<Lease> {
        let lease = |(part, owner): (usize, &Option<i64>)| Lease {
            part: part as u8,
            owner: *owner,
            generation: 1,
            is_live: owner.is_some(),
        };
        owners.iter().enumerate().map(lease).collect()
    }

    fn apply(me: i64, leases: &mut [Lease], taken: &[Lease]) {
        for it in leases.iter_mut().filter(|it| taken.iter().any(|taken| taken.part == it.part)) {
            *it = Lease { owner: Some(me), is_live: true, ..*it };
        }
    }

    fn count(me: i64, leases: &[Lease]) -> usize {
        leases.iter().filter(|it| it.owner == Some(me)).count()
    }

    #[test]
    fn who_is_alone_takes_all() {
        assert_eq!(to_take(1, 1, &leases(&[None; 16])).len(), 16);
    }

    #[test]
    fn whoever_comes_gets_a_share_and_then_nobody_moves() {
        let mut all = leases(&[None; 16]);
        for n_claimants in 1..=20 {
            let me = n_claimants as i64;
            let taken = to_take(me, n_claimants, &all);
            apply(me, &mut all, &taken);
            for _ in 0..2 {
                for other in 1..=me {
                    let taken = to_take(other, n_claimants, &all);
                    apply(other, &mut all, &taken);
                }
            }
            for other in 1..=me {
                assert_eq!(to_take(other, n_claimants, &all), [], "{other} of {me} goes on taking");
                let n = count(other, &all);
                assert!(
                    n >= 16 / n_claimants && n <= 16_usize.div_ceil(n_claimants),
                    "{n} of {me}"
                );
            }
        }
    }

    #[test]
    fn what_is_free_is_shared_by_who_is_left() {
        let mut all = leases(&[Some(1), Some(1), None, None, None, Some(2)]);
        let taken = to_take(1, 2, &all);
        apply(1, &mut all, &taken);
        let taken = to_take(2, 2, &all);
        apply(2, &mut all, &taken);
        assert_eq!((count(1, &all), count(2, &all)), (3, 3));
    }

    #[test]
    fn a_lease_that_ran_out_is_still_its_owners_until_somebody_takes_it() {
        let mut all = leases(&[Some(1); 4]);
        all.iter_mut().for_each(|it| it.is_live = false);
        assert_eq!(to_take(1, 1, &all), []);
        assert_eq!(to_take(2, 1, &all).len(), 4);
    }
}
