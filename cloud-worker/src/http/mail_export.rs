//! A kiosk lets its owner have the way to the contacts by mail.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use axum_extra::extract::CookieJar;
use tapcard_protocol::AccountId;
use tapcard_protocol::enrolment::{MAIL_EXPORT, Mailed};
use tokio::task::spawn_blocking;
use tracing::error;

use super::Web;
use super::media::asker;
use crate::addressee::Addressee;
use crate::reason::reason;
use crate::store::mail_address;

/// How long one mail is enough.
const PAUSE: Duration = Duration::from_mins(10);
const SUBJECT: &str = "Your Tapcard contacts";

/// When each account was written to last.
#[derive(Clone, Default)]
pub(super) struct Pace(Arc<Mutex<HashMap<AccountId, Instant>>>);

impl Pace {
    /// Whether one may be written to now; then it was.
    fn may(&self, account: AccountId, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|_, it| now.duration_since(*it) < PAUSE);
        if last.contains_key(&account) {
            return false;
        }
        last.insert(account, now);
        true
    }
}

/// The address.
pub(super) fn routes() -> Router<Web> {
    Router::new().route(MAIL_EXPORT, post(send))
}

async fn send(State(web): State<Web>, heads: HeaderMap) -> Response {
    // A browser has a page for that.
    let account = match asker(&web, &CookieJar::new(), &heads).await {
        Ok(Some(it)) => it,
        Ok(None) => return StatusCode::UNAUTHORIZED.into_response(),
        Err(it) => return it,
    };
    match mail(&web, account).await {
        Ok(it) => Json(it).into_response(),
        Err(why) => {
            error!("a mail to an owner was not sent: {}", reason(&why));
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn mail(web: &Web, account: AccountId) -> anyhow::Result<Mailed> {
    let address = web.desk.ask(move |db| mail_address::of(db, account)).await?;
    let to = address.map(Addressee::Mail);
    let sign_in = web.sign_in.clone();
    let Some((to, sign_in)) = to.zip(sign_in).filter(|(to, it)| it.post.reaches(to)) else {
        return Ok(Mailed::NoAddress);
    };
    if !web.mailed.may(account, Instant::now()) {
        return Ok(Mailed::TooSoon);
    }
    let text = text(&web.url);
    spawn_blocking(move || sign_in.post.send(&to, SUBJECT, &text)).await??;
    Ok(Mailed::Sent)
}

/// What the mail says. Whoever opens it signs in first.
fn text(url: &str) -> String {
    format!(
        "Your contacts are at {url}/account/export, as vCards, as a table or as JSON. Sign in there.\n\n\
         Somebody asked for this mail at your kiosk, behind the staff's PIN."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mail_is_enough_for_a_while() {
        let (pace, now) = (Pace::default(), Instant::now());
        let (ada, bo) = (AccountId::new(1), AccountId::new(2));
        assert!(pace.may(ada, now) && pace.may(bo, now));
        assert!(!pace.may(ada, now + PAUSE / 2));
        assert!(pace.may(ada, now + PAUSE));
    }

    #[test]
    fn the_mail_names_the_way_and_nothing_else() {
        assert!(text("https://a.example").contains("https://a.example/account/export,"));
    }
}
