//! The page behind a touch: what the kiosk's mode lets a visitor see, and the way from there to a swap, by forms alone.

use axum::Form;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use jiff::Timestamp;
use maud::Markup;
use serde::Deserialize;
use tapcard_protocol::message::CardUpdate;
use tapcard_protocol::touch::TouchToken;
use tapcard_protocol::vcard::{self, Photo, Version};
use tapcard_protocol::{Card, Edition};
use tracing::error;

use super::exhibits::exhibits;
use super::forms::By;
use super::{Web, cookies, forms, pages, sign_in};
use crate::reason::reason;
use crate::store::claim::{self, Visit};
use crate::store::web_session::{self, Session};
use crate::store::{account, card, mail_address, media};

/// The pages' addresses. A code on a screen is in capitals.
pub(super) fn routes() -> Router<Web> {
    let mut routes = Router::new();
    for root in ["/T", "/t"] {
        routes = routes
            .route(&format!("{root}/{{token}}"), get(landing))
            .route(&format!("{root}/{{token}}/card.vcf"), get(save))
            .route(&format!("{root}/{{token}}/send"), get(next).post(send))
            .route(&format!("{root}/{{token}}/mail"), get(sign_in::by_mail_at_touch))
            .route(&format!("{root}/{{token}}/code"), post(sign_in::ask_at_touch))
            .route(&format!("{root}/{{token}}/enter"), post(sign_in::enter_at_touch))
            .route(&format!("{root}/{{token}}/card"), post(write_card));
    }
    routes
}

/// A touch that a request names, proved and still open, and who asks.
pub(super) struct Caller {
    pub(super) token: TouchToken,
    pub(super) visit: Visit,
    pub(super) session: Option<Session>,
    /// The visitor's card and its edition.
    pub(super) own: Option<(Edition, Card)>,
    /// The mail address that signs the visitor in, if there is one.
    pub(super) mail: Option<String>,
    /// The visitor has claimed this touch.
    pub(super) is_claimed: bool,
}

impl Caller {
    /// Where its pages are.
    pub(super) fn base(&self) -> String {
        format!("/T/{}", self.token)
    }

    /// Where its visitor signs in.
    pub(super) fn door(&self) -> forms::Door {
        forms::Door::touch(&self.visit, self.base())
    }

    /// Looks a request up.
    pub(super) async fn find(web: &Web, token: &str, jar: &CookieJar) -> Result<Caller, Response> {
        let Ok(token) = token.parse::<TouchToken>() else { return Err(gone()) };
        let cookie = cookies::session(web, jar);
        let found = web.desk.ask(move |db| {
            let Some(visit) = claim::visit(db, token)? else { return Ok(None) };
            let session = cookie.map(|it| web_session::find(db, &it)).transpose()?.flatten();
            let own = match session {
                Some(it) => account::read(db, it.account)?.current(),
                None => None,
            };
            let mail = match session {
                Some(it) => mail_address::of(db, it.account)?.map(|it| it.as_str().to_owned()),
                None => None,
            };
            let is_claimed = match session {
                Some(it) => claim::is_claimed(db, it.account, visit.owner, token)?,
                None => false,
            };
            Ok(Some(Caller { token, visit, session, own, mail, is_claimed }))
        });
        match found.await {
            Ok(Some(it)) if it.visit.is_open && (it.visit.is_free || it.is_claimed) => Ok(it),
            Ok(_) => Err(gone()),
            Err(why) => Err(away(&why)),
        }
    }
}

/// A page that nobody else may keep.
pub(super) fn show(page: Markup) -> Response {
    let heads = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (heads, Html(page.into_string())).into_response()
}

fn gone() -> Response {
    (StatusCode::GONE, show(pages::used_up())).into_response()
}

/// The database does not answer.
pub(super) fn away(why: &anyhow::Error) -> Response {
    error!("a visitor was turned away: {}", reason(why));
    let page = pages::sorry(
        "Not now",
        "Something is in the way on our side. Please try again in a minute.",
    );
    (StatusCode::SERVICE_UNAVAILABLE, show(page)).into_response()
}

/// A form that another site sent.
pub(super) fn is_foreign(heads: &HeaderMap) -> bool {
    let site = heads.get("sec-fetch-site").and_then(|it| it.to_str().ok());
    site.is_some_and(|it| it != "same-origin" && it != "none")
}

async fn landing(State(web): State<Web>, Path(token): Path<String>, jar: CookieJar) -> Response {
    match Caller::find(&web, &token, &jar).await {
        Ok(it) => {
            let card = &it.visit.card;
            let exhibits = exhibits(card, |it| web.medium(it));
            show(pages::landing(&it.visit, &it.base(), &web.pictures(card), &exhibits))
        }
        Err(it) => it,
    }
}

/// The owner's card as a file for the phone's own address book.
async fn save(State(web): State<Web>, Path(token): Path<String>, jar: CookieJar) -> Response {
    let caller = match Caller::find(&web, &token, &jar).await {
        Ok(it) if it.visit.mode.gives() => it,
        Ok(_) => return gone(),
        Err(it) => return it,
    };
    let heads = [
        (header::CONTENT_TYPE, "text/vcard; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"card.vcf\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let card = caller.visit.card;
    let name = card.portrait();
    let small = web.desk.ask(move |db| name.map_or(Ok(None), |it| media::small(db, it)));
    match small.await {
        Ok(small) => {
            let photo = small.map(|bytes| Photo { media_type: "image/jpeg".to_owned(), bytes });
            (heads, vcard::write_with(&card, photo.as_ref(), Version::V3)).into_response()
        }
        Err(why) => away(&why),
    }
}

/// What is still missing for the swap: the number, the card, or the last yes.
async fn next(State(web): State<Web>, Path(token): Path<String>, jar: CookieJar) -> Response {
    let caller = match Caller::find(&web, &token, &jar).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let (visit, base) = (&caller.visit, caller.base());
    show(match (caller.session, &caller.own) {
        (None, _) => sign_in::ask_whom(&web, &caller.door(), By::Number, "", None),
        _ if caller.is_claimed => pages::sent(visit, &base),
        (Some(_), None) if visit.mode.takes() => {
            let mail = caller.mail.as_deref().unwrap_or_default();
            pages::write_card(visit, &base, &pages::Draft { mail, ..pages::Draft::default() }, None)
        }
        (Some(session), Some((_, card))) if visit.mode.takes() => {
            let pictures = web.pictures(card);
            pages::confirm(visit, caller.token, Some((session.account, card, &pictures)))
        }
        _ => pages::confirm(visit, caller.token, None),
    })
}

/// The fields of a first card.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    name: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    mail: String,
}

async fn write_card(
    State(web): State<Web>,
    Path(token): Path<String>,
    jar: CookieJar,
    heads: HeaderMap,
    Form(it): Form<Written>,
) -> Response {
    let caller = match Caller::find(&web, &token, &jar).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let base = caller.base();
    let Some(session) = caller.session.filter(|_| !is_foreign(&heads)) else {
        return Redirect::to(&format!("{base}/send")).into_response();
    };
    let draft = pages::Draft {
        name: it.name.trim(),
        title: it.title.trim(),
        organisation: it.organisation.trim(),
        mail: it.mail.trim(),
    };
    let again = |why| show(pages::write_card(&caller.visit, &base, &draft, Some(why)));
    if draft.name.is_empty() {
        return again("A card needs a name.");
    }
    let written = [draft.name, draft.title, draft.organisation, draft.mail].map(str::to_owned);
    let saved = web.desk.ask(move |db| {
        let number = account::number(db, session.account)?;
        let [name, title, organisation, mail] = &written;
        let Ok(card) = Card::written(name, title, organisation, mail, number.as_ref()) else {
            return Ok(false);
        };
        let update = CardUpdate { base: Edition(0), card, notify: true };
        let mut tx = db.transaction()?;
        card::update(&mut tx, session.account, session.terminal, &update)?;
        tx.commit()?;
        Ok(true)
    });
    match saved.await {
        Ok(true) => Redirect::to(&format!("{base}/send")).into_response(),
        Ok(false) => again("This cannot be stored. Please write it shorter."),
        Err(why) => away(&why),
    }
}

async fn send(
    State(web): State<Web>,
    Path(token): Path<String>,
    jar: CookieJar,
    heads: HeaderMap,
) -> Response {
    let caller = match Caller::find(&web, &token, &jar).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let (token, owner) = (caller.token, caller.visit.owner);
    let is_ready = caller.own.is_some() || !caller.visit.mode.takes();
    let Some(visitor) = caller.session.filter(|_| is_ready && !is_foreign(&heads)) else {
        return Redirect::to(&format!("{}/send", caller.base())).into_response();
    };
    if visitor.account == owner {
        let text = "You are signed in as the owner of this kiosk.";
        return show(pages::sorry("This is your own card", text));
    }
    let claimed = web.desk.ask(move |db| claim::claim(db, token, owner, visitor, Timestamp::now()));
    match claimed.await {
        Ok(true) => show(pages::sent(&caller.visit, &caller.base())),
        Ok(false) => gone(),
        Err(why) => away(&why),
    }
}
