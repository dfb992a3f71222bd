//! What a browser keeps for us: who is signed in, and which code it asked for.

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use data_encoding::HEXLOWER;

use super::Web;

const SESSION: &str = "tapcard";
const ASKED: &str = "tapcard-code";
/// Four hundred days, in seconds. A session is good for ninety; afterwards it says that the browser is known.
const SESSION_LIFE: i64 = 400 * 24 * 3600;
/// A code's life, in seconds.
const CODE_LIFE: i64 = 5 * 60;

/// What the browser's session cookie holds.
pub(super) fn session(web: &Web, jar: &CookieJar) -> Option<[u8; 32]> {
    read(web, jar, SESSION)
}

/// What the browser got when it asked for a code.
pub(super) fn asked(web: &Web, jar: &CookieJar) -> Option<[u8; 32]> {
    read(web, jar, ASKED)
}

/// Keeps a session, and forgets the code.
pub(super) fn signed_in(web: &Web, jar: CookieJar, secret: &[u8; 32]) -> CookieJar {
    jar.add(cookie(web, ASKED, "", 0)).add(cookie(
        web,
        SESSION,
        &HEXLOWER.encode(secret),
        SESSION_LIFE,
    ))
}

/// Forgets a session.
pub(super) fn signed_out(web: &Web, jar: CookieJar) -> CookieJar {
    jar.add(cookie(web, SESSION, "", 0))
}

/// Keeps which code was asked for.
pub(super) fn asking(web: &Web, jar: CookieJar, secret: &[u8; 32]) -> CookieJar {
    jar.add(cookie(web, ASKED, &HEXLOWER.encode(secret), CODE_LIFE))
}

fn read(web: &Web, jar: &CookieJar, name: &str) -> Option<[u8; 32]> {
    let text = jar.get(&named(web, name))?.value();
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// Browsers take a name with this prefix from this very host over a secure connection alone (RFC 6265bis §4.1.3.2).
fn named(web: &Web, name: &str) -> String {
    if web.is_secure { format!("__Host-{name}") } else { name.to_owned() }
}

/// A cookie for this host alone, out of the reach of scripts and of other sites' forms; `life` in seconds.
fn cookie(web: &Web, name: &str, value: &str, life: i64) -> Cookie<'static> {
    let (name, secure) = (named(web, name), if web.is_secure { "; Secure" } else { "" });
    let text = format!("{name}={value}; Path=/; Max-Age={life}; HttpOnly; SameSite=Lax{secure}");
    Cookie::parse(text).expect("a cookie of our own")
}
