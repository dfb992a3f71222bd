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
/// Most things to look at on one card, so that nobody has to search among them.
pub const MOST_EXHIBITS: usize = 3;
/// What the owner's picture and the company's sign are called in JSContact (RFC 9553 §2.6.4).
const PHOTO: &str = "photo";
const LOGO: &str = "logo";

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

    /// What an entry of a card refers to, if it is in the store.
    pub(super) fn referred(value: &Value) -> Option<MediaName> {
        value.get("uri")?.as_str()?.strip_prefix(PREFIX)?.parse().ok()
    }
}

/// Something to look at that the card refers to: a picture, an animation, a film or a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Exhibit<'a> {
    /// Where it is in the store.
    pub name: MediaName,
    /// As RFC 6838 writes it, such as `video/mp4`.
    pub media_type: &'a str,
    /// What its owner calls it, or nothing.
    pub label: &'a str,
}

/// What somebody calls it who knows no media types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExhibitKind {
    /// A picture.
    Picture,
    /// One that moves.
    Animation,
    /// A film.
    Film,
    /// Pages to read, and whatever else there may be one day.
    Document,
}

impl Exhibit<'_> {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> ExhibitKind {
        match self.media_type {
            "image/gif" => ExhibitKind::Animation,
            it if it.starts_with("image/") => ExhibitKind::Picture,
            it if it.starts_with("video/") => ExhibitKind::Film,
            _ => ExhibitKind::Document,
        }
    }
}

impl Card {
    /// The owner's picture, if it is in the store.
    #[must_use]
    pub fn portrait(&self) -> Option<MediaName> {
        self.picture(PHOTO)
    }

    /// Replaces the owner's picture by one of the store; none takes it away. Other media stay.
    pub fn set_portrait(&mut self, portrait: Option<(MediaName, &str)>) {
        self.set_picture(PHOTO, "portrait", portrait);
    }

    /// The company's sign, if it is in the store.
    #[must_use]
    pub fn logo(&self) -> Option<MediaName> {
        self.picture(LOGO)
    }

    /// Replaces the company's sign by a picture of the store; none takes it away. Other media stay.
    pub fn set_logo(&mut self, logo: Option<(MediaName, &str)>) {
        self.set_picture(LOGO, "logo", logo);
    }

    /// What else there is to look at in the store, in the card's order. It stands among the links (RFC 9553 §2.6.3).
    pub fn exhibits(&self) -> impl Iterator<Item = Exhibit<'_>> {
        self.entries("links").filter_map(|it| {
            let media_type = it.get("mediaType")?.as_str()?;
            let label = it.get("label").and_then(Value::as_str).unwrap_or_default();
            Some(Exhibit { name: MediaName::referred(it)?, media_type, label })
        })
    }

    /// Adds something to look at.
    pub fn add_exhibit(&mut self, it: Exhibit<'_>) {
        let mut entry = json!({ "@type": "Link", "mediaType": it.media_type });
        if !it.label.is_empty() {
            entry["label"] = it.label.into();
        }
        self.put("links", None, "uri", &it.name.reference(), entry);
    }

    /// Takes something to look at away.
    pub fn drop_exhibit(&mut self, name: MediaName) {
        let key = self.key_of("links", |it| MediaName::referred(it) == Some(name));
        if key.is_some() {
            self.put("links", key, "uri", "", json!({}));
        }
    }

    /// Everything of the store that the card refers to.
    pub fn stored_media(&self) -> impl Iterator<Item = MediaName> {
        self.entries("media").chain(self.entries("links")).filter_map(MediaName::referred)
    }

    fn picture(&self, kind: &str) -> Option<MediaName> {
        let is_meant = |it: &&Value| it.get("kind").is_some_and(|it| it == kind);
        self.entries("media").filter(is_meant).find_map(MediaName::referred)
    }

    fn set_picture(&mut self, kind: &str, key: &str, picture: Option<(MediaName, &str)>) {
        let mut group = match self.0.remove("media") {
            Some(Value::Object(it)) => it,
            _ => serde_json::Map::new(),
        };
        group.retain(|_, it| it.get("kind").is_none_or(|it| it != kind));
        if let Some((name, media_type)) = picture {
            let it = json!({ "@type": "Media", "kind": kind, "uri": name.reference(), "mediaType": media_type });
            group.insert(key.into(), it);
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

    #[test]
    fn what_there_is_to_look_at_is_no_web_address() {
        let mut it = Card::named("Ada");
        let (film, flyer) = (MediaName([1; 16]), MediaName([2; 16]));
        it.add_exhibit(Exhibit { name: film, media_type: "video/mp4", label: "The lift" });
        it.set_website("https://halden.example/");
        it.add_exhibit(Exhibit { name: flyer, media_type: "application/pdf", label: "" });
        assert_eq!(it.website(), "https://halden.example/");
        assert_eq!(it.links().count(), 1);
        let shown: Vec<_> = it.exhibits().map(|it| (it.name, it.media_type, it.label)).collect();
        assert_eq!(shown, [(film, "video/mp4", "The lift"), (flyer, "application/pdf", "")]);
        let kinds: Vec<_> = it.exhibits().map(|it| it.kind()).collect();
        assert_eq!(kinds, [ExhibitKind::Film, ExhibitKind::Document]);
        it.set_logo(Some((MediaName([3; 16]), "image/png")));
        assert_eq!((it.logo(), it.portrait()), (Some(MediaName([3; 16])), None));
        assert_eq!(it.stored_media().count(), 3);
        let mut bare = Card::named("Ada");
        bare.0.insert("links".into(), json!({ "k2": { "uri": "https://halden.example/" } }));
        assert_eq!(it.without_store(), bare);
        it.drop_exhibit(film);
        it.drop_exhibit(film);
        assert_eq!(it.exhibits().map(|it| it.name).collect::<Vec<_>>(), [flyer]);
        it.set_website("");
        assert_eq!((it.website(), it.exhibits().count()), ("", 1));
    }
}
