//! vCard 2.1, 3.0 and 4.0 in, 3.0 and 4.0 out (RFC 2426, RFC 6350, RFC 9555).
//!
//! Bytes are unfolded and brought to UTF-8 here; the parsing and the conversion are `calcard`'s.

mod lines;
mod photo;
mod write;

use calcard::vcard::{VCard, VCardProperty};
use calcard::{Entry, Parser};
use serde_json::Value;
use thiserror::Error;

use crate::card::{Card, InvalidCard};
pub use photo::Photo;
pub use write::{Version, write, write_with};

/// Most bytes of a vCard with its photo; phones export portraits of up to some hundred kB.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most bytes of a photo inside it, decoded.
pub const MAX_PHOTO: usize = 1024 * 1024;

/// What a vCard held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadCard {
    /// Everything but the photo.
    pub card: Card,
    /// The first photo that was inside it.
    pub photo: Option<Photo>,
}

/// Why a vCard was not taken, in words for the person who holds it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// More than [`MAX_BYTES`].
    #[error("this card is larger than 8 MiB")]
    TooLarge,
    /// More than [`MAX_PHOTO`].
    #[error("the photo on this card is larger than 1 MiB; use a smaller one")]
    PhotoTooLarge,
    /// Neither UTF-8 nor in a charset that it names.
    #[error("the text of this card is neither UTF-8 nor in a charset that the card names")]
    UnknownCharset,
    /// No `BEGIN:VCARD`.
    #[error("there is no vCard in this")]
    NoCard,
    /// Neither a name, an organisation, a number nor a mail address.
    #[error("this card is empty")]
    Empty,
    /// It cannot be kept as a card.
    #[error(transparent)]
    Card(#[from] InvalidCard),
}

/// Reads the first vCard in some bytes.
///
/// # Errors
/// Says for a person why there is none, or why it cannot be kept.
pub fn read(bytes: &[u8]) -> Result<ReadCard, Refused> {
    if bytes.len() > MAX_BYTES {
        return Err(Refused::TooLarge);
    }
    let mut lines = lines::read(bytes)?;
    let photo = photo::take(&mut lines)?;
    let text = lines.join("\r\n");
    let mut object = serde_json::from_str::<Value>(
        &first_card(&text)?.into_jscontact::<String, String>().to_string_pretty(),
    )
    .map_err(|_| Refused::NoCard)?;
    drop_version(&mut object);
    let card = Card::try_from(object)?;
    let blank = card.name().is_empty() && card.organisation().is_empty();
    if blank && card.phones().next().is_none() && card.mails().next().is_none() {
        return Err(Refused::Empty);
    }
    Ok(ReadCard { card, photo })
}

fn first_card(text: &str) -> Result<VCard, Refused> {
    let begin = text.to_ascii_uppercase().find("BEGIN:VCARD").ok_or(Refused::NoCard)?;
    match Parser::new(&text[begin..]).entry() {
        Entry::VCard(card) if has_content(&card) => Ok(card),
        Entry::VCard(_) => Err(Refused::Empty),
        // A phone that was pulled away, or a file cut off: what arrived is still a card.
        Entry::UnterminatedComponent(_) => {
            match Parser::new(&format!("{}\r\nEND:VCARD\r\n", &text[begin..])).entry() {
                Entry::VCard(card) if has_content(&card) => Ok(card),
                _ => Err(Refused::NoCard),
            }
        }
        _ => Err(Refused::NoCard),
    }
}

fn has_content(card: &VCard) -> bool {
    let frame = [VCardProperty::Begin, VCardProperty::End, VCardProperty::Version];
    card.entries.iter().any(|it| !frame.contains(&it.name))
}

/// The version says how the card was written down, not what stands on it.
fn drop_version(object: &mut Value) {
    if let Some(Value::Array(properties)) = object.pointer_mut("/vCard/properties") {
        properties.retain(|it| it.get(0).is_none_or(|name| name != "version"));
        let empty = properties.is_empty();
        if let (true, Some(Value::Object(rest))) = (empty, object.get_mut("vCard")) {
            rest.remove("properties");
            if rest.is_empty() {
                object.as_object_mut().map(|it| it.remove("vCard"));
            }
        }
    }
}
