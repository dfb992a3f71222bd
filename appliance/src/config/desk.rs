//! The settings of a badge desk: those of a kiosk that it needs. A kiosk's own file will do, and so will
//! one with no more than `[reader]`.

use serde::Deserialize;
use tapcard_protocol::Region;

use super::ReaderConfig;

/// What a badge desk takes from the settings. Keys that are the kiosk's alone are passed over.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
#[expect(missing_docs, reason = "kiosk.toml says it")]
pub struct DeskConfig {
    #[serde(deserialize_with = "super::region")]
    pub region: Option<Region>,
    #[serde(deserialize_with = "super::page")]
    pub page: Option<String>,
    pub reader: ReaderConfig,
}
