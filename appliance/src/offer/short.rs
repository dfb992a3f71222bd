//! A card made short: the name, the mobile number and whatever else fits, the most important first; and
//! what was left out. Pure.

use serde_json::{Map, Value, json};
use tapcard_protocol::Card;
use tapcard_protocol::vcard::{self, Version};

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
/// A name is not cut off further for the number's sake; this much still tells people apart.
const LEAST_NAME: usize = 8;

/// A card that was made short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// It, as a vCard.
    pub vcard: String,
    /// What of it is missing.
    pub left_out: Vec<Part>,
}

/// Something that stands on a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The link beside the card.
    Link,
    /// The end of the name.
    NameEnd,
    /// An organisation.
    Organisation,
    /// A job title.
    Title,
    /// A mail address.
    Mail,
    /// A phone number.
    Phone,
    /// A web address.
    Web,
    /// A postal address.
    Address,
    /// A picture, or something else that plays.
    Picture,
    /// A note.
    Note,
}

/// The kinds of entries that a card may have, and what they are to a person.
const PARTS: [(&str, Part); 8] = [
    ("phones", Part::Phone),
    ("organizations", Part::Organisation),
    ("titles", Part::Title),
    ("emails", Part::Mail),
    ("links", Part::Web),
    ("addresses", Part::Address),
    ("media", Part::Picture),
    ("notes", Part::Note),
];

/// The card as a vCard of which `fits` says yes, as far as that is possible at all. Whatever `fits` says
/// no to must also be refused when it is longer; then a card made short stays as it is when it is made
/// short for its own length.
pub fn short(card: &Card, fits: impl Fn(&str) -> bool) -> Short {
    let whole = card.as_object();
    let mut kept = least(card, &fits);
    for (kind, n_most) in BY_IMPORTANCE {
        for (key, entry) in entries(whole, kind).take(n_most) {
            let mut more = kept.clone();
            add(&mut more, kind, key, entry);
            if fits(&text(&more)) {
                kept = more;
            }
        }
    }
    Short { left_out: left_out(whole, &kept), vcard: text(&kept) }
}

/// Whether the whole name and the mobile number fit.
pub fn fits_whole(card: &Card, fits: impl Fn(&str) -> bool) -> bool {
    fits(&text(&named(card, true)))
}

/// Name and mobile number. A name that does not fit is cut off; if that is not enough, the number goes.
fn least(card: &Card, fits: &impl Fn(&str) -> bool) -> Map<String, Value> {
    let whole = named(card, true);
    if fits(&text(&whole)) {
        return whole;
    }
    let name: Vec<char> = card.name().chars().collect();
    let cut = |n_chars: usize, with_number| {
        let mut kept = named(card, with_number);
        let name: String = name[..n_chars].iter().collect();
        kept.insert("name".to_owned(), json!({ "full": name.trim_end() }));
        kept
    };
    let longest = |with_number| {
        let lengths: Vec<usize> = (1..=name.len()).collect();
        lengths.partition_point(|it| fits(&text(&cut(*it, with_number))))
    };
    let n_chars = longest(true);
    if n_chars >= name.len().min(LEAST_NAME) {
        return cut(n_chars, true);
    }
    let bare = named(card, false);
    if fits(&text(&bare)) { bare } else { cut(longest(false), false) }
}

/// The name, and the number that the short card must have if it has one.
fn named(card: &Card, with_number: bool) -> Map<String, Value> {
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
    if let Some((key, entry)) = cell.filter(|_| with_number) {
        add(&mut kept, "phones", key, entry);
    }
    kept
}

fn left_out(whole: &Map<String, Value>, kept: &Map<String, Value>) -> Vec<Part> {
    let is_kept = |kind: &str, key: &str| kept.get(kind).is_some_and(|it| it.get(key).is_some());
    let is_whole = |kind| entries(whole, kind).all(|(key, _)| is_kept(kind, key));
    let parts = PARTS.iter().filter(|(kind, _)| !is_whole(kind)).map(|(_, part)| *part);
    let name_end = (whole.get("name") != kept.get("name")).then_some(Part::NameEnd);
    name_end.into_iter().chain(parts).collect()
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
    use super::*;
    use crate::offer::tests::ada;

    const MOST: usize = 400;

    fn shortened(card: &Card, most: usize) -> Short {
        let short = short(card, |it| it.len() <= most);
        assert!(short.vcard.len() <= most, "{} bytes", short.vcard.len());
        short
    }

    fn read(card: &Card) -> Card {
        vcard::read(shortened(card, MOST).vcard.as_bytes()).unwrap().card
    }

    #[test]
    fn a_small_card_stays_whole() {
        let read = read(&ada());
        assert_eq!((read.name().as_str(), read.title()), ("Ada Lind", "Buyer"));
        assert_eq!(read.organisation(), "Halden Instruments");
        assert_eq!(read.mails().collect::<Vec<_>>(), ["ada@halden.example"]);
        assert_eq!(read.phones().count(), 2);
        let whole = shortened(&ada(), MOST);
        assert!(whole.vcard.contains("halden.example\r\n"), "{whole:?}");
        assert_eq!(whole.left_out, []);
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
        let short = shortened(&Card::try_from(value).unwrap(), MOST);
        assert_eq!(short.left_out, [Part::Picture, Part::Note]);
        for word in ["PHOTO", "secret", "best"] {
            assert!(!short.vcard.contains(word), "{short:?}");
        }
    }

    #[test]
    fn what_gets_no_room_is_named() {
        use Part::{Mail, Organisation, Phone, Title, Web};
        let left_out = |most| shortened(&ada(), most).left_out;
        for (most, expected) in [
            (200, vec![Web]),
            (170, vec![Phone, Web]),
            (150, vec![Phone, Mail, Web]),
            (105, vec![Phone, Organisation, Title, Mail, Web]),
            (80, vec![Phone, Organisation, Mail, Web]),
        ] {
            assert_eq!(left_out(most), expected, "{most}");
        }
        let fits = |most| fits_whole(&ada(), |it| it.len() <= most);
        assert!(fits(105) && !fits(70));
    }

    #[test]
    fn the_number_goes_before_the_name_is_a_stump() {
        let mut value = Value::from(Card::named("Ada Lind"));
        value["phones"] =
            json!({ "k1": { "number": "1".repeat(60), "features": { "mobile": true } } });
        let card = Card::try_from(value).unwrap();
        let short = shortened(&card, 120);
        assert_eq!(short.left_out, [Part::Phone]);
        assert_eq!(vcard::read(short.vcard.as_bytes()).unwrap().card.name(), "Ada Lind");
    }

    #[test]
    fn a_short_card_is_not_shortened_further_for_its_own_length() {
        for most in 60..400 {
            let once = shortened(&ada(), most);
            assert_eq!(shortened(&ada(), once.vcard.len()), once, "{most}");
        }
    }
}
