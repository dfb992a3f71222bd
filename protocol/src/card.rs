//! A business card as JSContact (RFC 9553), and what the programs read and write in it.
//!
//! What a card holds beyond these fields is carried along untouched.

mod lines;
mod media;
mod merge;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::identifier::{Identifier, Region, owner_of};
use crate::text::{self, InvalidText};
pub use media::{Exhibit, ExhibitKind, InvalidName, MOST_EXHIBITS, MediaName};

/// Most bytes of a card's JSContact.
pub const MAX_BYTES: usize = 16 * 1024;
/// Most entries of one kind (numbers, addresses …) on a card.
pub const MAX_ENTRIES: usize = 50;

/// Deepest nesting of a card; converted vCards need six.
pub const MAX_DEPTH: usize = 16;

/// Which version of the owner's card; drawn by the worker alone. Zero: not the owner's own, but as somebody read it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Edition(pub u32);

/// A JSContact card within our limits. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Card(Map<String, Value>);

/// Why something is no card.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvalidCard {
    /// Not a JSON object with `"@type": "Card"`.
    #[error("this is not a JSContact card")]
    NotACard,
    /// More than [`MAX_BYTES`].
    #[error("the card has more than 16 KiB without its pictures")]
    TooLarge,
    /// More than [`MAX_ENTRIES`] of one kind.
    #[error("the card has more than 50 entries of one kind")]
    TooManyEntries,
    /// Nested deeper than [`MAX_DEPTH`], or a number that grows when a database writes it out.
    #[error("the card holds a nesting or a number that no business card needs")]
    Odd,
    /// A text that cannot be stored.
    #[error(transparent)]
    Text(#[from] InvalidText),
}

/// One phone number of a card.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Phone<'a> {
    /// As written on the card.
    pub number: &'a str,
    /// Typed as a mobile phone.
    pub mobile: bool,
}

impl Card {
    /// A card with a name and nothing else.
    pub fn named(name: &str) -> Card {
        let mut card = Map::new();
        card.insert("@type".into(), "Card".into());
        card.insert("version".into(), "1.0".into());
        card.insert("name".into(), json!({ "full": name }));
        Card(card)
    }

    /// A card of a few fields; empty ones are left out.
    ///
    /// # Errors
    /// Fails for what no card may hold.
    pub fn written(
        name: &str,
        title: &str,
        organisation: &str,
        mail: &str,
        number: Option<&Identifier>,
    ) -> Result<Card, InvalidCard> {
        let mut card = Card::named(name);
        card.set_title(title);
        card.set_organisation(organisation);
        if !mail.is_empty() {
            card.0.insert("emails".into(), json!({ "k1": { "address": mail } }));
        }
        if let Some(it) = number {
            let phone = json!({ "k1": { "number": it.spaced(), "features": { "mobile": true } } });
            card.0.insert("phones".into(), phone);
        }
        Card::try_from(Value::from(card))
    }

    /// A card out of our own store: its limits were held when it went in, and a database may write it out longer.
    ///
    /// # Errors
    /// Fails for what is no JSON object.
    pub fn stored(value: Value) -> Result<Card, InvalidCard> {
        let Value::Object(object) = value else { return Err(InvalidCard::NotACard) };
        Ok(Card(object))
    }

    /// The name as shown; empty when there is none.
    pub fn name(&self) -> String {
        let name = self.0.get("name");
        match name.and_then(|it| it.get("full")).and_then(Value::as_str) {
            Some(full) if !full.trim().is_empty() => full.trim().to_owned(),
            _ => name.map_or(String::new(), joined_name),
        }
    }

    /// The first organisation, or nothing.
    pub fn organisation(&self) -> &str {
        self.first("organizations", "name")
    }

    /// The first job title, or nothing.
    pub fn title(&self) -> &str {
        self.first("titles", "name")
    }

    /// Every phone number in the card's order.
    pub fn phones(&self) -> impl Iterator<Item = Phone<'_>> {
        self.entries("phones").filter_map(|it| {
            let number = it.get("number")?.as_str()?;
            let number = number.strip_prefix("tel:").unwrap_or(number);
            let mobile = it.pointer("/features/mobile").is_some_and(|it| it == true);
            Some(Phone { number, mobile })
        })
    }

    /// Every mail address in the card's order.
    pub fn mails(&self) -> impl Iterator<Item = &str> {
        self.entries("emails").filter_map(|it| it.get("address")?.as_str())
    }

    /// The first web address, or nothing.
    pub fn website(&self) -> &str {
        let mut entries = self.entries("links").filter(|it| MediaName::referred(it).is_none());
        entries.find_map(|it| it.get("uri")?.as_str()).unwrap_or_default()
    }

    /// Every web address in the card's order.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        let is_web = |it: &&str| it.starts_with("https://") || it.starts_with("http://");
        self.entries("links").filter_map(|it| it.get("uri")?.as_str()).filter(is_web)
    }

    /// The identifier of the card's owner, if one of its numbers is usable.
    pub fn owner(&self, region: Option<Region>) -> Option<Identifier> {
        owner_of(self.phones().map(|it| (it.number, it.mobile)), region)
    }

    /// Replaces the name; the parts of the old one are dropped, since nobody can tell which changed.
    pub fn set_name(&mut self, name: &str) {
        if self.name() != name {
            self.0.insert("name".into(), json!({ "full": name }));
        }
    }

    /// Replaces the first organisation; an empty one is taken away.
    pub fn set_organisation(&mut self, name: &str) {
        self.set_first("organizations", "name", name);
    }

    /// Replaces the first job title; an empty one is taken away.
    pub fn set_title(&mut self, name: &str) {
        self.set_first("titles", "name", name);
    }

    /// Replaces the first mail address; an empty one is taken away.
    pub fn set_mail(&mut self, address: &str) {
        self.set_first("emails", "address", address);
    }

    /// Replaces the first web address; an empty one is taken away.
    pub fn set_website(&mut self, uri: &str) {
        if self.website() == uri {
            return;
        }
        let is_address = |it: &Value| it.get("uri").is_some() && MediaName::referred(it).is_none();
        let key = self.key_of("links", is_address);
        self.put("links", key, "uri", uri, json!({}));
    }

    /// Writes another number where one of these stood; whether one did.
    pub fn replace_numbers(&mut self, old: &[Identifier], new: &Identifier) -> bool {
        let mut has_changed = false;
        for it in self.0.get_mut("phones").and_then(Value::as_object_mut).into_iter().flatten() {
            let number = it.1.get("number").and_then(Value::as_str).unwrap_or_default();
            let number = Identifier::phone(number.strip_prefix("tel:").unwrap_or(number), None);
            if number.is_ok_and(|it| old.contains(&it)) {
                it.1["number"] = new.spaced().into();
                has_changed = true;
            }
        }
        has_changed
    }

    /// The JSContact object.
    pub fn as_object(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The card as JSON text.
    pub fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    fn entries(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let mut entries: Vec<(&String, &Value)> =
            self.0.get(kind).and_then(Value::as_object).into_iter().flatten().collect();
        // Converted cards number their entries k1, k2, … k10.
        entries.sort_by_key(|(key, _)| (key.len(), key.as_str()));
        entries.into_iter().map(|(_, it)| it)
    }

    fn first(&self, kind: &str, field: &str) -> &str {
        self.entries(kind).find_map(|it| it.get(field)?.as_str()).unwrap_or_default()
    }

    fn set_first(&mut self, kind: &str, field: &str, value: &str) {
        if self.first(kind, field) == value {
            return;
        }
        let key = self.key_of(kind, |it| it.get(field).is_some_and(Value::is_string));
        self.put(kind, key, field, value, json!({}));
    }

    /// The first entry of a kind that fits.
    fn key_of(&self, kind: &str, fits: impl Fn(&Value) -> bool) -> Option<String> {
        let entries = self.0.get(kind).and_then(Value::as_object).into_iter().flatten();
        let fitting = entries.filter(|(_, it)| fits(it));
        fitting.map(|(key, _)| key.clone()).min_by_key(|key| (key.len(), key.clone()))
    }

    /// Writes a field of an entry, or takes the entry away for an empty one; without a key a `fresh` one gets it.
    fn put(&mut self, kind: &str, key: Option<String>, field: &str, value: &str, fresh: Value) {
        let group = self.0.entry(kind).or_insert_with(|| json!({}));
        if !group.is_object() {
            *group = json!({});
        }
        match key {
            Some(key) if value.is_empty() => drop(group.as_object_mut().map(|it| it.remove(&key))),
            Some(key) => group[&key][field] = value.into(),
            None if value.is_empty() => {}
            None => {
                let taken = |it: &String| group.get(it).is_some();
                let free = (1..).map(|it| format!("k{it}")).find(|it| !taken(it));
                let mut entry = fresh;
                entry[field] = value.into();
                group[free.unwrap_or_default()] = entry;
            }
        }
    }
}

/// The parts of a name in their order, when no full name is given (RFC 9553 §2.2.1).
fn joined_name(name: &Value) -> String {
    let parts = name.get("components").and_then(Value::as_array).into_iter().flatten();
    let part = |it: &&Value, kind: &str| it.get("kind").is_some_and(|it| it == kind);
    let parts: Vec<&Value> = parts.collect();
    let of = |kind: &str| {
        parts
            .iter()
            .filter(|it| part(it, kind))
            .filter_map(|it| it.get("value")?.as_str())
            .collect()
    };
    let in_order: Vec<Vec<&str>> =
        ["title", "given", "given2", "surname", "surname2", "generation"].map(of).into();
    in_order.concat().join(" ")
}

impl TryFrom<Value> for Card {
    type Error = InvalidCard;

    fn try_from(value: Value) -> Result<Self, InvalidCard> {
        let Value::Object(object) = value else { return Err(InvalidCard::NotACard) };
        if object.get("@type").is_none_or(|it| it != "Card") {
            return Err(InvalidCard::NotACard);
        }
        let value = Value::Object(object);
        if value.to_string().len() > MAX_BYTES {
            return Err(InvalidCard::TooLarge);
        }
        check(&value, MAX_DEPTH)?;
        let Value::Object(object) = value else { return Err(InvalidCard::NotACard) };
        Ok(Card(object))
    }
}

fn check(value: &Value, depth: usize) -> Result<(), InvalidCard> {
    let deeper = depth.checked_sub(1).ok_or(InvalidCard::Odd)?;
    match value {
        Value::String(it) => text::check(it, MAX_BYTES)?,
        Value::Array(it) => it.iter().try_for_each(|it| check(it, deeper))?,
        Value::Object(it) if it.len() > MAX_ENTRIES => return Err(InvalidCard::TooManyEntries),
        Value::Object(it) => it.iter().try_for_each(|(key, it)| {
            text::check(key, MAX_BYTES)?;
            check(it, deeper)
        })?,
        Value::Number(it) => {
            let plain = |it: f64| it == 0.0 || (1e-6..1e15).contains(&it.abs());
            let is_plain = it.is_i64() || it.is_u64() || it.as_f64().is_some_and(plain);
            return if is_plain { Ok(()) } else { Err(InvalidCard::Odd) };
        }
        Value::Null | Value::Bool(_) => {}
    }
    Ok(())
}

impl From<Card> for Value {
    fn from(card: Card) -> Value {
        Value::Object(card.0)
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({} fields)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(value: Value) -> Result<Card, InvalidCard> {
        Card::try_from(value)
    }

    #[test]
    fn an_edit_changes_its_field_and_nothing_else() {
        let mut it = card(json!({
            "@type": "Card", "version": "1.0", "uid": "u",
            "name": { "full": "Ada Lind", "components": [{ "kind": "given", "value": "Ada" }] },
            "titles": { "k1": { "name": "Buyer", "kind": "title" }, "k2": { "name": "Mayor" } },
            "example.org:shoe": 42
        }))
        .unwrap();
        it.set_name("Ada Lind");
        it.set_title("Head of Buying");
        it.set_organisation("Halden");
        assert_eq!((it.title(), it.organisation()), ("Head of Buying", "Halden"));
        let object = it.as_object();
        assert_eq!(object["titles"]["k1"]["kind"], "title");
        assert_eq!(object["titles"]["k2"]["name"], "Mayor");
        assert_eq!(object["name"]["components"][0]["value"], "Ada");
        assert_eq!(object["example.org:shoe"], 42);
        it.set_name("Ada Berg");
        it.set_title("");
        assert_eq!((it.name().as_str(), it.title()), ("Ada Berg", "Mayor"));
    }

    #[test]
    fn a_name_is_put_together_from_its_parts() {
        let parts =
            json!([{ "kind": "surname", "value": "Lind" }, { "kind": "given", "value": "Ada" }]);
        let it = card(json!({ "@type": "Card", "name": { "components": parts } })).unwrap();
        assert_eq!(it.name(), "Ada Lind");
        assert_eq!(card(json!({ "@type": "Card" })).unwrap().name(), "");
    }

    #[test]
    fn entries_keep_the_cards_own_order() {
        let phones: Map<String, Value> =
            (1..12).map(|it| (format!("k{it}"), json!({ "number": it.to_string() }))).collect();
        let it = card(json!({ "@type": "Card", "phones": phones })).unwrap();
        let numbers: Vec<&str> = it.phones().map(|it| it.number).collect();
        assert_eq!(numbers[..3], ["1", "2", "3"]);
        assert_eq!(numbers[10], "11");
    }

    #[test]
    fn what_cannot_be_stored_is_refused() {
        let nul = json!({ "@type": "Card", "name": { "full": "A\u{0}" } });
        assert_eq!(card(nul), Err(InvalidCard::Text(InvalidText::Nul)));
        let long = json!({ "@type": "Card", "note": "x".repeat(MAX_BYTES) });
        assert_eq!(card(long), Err(InvalidCard::TooLarge));
        let many: Map<String, Value> =
            (0..=MAX_ENTRIES).map(|it| (it.to_string(), json!({}))).collect();
        assert_eq!(
            card(json!({ "@type": "Card", "phones": many })),
            Err(InvalidCard::TooManyEntries)
        );
        assert_eq!(card(json!([])), Err(InvalidCard::NotACard));
        assert!(
            serde_json::from_str::<Card>(r#"{"@type":"Card","name":{"full":"\ud800"}}"#).is_err()
        );
    }

    #[test]
    fn what_would_grow_or_cannot_be_read_again_is_refused() {
        for odd in ["1e16", "1e-300", "-1e300"] {
            let text = format!(r#"{{"@type":"Card","x":[{odd}]}}"#);
            assert!(serde_json::from_str::<Card>(&text).is_err(), "{odd}");
        }
        assert!(serde_json::from_str::<Card>(r#"{"@type":"Card","x":[1.5,-3,0]}"#).is_ok());
        let deep = |levels: usize| {
            format!(r#"{{"@type":"Card","x":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels))
        };
        assert!(serde_json::from_str::<Card>(&deep(MAX_DEPTH - 2)).is_ok());
        assert!(serde_json::from_str::<Card>(&deep(MAX_DEPTH)).is_err());
    }

    #[test]
    fn an_edit_finds_the_entry_that_is_shown() {
        let titles = json!({ "k1": { "kind": "role" }, "k2": { "name": "Mayor" } });
        let mut it = card(json!({ "@type": "Card", "titles": titles })).unwrap();
        it.set_title("Governor");
        assert_eq!(it.as_object()["titles"]["k2"]["name"], "Governor");
        it.set_title("");
        assert_eq!((it.title(), &it.as_object()["titles"]["k1"]["kind"]), ("", &json!("role")));
    }

    #[test]
    fn the_first_address_of_each_kind_is_replaced_and_taken_away() {
        let mut it = Card::named("Ada");
        it.set_mail("ada@halden.example");
        it.set_website("https://halden.example");
        assert_eq!(it.mails().collect::<Vec<_>>(), ["ada@halden.example"]);
        assert_eq!(it.website(), "https://halden.example");
        it.set_mail("");
        it.set_website("https://lindqvist.example");
        assert_eq!((it.mails().count(), it.website()), (0, "https://lindqvist.example"));
    }

    #[test]
    fn a_new_number_takes_the_old_ones_place() {
        let of = |it: &str| Identifier::phone(it, None).unwrap();
        let (old, new) = (of("+491713920001"), of("+447700900142"));
        let phones = json!({ "k1": { "number": "tel:+49 171 3920001", "features": { "mobile": true } },
                             "k2": { "number": "+49 30 23125 0142" } });
        let mut it = card(json!({ "@type": "Card", "phones": phones })).unwrap();
        assert!(it.replace_numbers(std::slice::from_ref(&old), &new));
        let numbers: Vec<&str> = it.phones().map(|it| it.number).collect();
        assert_eq!(numbers, ["+44 7700 900142", "+49 30 23125 0142"]);
        assert!(it.phones().next().unwrap().mobile && !it.replace_numbers(&[old], &new));
    }

    #[test]
    fn debug_shows_nothing_of_a_card() {
        assert_eq!(format!("{:?}", Card::named("Ada")), "Card(3 fields)");
    }
}
