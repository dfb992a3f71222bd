//! Signing in by a one-time code, at a touch or at the front door.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use axum_extra::extract::CookieJar;
use jiff::SignedDuration;
use maud::Markup;
use postgres::Client;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::touch::TouchToken;
use tokio::task::spawn_blocking;

use super::forms::By;
use super::visit::{Caller, away, is_foreign, show};
use super::{SignIn, Web, cookies, forms, recovery_page};
use crate::addressee::Addressee;
use crate::store::one_time_code;
use crate::store::web_session::{self, SignIn as Answer};
use crate::{draw, keys, one_time};

/// How long the page's token lasts that a signed-in browser goes on with.
const PAGE_LIFE: SignedDuration = SignedDuration::from_hours(24);
const NOBODY: &str =
    "Please begin with + and the country code, such as +44, or write a mail address.";
const TOO_MANY: &str = "Too many codes were asked for. Please try again in an hour.";
const NO_CODES: &str = "Codes cannot be sent here. Please tell the staff.";
pub(super) const FOREIGN: &str = "Please send the form from this page.";
pub(super) const NOT_ASKED: &str = "This browser did not ask for a code, or it is too long ago.";
pub(super) const NOT_THE_CODE: &str =
    "This is not the code, or it is used up. Five tries and five minutes are all there is.";

/// The front door, for people who bring no touch.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/me", get(me))
        .route("/sign-in", get(by_number))
        .route("/sign-in/mail", get(by_mail))
        .route("/sign-in/code", post(ask))
        .route("/sign-in/enter", post(enter))
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    to: String,
}

async fn by_number(State(web): State<Web>) -> Response {
    show(ask_whom(&web, &forms::Door::front(), By::Number, "", None))
}

async fn by_mail(State(web): State<Web>) -> Response {
    show(ask_whom(&web, &forms::Door::front(), By::Mail, "", None))
}

/// The same, at a touch.
pub(super) async fn by_mail_at_touch(
    State(web): State<Web>,
    Path(token): Path<String>,
    jar: CookieJar,
) -> Response {
    match Caller::find(&web, &token, &jar).await {
        Ok(caller) => show(ask_whom(&web, &caller.door(), By::Mail, "", None)),
        Err(it) => it,
    }
}

/// The form that asks where a code is to go.
pub(super) fn ask_whom(
    web: &Web,
    door: &forms::Door,
    by: By,
    typed: &str,
    trouble: Option<&str>,
) -> Markup {
    let has_both = web.sign_in.as_ref().is_some_and(|it| it.post.has_both());
    forms::ask(door, by, typed, trouble, has_both)
}

#[derive(Deserialize)]
pub(super) struct Entered {
    #[serde(default)]
    pub(super) code: String,
}

/// Where somebody is who signs in, and where the way leads from there.
struct Place {
    door: forms::Door,
    touch: Option<TouchToken>,
    next: String,
}

impl Place {
    fn touch(caller: &Caller) -> Place {
        let next = format!("{}/send", caller.base());
        Place { door: caller.door(), touch: Some(caller.token), next }
    }

    fn front() -> Place {
        Place { door: forms::Door::front(), touch: None, next: "/account".to_owned() }
    }
}

async fn ask(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Asked>,
) -> Response {
    send_code(&web, Place::front(), jar, &heads, &it.to).await
}

async fn enter(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Entered>,
) -> Response {
    take_code(&web, Place::front(), jar, &heads, it.code).await
}

/// The same, at a touch.
pub(super) async fn ask_at_touch(
    State(web): State<Web>,
    Path(token): Path<String>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Asked>,
) -> Response {
    match Caller::find(&web, &token, &jar).await {
        Ok(caller) => send_code(&web, Place::touch(&caller), jar, &heads, &it.to).await,
        Err(it) => it,
    }
}

/// The same, at a touch.
pub(super) async fn enter_at_touch(
    State(web): State<Web>,
    Path(token): Path<String>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Entered>,
) -> Response {
    match Caller::find(&web, &token, &jar).await {
        Ok(caller) => take_code(&web, Place::touch(&caller), jar, &heads, it.code).await,
        Err(it) => it,
    }
}

/// Sends a code. The answer is the same whether the number or address is known or not.
async fn send_code(
    web: &Web,
    place: Place,
    jar: CookieJar,
    heads: &HeaderMap,
    to: &str,
) -> Response {
    let by = if to.contains('@') { By::Mail } else { By::Number };
    let again = |why| show(ask_whom(web, &place.door, by, to.trim(), Some(why)));
    if is_foreign(heads) {
        return again(FOREIGN);
    }
    let Some(to) = Addressee::read(to) else { return again(NOBODY) };
    match prove(web, to, place.touch).await {
        Ok(Sent::Yes(browser)) => {
            let page = show(forms::ask_code(&place.door, None));
            (cookies::asking(web, jar, &browser), page).into_response()
        }
        Ok(Sent::No(why)) => again(why.words()),
        Err(why) => away(&why),
    }
}

/// Whether a code is on its way.
pub(super) enum Sent {
    /// What the browser must show with it.
    Yes([u8; 32]),
    /// Why not.
    No(NotSent),
}

/// Why no code is on its way.
#[derive(Clone, Copy)]
pub(super) enum NotSent {
    /// Too many were asked for.
    TooMany,
    /// No way is set up.
    NoWay,
}

impl NotSent {
    /// What a page says.
    pub(super) fn words(self) -> &'static str {
        match self {
            NotSent::TooMany => TOO_MANY,
            NotSent::NoWay => NO_CODES,
        }
    }
}

/// Sends a code to a number or a mail address if one more may be sent. It is kept first: a code that nobody gets does no
/// harm.
///
/// # Errors
/// Fails with the database or the messages' way.
pub(super) async fn prove(
    web: &Web,
    to: Addressee,
    touch: Option<TouchToken>,
) -> anyhow::Result<Sent> {
    let sign_in = web.sign_in.clone().filter(|it| it.post.reaches(&to));
    let Some(sign_in) = sign_in else { return Ok(Sent::No(NotSent::NoWay)) };
    let browser: [u8; 32] = draw::bytes();
    let (keeper, whom) = (sign_in.clone(), to.clone());
    let kept = web.desk.ask(move |db| keep(db, &keeper, &browser, &whom, touch)).await?;
    let Some(code) = kept else { return Ok(Sent::No(NotSent::TooMany)) };
    let text = one_time::text(&code, &sign_in.host);
    let sent = spawn_blocking(move || sign_in.post.send(&to, one_time::SUBJECT, &text));
    sent.await??;
    Ok(Sent::Yes(browser))
}

/// Draws a code and keeps what is stored of it, if one more may be sent.
fn keep(
    db: &mut Client,
    sign_in: &SignIn,
    browser: &[u8; 32],
    to: &Addressee,
    touch: Option<TouchToken>,
) -> anyhow::Result<Option<String>> {
    let mut tx = db.transaction()?;
    let asked = one_time_code::asked(&mut tx, to, touch)?;
    let (as_sms, as_mail) = sign_in.codes_a_day;
    let budget = if matches!(to, Addressee::Mail(_)) { as_mail } else { as_sms };
    if !one_time::may_ask(&asked, budget.into()) {
        return Ok(None);
    }
    let (code, browser) = (one_time::code(draw::number()), &Sha256::digest(browser)[..]);
    let sealed = one_time::sealed(&sign_in.key, browser, to, &code);
    one_time_code::add(&mut tx, browser, to, touch, &sealed)?;
    tx.commit()?;
    Ok(Some(code))
}

/// Takes a code, and signs the browser in.
async fn take_code(
    web: &Web,
    place: Place,
    jar: CookieJar,
    heads: &HeaderMap,
    code: String,
) -> Response {
    let again = |why| show(forms::ask_code(&place.door, Some(why)));
    let Some((browser, sign_in)) = tried(web, &jar).filter(|_| !is_foreign(heads)) else {
        return again(NOT_ASKED);
    };
    let known = cookies::session(web, &jar);
    let opened = web.desk.ask(move |db| match proved(db, &sign_in, &browser, &code)? {
        Some(Addressee::Number(number)) => {
            let known = known.as_ref().map(<[u8; 32]>::as_slice);
            web_session::open(db, &sign_in.numbers, &number, known).map(Some)
        }
        Some(Addressee::Mail(address)) => {
            web_session::open_by_mail(db, &address).map(|it| Some(Answer::Open(it)))
        }
        None => Ok(None),
    });
    match opened.await {
        Ok(Some(Answer::Open(secret))) => {
            (cookies::signed_in(web, jar, &secret), Redirect::to(&place.next)).into_response()
        }
        Ok(Some(Answer::Disputed(until))) => show(recovery_page::disputed(until)),
        Ok(None) => again(NOT_THE_CODE),
        Err(why) => away(&why),
    }
}

/// The browser that asked for a code, and by what it is looked up.
pub(super) fn tried(web: &Web, jar: &CookieJar) -> Option<([u8; 32], SignIn)> {
    Some((cookies::asked(web, jar)?, web.sign_in.clone()?))
}

/// One try at a code: what it proves.
///
/// # Errors
/// Fails with the database.
pub(super) fn proved(
    db: &mut Client,
    sign_in: &SignIn,
    browser: &[u8; 32],
    code: &str,
) -> anyhow::Result<Option<Addressee>> {
    let browser = &Sha256::digest(browser)[..];
    let Some((to, stored)) = one_time_code::try_once(db, browser)? else { return Ok(None) };
    let fits = one_time::fits(&sign_in.key, browser, &to, code, &stored);
    Ok(fits.then_some(to))
}

/// A signed-in browser goes on to its own page.
async fn me(State(web): State<Web>, jar: CookieJar) -> Response {
    let Some(cookie) = cookies::session(&web, &jar) else {
        return Redirect::to("/").into_response();
    };
    let found = web.desk.ask(move |db| web_session::find(db, &cookie)).await;
    let session = match found {
        Ok(Some(it)) => it,
        Ok(None) => return Redirect::to("/").into_response(),
        Err(why) => return away(&why),
    };
    let (account, terminal) = (session.account, session.terminal);
    let party = Party::Terminal { kind: Kind::Phone, account, terminal };
    match keys::terminal_token(&web.keys, &party, PAGE_LIFE) {
        Ok(token) => Redirect::to(&format!("/#token={token}")).into_response(),
        Err(why) => away(&why),
    }
}
