//! The web part: the phone's page and what it must know to begin, and the page behind a touch.

mod account;
mod account_pages;
mod archive;
mod cookies;
mod desk;
mod enrolment;
mod exhibits;
mod face;
mod forms;
mod mail_address;
mod mail_address_page;
mod mail_export;
mod media;
mod number;
mod number_page;
mod own_card;
mod own_card_form;
mod own_card_page;
mod pages;
mod recovery;
mod recovery_page;
mod remainder;
mod sealed;
mod sign_in;
mod terminals;
mod terminals_page;
mod visit;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use rust_embed::RustEmbed;
use serde_json::json;
use tapcard_protocol::Card;
use tapcard_protocol::card::MediaName;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tracing::info;

use crate::config::Config;
use crate::keys::{self, OrderKey};
use crate::media_link::LinkKey;
use crate::nonce::NonceKey;
use crate::number_key::NumberKey;
use crate::one_time;
use crate::post::Post;
use desk::Desk;
use face::Pictures;
use media::uploads::Uploads;
use sealed::Sealed;

/// The page, as `make phone` puts it together.
#[derive(RustEmbed)]
#[folder = "../target/phone/dist"]
struct Page;

/// How many files are made harmless at the same time.
const STUDIOS: usize = 2;
/// How many recovery codes are hashed at the same time.
const HASHES: usize = 2;
/// Most bytes of a form.
const MAX_FORM: usize = 8 * 1024;
/// Nothing but our own files and, at `connect-src`, the broker; no other page may frame this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'; connect-src 'self'";

/// Serves until the program ends.
///
/// # Errors
/// Fails when the address cannot be bound.
pub(crate) async fn run(config: Config) -> anyhow::Result<()> {
    let web = Web::open(&config)?;
    let config = config.http;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("the web address {} cannot be used", config.listen))?;
    let address = listener.local_addr().context("asking for the web address")?;
    if let Some(path) = &config.address_file {
        let draft = path.with_extension("new");
        tokio::fs::write(&draft, address.to_string())
            .await
            .context("writing the web address down")?;
        tokio::fs::rename(&draft, path).await.context("writing the web address down")?;
    }
    info!(%address, "serving the phone's page");
    axum::serve(listener, routes(web)).await.context("serving")
}

/// What every page may need.
#[derive(Clone)]
struct Web {
    /// The broker's URL as a browser sees it.
    broker: String,
    desk: Desk,
    /// The folder of key files.
    keys: PathBuf,
    /// Browsers come over TLS.
    is_secure: bool,
    /// What opens pictures without a session.
    links: LinkKey,
    /// What kiosks sign.
    nonces: NonceKey,
    /// What signs orders to erase a kiosk.
    orders: OrderKey,
    /// What such a kiosk hands over.
    sealed: Sealed,
    /// Under which codes are stored.
    codes: one_time::Key,
    /// Places for files that are being made harmless.
    studio: Arc<Semaphore>,
    /// Places for files that come in.
    uploads: Uploads,
    /// Places for hashes of recovery codes.
    hashes: Arc<Semaphore>,
    /// How people sign in, if they can.
    sign_in: Option<SignIn>,
    /// Where people come to, such as `https://cards.example.org`.
    url: String,
    /// Whose kiosks let mails be sent lately.
    mailed: mail_export::Pace,
}

/// How people sign in.
#[derive(Clone)]
struct SignIn {
    post: Post,
    key: one_time::Key,
    /// How barred numbers are remembered.
    numbers: NumberKey,
    /// Most codes of a day, as text messages and as mail.
    codes_a_day: (u32, u32),
    /// The host that a message names.
    host: String,
}

impl Web {
    fn open(config: &Config) -> anyhow::Result<Web> {
        let url = &config.http.url;
        let host = origin(url).rsplit('/').next().unwrap_or_default();
        let codes = keys::codes(&config.keys)?;
        let sign_in = match Post::open(config)? {
            Some(post) => Some(SignIn {
                post,
                key: codes.clone(),
                numbers: keys::numbers(&config.keys)?,
                codes_a_day: (
                    config.sms.as_ref().map_or(0, |it| it.codes_a_day),
                    config.mail.as_ref().map_or(0, |it| it.codes_a_day),
                ),
                host: host.to_owned(),
            }),
            None => None,
        };
        let desk = Desk::open(config.http.postgres.as_ref().unwrap_or(&config.postgres))?;
        Ok(Web {
            broker: config.http.broker.clone(),
            sealed: Sealed::open(config, &desk)?,
            desk,
            orders: keys::orders(&config.keys)?,
            keys: config.keys.clone(),
            is_secure: url.starts_with("https://"),
            links: keys::links(&config.keys)?,
            nonces: keys::nonces(&config.keys)?,
            codes,
            studio: Arc::new(Semaphore::new(STUDIOS)),
            uploads: Uploads::default(),
            hashes: Arc::new(Semaphore::new(HASHES)),
            sign_in,
            url: origin(url).to_owned(),
            mailed: mail_export::Pace::default(),
        })
    }
}

impl Web {
    /// Where a page finds a medium, for an hour.
    fn medium(&self, name: MediaName) -> String {
        self.links.link(name, Timestamp::now())
    }

    /// Where a page finds the pictures of a card's face, for an hour.
    fn pictures(&self, card: &Card) -> Pictures {
        Pictures::of(card, |it| self.medium(it))
    }
}

fn routes(web: Web) -> Router {
    let policy = HeaderValue::try_from(format!("{POLICY} {}", origin(&web.broker)))
        .unwrap_or(HeaderValue::from_static(POLICY));
    Router::new()
        .route("/", get(|| async { file("index.html") }))
        .route("/config.json", get(settings))
        .route("/healthz", get(|| async { "ok\n" }))
        .merge(account::routes())
        .merge(archive::routes())
        .merge(enrolment::routes())
        .merge(mail_address::routes())
        .merge(mail_export::routes())
        .merge(media::routes())
        .merge(number::routes())
        .merge(own_card::routes())
        .merge(recovery::routes())
        .merge(sealed::routes())
        .merge(sign_in::routes())
        .merge(terminals::routes())
        .merge(visit::routes())
        .route("/{*path}", get(|Path(path): Path<String>| async move { file(&path) }))
        .with_state(web)
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(middleware::from_fn(remainder::drain))
        .layer(middleware::map_response(move |mut response: Response| {
            let policy = policy.clone();
            async move {
                let heads = response.headers_mut();
                heads.insert(header::CONTENT_SECURITY_POLICY, policy);
                heads.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
                heads.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
                let no_cache = HeaderValue::from_static("no-cache");
                heads.entry(header::CACHE_CONTROL).or_insert(no_cache);
                response
            }
        }))
}

/// Scheme, host and port of a URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |it| it + 3);
    url[host..].find('/').map_or(url, |path| &url[..host + path])
}

async fn settings(State(web): State<Web>) -> Response {
    answer("application/json", json!({ "broker": web.broker }).to_string().into_bytes())
}

fn file(path: &str) -> Response {
    match Page::get(path) {
        Some(it) => answer(media_type(path), it.data.into_owned()),
        None => (StatusCode::NOT_FOUND, "there is nothing here\n").into_response(),
    }
}

fn answer(media_type: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, media_type)], body).into_response()
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_may_speak_to_the_brokers_host_and_no_further() {
        assert_eq!(origin("wss://mqtt.example:8084/mqtt"), "wss://mqtt.example:8084");
        assert_eq!(origin("ws://127.0.0.1:8083"), "ws://127.0.0.1:8083");
        assert!(
            HeaderValue::try_from(format!("{POLICY} {}", origin("wss://mqtt.example/mqtt")))
                .is_ok()
        );
    }
}
