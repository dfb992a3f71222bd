//! Which part of a file a player asks for (RFC 9110 §14.1.2). Of several parts none is given, but the whole.

use std::ops::Range;

/// The bytes of one range of a file with so many; none if there is no such part, or more than one is asked for.
pub(super) fn part(asked: &str, length: usize) -> Option<Range<usize>> {
    let (first, last) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first.trim(), last.trim()) {
        ("", last) => length.saturating_sub(last.parse().ok()?)..length,
        (first, "") => first.parse().ok()?..length,
        (first, last) => {
            first.parse().ok()?..last.parse::<usize>().ok()?.saturating_add(1).min(length)
        }
    };
    (range.start < range.end).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_is_found() {
        assert_eq!(part("bytes=0-1", 10), Some(0..2));
        assert_eq!(part("bytes=4-", 10), Some(4..10));
        assert_eq!(part("bytes=-3", 10), Some(7..10));
        assert_eq!(part("bytes=-30", 10), Some(0..10));
        assert_eq!(part("bytes=8-99", 10), Some(8..10));
    }

    #[test]
    fn what_is_no_part_gives_the_whole() {
        for wrong in [
            "",
            "bytes=",
            "bytes=-",
            "bytes=10-",
            "bytes=5-4",
            "bytes=0-1,3-4",
            "lines=0-1",
            "bytes=-0",
        ] {
            assert_eq!(part(wrong, 10), None, "{wrong}");
        }
        assert_eq!(part("bytes=0-", 0), None);
    }
}
