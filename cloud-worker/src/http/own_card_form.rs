//! What the form of the own card sends, and the files that come with it.

use anyhow::Context;
use axum::extract::Multipart;
use tapcard_protocol::card::{Exhibit, MOST_EXHIBITS, MediaName};
use tapcard_protocol::touch::TouchToken;
use tapcard_protocol::{AccountId, Card, Edition};

use super::media::{Judge, anything, keep};
use super::own_card_page::Written;
use super::{MAX_FORM, Web};
use crate::media::Form;

const NO_PICTURE: &str = "This is no picture. JPEG, PNG, GIF and WebP are.";
const TOO_MANY: &str =
    "A card shows three of these at most. Take one away, or send another in its place.";

/// What the form sent.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) base: Edition,
    pub(super) touch: Option<TouchToken>,
    pub(super) written: Written,
    pub(super) drops_picture: bool,
    pub(super) drops_logo: bool,
    /// What is no longer to be looked at.
    pub(super) dropped: Vec<MediaName>,
    /// What the new one is called.
    pub(super) label: String,
    pub(super) notify: bool,
    pub(super) files: Files,
}

/// The files that came with it; empty ones did not come.
#[derive(Default)]
pub(super) struct Files {
    picture: Vec<u8>,
    logo: Vec<u8>,
    exhibit: Vec<u8>,
}

/// A medium that is in the store now.
type Kept = Option<(MediaName, &'static str)>;

/// What the files became.
#[derive(Default)]
pub(super) struct Added {
    pub(super) picture: Kept,
    pub(super) logo: Kept,
    pub(super) exhibit: Kept,
}

/// The parts of the form. A text that is too long ends it.
///
/// # Errors
/// Fails for what is no such form.
pub(super) async fn read(mut form: Multipart) -> anyhow::Result<Sent> {
    let mut sent = Sent::default();
    while let Some(part) = form.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = match name.as_str() {
            "picture" => &mut sent.files.picture,
            "logo" => &mut sent.files.logo,
            "exhibit" => &mut sent.files.exhibit,
            _ => {
                let text = part.text().await?;
                anyhow::ensure!(text.len() <= MAX_FORM, "a field is too long");
                sent.take(&name, text.trim())?;
                continue;
            }
        };
        *file = part.bytes().await?.to_vec();
    }
    Ok(sent)
}

impl Sent {
    fn take(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        let owned = || text.to_owned();
        match name {
            "base" => self.base = Edition(text.parse().context("no edition")?),
            "touch" => self.touch = text.parse().ok(),
            "name" => self.written.name = owned(),
            "title" => self.written.title = owned(),
            "organisation" => self.written.organisation = owned(),
            "mail" => self.written.mail = owned(),
            "website" => self.written.website = address(text),
            "no-picture" => self.drops_picture = true,
            "no-logo" => self.drops_logo = true,
            "no-exhibit" => self.dropped.extend(text.parse::<MediaName>().ok()),
            "exhibit-label" => self.label = owned(),
            "notify" => self.notify = true,
            _ => {}
        }
        Ok(())
    }
}

/// A web address as people write it.
fn address(text: &str) -> String {
    if text.is_empty() || text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    }
}

fn a_picture(form: Form) -> Result<(), &'static str> {
    if form.is_picture() { Ok(()) } else { Err(NO_PICTURE) }
}

/// Stores the files; or says why one is not, for the person who sent it.
///
/// # Errors
/// Fails with the database.
pub(super) async fn store(
    web: &Web,
    account: AccountId,
    files: Files,
) -> anyhow::Result<Result<Added, String>> {
    let mut added = Added::default();
    let jobs: [(_, _, Judge); 3] = [
        (files.picture, &mut added.picture, a_picture),
        (files.logo, &mut added.logo, a_picture),
        (files.exhibit, &mut added.exhibit, anything),
    ];
    for (file, kept, may_be) in jobs.into_iter().filter(|it| !it.0.is_empty()) {
        match keep(web, account, file, may_be).await? {
            Ok((name, it)) => *kept = Some((name, it.form.media_type())),
            Err(why) => return Ok(Err(why)),
        }
    }
    Ok(Ok(added))
}

/// The card with what the form says.
///
/// # Errors
/// Says why not, for the person who wrote it.
pub(super) fn edited(mut it: Card, sent: &Sent, added: &Added) -> Result<Card, &'static str> {
    let written = &sent.written;
    it.set_name(&written.name);
    it.set_title(&written.title);
    it.set_organisation(&written.organisation);
    it.set_mail(&written.mail);
    it.set_website(&written.website);
    if added.picture.is_some() || sent.drops_picture {
        it.set_portrait(added.picture);
    }
    if added.logo.is_some() || sent.drops_logo {
        it.set_logo(added.logo);
    }
    for name in &sent.dropped {
        it.drop_exhibit(*name);
    }
    if let Some((name, media_type)) = added.exhibit {
        if it.exhibits().count() >= MOST_EXHIBITS {
            return Err(TOO_MANY);
        }
        it.add_exhibit(Exhibit { name, media_type, label: &sent.label });
    }
    Card::try_from(serde_json::Value::from(it)).map_err(|_| TOO_LONG)
}

/// Why what was written cannot be stored.
pub(super) const TOO_LONG: &str = "This cannot be stored. Please write it shorter.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_people_do() {
        assert_eq!(address("halden.example"), "https://halden.example");
        assert_eq!(address("http://halden.example"), "http://halden.example");
        assert_eq!(address(""), "");
    }

    #[test]
    fn an_edit_leaves_alone_what_the_form_does_not_show() {
        let number = tapcard_protocol::Identifier::phone("+491713920001", None).unwrap();
        let mut before = Card::written("Ada", "Buyer", "Halden", "", Some(&number)).unwrap();
        before.set_portrait(Some((MediaName([1; 16]), "image/jpeg")));
        let (mut sent, none) =
            (Sent { written: Written::of(&before), ..Sent::default() }, Added::default());
        sent.written.title = "Head of Buying".into();
        let after = edited(before.clone(), &sent, &none).unwrap();
        assert_eq!((after.title(), after.portrait()), ("Head of Buying", before.portrait()));
        assert_eq!(after.phones().count(), 1);
        sent.drops_picture = true;
        assert_eq!(edited(before.clone(), &sent, &none).unwrap().portrait(), None);
        sent.written.name = "x".repeat(20_000);
        assert_eq!(edited(before, &sent, &none), Err(TOO_LONG));
    }

    #[test]
    fn a_card_shows_three_things_and_one_gives_way_to_the_next() {
        let mut card = Card::named("Ada");
        for at in 0..3 {
            card.add_exhibit(Exhibit {
                name: MediaName([at; 16]),
                media_type: "image/gif",
                label: "",
            });
        }
        let mut sent = Sent { written: Written::of(&card), ..Sent::default() };
        sent.label = "The lift".into();
        let film = Some((MediaName([9; 16]), "video/mp4"));
        let added = Added { exhibit: film, ..Added::default() };
        assert_eq!(edited(card.clone(), &sent, &added), Err(TOO_MANY));
        sent.dropped = vec![MediaName([1; 16])];
        let after = edited(card, &sent, &added).unwrap();
        let shown: Vec<_> = after.exhibits().map(|it| (it.name.0[0], it.label)).collect();
        assert_eq!(shown.len(), 3);
        assert!(shown.contains(&(9, "The lift")) && !shown.contains(&(1, "")));
    }
}
