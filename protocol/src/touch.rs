//! The name of a touch that a phone takes home: in the URL of the emulated tag and of the code on the
//! screen. A kiosk makes it alone and offline; the cloud, which gave it the key, knows it again.
//!
//! Version (1 byte), kiosk (8), epoch of the key (2), counter (29 bits), mode (2 bits), surface (1 bit),
//! and the first 16 bytes of the HMAC-SHA-256 of all that, most significant byte first. So the cloud
//! knows what the kiosk's mode was although it may have heard nothing of it for days. Written as 50 characters of Crockford's
//! base32 in upper case, which a QR code holds as alphanumeric text.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use data_encoding::{Encoding, HEXLOWER, Specification};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use thiserror::Error;

use crate::TerminalId;

/// Bytes of a key: as many as SHA-256 gives.
pub const KEY_BYTES: usize = 32;
/// Characters of a printed token.
pub const TOKEN_LENGTH: usize = 50;

const VERSION: u8 = 1;
const NAMED_BYTES: usize = 15;
const TAG_BYTES: usize = 16;
const BYTES: usize = NAMED_BYTES + TAG_BYTES;

/// Crockford's base32 (<https://www.crockford.com/base32.html>), read in any case.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut form = Specification::new();
    form.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    form.translate.from.push_str("abcdefghjkmnpqrstvwxyzOoIiLl");
    form.translate.to.push_str("ABCDEFGHJKMNPQRSTVWXYZ001111");
    form.encoding().expect("32 different symbols")
});

/// The secret that a kiosk and the cloud share for a while.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TouchKey {
    /// Which of the kiosk's keys this is.
    pub epoch: u16,
    /// The secret, in hexadecimal.
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$")))]
    #[serde(serialize_with = "write_key", deserialize_with = "read_key")]
    pub key: [u8; KEY_BYTES],
}

/// Shows no secret.
impl fmt::Debug for TouchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TouchKey(epoch {})", self.epoch)
    }
}

fn write_key<S: Serializer>(key: &[u8; KEY_BYTES], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&HEXLOWER.encode(key))
}

fn read_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; KEY_BYTES], D::Error> {
    let text = String::deserialize(deserializer)?;
    let key = HEXLOWER.decode(text.as_bytes()).ok().and_then(|it| it.try_into().ok());
    key.ok_or_else(|| serde::de::Error::custom("a touch key is 64 lower-case hexadecimal digits"))
}

/// Which way cards travel at a kiosk, whatever carries them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Cards are given and taken.
    Both,
    /// Only the own card is given; nothing is read.
    Give,
    /// Only the visitor's card is taken.
    Take,
}

impl Mode {
    const ALL: [Mode; 3] = [Mode::Both, Mode::Give, Mode::Take];

    /// The name as settings and stores spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Both => "both",
            Mode::Give => "give",
            Mode::Take => "take",
        }
    }

    /// The mode of that name.
    pub fn named(name: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether the kiosk's owner gives the card.
    pub const fn gives(self) -> bool {
        matches!(self, Mode::Both | Mode::Give)
    }

    /// Whether the kiosk's owner takes the visitor's.
    pub const fn takes(self) -> bool {
        matches!(self, Mode::Both | Mode::Take)
    }
}

/// Where a token is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// In the emulated tag: another after each touch.
    Tag,
    /// In the code on the screen: another after each minute, and several may read it.
    Code,
}

/// The largest counter.
pub const MAX_COUNTER: u32 = (1 << 29) - 1;

/// The name of one touch. Whoever knows it may claim the touch, so `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TouchToken([u8; BYTES]);

/// A text that is not a touch token.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a touch token is {TOKEN_LENGTH} characters of Crockford base32, version {VERSION}")]
pub struct InvalidToken;

impl TouchToken {
    /// The token of a kiosk's touch. A counter must never be used twice with the same key, and is at most
    /// [`MAX_COUNTER`].
    #[must_use]
    pub fn new(
        key: &TouchKey,
        kiosk: TerminalId,
        counter: u32,
        (mode, surface): (Mode, Surface),
    ) -> Self {
        let number = counter << 3 | (mode as u32) << 1 | surface as u32;
        let mut bytes = [0; BYTES];
        bytes[0] = VERSION;
        bytes[1..9].copy_from_slice(&kiosk.as_u64().to_be_bytes());
        bytes[9..11].copy_from_slice(&key.epoch.to_be_bytes());
        bytes[11..NAMED_BYTES].copy_from_slice(&number.to_be_bytes());
        let tag = mac(&key.key, &bytes[..NAMED_BYTES]).finalize().into_bytes();
        bytes[NAMED_BYTES..].copy_from_slice(&tag[..TAG_BYTES]);
        Self(bytes)
    }

    /// The kiosk that it names, not proved.
    #[must_use]
    pub fn kiosk(&self) -> TerminalId {
        TerminalId::new(u64::from_be_bytes(self.field(1)))
    }

    /// The epoch of the key that it was made with, not proved.
    #[must_use]
    pub fn epoch(&self) -> u16 {
        u16::from_be_bytes(self.field(9))
    }

    /// The touch's number within the epoch, not proved.
    #[must_use]
    pub fn counter(&self) -> u32 {
        self.number() >> 3
    }

    /// What the kiosk's mode was, not proved; none for bits that are no mode.
    fn read_mode(&self) -> Option<Mode> {
        Mode::ALL.get((self.number() >> 1 & 3) as usize).copied()
    }

    /// What the kiosk's mode was, not proved.
    #[must_use]
    pub fn mode(&self) -> Mode {
        // A token without one is not read in the first place.
        self.read_mode().unwrap_or(Mode::Take)
    }

    /// Where it was shown, not proved.
    #[must_use]
    pub fn surface(&self) -> Surface {
        if self.number() & 1 == 0 { Surface::Tag } else { Surface::Code }
    }

    fn number(&self) -> u32 {
        u32::from_be_bytes(self.field(11))
    }

    /// Whether it was made with this key; takes the same time whatever the answer is.
    #[must_use]
    pub fn is_made_with(&self, key: &TouchKey) -> bool {
        let (named, tag) = self.0.split_at(NAMED_BYTES);
        self.epoch() == key.epoch && mac(&key.key, named).verify_truncated_left(tag).is_ok()
    }

    fn field<const N: usize>(&self, at: usize) -> [u8; N] {
        self.0[at..at + N].try_into().expect("a slice of N bytes")
    }
}

fn mac(key: &[u8; KEY_BYTES], named: &[u8]) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update(named)
}

impl fmt::Display for TouchToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&BASE32.encode(&self.0))
    }
}

/// Shows which touch it is, but not what proves it.
impl fmt::Debug for TouchToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TouchToken({} {} {})", self.kiosk(), self.epoch(), self.counter())
    }
}

impl FromStr for TouchToken {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let bytes = BASE32.decode(text.as_bytes()).map_err(|_| InvalidToken)?;
        let bytes: [u8; BYTES] = bytes.try_into().map_err(|_| InvalidToken)?;
        let token = Self(bytes);
        let is_sound = bytes[0] == VERSION && bytes[1] & 0x80 == 0 && token.read_mode().is_some();
        if is_sound { Ok(token) } else { Err(InvalidToken) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(epoch: u16) -> TouchKey {
        TouchKey { epoch, key: std::array::from_fn(|at| at as u8) }
    }

    fn token() -> TouchToken {
        let shown = (Mode::Give, Surface::Code);
        TouchToken::new(&key(7), TerminalId::new(0x0123_4567_89ab_cdef), 42, shown)
    }

    /// The tag is what Python's `hmac` gives for the fifteen bytes before it.
    #[test]
    fn a_token_has_its_layout_and_its_letters() {
        let expected =
            ["01", "0123456789abcdef", "0007", "00000153", "86c7a2807492078baf76020b548406df"];
        assert_eq!(HEXLOWER.encode(&token().0), expected.concat());
        assert_eq!(token().to_string().len(), TOKEN_LENGTH);
        assert!(
            token().to_string().bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
        );
    }

    #[test]
    fn a_token_survives_printing_and_reading_in_any_case() {
        let text = token().to_string();
        assert_eq!(text.parse(), Ok(token()));
        assert_eq!(text.to_lowercase().parse(), Ok(token()));
        assert_eq!(token().kiosk(), TerminalId::new(0x0123_4567_89ab_cdef));
        assert_eq!((token().epoch(), token().counter()), (7, 42));
        assert_eq!((token().mode(), token().surface()), (Mode::Give, Surface::Code));
        let last =
            TouchToken::new(&key(7), TerminalId::new(1), MAX_COUNTER, (Mode::Take, Surface::Tag));
        assert_eq!(
            (last.counter(), last.mode(), last.surface()),
            (MAX_COUNTER, Mode::Take, Surface::Tag)
        );
    }

    #[test]
    fn only_the_key_it_was_made_with_fits() {
        assert!(token().is_made_with(&key(7)));
        assert!(!token().is_made_with(&key(8)));
        let mut other = key(7);
        other.key[31] ^= 1;
        assert!(!token().is_made_with(&other));
    }

    #[test]
    fn no_changed_byte_is_taken() {
        for at in 0..BYTES {
            for bit in 0..8 {
                let mut changed = token();
                changed.0[at] ^= 1 << bit;
                assert!(!changed.is_made_with(&key(7)), "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn what_is_not_a_token_is_refused() {
        let text = token().to_string();
        for length in 0..TOKEN_LENGTH {
            assert_eq!(text[..length].parse::<TouchToken>(), Err(InvalidToken), "{length}");
        }
        let longer = text.clone() + "0";
        let other_version = "8".to_owned() + &text[1..];
        let with_letter_u = "U".to_owned() + &text[1..];
        let with_padding_bit = text[..TOKEN_LENGTH - 1].to_owned() + "Z";
        for wrong in [longer, other_version, with_letter_u, with_padding_bit, "é".repeat(25)] {
            assert_eq!(wrong.parse::<TouchToken>(), Err(InvalidToken), "{wrong}");
        }
    }

    #[test]
    fn neither_a_token_nor_a_key_shows_its_secret() {
        let shown = format!("{:?} {:?}", token(), key(7));
        assert!(!shown.contains(&token().to_string()[25..]), "{shown}");
        assert_eq!(shown, "TouchToken(028t5cy4tqkff 7 42) TouchKey(epoch 7)");
    }

    #[test]
    fn a_key_travels_as_text() {
        let text = serde_json::to_string(&key(7)).unwrap();
        assert_eq!(serde_json::from_str::<TouchKey>(&text).unwrap(), key(7));
        assert!(serde_json::from_str::<TouchKey>(r#"{"epoch":7,"key":"00"}"#).is_err());
    }
}
