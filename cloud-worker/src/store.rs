//! What the worker reads and writes in Postgres, one file per subject.

pub(crate) mod account;
pub(crate) mod adoption;
pub(crate) mod applied;
pub(crate) mod archive;
pub(crate) mod barred;
pub(crate) mod card;
pub(crate) mod check;
pub(crate) mod claim;
pub(crate) mod client_offer;
pub(crate) mod contact;
pub(crate) mod dead_letter;
pub(crate) mod enrolment;
pub(crate) mod erasure;
pub(crate) mod exchange;
pub(crate) mod identifier;
pub(crate) mod introduction;
pub(crate) mod kiosk_owner;
pub(crate) mod lease;
pub(crate) mod link;
pub(crate) mod mail_address;
pub(crate) mod media;
pub(crate) mod meeting;
pub(crate) mod number_change;
pub(crate) mod one_time_code;
pub(crate) mod outbox;
pub(crate) mod outcome;
pub(crate) mod recovery;
pub(crate) mod remark;
pub(crate) mod retention;
pub(crate) mod terminal;
pub(crate) mod touch_key;
pub(crate) mod undo;
pub(crate) mod web_session;
pub(crate) mod wipe_order;
pub(crate) mod withdrawal;

use anyhow::Context;
use serde_json::Value;
use tapcard_protocol::Card;

/// A card out of a `jsonb` column.
///
/// # Errors
/// Fails for what is no JSON object.
pub(crate) fn card(value: Option<Value>) -> anyhow::Result<Option<Card>> {
    value.map(|it| Card::stored(it).context("a card in the database is none")).transpose()
}

/// An edition out of an `integer` column.
pub(crate) fn edition(number: i32) -> tapcard_protocol::Edition {
    tapcard_protocol::Edition(number.unsigned_abs())
}
