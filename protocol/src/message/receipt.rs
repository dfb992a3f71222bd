//! The one answer to a task, sent after the commit.

use serde::{Deserialize, Serialize};

use super::TaskId;
use super::book::{Ended, Remarks};
use super::notice::Offer;
use super::task::LinkState;
use crate::AccountId;
use crate::card::{Card, Edition};
use crate::touch::TouchKey;

/// The answer to one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// Which task.
    pub task: TaskId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It is in the cloud's database.
    Done {
        /// What came of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Settled>,
    },
    /// It never will be.
    Refused {
        /// Why, for programs.
        reason: Refusal,
        /// Why, for the person who can act.
        #[serde(default)]
        text: String,
        /// What stands in the cloud instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Settled>,
    },
}

/// Why a task was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The message is not a task.
    Undecodable,
    /// A kind of task that this worker does not know.
    UnknownTask,
    /// It names another terminal or account than the one it came from.
    NotYours,
    /// The edit was made from an edition that is no longer the current one.
    Conflict,
    /// Nobody offers that.
    NoOffer,
    /// The book has no such contact, or not for this terminal.
    NoContact,
    /// This terminal may not ask that.
    Forbidden,
    /// It was taken back before it came.
    Undone,
    /// The terminal has said before that it has the receipt to a task of this number.
    AlreadyReceipted,
}

/// What came of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Settled {
    /// Of a sync: what differs.
    Page(Box<Page>),
    /// Of a card update: the new edition, and how many hold the card.
    Updated {
        /// The new edition.
        edition: Edition,
        /// Whom it concerns.
        counts: Counts,
        /// The card of that edition, when it is another than was sent: an edit made elsewhere is in it too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        card: Option<Card>,
    },
    /// Of a stale card update: what stands in the cloud.
    Conflict {
        /// The current edition.
        edition: Edition,
        /// The current card.
        card: Card,
    },
    /// Of a registration.
    Registered {
        /// The terminal's account.
        account: AccountId,
        /// The edition of its card, zero for none.
        edition: Edition,
    },
    /// Of an exchange or of an answer to an offer.
    Linked {
        /// The partner's account, none for a card without a usable number.
        owner: Option<AccountId>,
        /// Whether the sender's own contact follows it.
        state: LinkState,
    },
    /// Of a check of the address book.
    Checked {
        /// Who holds the own card.
        counts: Counts,
        /// How many cards in the book follow their owners.
        following: u32,
        /// Which followed and do so no more, ascending by owner; at most 500.
        ended: Vec<(AccountId, Ended)>,
    },
    /// Of a withdrawal.
    Withdrawn {
        /// From how many partners.
        partners: u32,
    },
}

/// How many linked partners hold a card, by the state of their account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// They are told.
    pub active: u32,
    /// Never claimed; not told.
    pub unclaimed: u32,
    /// Cancelled; not told.
    pub cancelled: u32,
}

/// One page of an answer to a sync.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page {
    /// Cards that are new or newer than the terminal's, ascending by owner.
    pub cards: Vec<SyncedCard>,
    /// Owners to be taken out of the book.
    pub gone: Vec<AccountId>,
    /// Owners whose cards follow no more; `cards` has what was read of them, if anything was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<(AccountId, Ended)>,
    /// Where the next page begins, none at the end.
    pub next: Option<AccountId>,
    /// The account's book counter.
    pub book: u64,
    /// Offers that wait for an answer; with the last page.
    #[serde(default)]
    pub offers: Vec<Offer>,
    /// The own card, when it is newer than the terminal's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnCard>,
    /// What a kiosk makes its touch tokens with from now on; with the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touch_key: Option<TouchKey>,
}

/// The own card and its edition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnCard {
    /// Its edition.
    pub edition: Edition,
    /// The card.
    pub card: Card,
}

/// One card of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SyncedCard {
    /// Whose.
    pub owner: AccountId,
    /// Which edition; zero for a card as it was read.
    pub edition: Edition,
    /// The card.
    pub card: Card,
    /// The holder's own words, when they are new to the terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<Remarks>,
}
