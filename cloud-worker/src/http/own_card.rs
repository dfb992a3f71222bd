//! Editing the own card in a browser: one of its three doors.

use anyhow::Context;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::CookieJar;
use postgres::Client;
use serde::Deserialize;
use tapcard_protocol::card::MediaName;
use tapcard_protocol::message::{CardUpdate, Outcome};
use tapcard_protocol::touch::TouchToken;
use tapcard_protocol::{Card, Edition};
use tokio::time::timeout;

use super::account::{sender, signed_in};
use super::media::{BUSY, NOT_WHOLE, PATIENCE, keep};
use super::own_card_page::{self as pages, Written};
use super::visit::{away, show};
use super::{MAX_FORM, Web};
use crate::media::MAX_SENT;
use crate::store::web_session::Session;
use crate::store::{account, card, mail_address};

const PAGE: &str = "/account/card";
const NO_NAME: &str = "A card needs a name.";
const TOO_LONG: &str = "This cannot be stored. Please write it shorter.";
const CHANGED: &str = "Your card was changed elsewhere in the meantime. This is how it is now.";

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    let most = MAX_SENT + MAX_FORM;
    Router::new().route(PAGE, get(look).post(save).layer(DefaultBodyLimit::max(most)))
}

/// What the form sent.
#[derive(Default)]
struct Sent {
    base: Edition,
    touch: Option<TouchToken>,
    written: Written,
    picture: Vec<u8>,
    drops_picture: bool,
    notify: bool,
}

/// Who comes from a touch goes back there.
#[derive(Deserialize)]
struct From {
    touch: Option<String>,
}

async fn look(State(web): State<Web>, Query(from): Query<From>, jar: CookieJar) -> Response {
    match signed_in(&web, &jar).await {
        Ok(it) => {
            let touch = from.touch.and_then(|it| it.parse().ok());
            page(&web, it, touch, None, None).await
        }
        Err(it) => it,
    }
}

/// The form with what was written, or with what stands on the card.
async fn page(
    web: &Web,
    session: Session,
    touch: Option<TouchToken>,
    written: Option<Written>,
    trouble: Option<&str>,
) -> Response {
    let found = web.desk.ask(move |db| {
        Ok((account::read(db, session.account)?, mail_address::of(db, session.account)?))
    });
    let (own, mail) = match found.await {
        Ok(it) => it,
        Err(why) => return away(&why),
    };
    let begun = || match &own.card {
        Some(card) => Written::of(card),
        None => Written::by(mail.as_ref().map_or("", |it| it.as_str())),
    };
    let written = written.unwrap_or_else(begun);
    let card = own.card.unwrap_or_else(|| Card::named(""));
    let portrait = card.portrait().map(|it| format!("/media/{it}"));
    let own = (session.account, &card, own.edition);
    show(pages::edit(own, portrait.as_deref(), touch, &written, trouble))
}

async fn save(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    form: Multipart,
) -> Response {
    let session = match sender(&web, &jar, &heads).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let Some(_place) = web.uploads.enter(session.account) else {
        return page(&web, session, None, None, Some(BUSY)).await;
    };
    let Ok(Ok(sent)) = timeout(PATIENCE, read(form)).await else {
        return page(&web, session, None, None, Some(NOT_WHOLE)).await;
    };
    if sent.written.name.is_empty() {
        return page(&web, session, sent.touch, Some(sent.written), Some(NO_NAME)).await;
    }
    let portrait = match sent.picture.as_slice() {
        [] => None,
        picture => match keep(&web, session.account, picture.to_vec()).await {
            Ok(Ok((name, it))) => Some((name, it.form.media_type())),
            Ok(Err(why)) => {
                return page(&web, session, sent.touch, Some(sent.written), Some(&why)).await;
            }
            Err(why) => return away(&why),
        },
    };
    let (written, touch) = (sent.written.clone(), sent.touch);
    match web.desk.ask(move |db| write(db, session, &sent, portrait)).await {
        Ok(Done::Saved) => {
            let back = touch.map_or(PAGE.to_owned(), |it| format!("/T/{it}/send"));
            Redirect::to(&back).into_response()
        }
        Ok(Done::TooLong) => page(&web, session, touch, Some(written), Some(TOO_LONG)).await,
        Ok(Done::Changed) => page(&web, session, touch, None, Some(CHANGED)).await,
        Err(why) => away(&why),
    }
}

/// The parts of the form. A text that is too long ends it.
async fn read(mut form: Multipart) -> anyhow::Result<Sent> {
    let mut sent = Sent::default();
    while let Some(part) = form.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "picture" {
            sent.picture = part.bytes().await?.to_vec();
            continue;
        }
        let text = part.text().await?;
        anyhow::ensure!(text.len() <= MAX_FORM, "a field is too long");
        let text = text.trim().to_owned();
        match name.as_str() {
            "base" => sent.base = Edition(text.parse().context("no edition")?),
            "touch" => sent.touch = text.parse().ok(),
            "name" => sent.written.name = text,
            "title" => sent.written.title = text,
            "organisation" => sent.written.organisation = text,
            "mail" => sent.written.mail = text,
            "website" => sent.written.website = address(text),
            "no-picture" => sent.drops_picture = true,
            "notify" => sent.notify = true,
            _ => {}
        }
    }
    Ok(sent)
}

/// A web address as people write it.
fn address(text: String) -> String {
    if text.is_empty() || text.contains("://") { text } else { format!("https://{text}") }
}

/// What came of an edit.
enum Done {
    Saved,
    TooLong,
    Changed,
}

fn write(
    db: &mut Client,
    session: Session,
    sent: &Sent,
    portrait: Option<(MediaName, &'static str)>,
) -> anyhow::Result<Done> {
    let mut tx = db.transaction().context("beginning")?;
    let own = account::lock(&mut tx, session.account)?;
    // What the form was filled from: edits of other fields made since are merged.
    let base = if sent.base == own.edition {
        own.card
    } else {
        card::of(&mut tx, session.account, sent.base)?
    };
    let card = match base {
        Some(it) => edited(it, sent, portrait),
        None => {
            let number = account::number(&mut tx, session.account)?;
            let it = Card::written(&sent.written.name, "", "", "", number.as_ref());
            it.ok().and_then(|it| edited(it, sent, portrait))
        }
    };
    let Some(card) = card else { return Ok(Done::TooLong) };
    let update = CardUpdate { base: sent.base, card, notify: sent.notify };
    let outcome = card::update(&mut tx, session.account, session.terminal, &update)?;
    crate::store::outbox::wake(&mut tx)?;
    tx.commit().context("committing")?;
    Ok(if matches!(outcome, Outcome::Done { .. }) { Done::Saved } else { Done::Changed })
}

/// The card with what the form says; none if no card may hold it.
fn edited(mut it: Card, sent: &Sent, portrait: Option<(MediaName, &str)>) -> Option<Card> {
    let written = &sent.written;
    it.set_name(&written.name);
    it.set_title(&written.title);
    it.set_organisation(&written.organisation);
    it.set_mail(&written.mail);
    it.set_website(&written.website);
    if portrait.is_some() || sent.drops_picture {
        it.set_portrait(portrait);
    }
    Card::try_from(serde_json::Value::from(it)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_people_do() {
        assert_eq!(address("halden.example".into()), "https://halden.example");
        assert_eq!(address("http://halden.example".into()), "http://halden.example");
        assert_eq!(address(String::new()), "");
    }

    #[test]
    fn an_edit_leaves_alone_what_the_form_does_not_show() {
        let number = tapcard_protocol::Identifier::phone("+491713920001", None).unwrap();
        let mut before = Card::written("Ada", "Buyer", "Halden", "", Some(&number)).unwrap();
        before.set_portrait(Some((MediaName([1; 16]), "image/jpeg")));
        let mut sent = Sent { written: Written::of(&before), ..Sent::default() };
        sent.written.title = "Head of Buying".into();
        let after = edited(before.clone(), &sent, None).unwrap();
        assert_eq!((after.title(), after.portrait()), ("Head of Buying", before.portrait()));
        assert_eq!(after.phones().count(), 1);
        sent.drops_picture = true;
        assert_eq!(edited(before.clone(), &sent, None).unwrap().portrait(), None);
        sent.written.name = "x".repeat(20_000);
        assert_eq!(edited(before, &sent, None), None);
    }
}
