//! Where the broker is: one, or those of a cluster.

use serde::{Deserialize, Deserializer};

/// The ports of MQTT and of MQTT over TLS, as IANA has them.
const PLAIN_PORT: u16 = 1883;
const SECRET_PORT: u16 = 8883;

/// Where the MQTT broker listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it is spoken to over TLS; without, only on this machine.
    pub is_secret: bool,
}

pub(super) fn local() -> Vec<Broker> {
    vec![Broker { host: "127.0.0.1".into(), port: PLAIN_PORT, is_secret: false }]
}

/// One address, or a list of those of a cluster.
pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Broker>, D::Error> {
    let wrong = || serde::de::Error::custom("must be mqtts://HOST:PORT");
    let list = match toml::Value::deserialize(deserializer)? {
        toml::Value::Array(list) if list.is_empty() => {
            return Err(serde::de::Error::custom("must name at least one broker"));
        }
        toml::Value::Array(list) => list,
        it => vec![it],
    };
    list.iter().map(|it| it.as_str().and_then(one).ok_or_else(wrong)).collect()
}

fn one(text: &str) -> Option<Broker> {
    let secret = text.strip_prefix("mqtts://");
    let rest = secret.or(text.strip_prefix("mqtt://"))?.trim_end_matches('/');
    let usual = if secret.is_some() { SECRET_PORT } else { PLAIN_PORT };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.ends_with(']') => {
            (host, port.parse().ok()?)
        }
        _ => (rest, usual),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_host = !host.is_empty() && !host.contains(['/', '@']);
    let is_safe = secret.is_some() || ["127.0.0.1", "localhost", "::1"].contains(&host);
    (is_host && is_safe).then(|| Broker {
        host: host.to_owned(),
        port,
        is_secret: secret.is_some(),
    })
}
