//! How many pages one command may fetch, and what experience teaches about it. Pure.
//!
//! FAST_READ leaves as much as its caller likes to the tag; the limit is the chip's. A PN532's
//! buffer between radio and firmware has 64 bytes (PN532/C1 data sheet §8.6.4), and its manual
//! allows 262 bytes an answer, so whether more than 64 come through is for each chip to show.

/// Pages of 4 bytes that fit, with the CRC, the PN532's buffer of 64 bytes.
pub const SAFE_PAGES: u8 = 15;
/// Pages of 4 bytes that fit a normal frame of the PN532, see [`crate::chip::MAX_EXCHANGE`].
pub const LARGE_PAGES: u8 = 62;

/// What the chip can be trusted with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// READ, four pages at a time; no FAST_READ at all.
    ReadOnly,
    /// FAST_READ of up to [`SAFE_PAGES`].
    Safe,
    /// FAST_READ of up to [`LARGE_PAGES`].
    Large,
    /// Not known: tries [`LARGE_PAGES`], and becomes [`Reach::Large`] when they come.
    #[default]
    Auto,
    /// Like [`Reach::Auto`], after one tag of which the large span did not come and the safe one
    /// did. The tag may have moved just then, so it takes another one to become [`Reach::Safe`].
    Doubted,
}

/// How widely one attempt at a tag reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// READ alone, which every Type 2 tag knows.
    Read,
    /// FAST_READ of [`SAFE_PAGES`].
    Safe,
    /// FAST_READ of [`LARGE_PAGES`].
    Large,
}

impl Width {
    /// Most pages of a FAST_READ; `None` if there shall be none.
    pub(super) fn pages(self) -> Option<u8> {
        match self {
            Self::Read => None,
            Self::Safe => Some(SAFE_PAGES),
            Self::Large => Some(LARGE_PAGES),
        }
    }
}

impl Reach {
    fn is_settled(self) -> bool {
        !matches!(self, Self::Auto | Self::Doubted)
    }
}

/// The attempts at one tag. It is told how each FAST_READ went, narrows the next attempt after a
/// failure, and settles [`Reach`] when something was learned.
#[derive(Debug)]
pub struct Attempts<'a> {
    reach: &'a mut Reach,
    width: Width,
    /// The first page of the large span that did not come.
    missed: Option<u8>,
}

impl<'a> Attempts<'a> {
    /// Before the first command to a tag.
    pub fn new(reach: &'a mut Reach) -> Self {
        let width = match reach {
            Reach::ReadOnly => Width::Read,
            Reach::Safe => Width::Safe,
            Reach::Large | Reach::Auto | Reach::Doubted => Width::Large,
        };
        Self { reach, width, missed: None }
    }

    /// How to read now.
    #[must_use]
    pub fn width(&self) -> Width {
        self.width
    }

    /// The pages from `first` to `last` came by one FAST_READ.
    pub fn came(&mut self, first: u8, last: u8) {
        if self.reach.is_settled() {
            return;
        }
        if last - first >= SAFE_PAGES {
            *self.reach = Reach::Large;
        } else if self.missed.take() == Some(first) {
            let was_doubted = *self.reach == Reach::Doubted;
            *self.reach = if was_doubted { Reach::Safe } else { Reach::Doubted };
        }
    }

    /// The pages from `first` to `last` did not come by FAST_READ: the tag may be gone or refuse it,
    /// or the chip may not carry as much. The next attempt asks for less.
    pub fn failed(&mut self, first: u8, last: u8) {
        let may_be_the_chip = last - first >= SAFE_PAGES && !self.reach.is_settled();
        if may_be_the_chip && self.missed.is_none() {
            self.missed = Some(first);
            self.width = Width::Safe;
        } else {
            self.width = Width::Read;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_span_that_comes_settles_it() {
        for mut reach in [Reach::Auto, Reach::Doubted] {
            let mut attempts = Attempts::new(&mut reach);
            assert_eq!(attempts.width(), Width::Large);
            attempts.came(7, 68);
            assert_eq!(reach, Reach::Large);
        }
    }

    #[test]
    fn a_small_span_teaches_nothing() {
        let mut reach = Reach::Auto;
        let mut attempts = Attempts::new(&mut reach);
        attempts.came(7, 21);
        attempts.failed(7, 21);
        assert_eq!(attempts.width(), Width::Read);
        assert_eq!(reach, Reach::Auto);
    }

    #[test]
    fn two_tags_of_which_only_the_safe_span_comes_settle_it() {
        let mut reach = Reach::Auto;
        for learned in [Reach::Doubted, Reach::Safe] {
            let mut attempts = Attempts::new(&mut reach);
            attempts.failed(7, 68);
            assert_eq!(attempts.width(), Width::Safe);
            attempts.came(7, 21);
            attempts.came(22, 36);
            assert_eq!(reach, learned);
        }
        assert_eq!(Attempts::new(&mut reach).width(), Width::Safe);
    }

    #[test]
    fn a_tag_that_goes_or_refuses_teaches_nothing() {
        let mut reach = Reach::Auto;
        Attempts::new(&mut reach).failed(7, 68);
        assert_eq!(reach, Reach::Auto, "it did not come back");
        let mut attempts = Attempts::new(&mut reach);
        attempts.failed(7, 68);
        attempts.failed(7, 21);
        assert_eq!(attempts.width(), Width::Read, "neither span came");
        assert_eq!(reach, Reach::Auto);
        let mut attempts = Attempts::new(&mut reach);
        attempts.failed(7, 68);
        attempts.came(9, 20);
        assert_eq!(reach, Reach::Auto, "another place");
    }

    #[test]
    fn what_is_settled_stays() {
        for settled in [Reach::ReadOnly, Reach::Safe, Reach::Large] {
            let mut reach = settled;
            let mut attempts = Attempts::new(&mut reach);
            attempts.failed(7, 68);
            assert_eq!(attempts.width(), Width::Read);
            attempts.came(7, 21);
            assert_eq!(reach, settled);
        }
    }
}
