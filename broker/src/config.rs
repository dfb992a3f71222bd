//! What the configuration file says. Secrets are not in it: the broker holds only public keys.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use tracing::level_filters::LevelFilter;

/// The commented default file.
pub const DEFAULT: &str = include_str!("../broker.toml");

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder of public keys, `{kid}.pem`.
    pub keys: PathBuf,
    /// Where the bound addresses are written, if anywhere.
    pub addresses_file: Option<PathBuf>,
    /// How much is logged.
    #[serde(default)]
    pub log: Log,
    /// Where clients connect.
    pub listen: Listen,
}

/// The listening addresses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// MQTT over TCP.
    pub tcp: SocketAddr,
    /// MQTT over WebSocket.
    pub ws: SocketAddr,
}

/// The least important lines that are still logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Log {
    /// Somebody must act.
    Error,
    /// The broker coped.
    Warn,
    /// Starts, stops and connections.
    #[default]
    Info,
    /// Everything of ours.
    Debug,
}

impl From<Log> for LevelFilter {
    fn from(log: Log) -> LevelFilter {
        match log {
            Log::Error => LevelFilter::ERROR,
            Log::Warn => LevelFilter::WARN,
            Log::Info => LevelFilter::INFO,
            Log::Debug => LevelFilter::DEBUG,
        }
    }
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// Names the file, and the line that is wrong.
    pub fn read(path: &Path) -> anyhow::Result<Config> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("reading the configuration {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in the configuration {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_is_a_configuration() {
        let config: Config = toml::from_str(DEFAULT).unwrap();
        assert_eq!(config.listen.tcp, "127.0.0.1:1883".parse().unwrap());
        assert_eq!(config.listen.ws, "127.0.0.1:8083".parse().unwrap());
        assert_eq!(config.log, Log::default());
        assert_eq!(config.addresses_file, None);
    }

    #[test]
    fn an_unknown_word_is_refused() {
        let error = toml::from_str::<Config>(&format!("kyes = 1\n{DEFAULT}")).unwrap_err();
        assert!(error.to_string().contains("kyes"), "{error}");
    }
}
