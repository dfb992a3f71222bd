//! The words that may follow a tag in a control line, and what they make of it. Pure.

use crate::lay::Lay;

/// A property of a tag to be laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Torn(u32),
    Mle(u16),
    Mlc(u16),
    Locked,
    Protected,
    Blank,
    Extended,
}

impl Wish {
    /// Reads all words.
    pub(crate) fn parse(mut words: &[&str]) -> Result<Vec<Self>, String> {
        let mut wishes = Vec::new();
        while let Some((wish, rest)) = Self::first(words)? {
            wishes.push(wish);
            words = rest;
        }
        Ok(wishes)
    }

    fn first<'a, 'b>(words: &'a [&'b str]) -> Result<Option<(Self, &'a [&'b str])>, String> {
        let not_a_number = |word: &str| format!("not a number: {word}");
        let small = |word: &str| word.parse().map_err(|_| not_a_number(word));
        Ok(Some(match words {
            [] => return Ok(None),
            ["torn", count, rest @ ..] => {
                (Self::Torn(count.parse().map_err(|_| not_a_number(count))?), rest)
            }
            ["mle", bytes, rest @ ..] => (Self::Mle(small(bytes)?), rest),
            ["mlc", bytes, rest @ ..] => (Self::Mlc(small(bytes)?), rest),
            ["locked" | "read-only", rest @ ..] => (Self::Locked, rest),
            ["protected", rest @ ..] => (Self::Protected, rest),
            ["blank", rest @ ..] => (Self::Blank, rest),
            ["extended", rest @ ..] => (Self::Extended, rest),
            [word, ..] => return Err(format!("no tag can be {word}")),
        }))
    }

    pub(crate) fn apply(self, lay: Lay) -> Lay {
        match self {
            Self::Torn(exchanges) => lay.torn(exchanges),
            Self::Mle(bytes) => lay.mle(bytes),
            Self::Mlc(bytes) => lay.mlc(bytes),
            Self::Locked => lay.locked(),
            Self::Protected => lay.protected(),
            Self::Blank => lay.blank(),
            Self::Extended => lay.extended(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_stand_in_any_order() {
        let wishes = Wish::parse(&["locked", "torn", "3", "mle", "20", "read-only"]);
        let expected = vec![Wish::Locked, Wish::Torn(3), Wish::Mle(20), Wish::Locked];
        assert_eq!(wishes, Ok(expected));
        assert_eq!(Wish::parse(&[]), Ok(vec![]));
    }

    #[test]
    fn unknown_and_incomplete_words_are_refused() {
        for words in [&["torn"][..], &["torn", "x"], &["mle", "70000"], &["golden"]] {
            assert!(Wish::parse(words).is_err(), "{words:?}");
        }
    }
}
