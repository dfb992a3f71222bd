//! Where kiosks redeem their codes, find their owners and fetch their tokens.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use postgres::Client;
use tapcard_protocol::access::Party;
use tapcard_protocol::enrolment::{
    ASK_OWNER, Answer, AskNonce, AskOwner, AskToken, Base64, LEAVE, MAX_CLIENT, MAX_NAME, NONCE,
    NoOwner, Nonce, Owner, PROVE_OWNER, ProveOwner, REDEEM, Redeem, TOKEN, signed,
};
use tracing::{error, info};

use super::Web;
use super::media::bearer;
use super::sign_in::{self, NotSent, Sent};
use crate::addressee::Addressee;
use crate::keys;
use crate::one_time;
use crate::reason::reason;
use crate::store::enrolment::{self, Redeemed};
use crate::store::kiosk_owner::{self, Kiosk};
use crate::store::{terminal, wipe_order};

/// How long a kiosk's token lasts; it fetches the next one before.
const LIFE: SignedDuration = SignedDuration::from_hours(1);
/// Most characters of the place where a kiosk stands.
const MAX_PLACE: usize = 200;

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route(REDEEM, post(redeem))
        .route(NONCE, post(nonce))
        .route(TOKEN, post(token))
        .route(ASK_OWNER, post(ask_owner))
        .route(PROVE_OWNER, post(prove_owner))
        .route(LEAVE, post(leave))
}

fn answered(answer: anyhow::Result<Answer>) -> Response {
    match answer {
        Ok(it @ Answer::Refused) => (StatusCode::FORBIDDEN, Json(it)).into_response(),
        Ok(it) => Json(it).into_response(),
        Err(why) => {
            error!("a kiosk was turned away: {}", reason(&why));
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn redeem(State(web): State<Web>, Json(it): Json<Redeem>) -> Response {
    let sealed = one_time::sealed_enrolment(&web.codes, it.terminal, &it.code);
    let done = web.desk.ask(move |db| enrolment::redeem(db, it.terminal, &sealed, &it.key));
    answered(done.await.map(|done| {
        info!(terminal.id = %it.terminal, ?done, "a kiosk showed a code");
        match done {
            Redeemed::Waiting => Answer::Waiting,
            Redeemed::Enrolled => Answer::Enrolled,
            Redeemed::Refused => Answer::Refused,
        }
    }))
}

fn said(answer: anyhow::Result<Owner>) -> Response {
    match answer {
        Ok(it @ Owner::Refused { .. }) => (StatusCode::FORBIDDEN, Json(it)).into_response(),
        Ok(it) => Json(it).into_response(),
        Err(why) => {
            error!("a kiosk that looks for its owner was turned away: {}", reason(&why));
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn refused(why: NoOwner) -> Owner {
    Owner::Refused { why }
}

/// A kiosk that is nobody's asks as a browser at the front door does, under the same limits.
async fn ask_owner(State(web): State<Web>, Json(it): Json<AskOwner>) -> Response {
    let Some(to) = Addressee::read(&it.to) else { return said(Ok(refused(NoOwner::Unreadable))) };
    said(sign_in::prove(&web, to, None).await.map(|sent| match sent {
        Sent::Yes(asked) => Owner::Asked { asked: Base64(asked) },
        Sent::No(NotSent::TooMany) => refused(NoOwner::TooMany),
        Sent::No(NotSent::NoWay) => refused(NoOwner::Unreached),
    }))
}

/// Whoever types the code stands before this very kiosk, so nothing is left to be compared.
async fn prove_owner(State(web): State<Web>, Json(it): Json<ProveOwner>) -> Response {
    let Some(sign_in) = web.sign_in.clone() else { return said(Ok(refused(NoOwner::Unreached))) };
    let place: String = it.place.chars().filter(|it| !it.is_control()).take(MAX_PLACE).collect();
    let done =
        web.desk.ask(move |db| match sign_in::proved(db, &sign_in, &it.asked.0, &it.code)? {
            Some(to) => kiosk_owner::open(db, &sign_in.numbers, &to, (&it.key, &place)).map(Some),
            None => Ok(None),
        });
    said(done.await.map(|done| match done {
        Some(Kiosk::Open(account, terminal)) => {
            info!(account.id = %account, terminal.id = %terminal, "a kiosk has found its owner");
            Owner::Found { account, terminal }
        }
        Some(Kiosk::Slept) => refused(NoOwner::Slept),
        None => refused(NoOwner::NotTheCode),
    }))
}

/// Anybody may draw one; it is worth nothing without the key.
async fn nonce(State(web): State<Web>, Json(it): Json<AskNonce>) -> Response {
    Json(Nonce { nonce: web.nonces.draw(it.terminal, Timestamp::now()) }).into_response()
}

async fn token(State(web): State<Web>, Json(it): Json<AskToken>) -> Response {
    if !web.nonces.counts(it.terminal, &it.nonce, Timestamp::now()) {
        return answered(Ok(Answer::Refused));
    }
    let (folder, order_key) = (web.keys.clone(), Some(web.orders.public()));
    let done = web.desk.ask(move |db| {
        let Some(keyed) = enrolment::keyed(db, it.terminal)? else { return ended(db, &it) };
        if !keys::is_signed(&keyed.key, &signed(it.terminal, &it.nonce), &it.signature) {
            return Ok(Answer::Refused);
        }
        if !keyed.is_confirmed {
            return Ok(Answer::Waiting);
        }
        let line = |text: &str, most| -> String {
            text.chars().filter(|it| !it.is_control()).take(most).collect()
        };
        let (client, name) = (line(&it.client, MAX_CLIENT), line(&it.name, MAX_NAME));
        enrolment::heard(db, it.terminal, (&client, &name))?;
        let party =
            Party::Terminal { kind: keyed.kind, account: keyed.account, terminal: it.terminal };
        let token = keys::terminal_token(&folder, &party, LIFE)?;
        Ok(Answer::Token { token, life: LIFE.as_secs().unsigned_abs(), order_key })
    });
    answered(done.await)
}

/// What a terminal hears that is switched off. One that was erased may have missed that it has handed over everything.
fn ended(db: &mut Client, it: &AskToken) -> anyhow::Result<Answer> {
    let Some((account, key)) = enrolment::ended(db, it.terminal)? else {
        return Ok(Answer::Refused);
    };
    let is_itself = keys::is_signed(&key, &signed(it.terminal, &it.nonce), &it.signature);
    let is_erased = is_itself && wipe_order::is_done(db, account, it.terminal)?;
    Ok(if is_erased { Answer::Erased } else { Answer::Refused })
}

/// A kiosk is nobody's again.
async fn leave(State(web): State<Web>, heads: HeaderMap) -> Response {
    let Some(token) = bearer(&heads) else { return StatusCode::UNAUTHORIZED.into_response() };
    let folder = web.keys.clone();
    let left = web.desk.ask(move |db| {
        let asking = keys::terminal_of(&folder, &token, Timestamp::now())?;
        let Some((terminal, signed_at)) = asking else { return Ok(None) };
        let Some(account) = terminal::account_of(db, terminal, signed_at)? else { return Ok(None) };
        Ok(enrolment::end(db, account, terminal)?.then_some(terminal))
    });
    match left.await {
        Ok(Some(terminal)) => {
            info!(terminal.id = %terminal, "a kiosk has left its owner");
            Json(()).into_response()
        }
        Ok(None) => StatusCode::UNAUTHORIZED.into_response(),
        Err(why) => {
            error!("a kiosk could not leave: {}", reason(&why));
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
