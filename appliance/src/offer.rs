//! What the exchange unit offers to phones: the link of this touch and a short card, by mode. Pure: the
//! token in the link was drawn elsewhere, and the tag that carries the offer is the unit's business.

mod standing;

use serde_json::{Map, Value, json};
use tapcard_nfc::Offer;
use tapcard_nfc::ndef::{self, Record};
use tapcard_protocol::Card;
use tapcard_protocol::touch::TouchToken;
use tapcard_protocol::vcard::{self, Version};

use crate::session::Mode;
pub use standing::{OneOffer, Standing};

/// Most bytes of the short card. More costs time at the reader, and the whole card is behind the link.
pub const MAX_CARD: usize = 400;
/// What follows name and mobile number, the most important first, and how many of each.
const BY_IMPORTANCE: [(&str, usize); 8] = [
    ("organizations", 1),
    ("titles", 1),
    ("emails", 1),
    ("phones", usize::MAX),
    ("emails", usize::MAX),
    ("links", usize::MAX),
    ("addresses", usize::MAX),
    ("titles", usize::MAX),
];

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
    let card = card.map(|it| Record::mime("text/vcard", short(it).as_bytes()));
    let records: Vec<Record> = match mode {
        Mode::Both => url.into_iter().chain(card).collect(),
        Mode::Give => card.into_iter().chain(url).collect(),
        Mode::Take => return None,
    };
    let message = ndef::encode(&records).ok()?;
    Some(Offer { message, writable: mode == Mode::Both })
}

/// The card as a vCard of at most [`MAX_CARD`] bytes: the name, the mobile number, and what else fits.
fn short(card: &Card) -> String {
    let whole = card.as_object();
    let mut kept = least(card);
    for (kind, n_most) in BY_IMPORTANCE {
        for (key, entry) in entries(whole, kind).take(n_most) {
            let mut more = kept.clone();
            add(&mut more, kind, key, entry);
            if text(&more).len() <= MAX_CARD {
                kept = more;
            }
        }
    }
    text(&kept)
}

/// Name and mobile number. A name that does not fit is cut off.
fn least(card: &Card) -> Map<String, Value> {
    let whole = card.as_object();
    let mut kept = Map::new();
    for field in ["@type", "version", "name"] {
        if let Some(value) = whole.get(field) {
            kept.insert(field.to_owned(), value.clone());
        }
    }
    let is_mobile = |entry: &Value| entry.pointer("/features/mobile").is_some_and(|it| *it == true);
    let mut phones = entries(whole, "phones");
    let cell = phones.clone().find(|(_, it)| is_mobile(it)).or_else(|| phones.next());
    if let Some((key, entry)) = cell {
        add(&mut kept, "phones", key, entry);
    }
    let mut name = card.name();
    while text(&kept).len() > MAX_CARD && !name.is_empty() {
        let n_chars = name.chars().count() * 3 / 4;
        name = name.chars().take(n_chars).collect();
        kept.insert("name".to_owned(), json!({ "full": name }));
    }
    kept
}

/// The entries of one kind in the card's order: converted cards number them k1, k2, … k10.
fn entries<'a>(
    card: &'a Map<String, Value>,
    kind: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + Clone {
    let mut entries: Vec<_> =
        card.get(kind).and_then(Value::as_object).into_iter().flatten().collect();
    entries.sort_by_key(|(key, _)| (key.len(), key.as_str()));
    entries.into_iter()
}

fn add(card: &mut Map<String, Value>, kind: &str, key: &str, entry: &Value) {
    let group = card.entry(kind).or_insert_with(|| json!({}));
    group[key] = entry.clone();
}

fn text(card: &Map<String, Value>) -> String {
    let card = Card::stored(Value::Object(card.clone())).expect("an object is a card");
    vcard::write(&card, Version::V3)
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::TerminalId;
    use tapcard_protocol::touch::TouchKey;

    use super::*;

    const PAGE: &str = "https://cards.example.org";

    fn token() -> TouchToken {
        TouchToken::new(&TouchKey { epoch: 7, key: [1; 32] }, TerminalId::new(3), 42)
    }

    fn ada() -> Card {
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

    fn read(card: &Card) -> Card {
        let short = short(card);
        assert!(short.len() <= MAX_CARD, "{} bytes", short.len());
        vcard::read(short.as_bytes()).unwrap().card
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
    fn a_small_card_is_offered_whole() {
        let read = read(&ada());
        assert_eq!((read.name().as_str(), read.title()), ("Ada Lind", "Buyer"));
        assert_eq!(read.organisation(), "Halden Instruments");
        assert_eq!(read.mails().collect::<Vec<_>>(), ["ada@halden.example"]);
        assert_eq!(read.phones().count(), 2);
        assert!(short(&ada()).contains("halden.example\r\n"), "{}", short(&ada()));
    }

    #[test]
    fn a_large_card_keeps_its_name_and_its_mobile_number() {
        let mut card = ada();
        card.set_organisation(&"Weidenbach & Söhne ".repeat(12));
        card.set_title(&"Geschäftsführende Gesellschafterin ".repeat(3));
        let read = read(&card);
        assert_eq!(read.name(), "Ada Lind");
        assert!(read.phones().any(|it| it.mobile && it.number.contains("174")));
        assert_eq!(read.mails().count(), 1, "what is smaller still fits");
    }

    #[test]
    fn a_name_longer_than_the_whole_card_is_cut_off() {
        for name in ["ä".repeat(2000), "王".repeat(700), "a,b;c\\".repeat(200)] {
            let read = read(&Card::named(&name));
            let (short, long) = (read.name(), name);
            assert!(short.chars().count() >= 20, "{short}");
            assert!(long.starts_with(short.trim_end_matches('\\')), "{short}");
        }
    }

    #[test]
    fn photos_and_introductions_stay_at_home() {
        let value = json!({
            "@type": "Card", "version": "1.0", "name": { "full": "Ada" },
            "media": { "k1": { "kind": "photo", "uri": "data:image/jpeg;base64,aGk=" } },
            "notes": { "k1": { "note": "secret" } },
            "tapcard.org:productIntroduction": "the best",
        });
        let short = short(&Card::try_from(value).unwrap());
        for word in ["PHOTO", "secret", "best"] {
            assert!(!short.contains(word), "{short}");
        }
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
