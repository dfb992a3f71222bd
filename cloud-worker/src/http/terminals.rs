//! The account's terminals: confirming a kiosk by its four words, switching one off, erasing one that was stolen.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use tapcard_protocol::TerminalId;
use tapcard_protocol::enrolment::{Base64, PublicKey};

use super::account::{fresh_sender, signed_in};
use super::archive::After;
use super::visit::{away, show};
use super::{Web, account_pages, terminals_page as pages};
use crate::store::web_session::Session;
use crate::store::{enrolment, wipe_order};
use crate::{draw, keys};

pub(super) const PAGE: &str = "/account/terminals";
const NOT_THERE: &str = "This device does not wait for you any more. Please look again.";

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(PAGE, get(look))
        .route("/account/terminals/confirm", post(confirm))
        .route("/account/terminals/end", post(end))
        .route("/account/terminals/stolen", post(ask_erasure))
        .route("/account/terminals/erase", post(erase))
}

async fn look(State(web): State<Web>, jar: CookieJar) -> Response {
    match signed_in(&web, &jar).await {
        Ok(it) if it.is_fresh => page(&web, it, None).await,
        Ok(_) => show(account_pages::ask_proof(After::Terminals)),
        Err(it) => it,
    }
}

async fn page(web: &Web, session: Session, trouble: Option<&str>) -> Response {
    match web.desk.ask(move |db| enrolment::devices(db, session.account)).await {
        Ok(it) => show(pages::devices(&it, session.terminal, trouble)),
        Err(why) => away(&why),
    }
}

#[derive(Deserialize)]
struct Confirmed {
    terminal: TerminalId,
    /// Whose words were shown: another key that came meanwhile is not confirmed.
    key: PublicKey,
}

async fn confirm(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Confirmed>,
) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Terminals).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let done =
        web.desk.ask(move |db| enrolment::confirm(db, session.account, it.terminal, &it.key));
    match done.await {
        Ok(true) => Redirect::to(PAGE).into_response(),
        Ok(false) => page(&web, session, Some(NOT_THERE)).await,
        Err(why) => away(&why),
    }
}

#[derive(Deserialize)]
struct Chosen {
    terminal: TerminalId,
}

async fn end(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Chosen>,
) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Terminals).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    match web.desk.ask(move |db| enrolment::end(db, session.account, it.terminal)).await {
        Ok(true) => Redirect::to(PAGE).into_response(),
        Ok(false) => page(&web, session, Some(NOT_THERE)).await,
        Err(why) => away(&why),
    }
}

/// The last question before a kiosk is erased.
async fn ask_erasure(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Chosen>,
) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Terminals).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let devices = match web.desk.ask(move |db| enrolment::devices(db, session.account)).await {
        Ok(it) => it,
        Err(why) => return away(&why),
    };
    match devices.iter().find(|device| device.terminal == it.terminal) {
        Some(device) if pages::can_be_erased(device) => show(pages::ask_erasure(device)),
        _ => page(&web, session, Some(NOT_THERE)).await,
    }
}

async fn erase(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Chosen>,
) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Terminals).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let folder = web.keys.clone();
    let given = web.desk.ask(move |db| {
        let order = keys::order(&folder, it.terminal, Base64(draw::bytes()))?;
        wipe_order::give(db, session.account, &order)
    });
    match given.await {
        Ok(true) => Redirect::to(PAGE).into_response(),
        Ok(false) => page(&web, session, Some(NOT_THERE)).await,
        Err(why) => away(&why),
    }
}
