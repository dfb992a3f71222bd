//! Ada, Bo and Cy. Their numbers are kept free for fiction.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use jiff::Timestamp;
use tapcard_protocol::message::{Direction, Exchange, Task};
use tapcard_protocol::{Card, Identifier};

/// Ada's number; she owns the kiosk.
pub const ADA: &str = "+49 171 3920001";
/// Bo's number, as on his badge.
pub const BO: &str = "+44 7700 900142";
/// The number on Cy's badge, as written there.
pub const CY: &str = "+8613800138000";

/// Where the cards lie.
pub fn card_file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cards").join(name)
}

/// One of the cards in `tests/cards`.
///
/// # Errors
/// Fails when there is none of that name.
pub fn card(name: &str) -> anyhow::Result<Vec<u8>> {
    fs::read(card_file(name)).with_context(|| format!("reading the card {name}"))
}

/// A touch in which a number's card was read and the own one given.
///
/// # Errors
/// Fails when the number is none.
pub fn touch(number: &str, name: &str, touch: &str) -> anyhow::Result<Task> {
    Ok(Task::Exchange(Box::new(Exchange {
        direction: Direction::Both,
        partner: Some(Identifier::phone(number, None)?),
        card: Some(Card::named(name)),
        touch: touch.to_owned(),
        at: Timestamp::now(),
        clock_synced: true,
        boot: None,
        place: "Hall 3".to_owned(),
        note: String::new(),
        consent: true,
        agreed: String::new(),
    })))
}
