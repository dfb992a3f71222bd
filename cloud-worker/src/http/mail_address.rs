//! The mail address that signs somebody in, besides the number.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use axum_extra::extract::CookieJar;
use postgres::Client;
use serde::Deserialize;

use super::account::{fresh_sender, signed_in};
use super::archive::After;
use super::sign_in::{Entered, NOT_ASKED, NOT_THE_CODE, Sent, prove, proved, tried};
use super::visit::{away, show};
use super::{SignIn, Web, account_pages, cookies, mail_address_page as pages};
use crate::addressee::{Addressee, MailAddress};
use crate::store::web_session::Session;
use crate::store::{account, mail_address, one_time_code};

pub(super) const PAGE: &str = "/account/mail";
const NO_ADDRESS: &str = "This is no mail address, such as ada@example.org.";
const IN_USE: &str = "This address cannot be taken: it signs another account in.";
const LAST: &str = "This address is all that signs you in. Add a number first.";

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(PAGE, get(look).post(ask))
        .route("/account/mail/enter", post(enter))
        .route("/account/mail/leave", post(leave))
}

async fn look(State(web): State<Web>, jar: CookieJar) -> Response {
    match signed_in(&web, &jar).await {
        Ok(it) if it.is_fresh => page(&web, it, "", None).await,
        Ok(_) => show(account_pages::ask_proof(After::Mail)),
        Err(it) => it,
    }
}

async fn page(web: &Web, session: Session, typed: &str, trouble: Option<&str>) -> Response {
    match web.desk.ask(move |db| mail_address::of(db, session.account)).await {
        Ok(it) => show(pages::choose(it.as_ref(), typed, trouble)),
        Err(why) => away(&why),
    }
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    mail: String,
}

/// Sends a code to the address.
async fn ask(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Named>,
) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Mail).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let Some(address) = MailAddress::read(&it.mail) else {
        return page(&web, session, it.mail.trim(), Some(NO_ADDRESS)).await;
    };
    match prove(&web, Addressee::Mail(address.clone()), None).await {
        Ok(Sent::Yes(browser)) => {
            (cookies::asking(&web, jar, &browser), show(pages::code(&address))).into_response()
        }
        Ok(Sent::No(why)) => page(&web, session, it.mail.trim(), Some(why.words())).await,
        Err(why) => away(&why),
    }
}

async fn enter(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Entered>,
) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Mail).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let Some((browser, sign_in)) = tried(&web, &jar) else {
        return page(&web, session, "", Some(NOT_ASKED)).await;
    };
    let done = web.desk.ask(move |db| bind(db, &sign_in, session, &browser, &it.code));
    match done.await {
        Ok(Ok(())) => Redirect::to(PAGE).into_response(),
        Ok(Err(why)) => page(&web, session, "", Some(why)).await,
        Err(why) => away(&why),
    }
}

/// Binds the address that a code proves, or says why not.
fn bind(
    db: &mut Client,
    sign_in: &SignIn,
    session: Session,
    browser: &[u8; 32],
    code: &str,
) -> anyhow::Result<Result<(), &'static str>> {
    let Some(Addressee::Mail(address)) = proved(db, sign_in, browser, code)? else {
        return Ok(Err(NOT_THE_CODE));
    };
    let mut tx = db.transaction()?;
    one_time_code::use_up(&mut tx, &Addressee::Mail(address.clone()))?;
    let is_bound = mail_address::bind(&mut tx, session.account, &address)?;
    tx.commit()?;
    Ok(is_bound.then_some(()).ok_or(IN_USE))
}

async fn leave(State(web): State<Web>, jar: CookieJar, heads: HeaderMap) -> Response {
    let session = match fresh_sender(&web, &jar, &heads, After::Mail).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let left = web.desk.ask(move |db| {
        if account::number(db, session.account)?.is_none() {
            return Ok(false);
        }
        mail_address::leave(db, session.account).map(|()| true)
    });
    match left.await {
        Ok(true) => Redirect::to(PAGE).into_response(),
        Ok(false) => page(&web, session, "", Some(LAST)).await,
        Err(why) => away(&why),
    }
}
