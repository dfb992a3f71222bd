//! Where a kiosk that was erased from afar hands over what it had not sent.

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jiff::Timestamp;
use tapcard_protocol::wipe::{MAX_SEALED, SEALED, Unsent};
use tapcard_protocol::{AccountId, TerminalId};
use tokio::time::timeout;
use tracing::{error, info, warn};

use super::Web;
use super::desk::Desk;
use super::media::{PATIENCE, bearer};
use crate::config::{Config, Limits};
use crate::ingest;
use crate::keys::{self, SealedKey};
use crate::number_key::NumberKey;
use crate::reason::reason;
use crate::store::identifier::{Haste, Rules};
use crate::store::{terminal, wipe_order};

/// What opens boxes and takes in what is in them.
#[derive(Clone)]
pub(super) struct Sealed {
    key: SealedKey,
    /// Tasks are written with the rights of the part that takes them in, whatever the web part may do.
    desk: Desk,
    numbers: NumberKey,
    limits: Limits,
}

impl Sealed {
    /// As the settings say; `desk` is the web part's own.
    pub(super) fn open(config: &Config, desk: &Desk) -> anyhow::Result<Sealed> {
        let desk = match config.http.postgres {
            Some(_) => Desk::open(&config.postgres)?,
            None => desk.clone(),
        };
        let (key, numbers) = (keys::sealed(&config.keys)?, keys::numbers(&config.keys)?);
        Ok(Sealed { key, desk, numbers, limits: config.limits })
    }

    /// Takes tasks in as if they had come from the broker. They are durable then, and those that had come before do nothing.
    async fn take_in(&self, terminal: TerminalId, tasks: Vec<String>) -> anyhow::Result<()> {
        let (numbers, limits) = (self.numbers.clone(), self.limits);
        let write = move |db: &mut postgres::Client| {
            let rules = Rules { key: &numbers, limits, haste: Haste::Yes };
            ingest::take_in(db, rules, terminal, tasks)
        };
        self.desk.ask(write).await
    }
}

/// The address.
pub(super) fn routes() -> Router<Web> {
    Router::new().route(SEALED, post(hand_over))
}

async fn hand_over(State(web): State<Web>, heads: HeaderMap, sent: Body) -> Response {
    match take(&web, &heads, sent).await {
        Ok(Ok(())) => Json(()).into_response(),
        Ok(Err(status)) => status.into_response(),
        Err(why) => {
            error!("a kiosk could not hand over what it had sealed: {}", reason(&why));
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Takes one box in, or says why not.
async fn take(web: &Web, heads: &HeaderMap, sent: Body) -> anyhow::Result<Result<(), StatusCode>> {
    // Nothing is read of strangers.
    let Some((account, terminal)) = kiosk(web, heads).await? else {
        return Ok(Err(StatusCode::UNAUTHORIZED));
    };
    let Ok(Ok(sealed)) = timeout(PATIENCE, to_bytes(sent, MAX_SEALED)).await else {
        return Ok(Err(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let unsent = web.sealed.key.open(&sealed).filter(|it| it.terminal == terminal);
    let Some(Unsent { nonce, is_last, tasks, .. }) = unsent else {
        warn!(terminal.id = %terminal, "a kiosk handed over what cannot be opened");
        return Ok(Err(StatusCode::UNPROCESSABLE_ENTITY));
    };
    let is_given =
        move |db: &mut postgres::Client| wipe_order::is_given(db, account, terminal, &nonce);
    if !web.desk.ask(is_given).await? {
        warn!(terminal.id = %terminal, "a kiosk handed over what nobody has asked for");
        return Ok(Err(StatusCode::UNPROCESSABLE_ENTITY));
    }
    let n_tasks = tasks.len();
    web.sealed.take_in(terminal, tasks).await?;
    if is_last {
        web.desk.ask(move |db| wipe_order::done(db, account, terminal)).await?;
    }
    info!(terminal.id = %terminal, n_tasks, is_last, "a kiosk that is erased handed over what it had not sent");
    Ok(Ok(()))
}

/// Which kiosk asks, and whose it is; none if its token does not count.
async fn kiosk(web: &Web, heads: &HeaderMap) -> anyhow::Result<Option<(AccountId, TerminalId)>> {
    let Some(token) = bearer(heads) else { return Ok(None) };
    let folder = web.keys.clone();
    let found = web.desk.ask(move |db| {
        let asking = keys::terminal_of(&folder, &token, Timestamp::now())?;
        let Some((terminal, signed_at)) = asking else { return Ok(None) };
        let account = terminal::account_of(db, terminal, signed_at)?;
        Ok(account.map(|it| (it, terminal)))
    });
    found.await
}
