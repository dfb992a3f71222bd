//! The one configuration file.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

/// The commented default file.
pub(crate) const DEFAULT: &str = include_str!("../worker.toml");

/// What an operator sets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Postgres' connection string.
    pub(crate) postgres: String,
    /// The broker's URL, `mqtt://host:port`.
    pub(crate) broker: String,
    /// The folder of key files.
    pub(crate) keys: PathBuf,
    /// The web part.
    pub(crate) http: Http,
}

/// Where the phone's page is served.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Http {
    /// Address and port; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// The broker's WebSocket URL as a browser sees it.
    pub(crate) broker: String,
    /// Where to write the real address after binding.
    #[serde(default)]
    pub(crate) address_file: Option<PathBuf>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// Names the file, and the line that is wrong.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Config> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("the configuration {} cannot be read", path.display()))?;
        toml::from_str(&text)
            .with_context(|| format!("the configuration {} is wrong", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_is_a_configuration() {
        let config: Config = toml::from_str(DEFAULT).unwrap();
        assert_eq!(config.http.listen.port(), 8080);
    }

    #[test]
    fn an_unknown_key_is_named() {
        let wrong = format!("colour = 1\n{DEFAULT}");
        assert!(toml::from_str::<Config>(&wrong).unwrap_err().to_string().contains("colour"));
    }
}
