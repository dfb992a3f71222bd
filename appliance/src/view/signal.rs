//! What is heard when one page follows another, and when the lamp shines.

use super::Page;
use crate::session::Step;

/// What there is to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// A card is felt.
    Felt,
    /// It is done.
    Done,
    /// Nothing could be read.
    Unread,
}

/// What is heard when `after` comes onto the screen in place of `before`.
pub fn sound(before: Option<&Page>, after: &Page) -> Option<Sound> {
    let is_new = |of: fn(&Page) -> bool| of(after) && !before.is_some_and(of);
    let is_felt = |it: &Page| matches!(it, Page::Hold) || is_written(it, false);
    let is_done = |it: &Page| {
        matches!(
            it,
            Page::Done(..)
                | Page::Introduced(..)
                | Page::Claimed { .. }
                | Page::Trial { is_felt: true, .. }
        ) || is_written(it, true)
    };
    let is_unread = |it: &Page| matches!(it, Page::Late) || has_trouble(it);
    if is_new(is_felt) {
        Some(Sound::Felt)
    } else if is_new(is_done) {
        Some(Sound::Done)
    } else {
        is_new(is_unread).then_some(Sound::Unread)
    }
}

/// Whether the lamp shines: a card is read or written just now.
pub fn shines(page: &Page) -> bool {
    matches!(page, Page::Hold) || is_written(page, false)
}

/// Whether a badge is being written, or is done.
fn is_written(page: &Page, is_done: bool) -> bool {
    match page {
        Page::Badges(it) if is_done => matches!(it.step, Step::Written(_)),
        Page::Badges(it) => it.step == Step::Writing,
        _ => false,
    }
}

fn has_trouble(page: &Page) -> bool {
    match page {
        Page::Attract(it) | Page::Fault(it) => it.trouble.is_some(),
        Page::Badges(it) => matches!(it.step, Step::Refused(_)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_turn_of_a_touch_is_heard_once() {
        let claimed = || Page::Claimed { gave: true, got: true };
        for (before, after, heard) in [
            (None, Page::Hold, Some(Sound::Felt)),
            (Some(Page::Hold), Page::Hold, None),
            (Some(Page::Hold), Page::Late, Some(Sound::Unread)),
            (Some(Page::Late), Page::Late, None),
            (Some(Page::Phone(super::super::Onward::default())), claimed(), Some(Sound::Done)),
            (Some(claimed()), claimed(), None),
            (Some(claimed()), Page::Refused, None),
            (None, Page::StillThere, None),
        ] {
            assert_eq!(sound(before.as_ref(), &after), heard, "{before:?} {after:?}");
        }
        assert!(shines(&Page::Hold) && !shines(&Page::Late));
    }
}
