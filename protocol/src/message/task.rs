//! What a terminal asks of the cloud.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::TaskId;
use super::book::{CheckBook, ContactAdd, ContactDelete, ContactUpdate, Withdraw};
use crate::AccountId;
use crate::card::{Card, Edition};
use crate::identifier::Identifier;
use crate::text;

/// Most entries of one [`Sync::have`].
pub const MAX_HAVE: usize = 500;
/// Most bytes of a place's name.
pub(super) const MAX_PLACE: usize = 200;
/// Most bytes of a note.
pub(super) const MAX_NOTE: usize = 4000;
/// The end of the year 2199, in seconds since 1970.
const MAX_SECOND: i64 = 7_258_118_400;
/// Most bytes of the name of a version of words.
const MAX_AGREED: usize = 32;
/// Most bytes of a touch's name.
const MAX_TOUCH: usize = 64;

/// A request of a terminal; each but [`Task::Applied`] gets exactly one receipt.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Make this terminal's account usable.
    Register(Register),
    /// A confirmed touch.
    Exchange(Box<Exchange>),
    /// A touch is taken back.
    Undo(Undo),
    /// Two visitors meet at an organiser's kiosk.
    Introduce(Introduce),
    /// Answer an offer.
    Link(Link),
    /// The holder's own part of a contact was changed.
    ContactUpdate(Box<ContactUpdate>),
    /// A contact without a touch.
    ContactAdd(Box<ContactAdd>),
    /// A contact leaves the book.
    ContactDelete(ContactDelete),
    /// The own card follows no more.
    Withdraw(Withdraw),
    /// How does the address book stand?
    CheckBook(CheckBook),
    /// The own card was edited.
    CardUpdate(CardUpdate),
    /// What became of cards that were sent here; gets no receipt.
    Applied(Vec<Applied>),
    /// What changed while I was away?
    Sync(Sync),
}

/// The first word of a terminal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Register {
    /// The owner's card, counted only when the account has none yet.
    #[serde(default)]
    pub card: Option<Card>,
}

/// Which way cards went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Only the partner's card was taken.
    Received,
    /// Only the own card was given.
    Given,
    /// Both.
    Both,
}

impl Direction {
    /// The name as tables spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Received => "received",
            Direction::Given => "given",
            Direction::Both => "both",
        }
    }
}

/// A moment by a clock that may be wrong, told by one that only counts from the last start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Boot {
    /// Names the start: 64 random bits.
    pub id: u64,
    /// Milliseconds since then.
    pub ms: u64,
}

/// A confirmed touch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exchange {
    /// Which way cards went.
    pub direction: Direction,
    /// The number on the partner's card, if it has a usable one.
    pub partner: Option<Identifier>,
    /// The partner's card as it was read.
    pub card: Option<Card>,
    /// Names the touch; equal on every copy of it.
    pub touch: String,
    /// When, by the terminal's clock.
    pub at: Timestamp,
    /// Whether that clock was synchronised.
    pub clock_synced: bool,
    /// The same moment, counted from the terminal's start.
    #[serde(default)]
    pub boot: Option<Boot>,
    /// Where, as the operator named it.
    #[serde(default)]
    pub place: String,
    /// The holder's note.
    #[serde(default)]
    pub note: String,
    /// Whether the person agreed that it is kept in the cloud.
    pub consent: bool,
    /// Which version of the words the person agreed to; `docs/AGREED.md` has them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agreed: String,
}

impl Exchange {
    /// Whether every database can hold it. A clock may stand at 1970, but not before, and not after 2200.
    pub(super) fn is_sound(&self) -> bool {
        let texts = [
            (&self.touch, MAX_TOUCH),
            (&self.place, MAX_PLACE),
            (&self.note, MAX_NOTE),
            (&self.agreed, MAX_AGREED),
        ];
        texts.iter().all(|(text, limit)| text::check(text, *limit).is_ok())
            && !self.touch.is_empty()
            && (0..MAX_SECOND).contains(&self.at.as_second())
    }
}

/// An exchange of this terminal is taken back, whether it has come yet or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Undo {
    /// The identity of its task.
    pub task: TaskId,
}

/// Two visitors want each other's cards; each is asked on the own phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Introduce {
    /// The number of the one who touched first and last.
    pub one: Identifier,
    /// The number of the one who touched in between.
    pub other: Identifier,
    /// Names the touch; equal on every copy of it.
    pub touch: String,
    /// When, by the kiosk's clock.
    pub at: Timestamp,
    /// Whether that clock was synchronised.
    pub clock_synced: bool,
    /// Where, as the operator named it.
    #[serde(default)]
    pub place: String,
}

impl Introduce {
    /// As [`Exchange::is_sound`]; and nobody is introduced to himself.
    pub(super) fn is_sound(&self) -> bool {
        text::check(&self.touch, MAX_TOUCH).is_ok()
            && text::check(&self.place, MAX_PLACE).is_ok()
            && !self.touch.is_empty()
            && (0..MAX_SECOND).contains(&self.at.as_second())
            && self.one != self.other
    }
}

/// An answer to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Link {
    /// Who offers.
    pub owner: AccountId,
    /// What the person said.
    pub verb: LinkVerb,
    /// The offer said that the other's card comes here; what was not said is not accepted.
    #[serde(default)]
    pub gives: bool,
    /// The offer said that the own card goes there.
    #[serde(default)]
    pub takes: bool,
}

/// What a person may say to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LinkVerb {
    /// Each follows the other's card, as far as it was given.
    Accept,
    /// No; the other side is not told.
    Decline,
    /// No, and never again: the own card follows to that account no more, and nothing is offered either way.
    Block,
    /// Offers are possible again.
    Unblock,
}

/// Whether a holder's copy follows its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// It does not.
    None,
    /// The owner has been asked.
    Offered,
    /// It does.
    Live,
}

impl LinkState {
    /// The name as tables spell it.
    pub const fn name(self) -> &'static str {
        match self {
            LinkState::None => "none",
            LinkState::Offered => "offered",
            LinkState::Live => "live",
        }
    }
}

/// An edit of the own card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardUpdate {
    /// The edition it was made from.
    pub base: Edition,
    /// The whole card.
    pub card: Card,
    /// Whether the partners may be told.
    pub notify: bool,
}

/// What became of one card that was sent to this terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Applied {
    /// Whose card.
    pub owner: AccountId,
    /// Which edition.
    pub edition: Edition,
    /// What became of it.
    pub outcome: ApplyOutcome,
    /// Why not, in plain words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a terminal did with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ApplyOutcome {
    /// It stands in the address book.
    Applied,
    /// The holder keeps the own version.
    KeptMine,
    /// It could not be stored.
    Failed,
}

impl ApplyOutcome {
    /// The name as tables spell it.
    pub const fn name(self) -> &'static str {
        match self {
            ApplyOutcome::Applied => "applied",
            ApplyOutcome::KeptMine => "kept-mine",
            ApplyOutcome::Failed => "failed",
        }
    }
}

/// What a terminal has of a range of owners; the answer says what differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sync {
    /// The book counter of the last answer.
    #[serde(default)]
    pub book: u64,
    /// The range begins behind this owner, or at the beginning.
    #[serde(default)]
    pub after: Option<AccountId>,
    /// The range ends with this owner, or at the end.
    #[serde(default)]
    pub upto: Option<AccountId>,
    /// Owners and editions held in the range, ascending, at most [`MAX_HAVE`].
    #[serde(default)]
    pub have: Vec<(AccountId, Edition)>,
    /// The edition of the own card held here.
    #[serde(default)]
    pub own: Edition,
    /// Every task of this terminal's store up to this number has its receipt here; the cloud may forget them.
    #[serde(default)]
    pub receipted: u64,
    /// The program that asks: its name, its version, and what it runs on, with spaces between.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client: String,
}
