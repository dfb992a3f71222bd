//! Where kiosks redeem their codes and fetch their tokens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use tapcard_protocol::access::Party;
use tapcard_protocol::enrolment::{
    Answer, AskNonce, AskToken, MAX_CLIENT, NONCE, Nonce, REDEEM, Redeem, TOKEN, signed,
};
use tracing::{error, info};

use super::Web;
use crate::keys;
use crate::one_time;
use crate::reason::reason;
use crate::store::enrolment::{self, Redeemed};

/// How long a kiosk's token lasts; it fetches the next one before.
const LIFE: SignedDuration = SignedDuration::from_hours(1);

/// The addresses.
pub(super) fn routes() -> Router<Web> {
    Router::new().route(REDEEM, post(redeem)).route(NONCE, post(nonce)).route(TOKEN, post(token))
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

/// Anybody may draw one; it is worth nothing without the key.
async fn nonce(State(web): State<Web>, Json(it): Json<AskNonce>) -> Response {
    Json(Nonce { nonce: web.nonces.draw(it.terminal, Timestamp::now()) }).into_response()
}

async fn token(State(web): State<Web>, Json(it): Json<AskToken>) -> Response {
    if !web.nonces.counts(it.terminal, &it.nonce, Timestamp::now()) {
        return answered(Ok(Answer::Refused));
    }
    let folder = web.keys.clone();
    let done = web.desk.ask(move |db| {
        let Some(keyed) = enrolment::keyed(db, it.terminal)? else { return Ok(Answer::Refused) };
        if !keys::is_signed(&keyed.key, &signed(it.terminal, &it.nonce), &it.signature) {
            return Ok(Answer::Refused);
        }
        if !keyed.is_confirmed {
            return Ok(Answer::Waiting);
        }
        let client: String =
            it.client.chars().filter(|it| !it.is_control()).take(MAX_CLIENT).collect();
        enrolment::heard(db, it.terminal, &client)?;
        let party =
            Party::Terminal { kind: keyed.kind, account: keyed.account, terminal: it.terminal };
        let token = keys::terminal_token(&folder, &party, LIFE)?;
        Ok(Answer::Token { token, life: LIFE.as_secs().unsigned_abs() })
    });
    answered(done.await)
}
