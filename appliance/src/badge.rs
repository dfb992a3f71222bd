//! What is written on a badge: a link and a short card, as much as the tag holds. Pure.

mod refusal;

use std::fmt;

use serde_json::Value;
use tapcard_nfc::Unreadable;
use tapcard_nfc::ndef::{self, Content, Record};
use tapcard_protocol::Card;

use crate::offer::{MAX_CARD, Part, fits_whole, short};
pub use refusal::Refusal;

/// Whose card goes on a badge, and the link beside it.
#[derive(Clone, PartialEq)]
pub struct Badge {
    card: Card,
    link: Option<String>,
}

/// What a tag of some size gets.
#[derive(Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The NDEF message.
    pub message: Vec<u8>,
    /// What of card and link is not in it.
    pub left_out: Vec<Part>,
}

/// What a badge holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What of card and link it had no room for.
    pub left_out: Vec<Part>,
    /// It can change no more.
    pub is_locked: bool,
}

/// Shows no content: it is somebody's card.
impl fmt::Debug for Badge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Badge")
    }
}

impl Badge {
    /// A badge with the card's own web address as its link, or else with this one.
    pub fn new(card: Card, link: Option<&str>) -> Badge {
        let link = own_link(&card).or_else(|| link.map(str::to_owned));
        Badge { card, link }
    }

    /// The name on it.
    pub fn name(&self) -> String {
        self.card.name()
    }

    /// What a tag gets that holds messages of so many bytes. Name and number come first, then the link,
    /// then the rest of the card.
    ///
    /// The link is the first record: an iPhone opens the first link of a tag and looks at nothing else,
    /// an Android phone only at the first record, and a kiosk finds the card wherever it stands.
    pub fn fitted(&self, capacity: usize) -> Fitted {
        let fits = |link: Option<&str>, vcard: &str| {
            let length = message(link, vcard).map(|it| it.len());
            vcard.len() <= MAX_CARD && length.is_some_and(|it| it <= capacity)
        };
        let link = self.link.as_deref();
        let link = link.filter(|_| fits_whole(&self.card, |it| fits(link, it)));
        let short = short(&self.card, |it| fits(link, it));
        let mut left_out = short.left_out;
        if link.is_none() && self.link.is_some() {
            left_out.insert(0, Part::Link);
        }
        // A web address that is the link is there, wherever it is.
        if link.is_some() && links(&self.card).all(|it| address(it).as_deref() == link) {
            left_out.retain(|it| *it != Part::Web);
        }
        Fitted { message: message(link, &short.vcard).unwrap_or_default(), left_out }
    }

    /// Whether a tag may be written on which this was found. Only a blank one may, or one that holds this
    /// badge already, for it may have been taken away before it was read back.
    ///
    /// # Errors
    /// Why it may not.
    pub fn may_go_on(
        &self,
        found: &Result<Vec<u8>, Unreadable>,
        overwrite: bool,
    ) -> Result<(), Refusal> {
        match found {
            Ok(found) if overwrite || is_blank(found) || self.is_on(found) => Ok(()),
            Err(Unreadable::Damaged | Unreadable::TooBig) if overwrite => Ok(()),
            Ok(_) | Err(Unreadable::Damaged | Unreadable::TooBig) => Err(Refusal::Holds),
            Err(Unreadable::Empty | Unreadable::NotNdef) => Ok(()),
            Err(Unreadable::PulledAway) => Err(Refusal::PulledAway),
            Err(Unreadable::Protected) => Err(Refusal::Locked),
            Err(Unreadable::Classic | Unreadable::OtherCard | Unreadable::Unsupported) => {
                Err(Refusal::OtherKind)
            }
        }
    }

    /// Whether this message is what a tag gets of this badge, whatever the tag's size was.
    pub fn is_on(&self, found: &[u8]) -> bool {
        self.fitted(found.len()).message == found
    }
}

fn message(link: Option<&str>, vcard: &str) -> Option<Vec<u8>> {
    let card = Record::mime("text/vcard", vcard.as_bytes());
    let records: Vec<Record> = link.map(Record::uri).into_iter().chain([card]).collect();
    ndef::encode(&records).ok()
}

/// Records, but with nothing in them: so some makers deliver tags.
fn is_blank(message: &[u8]) -> bool {
    ndef::decode(message).is_ok_and(|it| ndef::content(&it) == Content::Empty)
}

/// The first address on the card that a phone can open.
fn own_link(card: &Card) -> Option<String> {
    links(card).find_map(address)
}

fn links(card: &Card) -> impl Iterator<Item = &Value> {
    let links = card.as_object().get("links").and_then(Value::as_object);
    let mut links: Vec<_> = links.into_iter().flatten().collect();
    links.sort_by_key(|(key, _)| (key.len(), key.as_str()));
    links.into_iter().map(|(_, it)| it)
}

fn address(link: &Value) -> Option<String> {
    web_address(link.get("uri")?.as_str()?)
}

/// A web address as phones open it, whole: people leave out `https://`.
pub fn web_address(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host = host.contains('.') && !host.contains('@');
    let is_plain = !rest.contains(|it: char| it.is_whitespace() || it.is_control());
    (is_web && is_host && is_plain).then(|| format!("{}://{rest}", scheme.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests;
