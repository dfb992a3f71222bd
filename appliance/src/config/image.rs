//! What a flashed card needs to know beside the kiosk's own settings: the kiosk itself passes over it.

use std::net::IpAddr;

use serde::{Deserialize, Deserializer};

use super::Config;

/// Longest name of a wireless network, in bytes (IEEE 802.11, SSID element).
const MAX_NETWORK: usize = 32;
/// Shortest and longest password of WPA, in characters.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=63;

/// The `[image]` section.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "kiosk.toml says it, and a test reads that file")]
pub struct ImageConfig {
    #[serde(deserialize_with = "pem")]
    pub ca: Option<String>,
    pub timezone: Option<String>,
    pub ntp: Vec<String>,
    #[serde(deserialize_with = "proxy")]
    pub proxy: Option<String>,
    pub rotation: u16,
    pub scale: Option<f32>,
    pub wifi: Vec<WifiConfig>,
    pub wired: Option<WiredConfig>,
}

/// A wireless network: open, with a password, or with a user's name and password.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "kiosk.toml says it")]
pub struct WifiConfig {
    pub name: String,
    #[serde(default)]
    pub password: Option<String>,
    #[serde(default)]
    pub user: Option<String>,
}

/// A cable whose network gives no addresses.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "kiosk.toml says it")]
pub struct WiredConfig {
    #[serde(deserialize_with = "address")]
    pub address: String,
    pub gateway: IpAddr,
    #[serde(default)]
    pub dns: Vec<IpAddr>,
}

pub(super) fn check(config: &Config) -> Result<(), String> {
    let Some(image) = &config.image else { return Ok(()) };
    if image.ca.is_some() && config.ca_sha256.is_some() {
        return Err("`ca` and `ca_sha256` say the same; one is enough".into());
    }
    if let Some(zone) = &image.timezone {
        // Whether there is such a zone, the image's own list says.
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "_+-/".contains(it);
        if zone.is_empty() || !zone.chars().all(is_plain) || zone.starts_with('/') {
            return Err("`timezone` must be a name such as \"Europe/Berlin\"".into());
        }
    }
    let is_host = |it: &String| {
        !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || b".-:".contains(&it))
    };
    if !image.ntp.iter().all(is_host) {
        return Err("`ntp` must be a list of hosts".into());
    }
    if ![0, 90, 180, 270].contains(&image.rotation) {
        return Err("`rotation` must be 0, 90, 180 or 270".into());
    }
    if image.scale.is_some_and(|it| !(0.5..=3.0).contains(&it)) {
        return Err("`scale` must be 0.5 to 3.0".into());
    }
    image.wifi.iter().try_for_each(check_wifi)
}

/// Never repeats a password.
fn check_wifi(wifi: &WifiConfig) -> Result<(), String> {
    let WifiConfig { name, password, user } = wifi;
    if name.is_empty() || name.len() > MAX_NETWORK {
        return Err(format!("a `wifi`'s `name` must have 1 to {MAX_NETWORK} bytes"));
    }
    let has_line_break =
        |it: &Option<String>| it.as_deref().is_some_and(|it| it.contains(['\n', '\r']));
    if has_line_break(password) || has_line_break(user) || name.contains(['\n', '\r']) {
        return Err("a `wifi`'s settings must each be one line".into());
    }
    match (user, password) {
        (Some(_), None) => Err("a `wifi` with a `user` needs a `password`".into()),
        (None, Some(it)) if !PASSWORD.contains(&it.chars().count()) => {
            Err("a `wifi`'s `password` must have 8 to 63 characters".into())
        }
        _ => Ok(()),
    }
}

fn pem<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_one = text.contains("-----BEGIN CERTIFICATE-----");
    is_one
        .then_some(Some(text))
        .ok_or_else(|| serde::de::Error::custom("must be a certificate in PEM"))
}

fn proxy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let host = text.strip_prefix("http://").unwrap_or_default();
    let is_plain = !host.is_empty() && host.bytes().all(|it| it.is_ascii_graphic() && it != b'"');
    is_plain
        .then_some(Some(text))
        .ok_or_else(|| serde::de::Error::custom("must be http://HOST:PORT"))
}

/// Such as 192.0.2.20/24.
fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parts = text.split_once('/').and_then(|(address, bits)| {
        Some((address.parse::<IpAddr>().ok()?, bits.parse::<u8>().ok()?))
    });
    match parts {
        Some((IpAddr::V4(_), 1..=32) | (IpAddr::V6(_), 1..=128)) => Ok(text),
        _ => Err(serde::de::Error::custom("must be ADDRESS/BITS, such as 192.0.2.20/24")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    const LEAST: &str = "cloud = \"https://a.example\"\n[image]\n";

    fn problem(line: &str) -> String {
        parse(&format!("{LEAST}{line}")).err().unwrap()
    }

    #[test]
    fn a_bad_setting_is_named_by_its_line() {
        assert_eq!(problem("ca = \"x\""), "line 3, `ca`: must be a certificate in PEM");
        assert_eq!(problem("proxy = \"ftp://x\""), "line 3, `proxy`: must be http://HOST:PORT");
        assert!(problem("zone = 1").starts_with("line 3, `zone`: unknown field"));
        assert!(
            problem("[image.wired]\naddress = \"192.0.2.1\"\ngateway = \"192.0.2.2\"")
                .starts_with("line 4, `address`: must be ADDRESS/BITS")
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (line, word) in [
            ("timezone = \"../etc/passwd\\n\"", "`timezone`"),
            ("ntp = [\"a b\"]", "`ntp`"),
            ("rotation = 45", "`rotation`"),
            ("scale = 9.0", "`scale`"),
            ("wifi = [{ name = \"\" }]", "`name`"),
            ("wifi = [{ name = \"Hall\", user = \"x\" }]", "`password`"),
            ("wifi = [{ name = \"Hall\\n[ipv4]\" }]", "one line"),
        ] {
            let said = problem(line);
            assert!(said.contains(word), "{line}: {said}");
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        let said = problem("wifi = [{ name = \"Hall\", password = \"secret\" }]");
        assert_eq!(said, "a `wifi`'s `password` must have 8 to 63 characters");
    }
}
