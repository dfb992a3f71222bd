//! Editing the own card in a browser: one of its three doors.

use std::mem;

use anyhow::Context;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::CookieJar;
use postgres::Client;
use serde::Deserialize;
use tapcard_protocol::Card;
use tapcard_protocol::message::{CardUpdate, Outcome};
use tapcard_protocol::touch::TouchToken;
use tokio::time::timeout;

use super::account::{sender, signed_in};
use super::media::{BUSY, NOT_WHOLE, PATIENCE};
use super::own_card_form::{Added, Sent, TOO_LONG, edited, read, store};
use super::own_card_page::{self as pages, Written};
use super::visit::{away, show};
use super::{MAX_FORM, Web};
use crate::media::MAX_SENT;
use crate::store::web_session::Session;
use crate::store::{account, card, mail_address};

const PAGE: &str = "/account/card";
const NO_NAME: &str = "A card needs a name.";
const CHANGED: &str = "Your card was changed elsewhere in the meantime. This is how it is now.";

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    let most = MAX_SENT + MAX_FORM;
    Router::new().route(PAGE, get(look).post(save).layer(DefaultBodyLimit::max(most)))
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
    let own = (session.account, &card, own.edition);
    show(pages::edit(own, touch, &written, trouble))
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
    let Ok(Ok(mut sent)) = timeout(PATIENCE, read(form)).await else {
        return page(&web, session, None, None, Some(NOT_WHOLE)).await;
    };
    if sent.written.name.is_empty() {
        return page(&web, session, sent.touch, Some(sent.written), Some(NO_NAME)).await;
    }
    let files = mem::take(&mut sent.files);
    let added = match store(&web, session.account, files).await {
        Ok(Ok(it)) => it,
        Ok(Err(why)) => {
            return page(&web, session, sent.touch, Some(sent.written), Some(&why)).await;
        }
        Err(why) => return away(&why),
    };
    let (written, touch) = (sent.written.clone(), sent.touch);
    match web.desk.ask(move |db| write(db, session, &sent, &added)).await {
        Ok(Done::Saved) => {
            let back = touch.map_or(PAGE.to_owned(), |it| format!("/T/{it}/send"));
            Redirect::to(&back).into_response()
        }
        Ok(Done::Refused(why)) => page(&web, session, touch, Some(written), Some(why)).await,
        Ok(Done::Changed) => page(&web, session, touch, None, Some(CHANGED)).await,
        Err(why) => away(&why),
    }
}

/// What came of an edit.
enum Done {
    Saved,
    Refused(&'static str),
    Changed,
}

fn write(db: &mut Client, session: Session, sent: &Sent, added: &Added) -> anyhow::Result<Done> {
    let mut tx = db.transaction().context("beginning")?;
    let own = account::lock(&mut tx, session.account)?;
    // What the form was filled from: edits of other fields made since are merged.
    let base = if sent.base == own.edition {
        own.card
    } else {
        card::of(&mut tx, session.account, sent.base)?
    };
    let card = match base {
        Some(it) => edited(it, sent, added),
        None => {
            let number = account::number(&mut tx, session.account)?;
            let it = Card::written(&sent.written.name, "", "", "", number.as_ref());
            it.map_err(|_| TOO_LONG).and_then(|it| edited(it, sent, added))
        }
    };
    let card = match card {
        Ok(it) => it,
        Err(why) => return Ok(Done::Refused(why)),
    };
    let update = CardUpdate { base: sent.base, card, notify: sent.notify };
    let outcome = card::update(&mut tx, session.account, session.terminal, &update)?;
    crate::store::outbox::wake(&mut tx)?;
    tx.commit().context("committing")?;
    Ok(if matches!(outcome, Outcome::Done { .. }) { Done::Saved } else { Done::Changed })
}
