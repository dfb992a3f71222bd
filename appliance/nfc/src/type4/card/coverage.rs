//! Which bytes of a file were touched. Pure.

use std::ops::Range;

/// A set of places, one flag a byte up to the last one.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Coverage(Vec<bool>);

impl Coverage {
    pub(super) fn add(&mut self, places: Range<usize>) {
        self.0.resize(self.0.len().max(places.end), false);
        self.0[places].fill(true);
    }

    /// Takes out everything before `end`.
    pub(super) fn remove_before(&mut self, end: usize) {
        self.0.iter_mut().take(end).for_each(|place| *place = false);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }

    /// Whether every one of `places` is in.
    pub(super) fn covers(&self, places: Range<usize>) -> bool {
        self.0.get(places).is_some_and(|flags| flags.iter().all(|is_in| *is_in))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_covers_what_was_added_and_no_more() {
        let mut coverage = Coverage::default();
        assert!(coverage.is_empty() && coverage.covers(0..0));
        coverage.add(4..6);
        coverage.add(2..4);
        assert!(coverage.covers(2..6));
        assert!(!coverage.covers(1..6) && !coverage.covers(2..7));
        coverage.remove_before(3);
        assert!(!coverage.covers(2..6) && coverage.covers(3..6));
        coverage.clear();
        assert!(coverage.is_empty() && !coverage.covers(3..6));
    }
}
