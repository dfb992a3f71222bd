//! The random numbers that stand for accounts and terminals in topics, tables and logs.
//!
//! They are drawn by the worker; nothing here draws one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Crockford's base32 in lower case: no i, l, o, u (<https://www.crockford.com/base32.html>).
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of a printed id: 13 × 5 bits hold the 63.
const LENGTH: usize = 13;

/// A text that is not an id.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("an id is 13 characters of Crockford base32 and at most 63 bits")]
pub struct InvalidId;

/// Writes the low 65 bits of a number as 13 characters, most significant first.
fn encode(number: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text: String = (0..LENGTH)
        .rev()
        .map(|place| char::from(DIGITS[(u128::from(number) >> (5 * place)) as usize & 31]))
        .collect();
    f.pad(&text)
}

fn decode(text: &str) -> Result<u64, InvalidId> {
    if text.len() != LENGTH {
        return Err(InvalidId);
    }
    let number = text.bytes().try_fold(0u128, |sum, byte| {
        let digit = match byte.to_ascii_lowercase() {
            b'o' => 0,
            b'i' | b'l' => 1,
            other => DIGITS.iter().position(|it| *it == other).ok_or(InvalidId)?,
        };
        Ok(sum << 5 | digit as u128)
    })?;
    u64::try_from(number).ok().filter(|it| *it <= i64::MAX as u64).ok_or(InvalidId)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Takes the low 63 bits of a number, so that it fits Postgres' `bigint`.
            pub const fn new(number: u64) -> Self {
                Self(number & i64::MAX as u64)
            }

            /// The number as Postgres and SQLite hold it.
            pub const fn as_i64(self) -> i64 {
                self.0 as i64
            }

            /// The number.
            pub const fn as_u64(self) -> u64 {
                self.0
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self::new(number as u64)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                encode(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                encode(self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                decode(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A person in the cloud.
    AccountId
);
id!(
    /// Anything that holds a card and an address book: a kiosk, a phone, a desktop's page.
    TerminalId
);

impl TerminalId {
    /// The shard of its tasks: the low four bits.
    pub const fn shard(self) -> u8 {
        (self.0 & 15) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_printing_and_reading_in_any_case() {
        for number in [0, 1, 31, 32, 0x1234_5678_9abc_def0, i64::MAX as u64] {
            let id = AccountId::new(number);
            assert_eq!(id.to_string().len(), LENGTH);
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
        }
        assert_eq!(AccountId::new(i64::MAX as u64).to_string(), "7zzzzzzzzzzzz");
        assert_eq!("oooooooooooil".parse(), Ok(AccountId::new(33)));
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in
            ["", "7zzzzzzzzzzz", "8000000000000", "zzzzzzzzzzzzz", "000000000000u", "00000é00000"]
        {
            assert_eq!(text.parse::<TerminalId>(), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn a_shard_is_the_low_four_bits() {
        assert_eq!(TerminalId::new(0x1f).shard(), 15);
        assert_eq!(TerminalId::new(0x20).shard(), 0);
    }
}
