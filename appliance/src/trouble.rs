//! What was wrong with what was held to the reader, as far as a person can act on it. Pure; the
//! sentences are the screens'.

use tapcard_nfc::Unreadable;
use tapcard_nfc::ndef::{Content, NdefError};
use tapcard_protocol::card::InvalidCard;
use tapcard_protocol::vcard::Refused;

use crate::visitor::NoVisitor;

/// Why a touch brought no card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It was taken away too early.
    PulledAway,
    /// There were two.
    Two,
    /// Nothing is written on it.
    Empty,
    /// It was never set up to hold anything.
    Unformatted,
    /// Its owner lets nobody read it.
    Locked,
    /// A MIFARE Classic, which no NFC Forum device reads.
    Classic,
    /// A payment card, a pass, or the like.
    OtherCard,
    /// Not a kind of tag that is read here.
    OtherKind,
    /// What is on it contradicts itself.
    Damaged,
    /// What is on it ends before it is complete.
    CutOff,
    /// It holds more than a badge may.
    TooLong,
    /// It holds a card that cannot be read.
    BadCard,
    /// It holds a card on which nothing stands.
    BlankCard,
    /// It holds a link to a card.
    CardLink,
    /// It holds another link.
    Link,
    /// It holds a Smart Poster.
    Poster,
    /// It holds the access to a wireless network.
    Wifi,
    /// It holds something else.
    NoCard,
    /// It holds a card without a number, by which people are introduced.
    NoNumber,
    /// This kiosk could not store the card.
    NotKept,
}

impl From<Unreadable> for Trouble {
    fn from(reason: Unreadable) -> Trouble {
        match reason {
            Unreadable::PulledAway => Trouble::PulledAway,
            Unreadable::Classic => Trouble::Classic,
            Unreadable::OtherCard => Trouble::OtherCard,
            Unreadable::Unsupported => Trouble::OtherKind,
            Unreadable::NotNdef => Trouble::Unformatted,
            Unreadable::Protected => Trouble::Locked,
            Unreadable::Empty => Trouble::Empty,
            Unreadable::Damaged => Trouble::Damaged,
            Unreadable::TooBig => Trouble::TooLong,
        }
    }
}

impl From<NdefError> for Trouble {
    fn from(error: NdefError) -> Trouble {
        match error {
            NdefError::CutOff => Trouble::CutOff,
            NdefError::TooLong | NdefError::TooManyRecords => Trouble::TooLong,
            NdefError::NoRecord => Trouble::Empty,
            NdefError::OutOfOrder | NdefError::BadRecord => Trouble::Damaged,
        }
    }
}

impl From<Refused> for Trouble {
    fn from(reason: Refused) -> Trouble {
        match reason {
            Refused::TooLarge | Refused::PhotoTooLarge => Trouble::TooLong,
            Refused::Card(InvalidCard::TooLarge | InvalidCard::TooManyEntries) => Trouble::TooLong,
            Refused::Empty => Trouble::BlankCard,
            Refused::UnknownCharset | Refused::NoCard | Refused::Card(_) => Trouble::BadCard,
        }
    }
}

impl From<Content> for Trouble {
    fn from(content: Content) -> Trouble {
        match content {
            Content::CardLink(_) => Trouble::CardLink,
            Content::Link(_) => Trouble::Link,
            Content::SmartPoster(_) => Trouble::Poster,
            Content::Wifi => Trouble::Wifi,
            Content::Broken => Trouble::Damaged,
            Content::Empty => Trouble::Empty,
            Content::App(_) | Content::Text | Content::Other | Content::Card => Trouble::NoCard,
        }
    }
}

impl From<NoVisitor> for Trouble {
    fn from(reason: NoVisitor) -> Trouble {
        match reason {
            NoVisitor::NotNdef(error) => error.into(),
            NoVisitor::NoCard(content) => content.into(),
            NoVisitor::Refused(reason) => reason.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use tapcard_nfc::ndef::{self, Record, Tnf};

    use super::*;
    use crate::meeting::Meeting;
    use crate::visitor::Visitor;

    fn trouble(message: &[u8]) -> Trouble {
        Visitor::read(message, Meeting::BADGE, None).unwrap_err().into()
    }

    fn holding(record: Record) -> Trouble {
        trouble(&ndef::encode(&[record]).unwrap())
    }

    fn poster(payload: &[u8]) -> Record {
        let kind = b"Sp".to_vec();
        Record { tnf: Tnf::WellKnown, kind, id: Vec::new(), payload: payload.to_vec() }
    }

    #[test]
    fn each_bad_message_has_a_trouble_of_its_own() {
        let uri = |it| holding(Record::uri(it));
        assert_eq!(uri("https://a.example/bo.vcf"), Trouble::CardLink);
        assert_eq!(uri("https://a.example/"), Trouble::Link);
        let inner = ndef::encode(&[Record::uri("https://a.example")]).unwrap();
        assert_eq!(holding(poster(&inner)), Trouble::Poster);
        assert_eq!(holding(poster(&inner[..5])), Trouble::Damaged);
        assert_eq!(holding(Record::mime("application/vnd.wfa.wsc", b"x")), Trouble::Wifi);
        assert_eq!(holding(Record::mime("image/png", b"x")), Trouble::NoCard);
        assert_eq!(trouble(&[0xd0, 0, 0]), Trouble::Empty);
        assert_eq!(trouble(&[0xd2, 0xff, 0xff, 1, 2]), Trouble::CutOff);
        assert_eq!(trouble(&[0x55; 888]), Trouble::Damaged);
        assert_eq!(trouble(&vec![0; ndef::MAX_MESSAGE + 1]), Trouble::TooLong);
        let card = |it: &str| holding(Record::mime("text/vcard", it.as_bytes()));
        assert_eq!(card("hello"), Trouble::BadCard);
        assert_eq!(card("BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n"), Trouble::BlankCard);
    }

    #[test]
    fn each_bad_tag_has_a_trouble_of_its_own() {
        let reasons = [
            Unreadable::PulledAway,
            Unreadable::Classic,
            Unreadable::OtherCard,
            Unreadable::Unsupported,
            Unreadable::NotNdef,
            Unreadable::Protected,
            Unreadable::Empty,
            Unreadable::Damaged,
            Unreadable::TooBig,
        ];
        let troubles = reasons.map(Trouble::from);
        let is_first = |(at, it): (usize, &Trouble)| !troubles[..at].contains(it);
        assert!(troubles.iter().enumerate().all(is_first), "{troubles:?}");
    }
}
