//! A card as a vCard that address books understand.

use calcard::jscontact::JSContact;
use calcard::vcard::{
    VCard, VCardEntry, VCardParameterName, VCardParameterValue, VCardProperty, VCardValue,
    VCardVersion,
};
use data_encoding::BASE64;

use super::{Photo, lines};
use crate::card::Card;

/// Which vCard to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// RFC 2426: what phones import without questions.
    V3,
    /// RFC 6350.
    V4,
}

/// Writes a card as a vCard with CRLF line ends. What only our own store holds is left out.
pub fn write(card: &Card, version: Version) -> String {
    write_with(card, None, version)
}

/// The same with the owner's picture inside it.
pub fn write_with(card: &Card, photo: Option<&Photo>, version: Version) -> String {
    let json = card.without_store().to_json();
    let converted = JSContact::<String, String>::parse(&json).ok().and_then(JSContact::into_vcard);
    let mut vcard = converted.unwrap_or_default();
    if vcard.property(&VCardProperty::N).is_none() && version == Version::V3 {
        vcard.entries.push(name_parts(&card.name()));
    }
    vcard.entries.iter_mut().for_each(|it| plain(it, version));
    let mut text = String::new();
    let calcards = match version {
        Version::V3 => VCardVersion::V3_0,
        Version::V4 => VCardVersion::V4_0,
    };
    VCard::write_to(&vcard, &mut text, calcards).expect("writing to a String does not fail");
    if let (Some(photo), Some(end)) = (photo, text.rfind("END:VCARD")) {
        text.insert_str(end, &format!("{}\r\n", inline(photo, version)));
    }
    lines::refold(&text, |line| line.replacen(";CHARSET=UTF-8", "", 1))
}

/// A picture inside the vCard: marked as base64 in 3.0 (RFC 2426 §3.1.4), a `data:` URI in 4.0 (RFC 6350 §6.2.4).
fn inline(photo: &Photo, version: Version) -> String {
    let base64 = BASE64.encode(&photo.bytes);
    match version {
        Version::V3 => {
            let kind = photo.media_type.rsplit('/').next().unwrap_or("jpeg").to_ascii_uppercase();
            format!("PHOTO;ENCODING=b;TYPE={kind}:{base64}")
        }
        Version::V4 => format!("PHOTO:data:{};base64,{base64}", photo.media_type),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{Exhibit, MediaName};
    use crate::vcard::read;

    #[test]
    fn a_picture_stands_inside_the_file_and_our_own_reference_does_not() {
        let mut card = Card::named("Ada Lind");
        card.set_portrait(Some((MediaName([7; 16]), "image/jpeg")));
        card.add_exhibit(Exhibit { name: MediaName([8; 16]), media_type: "video/mp4", label: "" });
        let photo = Photo { media_type: "image/jpeg".into(), bytes: vec![9; 300] };
        for version in [Version::V3, Version::V4] {
            let text = write_with(&card, Some(&photo), version);
            assert!(!text.contains("tapcard:"), "{text}");
            assert!(text.lines().all(|it| it.len() <= 75), "{text}");
            let back = read(text.as_bytes()).unwrap();
            assert_eq!((back.card.name().as_str(), back.photo), ("Ada Lind", Some(photo.clone())));
            assert!(!write(&card, version).contains("PHOTO"));
        }
    }
}
