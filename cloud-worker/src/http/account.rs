//! A signed-in person's account: what it is, closing it, and signing out.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use axum_extra::extract::CookieJar;
use maud::Markup;
use postgres::Client;
use serde::Deserialize;

use super::archive::After;
use super::sign_in::{FOREIGN, NOT_ASKED, NOT_THE_CODE, Sent, prove, proved, tried};
use super::visit::{away, is_foreign, show};
use super::{Web, account_pages as pages, cookies};
use crate::addressee::Addressee;
use crate::store::web_session::{self, Session};
use crate::store::{account, erasure, number_change, one_time_code};

const NO_NUMBER: &str =
    "This account has neither a number nor a mail address. Please write to the operator.";

/// The account's addresses.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/account", get(look))
        .route("/account/close", post(ask))
        .route("/account/closed", post(close))
        .route("/account/keep", post(keep))
        .route("/account/sign-out", post(sign_out))
}

/// Who is signed in.
pub(super) async fn signed_in(web: &Web, jar: &CookieJar) -> Result<Session, Response> {
    let front = || Redirect::to("/sign-in").into_response();
    let Some(cookie) = cookies::session(web, jar) else { return Err(front()) };
    match web.desk.ask(move |db| web_session::find(db, &cookie)).await {
        Ok(it) => it.ok_or_else(front),
        Err(why) => Err(away(&why)),
    }
}

/// Who is signed in, and sent this from our own page.
pub(super) async fn sender(
    web: &Web,
    jar: &CookieJar,
    heads: &HeaderMap,
) -> Result<Session, Response> {
    let session = signed_in(web, jar).await?;
    if is_foreign(heads) { Err(again(web, session, FOREIGN).await) } else { Ok(session) }
}

/// The same, who has shown a code a moment ago; else the page that asks for one.
pub(super) async fn fresh_sender(
    web: &Web,
    jar: &CookieJar,
    heads: &HeaderMap,
    after: After,
) -> Result<Session, Response> {
    let session = sender(web, jar, heads).await?;
    if session.is_fresh { Ok(session) } else { Err(show(pages::ask_proof(after))) }
}

async fn look(State(web): State<Web>, jar: CookieJar) -> Response {
    match signed_in(&web, &jar).await {
        Ok(it) => page(&web, it, None).await,
        Err(it) => it,
    }
}

async fn again(web: &Web, session: Session, why: &str) -> Response {
    page(web, session, Some(why)).await
}

async fn page(web: &Web, session: Session, trouble: Option<&str>) -> Response {
    let found = web.desk.ask(move |db| {
        let name = account::read(db, session.account)?.card.map(|it| it.name());
        let disputes = number_change::disputes(db, session.account)?;
        let numbers = account::addressees(db, session.account)?;
        Ok((name, numbers, disputes, account::look(db, session.account)?))
    });
    match found.await {
        Ok((name, numbers, disputes, Some(look))) => {
            show(pages::account(name.as_deref(), &numbers, &disputes, look.cancel_at, trouble))
        }
        Ok((_, _, _, None)) => Redirect::to("/sign-in").into_response(),
        Err(why) => away(&why),
    }
}

/// Sends a code to the account's own number or mail address, and shows the page that asks for it.
pub(super) async fn prove_own(
    web: &Web,
    jar: CookieJar,
    heads: &HeaderMap,
    page: Markup,
) -> Response {
    let session = match sender(web, &jar, heads).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let all = match web.desk.ask(move |db| account::addressees(db, session.account)).await {
        Ok(it) => it,
        Err(why) => return away(&why),
    };
    let is_reached = |it: &Addressee| web.sign_in.as_ref().is_some_and(|to| to.post.reaches(it));
    let to = all.iter().find(|it| is_reached(it)).or(all.first()).cloned();
    let Some(to) = to else { return again(web, session, NO_NUMBER).await };
    match prove(web, to, None).await {
        Ok(Sent::Yes(browser)) => (cookies::asking(web, jar, &browser), show(page)).into_response(),
        Ok(Sent::No(why)) => again(web, session, why.words()).await,
        Err(why) => away(&why),
    }
}

/// Why nothing was done.
pub(super) enum Unproved {
    /// For the person who can try again.
    Says(&'static str),
    /// Something is in the way.
    Answer(Response),
}

/// Does something when the code is right that was sent to the account itself.
pub(super) async fn proved_own(
    web: &Web,
    jar: &CookieJar,
    session: Session,
    code: String,
    then: impl FnOnce(&mut Client, Session) -> anyhow::Result<()> + Send + 'static,
) -> Result<(), Unproved> {
    let Some((browser, sign_in)) = tried(web, jar) else {
        return Err(Unproved::Says(NOT_ASKED));
    };
    let done = web.desk.ask(move |db| {
        let Some(it) = proved(db, &sign_in, &browser, &code)? else { return Ok(false) };
        if !account::addressees(db, session.account)?.contains(&it) {
            return Ok(false);
        }
        one_time_code::use_up(db, &it)?;
        if let Addressee::Number(number) = &it {
            number_change::settle(db, session.account, number)?;
        }
        then(db, session).map(|()| true)
    });
    match done.await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Unproved::Says(NOT_THE_CODE)),
        Err(why) => Err(Unproved::Answer(away(&why))),
    }
}

/// The second proof that closing an account takes: a code.
async fn ask(State(web): State<Web>, jar: CookieJar, heads: HeaderMap) -> Response {
    prove_own(&web, jar, &heads, pages::close(None)).await
}

#[derive(Deserialize)]
struct Closing {
    #[serde(default)]
    code: String,
    /// The box is ticked.
    never: Option<String>,
}

async fn close(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Closing>,
) -> Response {
    let session = match sender(&web, &jar, &heads).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let wants_none = it.never.is_some();
    let plan = move |db: &mut Client, session: Session| {
        erasure::wants_none(db, session.account, wants_none)?;
        erasure::plan(db, session.account, erasure::NOTICE_DAYS).map(drop)
    };
    match proved_own(&web, &jar, session, it.code, plan).await {
        Ok(()) => Redirect::to("/account").into_response(),
        Err(Unproved::Says(why)) => show(pages::close(Some(why))),
        Err(Unproved::Answer(it)) => it,
    }
}

async fn keep(State(web): State<Web>, jar: CookieJar, heads: HeaderMap) -> Response {
    let session = match sender(&web, &jar, &heads).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    match web.desk.ask(move |db| erasure::call_off(db, session.account)).await {
        Ok(_) => Redirect::to("/account").into_response(),
        Err(why) => away(&why),
    }
}

async fn sign_out(State(web): State<Web>, jar: CookieJar, heads: HeaderMap) -> Response {
    let session = match sender(&web, &jar, &heads).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    match web.desk.ask(move |db| web_session::close(db, session)).await {
        Ok(()) => (cookies::signed_out(&web, jar), Redirect::to("/sign-in")).into_response(),
        Err(why) => away(&why),
    }
}
