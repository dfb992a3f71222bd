//! What a signed-in person takes along, after a fresh proof.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form as Fields, Router};
use axum_extra::extract::CookieJar;
use clap::ValueEnum;
use serde::Deserialize;

use super::account::{Unproved, prove_own, proved_own, sender, signed_in};
use super::visit::{away, show};
use super::{Web, account_pages as pages, mail_address, number, recovery, terminals};
use crate::export::{self, Form};
use crate::store::{archive, web_session};

const PAGE: &str = "/account/export";

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(PAGE, get(choose))
        .route("/account/export/{form}", get(take))
        .route("/account/prove", post(ask))
        .route("/account/proved", post(prove))
}

async fn choose(State(web): State<Web>, jar: CookieJar) -> Response {
    match signed_in(&web, &jar).await {
        Ok(it) if it.is_fresh => show(pages::forms()),
        Ok(_) => show(pages::ask_proof(After::Export)),
        Err(it) => it,
    }
}

async fn take(State(web): State<Web>, Path(form): Path<String>, jar: CookieJar) -> Response {
    let session = match signed_in(&web, &jar).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    let form = Form::from_str(&form, false).ok().filter(|_| session.is_fresh);
    let Some(form) = form else { return Redirect::to(PAGE).into_response() };
    let text = web.desk.ask(move |db| export::write(&archive::read(db, session.account)?, form));
    let (media_type, name) = match form {
        Form::Json => ("application/json", "attachment; filename=\"tapcard.json\""),
        Form::Vcf => ("text/vcard; charset=utf-8", "attachment; filename=\"contacts.vcf\""),
        Form::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"contacts.csv\""),
    };
    let heads = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store"),
    ];
    match text.await {
        Ok(text) => {
            (heads.map(|(name, it)| (name, HeaderValue::from_static(it))), text).into_response()
        }
        Err(why) => away(&why),
    }
}

/// Where the way goes on after a fresh proof.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum After {
    /// To what can be taken along.
    #[default]
    Export,
    /// To the account's terminals.
    Terminals,
    /// To the ways back to the account.
    Recovery,
    /// To the mail address.
    Mail,
    /// To another number.
    Number,
}

impl After {
    /// As forms carry it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            After::Export => "export",
            After::Terminals => "terminals",
            After::Recovery => "recovery",
            After::Mail => "mail",
            After::Number => "number",
        }
    }

    const fn page(self) -> &'static str {
        match self {
            After::Export => PAGE,
            After::Terminals => terminals::PAGE,
            After::Recovery => recovery::PAGE,
            After::Mail => mail_address::PAGE,
            After::Number => number::PAGE,
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    after: After,
}

async fn ask(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Fields(it): Fields<Asked>,
) -> Response {
    prove_own(&web, jar, &heads, pages::prove(it.after, None)).await
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    code: String,
    #[serde(default)]
    after: After,
}

async fn prove(
    State(web): State<Web>,
    jar: CookieJar,
    heads: HeaderMap,
    Fields(it): Fields<Shown>,
) -> Response {
    let session = match sender(&web, &jar, &heads).await {
        Ok(it) => it,
        Err(it) => return it,
    };
    match proved_own(&web, &jar, session, it.code, web_session::refresh).await {
        Ok(()) => Redirect::to(it.after.page()).into_response(),
        Err(Unproved::Says(why)) => show(pages::prove(it.after, Some(why))),
        Err(Unproved::Answer(it)) => it,
    }
}
