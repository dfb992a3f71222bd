//! `pins.toml` as values. Reading it checks its form; whether it makes sense is for [`crate::rules`]. Pure.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// The whole table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The Raspberry Pis it holds for.
    pub board: Vec<Board>,
    /// Pins that something else sits on.
    pub taken: Taken,
    /// The wires that every link has.
    pub shared: Shared,
    /// The ways to speak to the chip; the first is the default.
    pub link: Vec<Link>,
}

/// One model of the Raspberry Pi.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Short name, used in file names.
    pub key: String,
    /// Full name.
    pub name: String,
    /// The character device of the header's lines.
    pub gpiochip: String,
}

/// Header pins that no wire of ours may use.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Who uses them.
    pub by: String,
    /// Their numbers.
    pub pins: Vec<u8>,
}

/// Supply and control, alike on every link.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// 3.3 V.
    pub supply: Wire,
    /// Ground.
    pub ground: Wire,
    /// The line that resets the chip while it is low.
    pub reset: Wire,
    /// The line by which the chip says that it has an answer; may be left out.
    pub irq: Wire,
}

/// One way to speak to the chip.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Its name in the kiosk's settings and in file names.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// The device that the kiosk opens.
    pub port: String,
    /// Bits per second, where the kiosk must know.
    pub baud: Option<u32>,
    /// How the module's two switches stand.
    pub switches: Switches,
    /// Lines for the firmware's `config.txt`, by board.
    pub config: BTreeMap<String, Vec<String>>,
    /// The wires that only this link has.
    pub wire: Vec<Wire>,
}

/// The switches that choose the link. Elechouse numbers them 1 and 2, Adafruit SEL0 and SEL1, the data sheet I0 and I1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switches {
    /// Switch 1, SEL0, I0: "on" or "off".
    pub one: String,
    /// Switch 2, SEL1, I1.
    pub two: String,
}

/// One wire.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    /// The chip's pin, as the data sheet names it.
    pub chip: String,
    /// What Elechouse's board calls it.
    pub elechouse: String,
    /// What Adafruit's board calls it.
    pub adafruit: String,
    /// Pin of the 40-pin header.
    pub pin: u8,
    /// BCM number of that pin, for a signal.
    pub gpio: Option<u8>,
    /// What the pin does for the Raspberry Pi, for a signal.
    pub role: Option<String>,
    /// `3V3` or `GND`, for a supply.
    pub rail: Option<String>,
    /// WireViz's two letters.
    pub colour: String,
}

impl Table {
    /// Reads the text of `pins.toml`.
    ///
    /// # Errors
    /// Says where the text is not of the form above.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context("reading the table of pins")
    }

    /// Every wire of one link, its own ones first.
    #[must_use]
    pub fn wires<'a>(&'a self, link: &'a Link) -> Vec<&'a Wire> {
        let Shared { supply, ground, reset, irq } = &self.shared;
        link.wire.iter().chain([supply, ground, reset, irq]).collect()
    }

    /// Whether a reader works without this wire.
    #[must_use]
    pub fn is_optional(&self, wire: &Wire) -> bool {
        wire.pin == self.shared.irq.pin
    }

    /// A line of the header as the kiosk's settings name it.
    #[must_use]
    pub fn line(&self, wire: &Wire) -> Option<String> {
        Some(format!("{}:{}", self.board.first()?.gpiochip, wire.gpio?))
    }
}
