//! What the exchange unit offers to phones: the link of this touch and a short card, by mode. Pure: the
//! token in the link was drawn elsewhere, and the tag that carries the offer is the unit's business.

mod short;
mod standing;

use tapcard_nfc::Offer;
use tapcard_nfc::ndef::{self, Record};
use tapcard_protocol::Card;
use tapcard_protocol::touch::TouchToken;

use crate::session::Mode;
pub use short::{Part, Short, fits_whole, short};
pub use standing::{OneOffer, Standing};

/// Most bytes of the short card. More costs time at the reader, and the whole card is behind the link.
pub const MAX_CARD: usize = 400;

/// Most bytes of a card in a code on the screen: 57 modules a side at level M (ISO/IEC 18004, table 7: version 10).
const MAX_PRINTED: usize = 213;

/// The card for a code on the screen, as a vCard: it needs no network.
pub fn printed(card: &Card) -> String {
    short(card, |vcard| vcard.len() <= MAX_PRINTED).vcard
}

/// The address of a touch on the page that stands at `page`, such as `https://cards.example.org`.
pub fn link(page: &str, token: TouchToken) -> String {
    format!("{page}/T/{token}")
}

/// The touch that an address names, if it is one of a Tapcard page, on whatever host.
pub fn token_in(uri: &str) -> Option<TouchToken> {
    let (scheme, rest) = uri.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let token = path.strip_prefix("T/").or_else(|| path.strip_prefix("t/"))?;
    let is_page = scheme.eq_ignore_ascii_case("https") && !host.is_empty();
    token.parse().ok().filter(|_| is_page)
}

/// The touch that a message names: the first such address in it.
pub fn token_in_message(message: &[u8]) -> Option<TouchToken> {
    let records = ndef::decode(message).ok()?;
    records.iter().filter_map(Record::as_uri).find_map(|it| token_in(&it))
}

/// What to emulate, none if there is nothing to give. iPhones open the first link wherever it stands,
/// Android only looks at the first record: in mode Both the page, which can take the visitor's card
/// too, in mode Give the card, which needs no network.
pub fn compose(mode: Mode, card: Option<&Card>, url: Option<&str>) -> Option<Offer> {
    let url = url.map(Record::uri);
    let short = card.map(|it| short(it, |vcard| vcard.len() <= MAX_CARD).vcard);
    let card = short.map(|it| Record::mime("text/vcard", it.as_bytes()));
    let records: Vec<Record> = match mode {
        Mode::Both => url.into_iter().chain(card).collect(),
        Mode::Give => card.into_iter().chain(url).collect(),
        Mode::Take => return None,
    };
    let message = ndef::encode(&records).ok()?;
    Some(Offer { message, writable: mode == Mode::Both })
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::touch::{Surface, TouchKey};
    use tapcard_protocol::{TerminalId, vcard};

    use super::*;

    const PAGE: &str = "https://cards.example.org";

    fn token() -> TouchToken {
        let shown = (Mode::Both, Surface::Tag);
        TouchToken::new(&TouchKey { epoch: 7, key: [1; 32] }, TerminalId::new(3), 42, shown)
    }

    pub(super) fn ada() -> Card {
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lind;Ada;;;\r\nFN:Ada Lind\r\n\
            ORG:Halden Instruments\r\nTITLE:Buyer\r\nTEL;TYPE=WORK:+46 8 123\r\n\
            TEL;TYPE=CELL:+46 70 174 06 12\r\nEMAIL:ada@halden.example\r\n\
            URL:https://halden.example\r\nEND:VCARD\r\n";
        vcard::read(card.as_bytes()).unwrap().card
    }

    fn kinds(offer: &Offer) -> Vec<String> {
        let records = ndef::decode(&offer.message).unwrap();
        records.iter().map(|it| String::from_utf8_lossy(&it.kind).into_owned()).collect()
    }

    #[test]
    fn each_mode_offers_what_it_gives_and_no_more() {
        let (card, url) = (ada(), link(PAGE, token()));
        let of = |mode, card, url| {
            compose(mode, card, url).map(|it: Offer| (kinds(&it).join(" "), it.writable))
        };
        let some = |kinds: &str, writable| Some((kinds.to_owned(), writable));
        let (card, url) = (Some(&card), Some(url.as_str()));
        assert_eq!(of(Mode::Both, card, url), some("U text/vcard", true));
        assert_eq!(of(Mode::Give, card, url), some("text/vcard U", false));
        assert_eq!(of(Mode::Take, card, url), None);
        assert_eq!(of(Mode::Both, None, url), some("U", true));
        assert_eq!(of(Mode::Both, card, None), some("text/vcard", true));
        assert_eq!(of(Mode::Give, card, None), some("text/vcard", false));
        assert_eq!(of(Mode::Both, None, None), None);
    }

    #[test]
    fn a_card_in_a_code_has_name_and_number() {
        let read = vcard::read(printed(&ada()).as_bytes()).unwrap().card;
        assert_eq!((read.name().as_str(), read.mobile()), ("Ada Lind", "+46 70 174 06 12"));
        let long = Card::named(&"Ada ".repeat(99));
        assert!(printed(&long).len() <= MAX_PRINTED);
    }

    #[test]
    fn an_address_of_a_touch_is_known_again() {
        let url = link(PAGE, token());
        assert_eq!(token_in(&url), Some(token()));
        for good in [url.to_uppercase(), url.to_lowercase(), url.replace("cards", "x:8443@y")] {
            assert_eq!(token_in(&good), Some(token()), "{good}");
        }
        let wrong = [
            url.replace("https", "http"),
            url.replace("/T/", "/X/"),
            url.replace("/T/", "/a/T/"),
            url.replace("cards.example.org", ""),
            url[..url.len() - 1].to_owned(),
            format!("{url}?x=1"),
            format!("{url}/"),
            token().to_string(),
        ];
        for wrong in wrong {
            assert_eq!(token_in(&wrong), None, "{wrong}");
        }
        let offer = compose(Mode::Give, Some(&ada()), Some(&url)).unwrap();
        assert_eq!(token_in_message(&offer.message), Some(token()));
        assert_eq!(token_in_message(&[0xd2, 0xff]), None);
    }
}
