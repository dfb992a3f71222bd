//! The settings of the exchange unit: its wires, and what the card that it emulates says of itself.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer};
use tapcard_nfc::Settings;
use tapcard_nfc::chip::{Appearance, MAX_HISTORICAL};
use tapcard_nfc::link::{DEFAULT_BAUD, Kind, Pin};

/// Where the PN532 is, and how it is wired.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "kiosk.toml says it")]
pub struct ReaderConfig {
    #[serde(deserialize_with = "link")]
    pub link: Kind,
    pub port: Option<PathBuf>,
    pub baud: u32,
    #[serde(deserialize_with = "pin")]
    pub reset: Option<Pin>,
    #[serde(deserialize_with = "pin")]
    pub irq: Option<Pin>,
}

/// What the emulated card says of itself; none of it for what suits most phones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "kiosk.toml says it")]
pub struct CardConfig {
    #[serde(deserialize_with = "two_bytes")]
    pub sens_res: Option<[u8; 2]>,
    #[serde(deserialize_with = "one_byte")]
    pub sel_res: Option<u8>,
    #[serde(deserialize_with = "some_bytes")]
    pub historical: Option<Vec<u8>>,
}

impl Default for ReaderConfig {
    fn default() -> Self {
        Self { link: Kind::Hsu, port: None, baud: DEFAULT_BAUD, reset: None, irq: None }
    }
}

impl ReaderConfig {
    /// The wires as the exchange unit knows them; each link has its usual port on a Raspberry Pi.
    pub fn settings(&self) -> Settings {
        let usual = match self.link {
            Kind::Hsu => "/dev/ttyAMA0",
            Kind::Spi => "/dev/spidev0.0",
            Kind::I2c => "/dev/i2c-1",
        };
        Settings {
            kind: self.link,
            port: self.port.clone().unwrap_or_else(|| usual.into()),
            baud: self.baud,
            reset: self.reset.clone(),
            irq: self.irq.clone(),
        }
    }
}

impl CardConfig {
    /// What the card says of itself; the number that it is told apart by is drawn at random.
    pub fn appearance(&self, seed: u64) -> Appearance {
        let usual = Appearance::default();
        let [a, b, c, ..] = seed.to_be_bytes();
        Appearance {
            sens_res: self.sens_res.unwrap_or(usual.sens_res),
            sel_res: self.sel_res.unwrap_or(usual.sel_res),
            historical: self.historical.clone().unwrap_or(usual.historical),
            nfcid1: [a, b, c],
        }
    }
}

fn link<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| serde::de::Error::custom("must be \"hsu\", \"spi\" or \"i2c\""))
}

pub(super) fn pin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pin>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_| {
        serde::de::Error::custom("must be a chip and a line of it, such as \"/dev/gpiochip0:20\"")
    })
}

fn bytes<'de, D: Deserializer<'de>>(
    deserializer: D,
    limits: std::ops::RangeInclusive<usize>,
) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let pair = |it: &[u8]| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok();
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|it| it.is_ascii_hexdigit());
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(pair).collect();
    bytes.filter(|it| is_hex && limits.contains(&it.len())).ok_or_else(|| {
        let (least, most) = limits.into_inner();
        let count = if least == most { least.to_string() } else { format!("{least} to {most}") };
        serde::de::Error::custom(format!("must be {count} bytes in hexadecimal digits"))
    })
}

fn two_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 2]>, D::Error> {
    Ok(bytes(deserializer, 2..=2)?.try_into().ok())
}

fn one_byte<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    Ok(bytes(deserializer, 1..=1)?.first().copied())
}

fn some_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    bytes(deserializer, 0..=MAX_HISTORICAL).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(text: &str) -> Result<Settings, String> {
        toml::from_str(text).map(|it: ReaderConfig| it.settings()).map_err(|it| it.message().into())
    }

    #[test]
    fn each_link_has_its_usual_port() {
        for (link, port) in
            [("hsu", "/dev/ttyAMA0"), ("spi", "/dev/spidev0.0"), ("i2c", "/dev/i2c-1")]
        {
            let settings = reader(&format!("link = \"{link}\"")).unwrap();
            assert_eq!(settings.port.to_str(), Some(port));
        }
        assert_eq!(reader("").unwrap().kind, Kind::Hsu);
        let settings = reader("port = \"/dev/ttyUSB0\"\nbaud = 921600").unwrap();
        assert_eq!((settings.port.to_str(), settings.baud), (Some("/dev/ttyUSB0"), 921_600));
    }

    #[test]
    fn what_is_wrong_with_a_wire_is_said() {
        assert!(reader("link = \"usb\"").unwrap_err().contains("\"spi\""));
        assert!(reader("reset = \"20\"").unwrap_err().contains("/dev/gpiochip0:20"));
        assert!(reader("reset = \"/dev/gpiochip0:20\"").unwrap().reset.is_some());
        assert!(reader("port = 5").unwrap_err().contains("expected"));
    }

    #[test]
    fn a_card_is_described_in_hexadecimal_digits() {
        let card = |text: &str| toml::from_str::<CardConfig>(text);
        let good = "sens_res = \"4403\"\nsel_res = \"20\"\nhistorical = \"80\"";
        let appearance = card(good).unwrap().appearance(0x0102_0304_0506_0708);
        assert_eq!((appearance.sens_res, appearance.sel_res), ([0x44, 0x03], 0x20));
        assert_eq!((appearance.historical, appearance.nfcid1), (vec![0x80], [1, 2, 3]));
        for wrong in ["sens_res = \"44\"", "sel_res = \"+2\"", "historical = \"8\""] {
            let problem = card(wrong).unwrap_err();
            assert!(problem.message().contains("hexadecimal"), "{problem}");
        }
        assert_eq!(card("").unwrap().appearance(0).sel_res, Appearance::default().sel_res);
    }
}
