//! The public keys that tokens are checked with: a JSON Web Key Set (RFC 7517) of Ed25519 keys (RFC 8037), each with
//! the kinds of client that it may sign for.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::access::Kind;

/// The key type and curve of Ed25519 (RFC 8037 §2).
const KEY_TYPE: &str = "OKP";
const CURVE: &str = "Ed25519";

/// The set, as its file spells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySet {
    /// The keys; one that cannot be used spoils only itself.
    pub keys: Vec<PublicKey>,
}

/// A public key, as the file spells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its name, which tokens carry.
    pub kid: String,
    kty: String,
    crv: String,
    /// The 32 bytes, in base64url.
    x: String,
    /// The kinds of client that it may sign for; none if this member of ours is missing.
    #[serde(default)]
    tapcard_kinds: Vec<Kind>,
}

/// A key that is no Ed25519 key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not an Ed25519 public key (kty OKP, crv Ed25519, x 32 bytes in base64url)")]
pub struct InvalidKey;

impl PublicKey {
    /// A key of this name.
    pub fn new(kid: &str, bytes: &[u8; 32], kinds: Vec<Kind>) -> PublicKey {
        PublicKey {
            kid: kid.to_owned(),
            kty: KEY_TYPE.into(),
            crv: CURVE.into(),
            x: BASE64URL_NOPAD.encode(bytes),
            tapcard_kinds: kinds,
        }
    }

    /// Whether the key itself is the same, whatever its name and what it is good for.
    pub fn is_same_key(&self, other: &PublicKey) -> bool {
        (&self.kty, &self.crv, &self.x) == (&other.kty, &other.crv, &other.x)
    }

    /// The key, ready to check signatures.
    ///
    /// # Errors
    /// Fails when it is no Ed25519 key.
    pub fn key(&self) -> Result<Key, InvalidKey> {
        let bytes = BASE64URL_NOPAD.decode(self.x.as_bytes()).map_err(|_| InvalidKey)?;
        if self.kty != KEY_TYPE || self.crv != CURVE || bytes.len() != 32 {
            return Err(InvalidKey);
        }
        let public = DecodingKey::from_ed_components(&self.x).map_err(|_| InvalidKey)?;
        Ok(Key { public, kinds: self.tapcard_kinds.clone() })
    }
}

/// A public key and what it is good for.
#[derive(Clone)]
pub struct Key {
    public: DecodingKey,
    kinds: Vec<Kind>,
}

impl Key {
    /// Whether it may sign for clients of this kind.
    pub fn signs_for(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    pub(crate) fn public(&self) -> &DecodingKey {
        &self.public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The public key of RFC 8037, appendix A.2.
    const PUBLISHED: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"web",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"sig","tapcard_kinds":["kiosk","phone"]}]}"#;

    fn read(text: &str) -> Result<Key, InvalidKey> {
        serde_json::from_str::<KeySet>(text).unwrap().keys[0].key()
    }

    #[test]
    fn a_key_set_is_read_with_the_kinds_of_each_key() {
        let key = read(PUBLISHED).unwrap();
        assert!(key.signs_for(Kind::Phone) && key.signs_for(Kind::Kiosk));
        assert!(!key.signs_for(Kind::Worker));
        let unlimited = read(&PUBLISHED.replace("tapcard_kinds", "kinds")).unwrap();
        assert!(!unlimited.signs_for(Kind::Phone), "what is not granted is denied");
    }

    #[test]
    fn what_is_written_is_read() {
        let set = KeySet { keys: vec![PublicKey::new("worker", &[7; 32], vec![Kind::Worker])] };
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<KeySet>(&text).unwrap(), set);
        assert!(read(&text).unwrap().signs_for(Kind::Worker));
    }

    #[test]
    fn another_kind_of_key_is_none() {
        for (from, to) in [("OKP", "RSA"), ("Ed25519", "X25519"), ("11qY", ""), ("11qY", "!!!!")] {
            assert_eq!(read(&PUBLISHED.replace(from, to)).map(drop), Err(InvalidKey), "{to}");
        }
    }
}
