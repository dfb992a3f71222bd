//! How a kiosk becomes a terminal of its owner, over HTTPS: it makes a key, redeems a one-time code with it, and its owner
//! compares four words. Or its owner says at the kiosk who that is, and types the code that comes to the phone. From then on
//! it proves who it is by signing what the cloud has just drawn.

use std::fmt;

use bip39::Language;
use data_encoding::BASE64URL_NOPAD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::{AccountId, TerminalId};

/// Where a code is redeemed, behind the cloud's address.
pub const REDEEM: &str = "/kiosk/redeem";
/// Where a nonce is drawn.
pub const NONCE: &str = "/kiosk/nonce";
/// Where a token is asked for.
pub const TOKEN: &str = "/kiosk/token";
/// Where a kiosk that is nobody's yet says whose it is to be.
pub const ASK_OWNER: &str = "/kiosk/owner/ask";
/// Where it shows what came to the owner's phone.
pub const PROVE_OWNER: &str = "/kiosk/owner/prove";
/// Where a kiosk asks, with its token, that its owner gets the way to the contacts by mail.
pub const MAIL_EXPORT: &str = "/kiosk/export";
/// Where a kiosk that is to be nobody's again has its token and its key made void.
pub const LEAVE: &str = "/kiosk/leave";
/// How many words are compared.
pub const WORDS: usize = 4;
/// What a signature is for, so that it fits nothing else.
const PURPOSE: &[u8] = b"tapcard token 1\0";
/// Most characters of what a program says of itself.
pub const MAX_CLIENT: usize = 100;
/// Most characters of what a kiosk is called.
pub const MAX_NAME: usize = 40;

/// Bytes that are written as base64url without padding (RFC 4648 §5).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Base64<const N: usize>(pub [u8; N]);

impl<const N: usize> fmt::Debug for Base64<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<const N: usize> Serialize for Base64<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Base64<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(D::Error::custom)?;
        bytes.try_into().map(Base64).map_err(|_| D::Error::custom(format!("not {N} bytes")))
    }
}

/// An Ed25519 public key (RFC 8032).
pub type PublicKey = Base64<32>;

/// A code, and the key that is the terminal's from now on.
#[derive(Clone, Serialize, Deserialize)]
pub struct Redeem {
    /// Which terminal.
    pub terminal: TerminalId,
    /// The code; how it is parted and its capitals do not count.
    pub code: String,
    /// The key that the device made.
    pub key: PublicKey,
}

/// Which terminal wants to sign in.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AskNonce {
    /// Which terminal.
    pub terminal: TerminalId,
}

/// What is to be signed, within a minute.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Nonce {
    /// Drawn by the cloud.
    pub nonce: Base64<24>,
}

/// A signed nonce.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AskToken {
    /// Which terminal.
    pub terminal: TerminalId,
    /// What was drawn.
    pub nonce: Base64<24>,
    /// Of [`signed`].
    pub signature: Base64<64>,
    /// Which program it is, such as `tapcard-kiosk 0.3.0 aarch64`; at most [`MAX_CLIENT`] characters.
    pub client: String,
    /// What its owner calls it, at most [`MAX_NAME`] characters; nothing if it is not called anything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// What the cloud says to any of these.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Answer {
    /// The owner has not compared the words yet.
    Waiting,
    /// The terminal is the owner's.
    Enrolled,
    /// A token for the broker, good for `life` seconds.
    Token {
        /// The token.
        token: String,
        /// How long it lasts, in seconds.
        life: u64,
        /// The key that signs orders to erase a kiosk; none from a cloud that gives no such orders.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order_key: Option<PublicKey>,
    },
    /// The kiosk was erased on its owner's order, and the cloud has all that it had not sent.
    Erased,
    /// The code or the key is none of this terminal's, or the terminal was switched off.
    Refused,
}

/// Whose a kiosk is to be.
#[derive(Clone, Serialize, Deserialize)]
pub struct AskOwner {
    /// A phone number with its country code, or a mail address.
    pub to: String,
}

/// What came to the owner's phone, and the key that is the kiosk's from now on.
#[derive(Clone, Serialize, Deserialize)]
pub struct ProveOwner {
    /// What the cloud drew when it was asked.
    pub asked: Base64<32>,
    /// What the owner typed.
    pub code: String,
    /// The key that the device made.
    pub key: PublicKey,
    /// Where it stands.
    pub place: String,
}

/// What the cloud says to a kiosk that looks for its owner.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Owner {
    /// A code is on its way to the owner.
    Asked {
        /// To be shown with the code.
        asked: Base64<32>,
    },
    /// The kiosk is the owner's.
    Found {
        /// Whose.
        account: AccountId,
        /// Which terminal it is.
        terminal: TerminalId,
    },
    /// It is nobody's.
    Refused {
        /// Why.
        why: NoOwner,
    },
}

/// Why a kiosk is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoOwner {
    /// That is neither a number with its country code nor a mail address.
    Unreadable,
    /// This cloud sends no codes there.
    Unreached,
    /// Too many codes were asked for.
    TooMany,
    /// It is not the code, or used up: five tries and five minutes are all there is.
    NotTheCode,
    /// The account has slept for so long that the number may be another person's by now.
    Slept,
}

/// What becomes of a mail with the way to the contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Mailed {
    /// It is on its way. It holds no contacts and no secret: who opens the way signs in.
    Sent,
    /// The account has no mail address, or this cloud sends no mail.
    NoAddress,
    /// One was sent within the last ten minutes.
    TooSoon,
}

/// What a terminal signs to get a token.
#[must_use]
pub fn signed(terminal: TerminalId, nonce: &Base64<24>) -> Vec<u8> {
    [PURPOSE, &terminal.as_u64().to_be_bytes(), &nonce.0].concat()
}

/// The words that the owner compares: who holds another key cannot show the same ones but once in 2⁴⁴ keys. They come from
/// BIP 39's list, of which no two words begin with the same four letters.
#[must_use]
pub fn words(terminal: TerminalId, key: &PublicKey) -> [&'static str; WORDS] {
    let digest =
        Sha256::new().chain_update(terminal.as_u64().to_be_bytes()).chain_update(key.0).finalize();
    let list = Language::English.word_list();
    std::array::from_fn(|at| {
        let number = u16::from_be_bytes([digest[2 * at], digest[2 * at + 1]]);
        list[usize::from(number) % list.len()]
    })
}

/// A code as it is compared: people part it and write capitals.
#[must_use]
pub fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: TerminalId = TerminalId::new(7);

    #[test]
    fn words_follow_from_the_terminal_and_its_key() {
        let (key, other) = (Base64([1; 32]), Base64([2; 32]));
        let shown = words(TERMINAL, &key);
        assert_eq!(shown, words(TERMINAL, &key));
        assert_ne!(shown, words(TERMINAL, &other));
        assert_ne!(shown, words(TerminalId::new(8), &key));
        assert!(shown.iter().all(|it| (3..=8).contains(&it.len())), "{shown:?}");
    }

    #[test]
    fn what_is_said_is_read_again() {
        let it = AskToken {
            terminal: TERMINAL,
            nonce: Base64([3; 24]),
            signature: Base64([4; 64]),
            client: "x".into(),
            name: String::new(),
        };
        let text = serde_json::to_string(&it).unwrap();
        let read: AskToken = serde_json::from_str(&text).unwrap();
        assert_eq!((read.nonce, read.signature), (it.nonce, it.signature));
        let short = text.replace(&BASE64URL_NOPAD.encode(&[3; 24]), "AAAA");
        assert!(serde_json::from_str::<AskToken>(&short).is_err());
        assert_eq!(serde_json::to_string(&Answer::Waiting).unwrap(), r#"{"state":"waiting"}"#);
    }

    #[test]
    fn an_older_clouds_token_comes_without_a_key_for_orders() {
        let older = r#"{"state":"token","token":"t","life":5}"#;
        let Answer::Token { order_key, life, .. } = serde_json::from_str(older).unwrap() else {
            panic!("it is a token")
        };
        assert_eq!((order_key, life), (None, 5));
        let it = Answer::Token { token: "t".into(), life: 5, order_key: None };
        assert_eq!(serde_json::to_string(&it).unwrap(), older);
    }

    #[test]
    fn a_signature_fits_one_terminal_and_one_nonce() {
        let nonce = Base64([3; 24]);
        assert_ne!(signed(TERMINAL, &nonce), signed(TerminalId::new(8), &nonce));
        assert_ne!(signed(TERMINAL, &nonce), signed(TERMINAL, &Base64([4; 24])));
        assert_eq!(plain(" AB12-cd34 "), "ab12cd34");
    }
}
