//! What Tapcard's programs say to each other. No I/O, no clock, no randomness.
//!
//! - [`id`], [`identifier`]: who is meant, by number and by phone number
//! - [`card`], [`vcard`]: a business card, and its older form
//! - [`message`]: tasks, receipts and notices, and how they are written
//! - [`topic`], [`access`], [`token`], [`key_set`]: where a client may speak, and how it proves who it is
//! - [`enrolment`]: how a kiosk becomes its owner's
//! - [`wipe`]: how one that was stolen is erased
//! - `asyncapi`, with the feature `schema`: all of this as a document for others
//! - `picture`, with the feature `pictures`: reading pictures that strangers made
//! - [`touch`]: the name of a touch that a phone takes home

pub mod access;
#[cfg(feature = "schema")]
pub mod asyncapi;
pub mod card;
pub mod enrolment;
pub mod id;
pub mod identifier;
pub mod key_set;
pub mod message;
#[cfg(feature = "pictures")]
pub mod picture;
pub mod text;
pub mod token;
pub mod topic;
pub mod touch;
pub mod vcard;
pub mod wipe;

pub use card::{Card, Edition};
pub use id::{AccountId, TerminalId};
pub use identifier::{Identifier, Region};
