//! What the cloud tells a terminal. A lost notice costs time, never a card: a sync brings all of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::book::{Ended, Remarks};
use super::receipt::Counts;
use crate::card::{Card, Edition};
use crate::enrolment::Base64;
use crate::wipe::{SealKey, WipeNonce};
use crate::{AccountId, TerminalId};

/// News for a terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Notice {
    /// A contact's card changed, or began to follow its owner.
    Card {
        /// Whose.
        owner: AccountId,
        /// Which edition.
        edition: Edition,
        /// The card.
        card: Card,
        /// The holder's own words, when they may have changed too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remarks: Option<Remarks>,
    },
    /// A contact's card follows its owner no more and leaves the terminal. What was read comes in its place, as
    /// [`Notice::Card`] of edition zero, if anything was.
    Ended {
        /// Whose.
        owner: AccountId,
        /// Why.
        ended: Ended,
    },
    /// The holder took a contact out of the book, on another terminal.
    Gone {
        /// Whose.
        owner: AccountId,
    },
    /// The own card changed at another door.
    OwnCard {
        /// The account.
        owner: AccountId,
        /// Which edition.
        edition: Edition,
        /// The card.
        card: Card,
    },
    /// Somebody gave a card or asks for one.
    Offer(Offer),
    /// Something about the account itself that every one of its terminals should know of: somebody may have done it who is
    /// not its owner.
    AccountState {
        /// The account.
        owner: AccountId,
        /// When a browser signed in last, within the last day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed_in: Option<Timestamp>,
        /// When the account closes, if that is planned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        closes: Option<Timestamp>,
        /// When another number takes the place of its own, if that is planned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        moves: Option<Timestamp>,
        /// Somebody has proved its number while it slept.
        #[serde(default)]
        disputed: bool,
    },
    /// Another version of the terminal's program is ready.
    ClientOffer {
        /// The account.
        owner: AccountId,
        /// Its version.
        version: String,
        /// Where it is.
        url: String,
        /// The SHA-256 of what is there, in hexadecimal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// A visitor's phone has taken up a touch of this kiosk. It says nothing of the visitor: who stands there knows.
    Claimed {
        /// The kiosk's account.
        owner: AccountId,
        /// The account's card went to the visitor.
        gave: bool,
        /// The visitor's card came.
        got: bool,
    },
    /// This kiosk was stolen: it seals what it has not sent, and erases everything. Nothing else erases a kiosk from afar.
    Wipe {
        /// The account.
        owner: AccountId,
        /// Which kiosk; no other obeys.
        terminal: TerminalId,
        /// Which order: each is carried out once.
        nonce: WipeNonce,
        /// An X25519 public key, to which the kiosk seals what it has not sent.
        seal_key: SealKey,
        /// An Ed25519 signature by the key that came with the kiosk's token, of: `tapcard wipe 1` and a NUL, the terminal's
        /// number in eight bytes with the most significant first, the nonce, the seal key.
        signature: Base64<64>,
    },
    /// How far an edition of the own card has come.
    Summary {
        /// The account.
        owner: AccountId,
        /// Which edition.
        edition: Edition,
        /// Whom it concerned.
        counts: Counts,
    },
}

/// Somebody gave a card or asks for one; nothing of it stands in the book before the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Offer {
    /// Who offers.
    pub owner: AccountId,
    /// The name on that account's card.
    pub name: String,
    /// Where they met.
    pub place: String,
    /// When they met, by the cloud's best knowledge.
    pub at: Timestamp,
    /// Accepting brings the other's card here.
    pub gives: bool,
    /// Accepting lets the own card go there.
    pub takes: bool,
}
