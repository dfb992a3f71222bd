//! Two edits of one card that were made from the same edition, put together field by field.

use serde_json::{Map, Value};

use super::Card;

/// Properties about the card rather than about the person (RFC 9553 §2.1); the later edit's count.
const ABOUT_THE_CARD: [&str; 5] = ["@type", "version", "updated", "created", "prodId"];
/// A name is one thing, whatever it is put together from.
const WHOLE: [&str; 1] = ["name"];

impl Card {
    /// Both edits of `base` in one card; none when they changed the same field to different things, or when the card
    /// would pass its limits. `theirs` came first.
    ///
    /// A field is a property of the card, or an entry of one that has entries, such as one phone number of several.
    pub fn merge(base: &Card, mine: &Card, theirs: &Card) -> Option<Card> {
        let merged = fields(&base.0, &mine.0, &theirs.0, |key, base, mine, theirs| {
            if ABOUT_THE_CARD.contains(&key) {
                return Some(mine.or(theirs).cloned());
            }
            let (Value::Object(mine), Value::Object(theirs)) = (mine?, theirs?) else {
                return None;
            };
            if WHOLE.contains(&key) {
                return None;
            }
            let nothing = Map::new();
            let base = base.and_then(Value::as_object).unwrap_or(&nothing);
            Some(Some(Value::Object(entries(base, mine, theirs)?)))
        })?;
        Card::try_from(Value::Object(merged)).ok()
    }
}

/// Entries are whole; two that were added under one key both stay.
fn entries(
    base: &Map<String, Value>,
    mine: &Map<String, Value>,
    theirs: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    let mut added = Vec::new();
    let mut merged = fields(base, mine, theirs, |_, base, mine, theirs| {
        if let (None, Some(mine)) = (base, mine) {
            added.push(mine.clone());
            return Some(theirs.cloned());
        }
        None
    })?;
    for it in added {
        let free = (1..).map(|it| format!("k{it}")).find(|it| !merged.contains_key(it));
        merged.insert(free?, it);
    }
    Some(merged)
}

/// Goes through all keys: what one side left as it was, the other decides. Where both changed it, `clash` does; it
/// answers none for what cannot be put together, and some(none) for what goes.
fn fields(
    base: &Map<String, Value>,
    mine: &Map<String, Value>,
    theirs: &Map<String, Value>,
    mut clash: impl FnMut(&str, Option<&Value>, Option<&Value>, Option<&Value>) -> Option<Option<Value>>,
) -> Option<Map<String, Value>> {
    let mut merged = Map::new();
    let more = theirs.keys().filter(|key| !mine.contains_key(*key));
    for key in mine.keys().chain(more) {
        let (was, my, their) = (base.get(key), mine.get(key), theirs.get(key));
        let value = match () {
            () if my == their || their == was => my.cloned(),
            () if my == was => their.cloned(),
            () => clash(key, was, my, their)?,
        };
        merged.extend(value.map(|it| (key.clone(), it)));
    }
    Some(merged)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn card(value: &Value) -> Card {
        let mut all = json!({ "@type": "Card", "version": "1.0" });
        all.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        Card::try_from(all).unwrap()
    }

    fn merged(base: &Value, mine: &Value, theirs: &Value) -> Option<Value> {
        let it = Card::merge(&card(base), &card(mine), &card(theirs))?;
        let mut object = it.as_object().clone();
        object.retain(|key, _| key != "@type" && key != "version");
        Some(Value::Object(object))
    }

    #[test]
    fn each_side_brings_the_fields_it_changed() {
        let base = json!({ "name": { "full": "Ada" }, "titles": { "k1": { "name": "Lead" } },
            "phones": { "k1": { "number": "+491713920001" }, "k2": { "number": "+491713920002" } } });
        let mut mine = base.clone();
        mine["name"]["full"] = "Ada Lind".into();
        mine["phones"]["k1"]["number"] = "+491713920009".into();
        let mut theirs = base.clone();
        theirs["titles"]["k1"]["name"] = "Head".into();
        theirs["phones"].as_object_mut().unwrap().remove("k2");
        theirs["notes"] = json!({ "k1": { "note": "new" } });
        let all = json!({ "name": { "full": "Ada Lind" }, "titles": { "k1": { "name": "Head" } },
            "phones": { "k1": { "number": "+491713920009" } }, "notes": { "k1": { "note": "new" } } });
        assert_eq!(merged(&base, &mine, &theirs), Some(all.clone()));
        assert_eq!(merged(&base, &theirs, &mine), Some(all));
    }

    #[test]
    fn the_same_field_on_both_sides_cannot_be_merged() {
        let of = |name: &str| json!({ "name": { "full": name } });
        assert_eq!(merged(&of("Ada"), &of("Ada One"), &of("Ada Two")), None);
        assert_eq!(merged(&of("Ada"), &of("Ada One"), &of("Ada One")), Some(of("Ada One")));
        let of = |number: &str| json!({ "phones": { "k1": { "number": number } } });
        assert_eq!(merged(&of("1"), &of("2"), &of("3")), None);
        assert_eq!(merged(&of("1"), &json!({}), &of("3")), None, "one took it away");
        assert_eq!(merged(&of("1"), &json!({}), &of("1")), Some(json!({})));
    }

    #[test]
    fn two_numbers_that_were_added_both_stay() {
        let of = |number: &str| json!({ "phones": { "k1": { "number": number } } });
        let both = json!({ "phones": { "k1": { "number": "2" }, "k2": { "number": "1" } } });
        assert_eq!(merged(&json!({}), &of("1"), &of("2")), Some(both));
    }

    #[test]
    fn when_a_card_was_written_is_nothing_to_quarrel_about() {
        let of = |at: &str| json!({ "updated": at });
        let (one, two) = (of("2026-11-26T10:00:00Z"), of("2026-11-26T11:00:00Z"));
        assert_eq!(merged(&json!({}), &one, &two), Some(one));
    }

    #[test]
    fn a_card_beyond_its_limits_is_no_merger() {
        let of = |key: &str| json!({ key: { "k1": { "note": "x".repeat(9_000) } } });
        assert_eq!(merged(&json!({}), &of("notes"), &of("keywords")), None);
    }
}
