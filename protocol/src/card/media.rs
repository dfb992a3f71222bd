//! How a card refers to what the cloud's own store holds: a picture, an animation, a film or a document.
//!
//! The bytes never travel inside a card. A reference is a URI of our own, `tapcard:media/` and 32 hexadecimal digits; who
//! holds the card fetches them over HTTPS.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use thiserror::Error;

use super::Card;

/// What every reference begins with.
const PREFIX: &str = "tapcard:media/";
/// What the owner's picture is called in JSContact (RFC 9553 §2.6.4).
const PHOTO: &str = "photo";

/// The name of something in the store: 128 random bits, written as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaName(pub [u8; 16]);

/// Something that is no name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("this is not the name of a stored picture")]
pub struct InvalidName;

impl Display for MediaName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for MediaName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok();
        bytes.and_then(|it| it.try_into().ok()).map(MediaName).ok_or(InvalidName)
    }
}

impl MediaName {
    /// The URI by which a card refers to it.
    #[must_use]
    pub fn reference(self) -> String {
        format!("{PREFIX}{self}")
    }

    fn referred(value: &Value) -> Option<MediaName> {
        value.get("uri")?.as_str()?.strip_prefix(PREFIX)?.parse().ok()
    }
}

impl Card {
    /// The owner's picture, if it is in the store.
    #[must_use]
    pub fn portrait(&self) -> Option<MediaName> {
        let is_photo = |it: &&Value| it.get("kind").is_some_and(|it| it == PHOTO);
        self.entries("media").filter(is_photo).find_map(MediaName::referred)
    }

    /// Replaces the owner's picture by one of the store; none takes it away. Other media stay.
    pub fn set_portrait(&mut self, portrait: Option<(MediaName, &str)>) {
        let mut group = match self.0.remove("media") {
            Some(Value::Object(it)) => it,
            _ => serde_json::Map::new(),
        };
        group.retain(|_, it| it.get("kind").is_none_or(|it| it != PHOTO));
        if let Some((name, media_type)) = portrait {
            let it = json!({ "@type": "Media", "kind": PHOTO, "uri": name.reference(), "mediaType": media_type });
            group.insert("portrait".into(), it);
        }
        if !group.is_empty() {
            self.0.insert("media".into(), group.into());
        }
    }

    /// The card without what only we can resolve, for a file that leaves the system.
    #[must_use]
    pub fn without_store(&self) -> Card {
        let mut card = self.clone();
        for kind in ["media", "links"] {
            if let Some(Value::Object(group)) = card.0.get_mut(kind) {
                group.retain(|_, it| MediaName::referred(it).is_none());
                if group.is_empty() {
                    card.0.remove(kind);
                }
            }
        }
        card
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let name = MediaName([0xa5; 16]);
        assert_eq!(name.to_string().parse(), Ok(name));
        assert_eq!(name.reference(), format!("tapcard:media/{}", "a5".repeat(16)));
        for wrong in ["", "a5", &"A5".repeat(16), &"a5".repeat(17), &"zz".repeat(16)] {
            assert_eq!(wrong.parse::<MediaName>(), Err(InvalidName), "{wrong}");
        }
    }

    #[test]
    fn a_new_portrait_takes_the_old_ones_place_alone() {
        let mut it = Card::named("Ada");
        it.0.insert(
            "media".into(),
            json!({ "k1": { "kind": "logo", "uri": "https://halden.example/logo.png" },
                    "k2": { "kind": "photo", "uri": "https://halden.example/ada.jpg" } }),
        );
        assert_eq!(it.portrait(), None, "not ours");
        let name = MediaName([7; 16]);
        it.set_portrait(Some((name, "image/jpeg")));
        assert_eq!(it.portrait(), Some(name));
        assert_eq!(it.as_object()["media"].as_object().unwrap().len(), 2);
        let bare = it.without_store();
        assert_eq!(bare.as_object()["media"].as_object().unwrap().len(), 1, "the logo stays");
        it.set_portrait(None);
        assert_eq!((it.portrait(), it), (None, bare));
    }
}
