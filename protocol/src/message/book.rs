//! What a holder writes into the own book, and how an owner ends what was given.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::task::MAX_NOTE;
use crate::card::Card;
use crate::identifier::Identifier;
use crate::{AccountId, text};

/// Most tags of a contact.
const MAX_TAGS: usize = 20;
/// Most bytes of a tag.
const MAX_TAG: usize = 50;
/// The best rating; zero is none.
const MAX_RATING: u8 = 5;

/// The holder's own words about a contact. Its `Debug` shows nothing of them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Remarks {
    /// A note.
    #[serde(default)]
    pub note: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// One to five, zero for none.
    #[serde(default)]
    pub rating: u8,
}

impl std::fmt::Debug for Remarks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remarks({} tags, rating {})", self.tags.len(), self.rating)
    }
}

impl Remarks {
    /// The card with note and tags on it, for other programs. If they would bring it over its limits, it goes without them.
    pub fn laid_on(&self, card: &Card) -> Card {
        let mut object = Value::Object(card.as_object().clone());
        if !self.note.is_empty() {
            group(&mut object, "notes")["tapcard-note"] = json!({ "note": self.note });
        }
        for tag in &self.tags {
            group(&mut object, "keywords")[tag] = true.into();
        }
        Card::try_from(object).unwrap_or_else(|_| card.clone())
    }
}

/// The entries of one kind on a card. A stranger may have written anything there.
fn group<'o>(object: &'o mut Value, kind: &str) -> &'o mut Value {
    if !object[kind].is_object() {
        object[kind] = json!({});
    }
    &mut object[kind]
}

/// A change of the holder's own part of a contact; what is missing stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactUpdate {
    /// Which contact.
    pub owner: AccountId,
    /// The new note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The new tags, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// The new rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    /// What was read, corrected. It never takes the place of a card that follows its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
}

impl ContactUpdate {
    pub(super) fn is_sound(&self) -> bool {
        self.note.iter().all(|it| text::check(it, MAX_NOTE).is_ok())
            && self.tags.iter().all(|it| {
                it.len() <= MAX_TAGS && it.iter().all(|tag| text::check(tag, MAX_TAG).is_ok())
            })
            && self.rating.is_none_or(|it| it <= MAX_RATING)
    }
}

/// A contact that was typed or came out of a file, without a touch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactAdd {
    /// The number on the card, if it has a usable one.
    pub partner: Option<Identifier>,
    /// The card.
    pub card: Card,
    /// The holder's note.
    #[serde(default)]
    pub note: String,
}

impl ContactAdd {
    pub(super) fn is_sound(&self) -> bool {
        text::check(&self.note, MAX_NOTE).is_ok()
    }
}

/// A contact leaves the book, and stays out of it until the two meet again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactDelete {
    /// Which contact.
    pub owner: AccountId,
}

/// How does the address book stand? The answer says whom the own card reaches and which contacts follow no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckBook {}

/// The own card follows no more to one partner, or to all who were met at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Withdraw {
    /// To this one.
    Partner(AccountId),
    /// To all who were met there, by the place's name in the exchanges.
    Place(String),
}

/// Why a card follows its owner no more; what was read stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// The owner ended it.
    Withdrawn,
    /// The owner's account is closed.
    Cancelled,
}
