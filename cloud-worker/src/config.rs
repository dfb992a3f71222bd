//! The one configuration file.

use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Deserializer};

/// The commented default file.
pub(crate) const DEFAULT: &str = include_str!("../worker.toml");

/// What an operator sets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Postgres' connection string.
    pub(crate) postgres: String,
    /// The broker, or those of a cluster. When one is lost the next is tried.
    #[serde(deserialize_with = "brokers")]
    pub(crate) broker: Vec<Broker>,
    /// The folder of key files.
    pub(crate) keys: PathBuf,
    /// How to log in where no token of ours is read.
    #[serde(default)]
    pub(crate) login: Option<Login>,
    /// How the work is divided.
    #[serde(default)]
    pub(crate) work: Work,
    /// The web part.
    pub(crate) http: Http,
    /// How long things are kept.
    #[serde(default)]
    pub(crate) retention: Retention,
    /// How many numbers that nobody knows may be named.
    #[serde(default)]
    pub(crate) limits: Limits,
    /// How one-time codes get to numbers.
    #[serde(default)]
    pub(crate) sms: Option<Sms>,
    /// How they get to mail addresses. Without either nobody can sign in.
    #[serde(default)]
    pub(crate) mail: Option<Mail>,
}

/// How many numbers that nobody knows may be named on a day. Further ones are kept as they were read, and no account is
/// opened for them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// By each kiosk.
    pub(crate) new_numbers_of_a_kiosk: u32,
    /// By all phones of an account together.
    pub(crate) new_numbers_of_an_account: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { new_numbers_of_a_kiosk: 300, new_numbers_of_an_account: 50 }
    }
}

/// Where text messages go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sms {
    /// A folder that gets a file for each message, for a desk.
    pub(crate) spool: PathBuf,
    /// Most one-time codes of a day.
    #[serde(default = "codes_a_day")]
    pub(crate) codes_a_day: u32,
}

const fn codes_a_day() -> u32 {
    2_000
}

/// Where mail goes: to a spool or to a server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    /// A folder that gets a file for each mail, for a desk.
    #[serde(default)]
    pub(crate) spool: Option<PathBuf>,
    /// A mail server that takes our mail.
    #[serde(default)]
    pub(crate) submission: Option<Submission>,
    /// Most one-time codes of a day.
    #[serde(default = "codes_a_day")]
    pub(crate) codes_a_day: u32,
}

/// A mail server, spoken to over TLS alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Submission {
    /// Its name, as its certificate has it.
    pub(crate) host: String,
    /// Its port; 465, or 587 with STARTTLS.
    #[serde(default)]
    pub(crate) port: Option<u16>,
    /// TLS begins with STARTTLS, which is insisted on.
    #[serde(default)]
    pub(crate) starttls: bool,
    /// From whom the mail comes, such as `Tapcard <cards@example.org>`.
    pub(crate) from: String,
    /// How to log in.
    #[serde(default)]
    pub(crate) user: Option<String>,
    /// The file with the password, read when the program starts.
    #[serde(default)]
    pub(crate) password_file: Option<PathBuf>,
    /// A certificate to trust besides the system's.
    #[serde(default)]
    pub(crate) ca: Option<PathBuf>,
    /// The name of this machine, as the server should hear it.
    #[serde(default)]
    pub(crate) hello: Option<String>,
}

/// How long things are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Retention {
    /// Days after which an account is dropped that nobody has claimed.
    pub(crate) unclaimed_days: u32,
    /// Days after which an offer is dropped that nobody has answered.
    pub(crate) offer_days: u32,
    /// Days after which a message is dropped that was set aside.
    pub(crate) dead_letter_days: u32,
    /// Days after which an edition of a card is dropped that is not the current one.
    pub(crate) edition_days: u32,
    /// The log of erasures.
    pub(crate) erasures: PathBuf,
}

impl Default for Retention {
    fn default() -> Self {
        Retention {
            unclaimed_days: 400,
            offer_days: 400,
            dead_letter_days: 90,
            edition_days: 400,
            erasures: "/var/lib/tapcard/erasures.jsonl".into(),
        }
    }
}

/// How ingest and relay share their work with other workers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Work {
    /// Connections to Postgres and to the broker, for each of the two; each takes a fair share.
    pub(crate) connections: NonZeroU8,
    /// Most messages that share a transaction.
    pub(crate) batch: NonZeroU8,
    /// How long an account's partners are told nothing after they were told, in seconds.
    pub(crate) fanout_seconds: u32,
    /// Serve everything, whoever else does.
    pub(crate) everything: bool,
}

impl Default for Work {
    fn default() -> Self {
        Work {
            connections: NonZeroU8::MIN.saturating_add(1),
            // rumqttd leaves at most 100 unacknowledged.
            batch: NonZeroU8::MIN.saturating_add(99),
            fanout_seconds: 60,
            everything: false,
        }
    }
}

/// Where a broker listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broker {
    /// Its name or address.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
}

/// A name and a password that a broker knows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// The name.
    pub(crate) user: String,
    /// The file with the password, read at every connection.
    pub(crate) password_file: PathBuf,
}

/// Where the phone's page is served.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Http {
    /// Address and port; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// The broker's WebSocket URL as a browser sees it.
    pub(crate) broker: String,
    /// The page's own URL as a browser sees it.
    #[serde(default = "desk")]
    pub(crate) url: String,
    /// A connection string of its own, for a role that may do less.
    #[serde(default)]
    pub(crate) postgres: Option<String>,
    /// Where to write the real address after binding.
    #[serde(default)]
    pub(crate) address_file: Option<PathBuf>,
}

fn desk() -> String {
    "http://localhost".to_owned()
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

/// One address, or a list of them.
fn brokers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Broker>, D::Error> {
    let wrong = |it: &dyn std::fmt::Display| {
        serde::de::Error::custom(format!(
            "the broker's address {it} is not of the form mqtt://host:port"
        ))
    };
    let list = match toml::Value::deserialize(deserializer)? {
        toml::Value::Array(list) if list.is_empty() => {
            return Err(serde::de::Error::custom("the list of brokers is empty"));
        }
        toml::Value::Array(list) => list,
        one => vec![one],
    };
    list.iter().map(|it| it.as_str().and_then(broker).ok_or_else(|| wrong(it))).collect()
}

fn broker(text: &str) -> Option<Broker> {
    let (host, port) = text.strip_prefix("mqtt://")?.rsplit_once(':')?;
    let port = port.parse().ok()?;
    (!host.is_empty()).then(|| Broker { host: host.to_owned(), port })
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

    fn with(brokers: &str) -> Result<Config, String> {
        let text = DEFAULT.replace("\"mqtt://127.0.0.1:1883\"", brokers);
        toml::from_str(&text).map_err(|it| it.message().to_owned())
    }

    #[test]
    fn a_broker_is_an_address_or_a_list_of_them() {
        let of = |host: &str, port| Broker { host: host.into(), port };
        assert_eq!(with("\"mqtt://b.example:1884\"").unwrap().broker, [of("b.example", 1884)]);
        let list = with("[\"mqtt://b.example:1884\", \"mqtt://c.example:1885\"]").unwrap();
        assert_eq!(list.broker, [of("b.example", 1884), of("c.example", 1885)]);
        for wrong in ["\"b.example\"", "\"mqtt://:1\"", "[\"mqtt://b.example:x\"]", "1883"] {
            let problem = with(wrong).unwrap_err();
            assert!(problem.contains("is not of the form mqtt://host:port"), "{problem}");
        }
        assert_eq!(with("[]").unwrap_err(), "the list of brokers is empty");
    }

    /// The default file with everything that it only proposes.
    fn all_settings() -> Config {
        let is_setting = |it: &str| {
            it.starts_with('[') || it.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
        };
        let line =
            |it: &'static str| it.strip_prefix("# ").filter(|it| is_setting(it)).unwrap_or(it);
        toml::from_str(&DEFAULT.lines().map(line).collect::<Vec<_>>().join("\n")).unwrap()
    }

    #[test]
    fn what_is_proposed_is_the_default() {
        let config = all_settings();
        let (work, limits, kept) = (Work::default(), Limits::default(), Retention::default());
        assert_eq!(
            (config.work.fanout_seconds, config.work.batch),
            (work.fanout_seconds, work.batch)
        );
        assert_eq!(config.limits.new_numbers_of_a_kiosk, limits.new_numbers_of_a_kiosk);
        assert_eq!(config.limits.new_numbers_of_an_account, limits.new_numbers_of_an_account);
        assert_eq!(config.retention.erasures, kept.erasures);
        let days = |it: &Retention| {
            [it.unclaimed_days, it.offer_days, it.dead_letter_days, it.edition_days]
        };
        assert_eq!(days(&config.retention), days(&kept));
        assert!(!config.mail.unwrap().submission.unwrap().starttls);
        assert_eq!(config.sms.unwrap().codes_a_day, codes_a_day());
    }

    #[test]
    fn a_login_is_optional() {
        assert!(with("\"mqtt://b.example:1884\"").unwrap().login.is_none());
        assert_eq!(all_settings().login.unwrap().user, "worker");
    }
}
