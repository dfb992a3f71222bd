//! What a person is found by. Today that is a phone number in E.164.

use std::fmt;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, Type, country};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A country or region in ISO 3166-1 alpha-2, for numbers written without `+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region(country::Id);

/// A text that is no region.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a region is two capital letters, such as DE")]
pub struct InvalidRegion;

impl std::str::FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        text.parse().map(Region).map_err(|_| InvalidRegion)
    }
}

/// A text that is no phone number.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("this is not a phone number that can exist")]
pub struct InvalidIdentifier;

/// A phone number in E.164. Its `Debug` is masked; `Display` is not, so never log it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(String);

impl Identifier {
    /// Reads a number as people write it; one without `+` belongs to `region`.
    ///
    /// # Errors
    /// Fails for what cannot be a number of any country.
    pub fn phone(text: &str, region: Option<Region>) -> Result<Self, InvalidIdentifier> {
        let id = parse(text, region).map(|it| Self::from(&it)).ok_or(InvalidIdentifier)?;
        // What travels is read again elsewhere, without a region; a number that is another one then is none.
        let again = parse(&id.0, None).map(|it| Self::from(&it));
        if again.as_ref() == Some(&id) { Ok(id) } else { Err(InvalidIdentifier) }
    }

    /// The number, `+` and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people write it on a card: with its country code, and with spaces where its country has them.
    pub fn spaced(&self) -> String {
        parse(&self.0, None)
            .map_or_else(|| self.0.clone(), |it| it.format().mode(Mode::International).to_string())
    }

    /// For a screen that others see: country code and the last four digits.
    pub fn masked(&self) -> String {
        let code = parse(&self.0, None).map_or(String::new(), |it| it.code().value().to_string());
        format!("+{code}\u{202f}••••\u{202f}{}", &self.0[self.0.len().saturating_sub(4)..])
    }
}

impl From<&PhoneNumber> for Identifier {
    fn from(number: &PhoneNumber) -> Self {
        Self(number.format().mode(Mode::E164).to_string())
    }
}

/// A number that can ring: valid by its country's plan, or else written with `+` and as long as E.164 allows
/// (8 to 15 digits, ITU-T E.164 §6.2.1), since lists of plans lag behind newly opened ranges.
fn parse(text: &str, region: Option<Region>) -> Option<PhoneNumber> {
    // The longest number anybody writes, with every separator, is far shorter.
    if text.len() > 64 {
        return None;
    }
    let number = phonenumber::parse(region.map(|it| it.0), text).ok()?;
    let international = text.trim_start().starts_with('+');
    let digits = number.format().mode(Mode::E164).to_string().len() - 1;
    // The plans come last: to ask them takes the longest.
    (international && (8..=15).contains(&digits) || phonenumber::is_valid(&number))
        .then_some(number)
}

/// Whose card is it? The first number typed as mobile, else the first that can be one, else the first valid one.
///
/// `numbers` are the card's numbers in its own order, with whether each is typed as mobile.
pub fn owner_of<'a>(
    numbers: impl IntoIterator<Item = (&'a str, bool)>,
    region: Option<Region>,
) -> Option<Identifier> {
    let valid: Vec<(PhoneNumber, bool)> = numbers
        .into_iter()
        .filter_map(|(text, mobile)| Some((parse(text, region)?, mobile)))
        .collect();
    let can_be_mobile = |it: &PhoneNumber| {
        matches!(it.number_type(&DATABASE), Type::Mobile | Type::FixedLineOrMobile)
    };
    valid
        .iter()
        .find(|(_, mobile)| *mobile)
        .or_else(|| valid.iter().find(|(it, _)| can_be_mobile(it)))
        .or_else(|| valid.first())
        .map(|(it, _)| Identifier::from(it))
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Identifier {
    /// Accepts only E.164, so that nobody's default region decides on the wire.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text, None)
            .map(|it| Self::from(&it))
            .filter(|it| it.0 == text)
            .ok_or_else(|| serde::de::Error::custom("a phone number must be valid E.164"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Option<Region> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_number_is_brought_to_e164() {
        for (text, home, e164) in [
            ("+49 (0)151 12345678", None, "+4915112345678"),
            ("0151 12345678", region("DE"), "+4915112345678"),
            ("+86 138 0013 8000", region("DE"), "+8613800138000"),
            ("07400 900142", region("GB"), "+447400900142"),
            // Kept free for fiction, so in no country's plan.
            ("+44 7700 900142", None, "+447700900142"),
        ] {
            assert_eq!(Identifier::phone(text, home).unwrap().as_str(), e164);
        }
    }

    /// Drawn numbers of many countries, some with trunk digits, some with a doubtful country code.
    #[test]
    fn what_is_an_identifier_here_is_the_same_one_elsewhere() {
        let regions =
            ["DE", "IT", "CI", "AR", "MX", "BR", "US", "GB", "CN", "SM", "GA", "RU", "VN", "JP"];
        let mut seed = 0x1234_5678_u64;
        let mut draw = move |limit: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % limit
        };
        let mut found = 0;
        for round in 0..800 {
            let begin = ["+", "0", "00", ""][draw(4) as usize];
            let digits: String =
                (0..3 + draw(13)).map(|_| char::from(b'0' + draw(10) as u8)).collect();
            let text = format!("{begin}{digits}");
            if let Ok(id) = Identifier::phone(&text, region(regions[round % regions.len()])) {
                found += 1;
                let travelled = serde_json::to_string(&id).unwrap();
                assert_eq!(serde_json::from_str(&travelled).ok(), Some(id), "{text}");
            }
        }
        assert!(found > 50, "only {found} numbers");
    }

    #[test]
    fn what_cannot_ring_is_refused() {
        for text in ["", "12", "hello", "0151 12345678", "+49", &"+4915112345678".repeat(9)] {
            assert_eq!(Identifier::phone(text, None), Err(InvalidIdentifier), "{text}");
        }
    }

    #[test]
    fn the_typed_mobile_wins_then_what_can_be_one_then_any() {
        let owner = |numbers: &[(&str, bool)]| {
            owner_of(numbers.iter().copied(), region("GB")).map(|it| it.to_string())
        };
        let (desk, cell, other) = ("020 7946 0000", "07400 900142", "+49 151 12345678");
        assert_eq!(owner(&[(desk, false), (cell, true)]).as_deref(), Some("+447400900142"));
        assert_eq!(owner(&[(desk, false), (other, false)]).as_deref(), Some("+4915112345678"));
        assert_eq!(owner(&[(desk, false)]).as_deref(), Some("+442079460000"));
        assert_eq!(owner(&[("ext. 12", true)]), None);
    }

    #[test]
    fn neither_debug_nor_a_shared_screen_shows_a_whole_number() {
        let number = Identifier::phone("+447700900142", None).unwrap();
        assert_eq!(number.masked(), "+44\u{202f}••••\u{202f}0142");
        assert_eq!(number.spaced(), "+44 7700 900142");
        assert!(!format!("{number:?}").contains("7700"));
    }

    #[test]
    fn only_e164_travels() {
        assert!(serde_json::from_str::<Identifier>("\"+447700900142\"").is_ok());
        for text in ["\"07700900142\"", "\"+44 7700 900142\"", "\"\"", "7"] {
            assert!(serde_json::from_str::<Identifier>(text).is_err(), "{text}");
        }
    }
}
