//! The MQTT password: a JWT signed with Ed25519 (RFC 7519, RFC 8037).
//!
//! The caller brings the clock and the keys. Nothing but `EdDSA` is ever accepted.

use jsonwebtoken::{Algorithm, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::access::{Acl, Kind, Party, acl};
use crate::key_set::Key;

/// Who issues tokens.
pub const ISSUER: &str = "tapcard";
/// Whom they are for.
pub const AUDIENCE: &str = "mqtt";
/// The longest life of a token, in seconds: 31 days. What was revoked need not be remembered for longer.
pub const LONGEST_LIFE: u64 = 31 * 24 * 3600;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Always [`ISSUER`].
    pub iss: String,
    /// Always [`AUDIENCE`].
    pub aud: String,
    /// When it was signed, in seconds since 1970.
    pub iat: u64,
    /// When it ends, in seconds since 1970.
    pub exp: u64,
    /// The account; for a worker, `worker`.
    pub sub: String,
    /// The client id: the terminal's own, or a worker's.
    pub cid: String,
    /// What the client is.
    pub kind: Kind,
    /// What it may do; the gate intersects this with its own table.
    pub acl: Acl,
}

impl Claims {
    /// Claims for a party under the client id `cid`; `iat` and `exp` in seconds since 1970.
    pub fn new(party: &Party, cid: String, iat: u64, exp: u64) -> Claims {
        let (sub, kind) = match party {
            Party::Terminal { kind, account, .. } => (account.to_string(), *kind),
            Party::Worker => ("worker".to_owned(), Kind::Worker),
        };
        let acl = acl(party);
        Claims { iss: ISSUER.into(), aud: AUDIENCE.into(), iat, exp, sub, cid, kind, acl }
    }

    /// Whom the token speaks for; none when its ids and its kind do not fit together.
    pub fn party(&self) -> Option<Party> {
        if self.kind == Kind::Worker {
            return (self.sub == "worker").then_some(Party::Worker);
        }
        let (account, terminal) = (self.sub.parse().ok()?, self.cid.parse().ok()?);
        Some(Party::Terminal { kind: self.kind, account, terminal })
    }
}

/// How far the signer's clock may be ahead, in seconds. A token from the future would outlive its revocation.
const AHEAD: u64 = 300;

/// A token that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it says.
    pub claims: Claims,
    /// The key that signed it.
    pub kid: String,
}

/// Why a token does not count.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// It is no JWT, is signed with another algorithm or names no key.
    #[error("the token cannot be read")]
    Malformed,
    /// No key of that name is known.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// The signature, issuer or audience is wrong.
    #[error("the token's signature, issuer or audience is wrong")]
    Forged,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// It was signed later than now.
    #[error("the token was signed in the future")]
    Early,
    /// It would last for longer than [`LONGEST_LIFE`].
    #[error("the token would last too long")]
    TooLong,
    /// The key may not sign for this kind of client.
    #[error("the token's key may not sign for this kind of client")]
    WrongKey,
}

/// Signs claims with the key named `kid`.
///
/// # Errors
/// Fails when the key is not an Ed25519 key.
pub fn sign(
    kid: &str,
    key: &EncodingKey,
    claims: &Claims,
) -> Result<String, jsonwebtoken::errors::Error> {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, claims, key)
}

/// Checks a token at `now`, in seconds since 1970 by the caller's own clock, without leeway.
///
/// # Errors
/// Every reason for which it does not count.
pub fn verify<'k>(
    token: &str,
    key: impl FnOnce(&str) -> Option<&'k Key>,
    now: u64,
) -> Result<Verified, Refusal> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Malformed)?;
    let kid = header.kid.filter(|_| header.alg == Algorithm::EdDSA).ok_or(Refusal::Malformed)?;
    let key = key(&kid).ok_or(Refusal::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims = jsonwebtoken::decode::<Claims>(token, key.public(), &validation)
        .map_err(|_| Refusal::Forged)?
        .claims;
    if claims.exp <= now {
        return Err(Refusal::Expired);
    }
    if claims.iat > now.saturating_add(AHEAD) {
        return Err(Refusal::Early);
    }
    if claims.exp.saturating_sub(claims.iat) > LONGEST_LIFE {
        return Err(Refusal::TooLong);
    }
    if !key.signs_for(claims.kind) {
        return Err(Refusal::WrongKey);
    }
    Ok(Verified { claims, kid })
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use ed25519_dalek::pkcs8::EncodePrivateKey;
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;

    use super::*;
    use crate::key_set::PublicKey;
    use crate::{AccountId, TerminalId};

    const NOW: u64 = 1_800_000_000;

    fn keys(seed: u8, kinds: &[Kind]) -> (EncodingKey, Key) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = PublicKey::new("web", key.verifying_key().as_bytes(), kinds.to_vec());
        let private = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        let encoding = EncodingKey::from_ed_pem(private.as_bytes()).unwrap();
        (encoding, public.key().unwrap())
    }

    fn web(seed: u8) -> (EncodingKey, Key) {
        keys(seed, &[Kind::Kiosk, Kind::Phone])
    }

    fn phone() -> Claims {
        let terminal = TerminalId::new(5);
        let party = Party::Terminal { kind: Kind::Phone, account: AccountId::new(9), terminal };
        Claims::new(&party, terminal.to_string(), NOW, NOW + 900)
    }

    #[test]
    fn a_signed_token_is_believed_until_it_ends() {
        let (private, public) = web(1);
        let token = sign("web", &private, &phone()).unwrap();
        let verified = verify(&token, |_| Some(&public), NOW + 899).unwrap();
        assert_eq!(verified, Verified { claims: phone(), kid: "web".into() });
        assert_eq!(verify(&token, |_| Some(&public), NOW + 900), Err(Refusal::Expired));
        assert_eq!(verify(&token, |_| None, NOW), Err(Refusal::UnknownKey));
    }

    #[test]
    fn another_key_or_a_changed_byte_is_refused() {
        let (private, public) = web(1);
        let token = sign("web", &private, &phone()).unwrap();
        let (_, other) = web(2);
        assert_eq!(verify(&token, |_| Some(&other), NOW), Err(Refusal::Forged));
        for at in 0..token.len() - 1 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(
                verify(&changed, |kid| (kid == "web").then_some(&public), NOW).is_err(),
                "byte {at}"
            );
        }
    }

    #[test]
    fn other_algorithms_are_refused() {
        let key = EncodingKey::from_secret(b"secret");
        let header = Header { kid: Some("web".into()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &phone(), &key).unwrap();
        let (_, public) = web(1);
        assert_eq!(verify(&token, |_| Some(&public), NOW), Err(Refusal::Malformed));
    }

    #[test]
    fn a_key_signs_for_its_own_kinds_only() {
        let (private, public) = web(1);
        let worker = Claims::new(&Party::Worker, "worker-1".into(), NOW, NOW + 60);
        let token = sign("web", &private, &worker).unwrap();
        assert_eq!(verify(&token, |_| Some(&public), NOW), Err(Refusal::WrongKey));
        let (private, public) = keys(1, &[Kind::Worker]);
        let token = sign("worker", &private, &phone()).unwrap();
        assert_eq!(verify(&token, |_| Some(&public), NOW), Err(Refusal::WrongKey));
        let token = sign("worker", &private, &worker).unwrap();
        let verified = verify(&token, |_| Some(&public), NOW).unwrap();
        assert_eq!(verified.claims.party(), Some(Party::Worker));
    }

    #[test]
    fn a_token_that_would_outlast_its_revocation_is_refused() {
        let (private, public) = web(1);
        let verify_life = |life| {
            let claims = Claims { exp: NOW + life, ..phone() };
            verify(&sign("web", &private, &claims).unwrap(), |_| Some(&public), NOW)
        };
        assert!(verify_life(LONGEST_LIFE).is_ok());
        assert_eq!(verify_life(LONGEST_LIFE + 1), Err(Refusal::TooLong));
    }

    #[test]
    fn a_token_from_the_future_is_refused_beyond_what_clocks_differ() {
        let (private, public) = web(1);
        let verify_ahead = |ahead| {
            let claims = Claims { iat: NOW + ahead, exp: NOW + ahead + 900, ..phone() };
            verify(&sign("web", &private, &claims).unwrap(), |_| Some(&public), NOW)
        };
        assert!(verify_ahead(AHEAD).is_ok());
        assert_eq!(verify_ahead(AHEAD + 1), Err(Refusal::Early));
        assert_eq!(verify_ahead(u64::MAX - NOW - 900), Err(Refusal::Early));
    }
}
