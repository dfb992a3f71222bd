//! What the configuration file says. Secrets are not in it: the broker holds only public keys.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Deserialize;
use tracing::level_filters::LevelFilter;

/// The commented default file.
pub const DEFAULT: &str = include_str!("../broker.toml");

/// The whole file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The key set, a JSON file.
    pub keys: PathBuf,
    /// Where the bound addresses are written, if anywhere.
    pub addresses_file: Option<PathBuf>,
    /// How much is logged.
    #[serde(default)]
    pub log: Log,
    /// Where clients connect.
    pub listen: Listen,
    /// Certificates.
    #[serde(default)]
    pub tls: Tls,
    /// How much of everything.
    #[serde(default)]
    pub limits: Limits,
    /// What operators see.
    #[serde(default)]
    pub metrics: Metrics,
}

/// The listening addresses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// MQTT over TCP.
    pub tcp: Option<SocketAddr>,
    /// MQTT over TLS.
    pub tls: Option<SocketAddr>,
    /// MQTT over WebSocket.
    pub ws: Option<SocketAddr>,
    /// MQTT over WebSocket over TLS.
    pub wss: Option<SocketAddr>,
    /// Origins of pages that may connect over WebSocket.
    #[serde(default)]
    pub origins: Vec<String>,
}

/// Where certificates come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// The operator's certificate chain.
    pub certificate: Option<PathBuf>,
    /// The operator's private key.
    pub key: Option<PathBuf>,
    /// The folder of the broker's own authority and certificate.
    pub folder: PathBuf,
    /// What the broker's own certificate is good for.
    pub names: Vec<String>,
}

impl Default for Tls {
    fn default() -> Tls {
        Tls {
            certificate: None,
            key: None,
            folder: "/var/lib/tapcard/broker".into(),
            names: vec!["localhost".into(), "127.0.0.1".into()],
        }
    }
}

/// How much of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Clients at once.
    pub connections: usize,
    /// Sockets at once whose clients have not logged in.
    pub unverified: usize,
    /// Of those, how many of one address.
    pub unverified_per_address: usize,
    /// Failed logins a minute of one address that are answered at once.
    pub failed_logins: u32,
    /// Messages a second that a terminal may publish.
    pub publish_rate: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 20_000,
            unverified: 2_000,
            unverified_per_address: 500,
            failed_logins: 30,
            publish_rate: 50,
        }
    }
}

/// What operators see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// A loopback address.
    pub listen: Option<SocketAddr>,
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
    /// Names the file, and the line that is wrong or what does not fit together.
    pub fn read(path: &Path) -> anyhow::Result<Config> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("reading the configuration {}", path.display()))?;
        toml::from_str(&text)
            .map_err(anyhow::Error::from)
            .and_then(|it: Config| it.check().map(|()| it))
            .with_context(|| format!("in the configuration {}", path.display()))
    }

    fn check(&self) -> anyhow::Result<()> {
        let Listen { tcp, tls, ws, wss, .. } = &self.listen;
        ensure!([tcp, tls, ws, wss].iter().any(|it| it.is_some()), "[listen] names no address");
        let Tls { certificate, key, .. } = &self.tls;
        ensure!(
            certificate.is_some() == key.is_some(),
            "[tls] certificate and key go together: one is missing"
        );
        let Limits { connections, unverified, unverified_per_address, publish_rate, .. } =
            self.limits;
        let least = [connections, unverified, unverified_per_address, publish_rate as usize];
        ensure!(!least.contains(&0), "[limits] nobody could connect or publish with a limit of 0");
        let is_local = |it: SocketAddr| IpAddr::is_loopback(&it.ip());
        ensure!(
            self.metrics.listen.is_none_or(is_local),
            "[metrics] listen must be a loopback address, such as 127.0.0.1:9090"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Config> {
        let config: Config = toml::from_str(text)?;
        config.check().map(|()| config)
    }

    #[test]
    fn the_default_file_says_the_defaults() {
        let config = read(DEFAULT).unwrap();
        assert_eq!(config.listen.tcp, "127.0.0.1:1883".parse().ok());
        assert_eq!(config.listen.ws, "127.0.0.1:8083".parse().ok());
        assert_eq!((config.listen.tls, config.listen.wss), (None, None));
        assert_eq!(config.log, Log::default());
        assert_eq!(config.addresses_file, None);
        assert_eq!(config.tls, Tls::default());
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.metrics, Metrics::default());
    }

    #[test]
    fn what_is_optional_in_the_default_file_can_be_switched_on() {
        let all: Vec<&str> = DEFAULT
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|it| it.contains(" = ")).unwrap_or(line))
            .collect();
        let config = read(&all.join("\n")).unwrap();
        assert_eq!(config.listen.tls, "0.0.0.0:8883".parse().ok());
        assert_eq!(config.listen.wss, "0.0.0.0:8084".parse().ok());
        assert!(config.tls.certificate.is_some() && config.metrics.listen.is_some());
    }

    #[test]
    fn what_cannot_work_is_refused_with_a_sentence() {
        for (change, sentence) in [
            (("keys =", "kyes ="), "kyes"),
            (("# certificate = ", "certificate = "), "one is missing"),
            (("# listen = \"127.0.0.1:9090\"", "listen = \"0.0.0.0:9090\""), "loopback"),
            (("publish_rate = 50", "publish_rate = 0"), "nobody could"),
        ] {
            let error = read(&DEFAULT.replace(change.0, change.1)).unwrap_err();
            assert!(format!("{error:#}").contains(sentence), "{error:#}");
        }
        let nowhere = "keys = \"k\"\n[listen]\n";
        assert!(read(nowhere).unwrap_err().to_string().contains("no address"));
    }
}
