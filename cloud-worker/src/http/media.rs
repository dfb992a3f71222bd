//! Uploading and serving what cards refer to: pictures, animations, films and documents.

mod part;
pub(super) mod uploads;

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_extra::extract::CookieJar;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tapcard_protocol::AccountId;
use tapcard_protocol::card::MediaName;
use tokio::time::timeout;

use super::visit::{away, is_foreign};
use super::{Web, cookies};
use crate::keys;
use crate::media::{Form, MAX_SENT, Medium, apart};
use crate::store::media::Stored;
use crate::store::{self, terminal, web_session};
use part::part;

/// Why nothing more is stored.
const FULL: &str = "Your account holds as many pictures and films as it may. What no card shows is dropped after a day.";
/// Why a file was not read.
pub(super) const NOT_WHOLE: &str =
    "Not all of it has come, or the file is larger than 20 MB. Please try again.";
/// Why it has to wait.
pub(super) const BUSY: &str = "Another file is on its way. Please try again in a minute.";
/// How long a file may take to come.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);
/// A browser need not ask again: what a name stands for never changes.
const KEPT: &str = "private, max-age=31536000, immutable";

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    Router::new().route("/media", post(upload)).route("/media/{name}", get(serve))
}

/// Whose terminal asks, by its browser's session or by its token.
pub(super) async fn asker(
    web: &Web,
    jar: &CookieJar,
    heads: &HeaderMap,
) -> Result<Option<AccountId>, Response> {
    let (cookie, token) = (cookies::session(web, jar), bearer(heads));
    let folder = web.keys.clone();
    let found = web.desk.ask(move |db| {
        if let Some(cookie) = cookie
            && let Some(session) = web_session::find(db, &cookie)?
        {
            return Ok(Some(session.account));
        }
        let Some(token) = token else { return Ok(None) };
        match keys::terminal_of(&folder, &token, Timestamp::now())? {
            Some((terminal, signed_at)) => terminal::account_of(db, terminal, signed_at),
            None => Ok(None),
        }
    });
    found.await.map_err(|why| away(&why))
}

/// The token that comes with a request.
pub(super) fn bearer(heads: &HeaderMap) -> Option<String> {
    let head = heads.get(header::AUTHORIZATION)?.to_str().ok()?;
    head.strip_prefix("Bearer ").map(str::to_owned)
}

async fn upload(State(web): State<Web>, jar: CookieJar, heads: HeaderMap, sent: Body) -> Response {
    let account = match asker(&web, &jar, &heads).await {
        Ok(Some(it)) if !is_foreign(&heads) => it,
        Ok(_) => return StatusCode::UNAUTHORIZED.into_response(),
        Err(it) => return it,
    };
    // Nothing is read of strangers.
    let Some(_place) = web.uploads.enter(account) else {
        return (StatusCode::TOO_MANY_REQUESTS, BUSY).into_response();
    };
    let sent = match timeout(PATIENCE, to_bytes(sent, MAX_SENT)).await {
        Ok(Ok(it)) => it.to_vec(),
        _ => return (StatusCode::PAYLOAD_TOO_LARGE, NOT_WHOLE).into_response(),
    };
    match keep(&web, account, sent, anything).await {
        Ok(Ok((name, it))) => Json(json!({
            "reference": name.reference(), "mediaType": it.form.media_type(), "size": it.bytes.len(),
            "sha256": HEXLOWER.encode(&Sha256::digest(&it.bytes)),
        }))
        .into_response(),
        Ok(Err(why)) => (StatusCode::UNPROCESSABLE_ENTITY, why + "\n").into_response(),
        Err(why) => away(&why),
    }
}

/// What there is against a kind of file.
pub(super) type Judge = fn(Form) -> Result<(), &'static str>;

/// Everything that can be made harmless.
pub(super) fn anything(_: Form) -> Result<(), &'static str> {
    Ok(())
}

/// Makes a file harmless and stores it, if `may_be` has nothing against what it is; or says why not, for the person who
/// sent it.
pub(super) async fn keep(
    web: &Web,
    account: AccountId,
    sent: Vec<u8>,
    may_be: Judge,
) -> anyhow::Result<Result<(MediaName, Medium), String>> {
    let medium = {
        // So many at once: each may take a processor and much memory.
        let _place = web.studio.acquire().await?;
        match apart::take_apart(sent).await? {
            Ok(it) => it,
            Err(why) => return Ok(Err(why.to_string())),
        }
    };
    if let Err(why) = may_be(medium.form) {
        return Ok(Err(why.to_owned()));
    }
    let stored = web.desk.ask(move |db| Ok((store::media::add(db, account, &medium)?, medium)));
    let (name, medium) = stored.await?;
    Ok(name.map(|it| (it, medium)).ok_or_else(|| FULL.to_owned()))
}

#[derive(Deserialize)]
struct Proof {
    #[serde(default)]
    until: i64,
    #[serde(default)]
    proof: String,
}

async fn serve(
    State(web): State<Web>,
    Path(name): Path<String>,
    Query(it): Query<Proof>,
    jar: CookieJar,
    heads: HeaderMap,
) -> Response {
    let Ok(name) = name.parse::<MediaName>() else { return StatusCode::NOT_FOUND.into_response() };
    if !web.links.opens(name, it.until, &it.proof, Timestamp::now()) {
        match asker(&web, &jar, &heads).await {
            Ok(Some(_)) => {}
            // The same whether there is such a picture.
            Ok(None) => return StatusCode::NOT_FOUND.into_response(),
            Err(it) => return it,
        }
    }
    match web.desk.ask(move |db| store::media::find(db, name)).await {
        Ok(Some(it)) => answer(it, &heads),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(why) => away(&why),
    }
}

/// The whole, or the part that a player asks for.
fn answer(it: Stored, heads: &HeaderMap) -> Response {
    let disposition = if it.media_type == "application/pdf" { "attachment" } else { "inline" };
    let fixed = [
        (header::CONTENT_TYPE, it.media_type),
        (header::CONTENT_DISPOSITION, disposition.to_owned()),
        (header::CACHE_CONTROL, KEPT.to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    let range = heads.get(header::RANGE).and_then(|it| it.to_str().ok());
    let Some(range) = range.and_then(|asked| part(asked, it.bytes.len())) else {
        return (fixed, it.bytes).into_response();
    };
    let told = format!("bytes {}-{}/{}", range.start, range.end - 1, it.bytes.len());
    let body = it.bytes[range].to_vec();
    (StatusCode::PARTIAL_CONTENT, fixed, [(header::CONTENT_RANGE, told)], body).into_response()
}
