//! A card as a visitor brought it: read from a tag, not yet kept by anybody.

use tapcard_nfc::ndef;
use tapcard_protocol::vcard::{self, Photo};
use tapcard_protocol::{Card, Identifier, Region};
use thiserror::Error;

/// A visitor's card.
#[derive(Clone, Debug, PartialEq)]
pub struct Visitor {
    /// The card as read.
    pub card: Card,
    /// The picture that was in it.
    pub photo: Option<Photo>,
    /// The number it can be found by, if it has a usable one.
    pub number: Option<Identifier>,
}

/// Why an NDEF message is no visitor's card.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NoVisitor {
    /// Its records cannot be told apart.
    #[error("this is not an NDEF message: {0}")]
    NotNdef(#[from] ndef::NdefError),
    /// It holds no vCard.
    #[error("there is no vCard among the {0} records of this NDEF message")]
    NoCard(usize),
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
    ndef::vcard(&records).map(<[u8]>::to_vec).ok_or(NoVisitor::NoCard(records.len()))
}

impl Visitor {
    /// Reads the card in an NDEF message; a number without `+` belongs to `region`.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn read(message: &[u8], region: Option<Region>) -> Result<Visitor, NoVisitor> {
        let read = vcard::read(&in_message(message)?)?;
        let number = read.card.owner(region);
        Ok(Visitor { card: read.card, photo: read.photo, number })
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
        let visitor = Visitor::read(&tag("text/vcard", CARD), region).unwrap();
        assert_eq!(visitor.card.name(), "Bo Ek");
        assert_eq!(visitor.number.unwrap().as_str(), "+4915112345678");
        assert_eq!(Visitor::read(&tag("text/vcard", CARD), None).unwrap().number, None);
    }

    #[test]
    fn what_is_no_card_says_so() {
        assert_eq!(Visitor::read(&tag("text/plain", CARD), None), Err(NoVisitor::NoCard(1)));
        let broken = Visitor::read(&tag("text/vcard", "hello"), None);
        assert_eq!(broken, Err(NoVisitor::Refused(vcard::Refused::NoCard)));
        assert!(matches!(Visitor::read(&[0xff, 0xff], None), Err(NoVisitor::NotNdef(_))));
    }
}
