//! The kiosk's settings: one TOML file, read once. What is wrong with it is said in one sentence.

mod broker;
mod cloud;
mod desk;
mod image;
mod reader;
mod signals;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use tapcard_protocol::enrolment::MAX_NAME;
use tapcard_protocol::{AccountId, Region, TerminalId};
use thiserror::Error;

use crate::language::Language;
use crate::session::{Consent, MIN_PIN, Mode, Unattended};
use crate::trust::Fingerprint;
pub use broker::Broker;
pub use desk::DeskConfig;
pub use image::{ImageConfig, WifiConfig, WiredConfig};
pub use reader::{CardConfig, ReaderConfig};
pub use signals::SignalsConfig;

/// The commented file with every setting, for `--print-config`.
pub const DEFAULT: &str = include_str!("../kiosk.toml");
/// The exit code for settings that cannot be used (`EX_CONFIG` of `sysexits.h`).
pub const EXIT_CODE: u8 = 78;
/// Most bytes of a place's name, as the wire contract has it.
const MAX_PLACE: usize = 200;
/// Most characters of the page's host, as the domain name system has it.
const MAX_HOST: usize = 253;
/// Most digits of a PIN.
const MAX_PIN: usize = 8;

/// Every setting; `kiosk.toml` says what each means.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "kiosk.toml says it, and a test reads that file")]
pub struct Config {
    #[serde(default)]
    pub account: Option<AccountId>,
    #[serde(default)]
    pub terminal: Option<TerminalId>,
    #[serde(default)]
    pub guide: bool,
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "cloud::address")]
    pub cloud: Option<String>,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default = "cloud::key_file")]
    pub key_file: PathBuf,
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "cloud::fingerprint")]
    pub ca_sha256: Option<Fingerprint>,
    #[serde(default, deserialize_with = "region")]
    pub region: Option<Region>,
    #[serde(default = "broker::local", deserialize_with = "broker::list")]
    pub broker: Vec<Broker>,
    #[serde(default = "store")]
    pub store: PathBuf,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub event: String,
    #[serde(default)]
    pub place: String,
    #[serde(default)]
    pub cloud_consent: Consent,
    #[serde(default)]
    pub unattended: Unattended,
    #[serde(default)]
    pub introduces: bool,
    #[serde(default)]
    pub language: Language,
    #[serde(default = "mode")]
    pub mode: Mode,
    #[serde(default, deserialize_with = "pin")]
    pub staff_pin: Option<String>,
    #[serde(default = "retention_hours")]
    pub retention_hours: u32,
    #[serde(default, deserialize_with = "page")]
    pub page: Option<String>,
    #[serde(default)]
    pub stick: Option<PathBuf>,
    #[serde(default)]
    pub reader: ReaderConfig,
    #[serde(default)]
    pub card: CardConfig,
    #[serde(default)]
    pub signals: SignalsConfig,
    #[serde(default)]
    pub owner: Option<OwnerConfig>,
    #[serde(default)]
    pub screen: ScreenConfig,
    #[serde(default)]
    pub upkeep: Option<UpkeepConfig>,
    #[serde(default)]
    pub image: Option<ImageConfig>,
}

impl Config {
    /// Where the kiosk stands, as visitors see it and their partners read it: the event, and the place there.
    pub fn whereabouts(&self) -> String {
        let said = [&self.event, &self.place].map(|it| it.trim());
        said.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// The owner's card until the cloud's own arrives.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "kiosk.toml says it")]
pub struct OwnerConfig {
    pub name: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub organisation: String,
}

/// Where updates and settings wait, and which version was good last.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "kiosk.toml says it")]
pub struct UpkeepConfig {
    pub inbox: PathBuf,
    pub floor: PathBuf,
}

/// How large the picture is, in pixels, where no screen says so, and how long the thanks stand.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "kiosk.toml says it")]
pub struct ScreenConfig {
    pub width: u32,
    pub height: u32,
    pub thanks_seconds: u32,
}

impl ScreenConfig {
    /// How long the thanks stand.
    pub fn thanks(&self) -> Duration {
        Duration::from_secs(self.thanks_seconds.into())
    }
}

impl Default for ScreenConfig {
    fn default() -> Self {
        Self { width: 1024, height: 600, thanks_seconds: 10 }
    }
}

/// Why the settings cannot be used: names the file and the key.
#[derive(Debug, Error)]
#[error("{}: {problem}", path.display())]
pub struct BadConfig {
    path: PathBuf,
    problem: String,
}

/// Reads a file.
///
/// # Errors
/// Says in one sentence what is wrong with it.
pub fn load(path: &Path) -> Result<Config, BadConfig> {
    load_as(path, parse)
}

/// Reads what a badge desk needs of a file.
///
/// # Errors
/// Says in one sentence what is wrong with it.
pub fn load_desk(path: &Path) -> Result<DeskConfig, BadConfig> {
    load_as(path, from_toml)
}

fn load_as<T>(path: &Path, parse: fn(&str) -> Result<T, String>) -> Result<T, BadConfig> {
    let bad = |problem| BadConfig { path: path.to_owned(), problem };
    let text = std::fs::read_to_string(path).map_err(|it| bad(it.to_string()))?;
    parse(&text).map_err(bad)
}

/// Reads a text.
///
/// # Errors
/// Says in one sentence what is wrong with it, and in which line.
pub fn parse(text: &str) -> Result<Config, String> {
    let config: Config = from_toml(text)?;
    check(&config)?;
    Ok(config)
}

fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| {
        if error.message().starts_with("missing field") {
            return error.message().to_owned();
        }
        let line =
            error.span().map(|it| 1 + text[..it.start.min(text.len())].matches('\n').count());
        let key =
            line.and_then(|it| text.lines().nth(it - 1)?.split_once('=')).map(|it| it.0.trim());
        // Never the line itself: it may hold the PIN.
        match (line, key) {
            (Some(line), Some(key)) => format!("line {line}, `{key}`: {}", error.message()),
            _ => error.message().to_owned(),
        }
    })
}

fn check(config: &Config) -> Result<(), String> {
    if config.account.is_some_and(|it| it.as_u64() == 0) {
        return Err("`account` must be the account's number, not the sample's zeros".into());
    }
    if config.terminal.is_some_and(|it| it.as_u64() == 0) {
        return Err("`terminal` must be the terminal's number, not the sample's zeros".into());
    }
    if config.account.is_some() != config.terminal.is_some() {
        return Err("`account` and `terminal` belong together".into());
    }
    if config.introduces && config.account.is_none() {
        return Err("`introduces` needs an `account`: `tapcard-worker kiosk add --organiser` makes such a kiosk".into());
    }
    cloud::check(config)?;
    image::check(config)?;
    if config.name.chars().count() > MAX_NAME || config.name.chars().any(char::is_control) {
        return Err(format!("`name` must be one line of at most {MAX_NAME} characters"));
    }
    if config.whereabouts().len() > MAX_PLACE {
        return Err(format!("`event` and `place` must have at most {MAX_PLACE} bytes together"));
    }
    let ScreenConfig { width, height, thanks_seconds } = config.screen;
    if !(320..=4096).contains(&width) || !(320..=4096).contains(&height) {
        return Err("`screen` must be 320 to 4096 pixels wide and high".into());
    }
    if config.signals.volume > 100 {
        return Err("`volume` must be 0 to 100".into());
    }
    if !(2..=60).contains(&thanks_seconds) {
        return Err("`thanks_seconds` must be 2 to 60".into());
    }
    Ok(())
}

fn store() -> PathBuf {
    "/var/lib/tapcard/kiosk.db".into()
}

fn mode() -> Mode {
    Mode::Both
}

fn retention_hours() -> u32 {
    24
}

fn region<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Region>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

/// Without a path: what comes behind the host is the touch's, in capitals where that saves room.
fn page<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = || serde::de::Error::custom("must be https://HOST, without anything behind it");
    let page = text.trim_end_matches('/');
    let host = page.strip_prefix("https://").ok_or_else(wrong)?;
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-.:[]".contains(&it);
    let is_host = !host.is_empty() && host.len() <= MAX_HOST && host.bytes().all(is_plain);
    if is_host { Ok(Some(page.to_owned())) } else { Err(wrong()) }
}

/// Whatever is wrong, the message does not repeat the PIN.
fn pin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = toml::Value::deserialize(deserializer)?;
    let digits = value.as_str().filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
    digits
        .filter(|it| (MIN_PIN..=MAX_PIN).contains(&it.len()))
        .map(|it| Some(it.to_owned()))
        .ok_or_else(|| serde::de::Error::custom("must be 4 to 8 digits in quotation marks"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str =
        "account = \"0000000000001\"\nterminal = \"0000000000002\"\ntoken_file = \"t\"\n";

    fn with(line: &str) -> Result<Config, String> {
        parse(&format!("{LEAST}{line}"))
    }

    fn problem(line: &str) -> String {
        with(line).err().unwrap()
    }

    #[test]
    fn a_badge_desk_takes_a_kiosks_settings_or_the_readers_alone() {
        let desk = |text: &str| from_toml::<DeskConfig>(text);
        let reader = "reader.port = \"/dev/ttyUSB0\"\n";
        let whole = desk(&DEFAULT.replace("# page", "page").replace("# region", "region")).unwrap();
        assert_eq!(whole.page.as_deref(), Some("https://cards.example.org"));
        assert_eq!(whole.region, "DE".parse().ok());
        let least = desk(reader).unwrap();
        assert_eq!(least.reader.settings().port.to_str(), Some("/dev/ttyUSB0"));
        assert!(least.page.is_none() && least.region.is_none());
        let problem = desk("[reader]\nprot = \"x\"\n").err().unwrap();
        assert!(problem.contains("line 2, `prot`"), "{problem}");
    }

    #[test]
    fn the_commented_file_shows_the_defaults() {
        let filled = DEFAULT.replace("0000000000000", "0000000000001");
        let sample = parse(&filled).unwrap();
        let least = with("").unwrap();
        assert_eq!(sample.broker, least.broker);
        assert_eq!(sample.store, least.store);
        assert_eq!(sample.mode, least.mode);
        assert_eq!(sample.retention_hours, least.retention_hours);
        assert_eq!(sample.reader.settings(), least.reader.settings());
        assert_eq!(sample.card, least.card);
        assert_eq!(sample.signals.settings(), least.signals.settings());
        assert!(sample.page.is_none());
        assert_eq!((sample.screen.width, sample.screen.height), (1024, 600));
        assert_eq!(sample.screen.thanks_seconds, least.screen.thanks_seconds);
        assert!(sample.staff_pin.is_none() && sample.owner.is_none());
    }

    #[test]
    fn every_setting_is_in_the_commented_file() {
        let uncommented: String = DEFAULT
            .lines()
            .map(|it| match it.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") || rest.starts_with('[') => format!("{rest}\n"),
                _ => format!("{it}\n"),
            })
            .collect();
        let all = uncommented.replace("0000000000000", "0000000000001");
        assert!(from_toml::<Config>(&all).unwrap().ca_sha256.is_some());
        // All but one of those that say the same.
        let once: Vec<_> = all.lines().filter(|it| !it.starts_with("ca_sha256")).collect();
        let config = parse(&once.join("\n")).unwrap();
        assert!(config.staff_pin.is_some() && config.owner.is_some() && config.region.is_some());
        assert_eq!(config.page.as_deref(), Some("https://cards.example.org"));
        let reader = config.reader.settings();
        assert!(reader.reset.is_some() && reader.irq.is_some());
        let signals = config.signals.settings();
        assert!(!signals.player.is_empty() && signals.lamp.is_some() && config.stick.is_some());
    }

    #[test]
    fn a_kiosk_stands_at_an_event_and_at_a_place_there() {
        let of = |lines: &str| with(lines).map(|it| it.whereabouts());
        assert_eq!(of(""), Ok(String::new()));
        assert_eq!(of("place = \"Hall 3\""), Ok("Hall 3".into()));
        assert_eq!(of("event = \" Fair \"\nplace = \"Hall 3\""), Ok("Fair, Hall 3".into()));
        let long = format!("event = \"{0}\"\nplace = \"{0}\"", "x".repeat(100));
        let problem = of(&long).unwrap_err();
        assert_eq!(problem, "`event` and `place` must have at most 200 bytes together");
        let long = of(&format!("name = \"{}\"", "ä".repeat(41))).unwrap_err();
        assert_eq!(long, "`name` must be one line of at most 40 characters");
        assert!(with(&format!("name = \"{}\"", "ä".repeat(40))).is_ok());
    }

    #[test]
    fn a_bad_setting_is_named() {
        let half = parse("account = \"0000000000001\"").err().unwrap();
        assert_eq!(half, "`account` and `terminal` belong together");
        let nobodys = parse("cloud = \"https://a.example\"\nintroduces = true").err().unwrap();
        assert!(nobodys.starts_with("`introduces` needs an `account`"), "{nobodys}");
        assert!(parse("cloud = \"https://a.example\"").is_ok());
        assert!(parse("token_file = \"t\"").err().unwrap().contains("needs `cloud`"));
        assert!(problem("brocker = 1").contains("`brocker`"));
        assert_eq!(problem("broker = \"ftp://x\""), "line 4, `broker`: must be mqtts://HOST:PORT");
        assert!(problem("mode = \"swap\"").starts_with("line 4, `mode`: unknown variant"));
        assert!(problem("region = \"Germany\"").contains("`region`: a region is two capital"));
        assert!(problem("[screen]\nwidth = 5").contains("`screen`"));
        assert!(problem("[signals]\nvolume = 101").contains("`volume`"));
        assert!(problem("[signals]\nlamp = \"x\"").contains("`lamp`"));
        assert!(problem("[screen]\nthanks_seconds = 1").contains("`thanks_seconds`"));
        assert!(problem(&format!("place = \"{}\"", "x".repeat(201))).contains("`place`"));
        assert!(parse(DEFAULT).err().unwrap().contains("`account`"));
    }

    #[test]
    fn a_page_is_a_host_and_nothing_else() {
        let of = |it: &str| with(&format!("page = \"{it}\"")).map(|it| it.page);
        assert_eq!(of("https://a.example/").unwrap().as_deref(), Some("https://a.example"));
        for wrong in ["http://a.example", "https://", "https://a.example/x", "https://a b", "a"] {
            let problem = of(wrong).err().unwrap();
            assert_eq!(problem, "line 4, `page`: must be https://HOST, without anything behind it");
        }
    }

    #[test]
    fn a_bad_pin_is_not_repeated() {
        for pin in ["123", "135790", "\"13579x\"", "\"135791357\"", "\"135\""] {
            let problem = problem(&format!("staff_pin = {pin}"));
            assert!(problem.contains("`staff_pin`") && !problem.contains("135"), "{problem}");
        }
        assert_eq!(with("staff_pin = \"0042\"").unwrap().staff_pin.unwrap(), "0042");
    }

    #[test]
    fn a_broker_is_a_host_and_a_port() {
        let of = |it: &str| with(&format!("broker = \"{it}\"")).map(|it| it.broker);
        let is =
            |host: &str, port, is_secret| Ok(vec![Broker { host: host.into(), port, is_secret }]);
        assert_eq!(of("mqtts://b.example"), is("b.example", 8883, true));
        assert_eq!(of("mqtts://[2001:db8::1]"), is("2001:db8::1", 8883, true));
        assert_eq!(of("mqtt://[::1]:1884/"), is("::1", 1884, false));
        assert_eq!(of("mqtt://localhost"), is("localhost", 1883, false));
        // A token that everybody on the way can read is nobody's own.
        assert!(of("mqtt://b.example").is_err());
    }

    #[test]
    fn a_cluster_is_a_list_of_brokers() {
        let list = with("broker = [\"mqtts://b.example\", \"mqtts://c.example:1884\"]").unwrap();
        let of = |host: &str, port| Broker { host: host.into(), port, is_secret: true };
        assert_eq!(list.broker, [of("b.example", 8883), of("c.example", 1884)]);
        assert_eq!(problem("broker = []"), "line 4, `broker`: must name at least one broker");
        for wrong in ["[\"mqtts://b.example\", \"ftp://x\"]", "[1]", "1883"] {
            let problem = problem(&format!("broker = {wrong}"));
            assert_eq!(problem, "line 4, `broker`: must be mqtts://HOST:PORT");
        }
    }
}
