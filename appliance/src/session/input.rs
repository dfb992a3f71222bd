//! What can happen to the session, and the words for it.

use tapcard_protocol::Edition;

use super::{Mode, Trouble, Whose};
use crate::badge::{Refusal, Written};
use crate::visitor::Visitor;

/// Most characters of a line of the own card.
const MAX_LINE: usize = 200;

/// The part of the own card that is edited here, and the edition it was taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The edition it began from.
    pub base: Edition,
    /// The name; never empty when saved.
    pub name: String,
    /// The job title.
    pub title: String,
    /// The organisation.
    pub organisation: String,
}

impl Draft {
    pub(super) fn set(&mut self, line: Line, text: String) {
        match line {
            Line::Name => self.name = text,
            Line::Title => self.title = text,
            Line::Organisation => self.organisation = text,
        }
    }

    /// Without blanks at the ends, and no longer than any card shows.
    pub(super) fn trimmed(&self) -> Draft {
        let trim = |text: &str| text.trim().chars().take(MAX_LINE).collect();
        Draft {
            base: self.base,
            name: trim(&self.name),
            title: trim(&self.title),
            organisation: trim(&self.organisation),
        }
    }
}

/// One line of a [`Draft`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Its name.
    Name,
    /// Its job title.
    Title,
    /// Its organisation.
    Organisation,
}

/// What happened outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The reader answers, or it does not.
    Reader(bool),
    /// The reader feels a tag and reads it.
    Felt,
    /// The reader read a card, or it was written here.
    Read(Box<Visitor>),
    /// The reader could not read one.
    Unreadable(Trouble),
    /// A phone or another reader came to the own card.
    Met,
    /// It went.
    Parted {
        /// Whether it has read the own card.
        read: bool,
    },
    /// The reader writes the badge that was laid on it.
    Writing,
    /// It has, or it has not.
    Wrote(Result<Written, Refusal>),
    /// The visitor says yes.
    Accept,
    /// The visitor says yes, but not to the cloud.
    KeepHere,
    /// The visitor says no.
    Reject,
    /// Somebody touched a page that only tells something.
    Onward,
    /// What a [`super::Decision`] asked could not be stored.
    StoreFailed,
    /// Somebody wants the staff's pages.
    Staff,
    /// A digit of the PIN.
    Digit(char),
    /// The last digit was wrong.
    Erase,
    /// The staff goes one page back.
    Back,
    /// The staff wants to edit the own card.
    EditCard,
    /// The staff wants to choose the mode.
    ChooseMode,
    /// The staff chose it.
    Pick(Mode),
    /// The staff typed: this line now reads so.
    Typed(Line, String),
    /// The staff wants to write badges with this card.
    WriteBadges(Whose),
    /// The staff wants them locked for good, or not.
    LockBadges(bool),
    /// The staff is done editing.
    Save,
    /// The staff says whether the partners may be told.
    Tell(bool),
    /// The staff does something that changes nothing, such as scrolling.
    Stir,
    /// The own card is now this; true if it is a draft that waits to be edited or sent.
    Own(Draft, bool),
    /// Time passed.
    Tick,
}
