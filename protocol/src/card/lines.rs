//! Lines of a card that take more than one field to find: numbers by their kind, postal addresses, introductions.

use serde_json::{Value, json};

use super::Card;

/// What the owner offers; of our own, as RFC 9553 §1.8.1 names vendors' properties.
const PRODUCT: &str = "tapcard.org:productIntroduction";
/// Messengers and social media (RFC 9553 §2.3.2).
const SERVICES: &str = "onlineServices";
/// What the owner's company is.
const COMPANY: &str = "tapcard.org:companyIntroduction";

impl Card {
    /// The first number of a mobile phone, or nothing.
    pub fn mobile(&self) -> &str {
        self.phones().find(|it| it.mobile).map_or("", |it| it.number)
    }

    /// The first other number, or nothing.
    pub fn landline(&self) -> &str {
        self.phones().find(|it| !it.mobile).map_or("", |it| it.number)
    }

    /// Replaces the first number of a mobile phone; an empty one is taken away.
    pub fn set_mobile(&mut self, number: &str) {
        if self.mobile() != number {
            self.set_number(true, number);
        }
    }

    /// Replaces the first other number; an empty one is taken away.
    pub fn set_landline(&mut self, number: &str) {
        if self.landline() != number {
            self.set_number(false, number);
        }
    }

    fn set_number(&mut self, mobile: bool, number: &str) {
        let fits = |it: &Value| {
            let is_mobile = it.pointer("/features/mobile").is_some_and(|it| it == true);
            is_mobile == mobile && it.get("number").is_some_and(Value::is_string)
        };
        let key = self.key_of("phones", fits);
        let fresh = if mobile { json!({ "features": { "mobile": true } }) } else { json!({}) };
        self.put("phones", key, "number", number, fresh);
    }

    /// The first messenger as people write it, such as `Signal: ada.42` or an address, or nothing.
    pub fn messenger(&self) -> String {
        let Some(first) = self.entries(SERVICES).next() else { return String::new() };
        let text = |field: &str| first.get(field).and_then(Value::as_str).unwrap_or_default();
        let who = if text("user").is_empty() { text("uri") } else { text("user") };
        match text("service") {
            "" => who.to_owned(),
            service => format!("{service}: {who}"),
        }
    }

    /// Replaces the first messenger; an empty one is taken away.
    pub fn set_messenger(&mut self, text: &str) {
        if self.messenger() == text {
            return;
        }
        let key = self.key_of(SERVICES, |_| true);
        if let Some(it) = key.as_ref().and_then(|key| self.0.get_mut(SERVICES)?.get_mut(key)) {
            *it = json!({});
        }
        let (service, who) = text.split_once(": ").unwrap_or(("", text));
        let fresh =
            if service.is_empty() { json!({}) } else { json!({ "service": service.trim() }) };
        if let (Some(key), false) = (&key, text.is_empty()) {
            self.0[SERVICES][key] = fresh.clone();
        }
        let field = if is_uri(who) { "uri" } else { "user" };
        self.put(SERVICES, key, field, who.trim(), fresh);
    }

    /// The first postal address on one line, or nothing.
    pub fn address(&self) -> String {
        let Some(first) = self.entries("addresses").next() else { return String::new() };
        if let Some(full) = first.get("full").and_then(Value::as_str) {
            return full.replace(['\r', '\n'], ", ").replace(", , ", ", ");
        }
        let parts = first.get("components").and_then(Value::as_array).into_iter().flatten();
        let parts: Vec<&str> = parts.filter_map(|it| it.get("value")?.as_str()).collect();
        parts.join(", ")
    }

    /// Replaces the first postal address; an empty one is taken away.
    pub fn set_address(&mut self, address: &str) {
        if self.address() == address {
            return;
        }
        let key = self.key_of("addresses", |_| true);
        // Its parts are those of the old one.
        if let Some(it) = key.as_ref().and_then(|key| self.0.get_mut("addresses")?.get_mut(key)) {
            *it = json!({});
        }
        self.put("addresses", key, "full", address, json!({}));
    }

    /// What the owner offers, or nothing.
    pub fn offer(&self) -> &str {
        self.0.get(PRODUCT).and_then(Value::as_str).unwrap_or_default()
    }

    /// Replaces what the owner offers; an empty text is taken away.
    pub fn set_offer(&mut self, text: &str) {
        self.set_own(PRODUCT, text);
    }

    /// What the owner's company is, or nothing.
    pub fn company(&self) -> &str {
        self.0.get(COMPANY).and_then(Value::as_str).unwrap_or_default()
    }

    /// Replaces what the owner's company is; an empty text is taken away.
    pub fn set_company(&mut self, text: &str) {
        self.set_own(COMPANY, text);
    }

    fn set_own(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), text.into());
        }
    }
}

/// Whether something begins with a scheme (RFC 3986 §3.1).
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = |it: char| it.is_ascii_alphanumeric() || "+-.".contains(it);
    scheme.starts_with(|it: char| it.is_ascii_alphabetic())
        && scheme.chars().all(is_scheme)
        && !rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_number_is_replaced_by_its_own() {
        let phones = json!({ "k1": { "number": "tel:+49 30 1", "label": "desk" },
            "k2": { "number": "+49 171 2", "features": { "mobile": true, "sms": true } } });
        let mut it = Card::try_from(json!({ "@type": "Card", "phones": phones })).unwrap();
        assert_eq!((it.mobile(), it.landline()), ("+49 171 2", "+49 30 1"));
        it.set_mobile("+49 171 3");
        it.set_landline("+49 30 4");
        assert_eq!(
            it.as_object()["phones"]["k1"],
            json!({ "number": "+49 30 4", "label": "desk" })
        );
        assert_eq!(it.as_object()["phones"]["k2"]["features"]["sms"], true);
        it.set_landline("");
        it.set_mobile("");
        assert_eq!(it.phones().count(), 0);
        it.set_mobile("+44 7700 900142");
        assert!(it.phones().next().unwrap().mobile);
    }

    #[test]
    fn an_address_is_one_line_however_it_is_stored() {
        let parts = json!([{ "kind": "name", "value": "Storgata 1" }, { "kind": "locality", "value": "Halden" }]);
        let addresses = json!({ "k1": { "components": parts, "countryCode": "NO" } });
        let mut it = Card::try_from(json!({ "@type": "Card", "addresses": addresses })).unwrap();
        assert_eq!(it.address(), "Storgata 1, Halden");
        it.set_address("Storgata 1, Halden");
        assert_eq!(it.as_object()["addresses"]["k1"]["countryCode"], "NO", "nothing was changed");
        it.set_address("Kirkegata 2, Halden");
        assert_eq!(it.as_object()["addresses"], json!({ "k1": { "full": "Kirkegata 2, Halden" } }));
        it.set_address("");
        assert_eq!(it.address(), "");
    }

    #[test]
    fn a_messenger_is_written_as_people_do() {
        let services = json!({ "k1": { "service": "Mastodon", "uri": "https://m.example/@ada" },
            "k2": { "uri": "xmpp:ada@example.org" } });
        let mut it =
            Card::try_from(json!({ "@type": "Card", "onlineServices": services })).unwrap();
        assert_eq!(it.messenger(), "Mastodon: https://m.example/@ada");
        for (text, stored) in [
            ("Signal: ada.42", json!({ "service": "Signal", "user": "ada.42" })),
            ("xmpp:ada@example.net", json!({ "uri": "xmpp:ada@example.net" })),
            ("@ada", json!({ "user": "@ada" })),
        ] {
            it.set_messenger(text);
            assert_eq!(it.messenger(), text);
            assert_eq!(it.as_object()["onlineServices"]["k1"], stored);
            assert_eq!(it.as_object()["onlineServices"]["k2"]["uri"], "xmpp:ada@example.org");
        }
        it.set_messenger("");
        assert_eq!(it.messenger(), "xmpp:ada@example.org");
        let mut bare = Card::named("Ada");
        bare.set_messenger("Signal: ada.42");
        let text = crate::vcard::write(&bare, crate::vcard::Version::V4);
        let back = crate::vcard::read(text.as_bytes()).unwrap().card;
        assert_eq!(back.messenger(), "Signal: ada.42", "{text}");
    }

    #[test]
    fn introductions_come_and_go() {
        let mut it = Card::named("Ada");
        it.set_offer("Tide gauges");
        it.set_company("Instruments since 1911");
        assert_eq!((it.offer(), it.company()), ("Tide gauges", "Instruments since 1911"));
        it.set_offer("");
        assert!(!it.as_object().contains_key(PRODUCT));
    }
}
