//! Giving the account another number, and saying whose one is.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use tapcard_protocol::Identifier;
use tokio::task::spawn_blocking;

use super::account::{fresh_sender, sender, signed_in};
use super::archive::After;
use super::sign_in::{Entered, NOT_ASKED, NOT_THE_CODE, Sent, prove, proved, tried};
use super::visit::{away, show};
use super::{Web, account_pages, cookies, number_page as pages};
use crate::addressee::Addressee;
use crate::one_time;
use crate::post::Post;
use crate::store::web_session::Session;
use crate::store::{account, number_change, one_time_code};

pub(super) const PAGE: &str = "/account/number";
const NO_NUMBER: &str = "Please begin with + and the country code, such as +44.";
const IN_USE: &str =
    "This number cannot be taken: it is yours already, or another account is in use under it.";

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(PAGE, get(look).post(ask))
        .route("/account/number/enter", post(enter))
        .route("/account/number/keep", post(keep))
        .route("/account/number/mine", post(mine))
}

async fn look(State(web): State<Web>, jar: CookieJar) -> Response {
    match signed_in(&web, &jar).await {
        Ok(it) => page(&web, it, "", None).await,
        Err(it) => it,
    }
}

async fn page(web: &Web, session: Session, number: &str, trouble: Option<&str>) -> Response {
    match web.desk.ask(move |db| number_change::planned(db, session.account)).await {
        Ok(Some(it)) => show(pages::change(Some(&it), number, trouble)),
        Ok(None) if session.is_fresh => show(pages::change(None, number, trouble)),
        Ok(None) => show(account_pages::ask_proof(After::Number)),
        Err(why) => away(&why),
    }
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    number: String,
}

/// Sends a code to the new number.
async fn ask(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Named>,
) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Number).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let Ok(number) = Identifier::phone(&it.number, None) else {
        return page(&web, session, it.number.trim(), Some(NO_NUMBER)).await;
    };
    match prove(&web, number.clone().into(), None).await {
        Ok(Sent::Yes(browser)) => {
            (cookies::asking(&web, jar, &browser), show(pages::code(&number, None))).into_response()
        }
        Ok(Sent::No(why)) => page(&web, session, it.number.trim(), Some(why.words())).await,
        Err(why) => away(&why),
    }
}

async fn enter(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Entered>,
) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Number).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let Some((browser, sign_in)) = tried(&web, &jar) else {
        return page(&web, session, "", Some(NOT_ASKED)).await;
    };
    let (post, host) = (sign_in.post.clone(), sign_in.host.clone());
    let done = web.desk.ask(move |db| {
        let Some(Addressee::Number(number)) = proved(db, &sign_in, &browser, &it.code)? else {
            return Ok(Err(NOT_THE_CODE));
        };
        one_time_code::use_up(db, &number.clone().into())?;
        let old = account::addressees(db, session.account)?;
        if !number_change::plan(db, &sign_in.numbers, session.account, &number)? {
            return Ok(Err(IN_USE));
        }
        Ok(Ok(old))
    });
    match done.await {
        Ok(Ok(old)) => {
            let told = spawn_blocking(move || warn(&post, &old, &host));
            if told.await.is_err() {
                tracing::error!("nobody was told that an account leaves its number");
            }
            Redirect::to(PAGE).into_response()
        }
        Ok(Err(why)) => page(&web, session, "", Some(why)).await,
        Err(why) => away(&why),
    }
}

/// Tells the numbers that are about to be left, and the mail address: their owner may not be the one who asked for it.
fn warn(post: &Post, old: &[Addressee], host: &str) {
    for it in old.iter().filter(|it| post.reaches(it)) {
        if let Err(why) = post.send(it, one_time::LEAVING, &one_time::leaving(host)) {
            tracing::error!(
                "a number was not told that its account leaves it: {}",
                crate::reason::reason(&why)
            );
        }
    }
}

async fn keep(State(web): State<Web>, jar: CookieJar, heads: HeaderMap) -> Response {
    let session = match sender(&web, &jar, &heads).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    match web.desk.ask(move |db| number_change::call_off(db, session.account)).await {
        Ok(()) => Redirect::to("/account").into_response(),
        Err(why) => away(&why),
    }
}

/// It was the account's owner who proved its number.
async fn mine(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Named>,
) -> Response {
    let session = match sender(&web, &jar, &heads).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let Ok(number) = Identifier::phone(&it.number, None) else {
        return Redirect::to("/account").into_response();
    };
    match web.desk.ask(move |db| number_change::settle(db, session.account, &number)).await {
        Ok(()) => Redirect::to("/account").into_response(),
        Err(why) => away(&why),
    }
}
