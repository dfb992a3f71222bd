//! A card as a visitor brought it: read from a tag, not yet kept by anybody.

use tapcard_nfc::ndef::{self, Content};
use tapcard_protocol::vcard::{self, Photo};
use tapcard_protocol::{Card, Identifier, Region};
use thiserror::Error;

use crate::meeting::Meeting;

/// A visitor's card.
#[derive(Clone, Debug, PartialEq)]
pub struct Visitor {
    /// The card as read.
    pub card: Card,
    /// The picture that was in it.
    pub photo: Option<Photo>,
    /// The number it can be found by, if it has a usable one.
    pub number: Option<Identifier>,
    /// The touch that brought it.
    pub meeting: Meeting,
    /// What somebody wrote beside it.
    pub note: String,
}

/// Why an NDEF message is no visitor's card.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NoVisitor {
    /// Its records cannot be told apart.
    #[error("this is not an NDEF message: {0}")]
    NotNdef(#[from] ndef::NdefError),
    /// It holds no vCard, but this.
    #[error("there is no vCard in this NDEF message")]
    NoCard(Content),
    /// The vCard in it is refused.
    #[error(transparent)]
    Refused(#[from] vcard::Refused),
}

/// Finds the vCard in the bytes of an NDEF message.
///
/// # Errors
/// Fails when the message is broken or holds no vCard.
pub fn in_message(message: &[u8]) -> Result<Vec<u8>, NoVisitor> {
    let records = ndef::decode(message)?;
    ndef::vcard(&records)
        .map(<[u8]>::to_vec)
        .ok_or_else(|| NoVisitor::NoCard(ndef::content(&records)))
}

/// Reads the plans of all countries' numbers, which takes a tenth of a second once: before anybody waits for it.
pub fn warm_up() {
    let _ = vcard::read(
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nTEL;TYPE=CELL:+4930231250142\r\nEND:VCARD\r\n",
    )
    .map(|it| it.card.owner(None));
}

impl Visitor {
    /// Reads the card in an NDEF message that a meeting brought; a number without `+` belongs to
    /// `region`.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn read(
        message: &[u8],
        meeting: Meeting,
        region: Option<Region>,
    ) -> Result<Visitor, NoVisitor> {
        let read = vcard::read(&in_message(message)?)?;
        let number = read.card.owner(region);
        Ok(Visitor { card: read.card, photo: read.photo, number, meeting, note: String::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str =
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo Ek\r\nTEL;TYPE=CELL:0151 12345678\r\nEND:VCARD\r\n";

    fn tag(kind: &str, payload: &str) -> Vec<u8> {
        ndef::encode(&[ndef::Record::mime(kind, payload.as_bytes())]).unwrap()
    }

    #[test]
    fn a_badge_gives_a_card_and_its_number() {
        let region = "DE".parse().ok();
        let read =
            |region| Visitor::read(&tag("text/vcard", CARD), Meeting::BADGE, region).unwrap();
        let visitor = read(region);
        assert_eq!(visitor.card.name(), "Bo Ek");
        assert_eq!(visitor.number.unwrap().as_str(), "+4915112345678");
        assert_eq!(read(None).number, None);
    }

    #[test]
    fn what_is_no_card_says_so() {
        let read = |message: &[u8]| Visitor::read(message, Meeting::BADGE, None);
        assert_eq!(read(&tag("text/plain", CARD)), Err(NoVisitor::NoCard(Content::Text)));
        let broken = read(&tag("text/vcard", "hello"));
        assert_eq!(broken, Err(NoVisitor::Refused(vcard::Refused::NoCard)));
        assert!(matches!(read(&[0xff, 0xff]), Err(NoVisitor::NotNdef(_))));
    }
}
