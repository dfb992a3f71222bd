//! A card as a vCard that address books understand.

use calcard::jscontact::JSContact;
use calcard::vcard::{
    VCard, VCardEntry, VCardParameterName, VCardParameterValue, VCardProperty, VCardValue,
    VCardVersion,
};

use super::lines;
use crate::card::Card;

/// Which vCard to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// RFC 2426: what phones import without questions.
    V3,
    /// RFC 6350.
    V4,
}

/// Writes a card as a vCard with CRLF line ends.
pub fn write(card: &Card, version: Version) -> String {
    let json = card.to_json();
    let converted = JSContact::<String, String>::parse(&json).ok().and_then(JSContact::into_vcard);
    let mut vcard = converted.unwrap_or_default();
    if vcard.property(&VCardProperty::N).is_none() && version == Version::V3 {
        vcard.entries.push(name_parts(&card.name()));
    }
    vcard.entries.iter_mut().for_each(|it| plain(it, version));
    let mut text = String::new();
    let version = match version {
        Version::V3 => VCardVersion::V3_0,
        Version::V4 => VCardVersion::V4_0,
    };
    VCard::write_to(&vcard, &mut text, version).expect("writing to a String does not fail");
    lines::refold(&text, |line| line.replacen(";CHARSET=UTF-8", "", 1))
}

/// RFC 2426 §3.1.2 demands N: the last word is taken for the family name, a name without spaces for the given one.
fn name_parts(name: &str) -> VCardEntry {
    let (given, family) = name.rsplit_once(' ').unwrap_or((name, ""));
    let parts = [family, given, "", "", ""].map(|it| VCardValue::Text(it.to_owned()));
    VCardEntry::new(VCardProperty::N).with_values(parts.into())
}

/// Takes off what only a JSContact converter reads, and what 3.0 readers stumble over.
fn plain(entry: &mut VCardEntry, version: Version) {
    entry
        .params
        .retain(|it| !matches!(it.name, VCardParameterName::PropId | VCardParameterName::Jscomps));
    // `TYPE=PREF` is how 3.0 says it; 4.0 has a parameter of its own (RFC 6350 §5.3).
    if version == Version::V4 {
        for it in &mut entry.params {
            let pref = matches!(&it.value, VCardParameterValue::Text(text) if text.eq_ignore_ascii_case("pref"));
            if pref && it.name == VCardParameterName::Type {
                it.name = VCardParameterName::Pref;
                it.value = VCardParameterValue::Integer(1);
            }
        }
    }
    // RFC 9554 §2 added components behind the five of N and the seven of ADR.
    match entry.name {
        VCardProperty::N => entry.values.truncate(5),
        VCardProperty::Adr => entry.values.truncate(7),
        _ => {}
    }
}
