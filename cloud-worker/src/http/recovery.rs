//! Choosing a name and a recovery code, and signing in with them.

use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use tapcard_protocol::Identifier;

use super::account::{fresh_sender, signed_in};
use super::archive::After;
use super::sign_in::FOREIGN;
use super::visit::{away, is_foreign, show};
use super::{Web, account_pages, cookies, recovery_page as pages};
use crate::store::recovery::{self, Who};
use crate::store::web_session;
use crate::{draw, recovery as core};

pub(super) const PAGE: &str = "/account/recovery";
const NO_NAME: &str = "A name has 3 to 30 letters from a to z, digits, points, hyphens and underscores, and begins with a letter.";
const TAKEN: &str = "This name is taken. Please choose another.";
/// The same for every reason.
const WRONG: &str = "Name and code do not fit. Please look at what you wrote down once more.";
const BUSY: &str = "Many people try this at the moment. Please try again in a minute.";
/// How long somebody waits for others' hashes.
const PATIENCE: Duration = Duration::from_secs(10);

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(PAGE, get(look).post(choose))
        .route("/sign-in/recover", get(|| async { show(pages::recover("", None)) }).post(recover))
}

/// Makes a hash. Each takes a processor and 19 MB for a while, so there are two at once and a short queue.
async fn hashing<T: Send + 'static>(
    web: &Web,
    make: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<T> {
    let _place = tokio::time::timeout(PATIENCE, web.hashes.acquire()).await??;
    Ok(tokio::task::spawn_blocking(make).await?)
}

async fn look(State(web): State<Web>, jar: CookieJar) -> Response {
    let session = match signed_in(&web, &jar).await {
        Ok(it) if it.is_fresh => it,
        Ok(_) => return show(account_pages::ask_proof(After::Recovery)),
        Err(it) => return it,
    };
    match web.desk.ask(move |db| recovery::name(db, session.account)).await {
        Ok(name) => show(pages::choose(name.as_deref().unwrap_or_default(), None)),
        Err(why) => away(&why),
    }
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    name: String,
}

async fn choose(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Chosen>,
) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Recovery).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let again = |why| show(pages::choose(it.name.trim(), Some(why)));
    let Some(name) = core::name(&it.name) else { return again(NO_NAME) };
    let code = core::code(&draw::bytes());
    let (shown, to_keep) = (name.clone(), code.clone());
    let hash = hashing(&web, move || core::hashed(&to_keep, &draw::bytes())).await;
    let Ok(hash) = hash else { return again(BUSY) };
    match web.desk.ask(move |db| recovery::register(db, session.account, &name, &hash)).await {
        Ok(true) => show(pages::code(&shown, &code)),
        Ok(false) => again(TAKEN),
        Err(why) => away(&why),
    }
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    who: String,
    #[serde(default)]
    code: String,
}

async fn recover(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Shown>,
) -> Response {
    let again = |why| show(pages::recover(it.who.trim(), Some(why)));
    if is_foreign(&heads) {
        return again(FOREIGN);
    }
    let who = match (Identifier::phone(&it.who, None), core::name(&it.who)) {
        (Ok(number), _) => Some(Who::Number(number)),
        (_, Some(name)) => Some(Who::Name(name)),
        _ => None,
    };
    let found = web.desk.ask(move |db| match who {
        Some(who) => recovery::find(db, &who),
        None => Ok(None),
    });
    let found = match found.await {
        Ok(it) => it,
        Err(why) => return away(&why),
    };
    let (code, hash) = (it.code.clone(), found.as_ref().map(|it| it.1.clone()));
    let fits = hashing(&web, move || core::fits(&code, hash.as_deref())).await;
    let Ok(fits) = fits else { return again(BUSY) };
    let Some((account, _)) = found.filter(|_| fits) else { return again(WRONG) };
    match web.desk.ask(move |db| web_session::recover(db, account)).await {
        Ok(secret) => (cookies::signed_in(&web, jar, &secret), Redirect::to(super::number::PAGE))
            .into_response(),
        Err(why) => away(&why),
    }
}
