//! The MQTT password: a JWT signed with Ed25519 (RFC 7519, RFC 8037).
//!
//! The caller brings the clock and the keys. Nothing but `EdDSA` is ever accepted.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::access::{Acl, Kind, Party, acl};

/// Who issues tokens.
pub const ISSUER: &str = "tapcard";
/// Whom they are for.
pub const AUDIENCE: &str = "mqtt";
/// Key ids that begin so may sign for workers, and for nobody else.
const WORKER_KEY: &str = "worker";

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
    key: impl FnOnce(&str) -> Option<&'k DecodingKey>,
    now: u64,
) -> Result<Claims, Refusal> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Malformed)?;
    let kid = header.kid.filter(|_| header.alg == Algorithm::EdDSA).ok_or(Refusal::Malformed)?;
    let key = key(&kid).ok_or(Refusal::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map_err(|_| Refusal::Forged)?
        .claims;
    if claims.exp <= now {
        return Err(Refusal::Expired);
    }
    if kid.starts_with(WORKER_KEY) != (claims.kind == Kind::Worker) {
        return Err(Refusal::WrongKey);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use ed25519_dalek::pkcs8::EncodePrivateKey;
    use ed25519_dalek::pkcs8::spki::EncodePublicKey;
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;

    use super::*;
    use crate::{AccountId, TerminalId};

    const NOW: u64 = 1_800_000_000;

    fn keys(seed: u8) -> (EncodingKey, DecodingKey) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = key.verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
        let private = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        let encoding = EncodingKey::from_ed_pem(private.as_bytes()).unwrap();
        (encoding, DecodingKey::from_ed_pem(public.as_bytes()).unwrap())
    }

    fn phone() -> Claims {
        let terminal = TerminalId::new(5);
        let party = Party::Terminal { kind: Kind::Phone, account: AccountId::new(9), terminal };
        Claims::new(&party, terminal.to_string(), NOW, NOW + 900)
    }

    #[test]
    fn a_signed_token_is_believed_until_it_ends() {
        let (private, public) = keys(1);
        let token = sign("web", &private, &phone()).unwrap();
        assert_eq!(verify(&token, |_| Some(&public), NOW + 899), Ok(phone()));
        assert_eq!(verify(&token, |_| Some(&public), NOW + 900), Err(Refusal::Expired));
        assert_eq!(verify(&token, |_| None, NOW), Err(Refusal::UnknownKey));
    }

    #[test]
    fn another_key_or_a_changed_byte_is_refused() {
        let (private, public) = keys(1);
        let token = sign("web", &private, &phone()).unwrap();
        let (_, other) = keys(2);
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
        let (_, public) = keys(1);
        assert_eq!(verify(&token, |_| Some(&public), NOW), Err(Refusal::Malformed));
    }

    #[test]
    fn a_web_key_mints_no_worker_and_a_worker_key_no_phone() {
        let (private, public) = keys(1);
        let worker = Claims::new(&Party::Worker, "worker-1".into(), NOW, NOW + 60);
        let token = sign("web", &private, &worker).unwrap();
        assert_eq!(verify(&token, |_| Some(&public), NOW), Err(Refusal::WrongKey));
        let token = sign("worker", &private, &phone()).unwrap();
        assert_eq!(verify(&token, |_| Some(&public), NOW), Err(Refusal::WrongKey));
        let token = sign("worker", &private, &worker).unwrap();
        assert_eq!(verify(&token, |_| Some(&public), NOW).unwrap().party(), Some(Party::Worker));
    }
}
