//! The commands that read pages of a Type 2 tag (NTAG213/215/216 data sheet §10.2, §10.3). Pure.

use super::PAGE_BYTES;
use super::reach::Width;

/// Four pages from one on; every Type 2 tag knows it.
const READ: u8 = 0x30;
const READ_PAGES: u8 = 4;
/// The pages from one to another; NTAG21x and MIFARE Ultralight EV1 know it.
const FAST_READ: u8 = 0x3a;

/// One command for pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// READ: four pages from this one on; after the tag's last page comes its first.
    Read(u8),
    /// FAST_READ: exactly these pages. A tag that does not know it says NAK.
    FastRead {
        /// The first page.
        first: u8,
        /// The last page.
        last: u8,
    },
}

impl Ask {
    /// The command that gets most of the pages from `first` to `last`. What one READ brings is left
    /// to READ, for no tag refuses that.
    #[must_use]
    pub fn of(first: u8, last: u8, width: Width) -> Self {
        match width.pages() {
            Some(most) if last - first >= READ_PAGES => {
                Self::FastRead { first, last: last.min(first.saturating_add(most - 1)) }
            }
            _ => Self::Read(first),
        }
    }

    /// What is sent to the tag, without its CRC.
    #[must_use]
    pub fn frame(self) -> Vec<u8> {
        match self {
            Self::Read(first) => vec![READ, first],
            Self::FastRead { first, last } => vec![FAST_READ, first, last],
        }
    }

    /// How many bytes the tag answers.
    #[must_use]
    pub fn n_bytes(self) -> usize {
        let n_pages = match self {
            Self::Read(_) => READ_PAGES,
            Self::FastRead { first, last } => last - first + 1,
        };
        usize::from(n_pages) * PAGE_BYTES
    }
}

/// Whether the answer to [`Ask::Read`] shows the tag's first page where one of `n_wanted` pages
/// should be: so a tag behaves at a page that needs a password (§10.2). `uid` is its identifier.
#[must_use]
pub fn rolls_over(answer: &[u8], n_wanted: usize, uid: &[u8]) -> bool {
    let &[a, b, c, ..] = uid else { return false };
    // Page 0: three bytes of the identifier and a check byte over them and the cascade tag.
    let first_page = [a, b, c, 0x88 ^ a ^ b ^ c];
    answer.chunks(PAGE_BYTES).take(n_wanted).skip(1).any(|page| page == first_page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::MAX_EXCHANGE;

    #[test]
    fn a_span_is_as_wide_as_allowed_and_no_wider_than_wanted() {
        let cases = [
            (Width::Large, 7, 103, Ask::FastRead { first: 7, last: 68 }),
            (Width::Large, 69, 103, Ask::FastRead { first: 69, last: 103 }),
            (Width::Safe, 7, 103, Ask::FastRead { first: 7, last: 21 }),
            (Width::Safe, 7, 11, Ask::FastRead { first: 7, last: 11 }),
            (Width::Safe, 7, 10, Ask::Read(7)),
            (Width::Large, 3, 6, Ask::Read(3)),
            (Width::Read, 7, 103, Ask::Read(7)),
            (Width::Large, 220, 255, Ask::FastRead { first: 220, last: 255 }),
        ];
        for (width, first, last, ask) in cases {
            assert_eq!(Ask::of(first, last, width), ask);
        }
    }

    #[test]
    fn the_widest_spans_fit_what_they_are_meant_for() {
        assert_eq!(Ask::of(0, 200, Width::Safe).n_bytes() + 2, 62);
        assert!(Ask::of(0, 200, Width::Large).n_bytes() <= MAX_EXCHANGE);
        assert_eq!(Ask::of(0, 200, Width::Read).n_bytes(), 16);
    }

    #[test]
    fn a_page_behind_a_password_is_noticed_by_the_first_page_in_its_place() {
        let uid = [4, 0xa2, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7];
        let page_0 = [4, 0xa2, 0xb3, 0x88 ^ 4 ^ 0xa2 ^ 0xb3];
        let answer = [&[0xe1, 0x10, 0x3e, 0][..], &[3, 9, 9, 9], &page_0, &uid[3..]].concat();
        assert!(rolls_over(&answer, 4, &uid));
        assert!(rolls_over(&answer, 3, &uid));
        assert!(!rolls_over(&answer, 2, &uid), "behind the pages that are wanted");
        assert!(!rolls_over(&answer, 4, &[4, 1, 2, 3, 4, 5, 6]), "another tag's");
        assert!(!rolls_over(&answer, 4, &[]));
    }

    #[test]
    fn frames_have_the_form_of_the_data_sheet() {
        assert_eq!(Ask::Read(3).frame(), [0x30, 3]);
        assert_eq!(Ask::FastRead { first: 7, last: 68 }.frame(), [0x3a, 7, 68]);
    }
}
