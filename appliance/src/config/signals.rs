//! The settings of what is heard and what shines.

use serde::Deserialize;
use tapcard_nfc::link::Pin;

use super::reader::pin;
use crate::signals::Settings;

/// A program that plays, how loud, and a lamp.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "kiosk.toml says it")]
pub struct SignalsConfig {
    pub player: Vec<String>,
    pub volume: u8,
    #[serde(deserialize_with = "pin")]
    pub lamp: Option<Pin>,
}

impl Default for SignalsConfig {
    fn default() -> Self {
        Self { player: Vec::new(), volume: 50, lamp: None }
    }
}

impl SignalsConfig {
    /// As the thread knows them.
    pub fn settings(&self) -> Settings {
        Settings { player: self.player.clone(), volume: self.volume, lamp: self.lamp.clone() }
    }
}
