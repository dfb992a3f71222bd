//! Kiosks by the dozen: each is enrolled, and gets a folder with its settings and its token, ready to be copied to it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::SignedDuration;
use tapcard_protocol::access::Kind;
use tapcard_protocol::{AccountId, TerminalId};

use crate::config::Config;
use crate::operator;

/// Most kiosks at a time.
pub(crate) const MOST: u16 = 1_000;

/// What is asked for.
pub(crate) struct Order {
    /// Whose kiosks.
    pub(crate) owner: AccountId,
    /// Kiosks that give and take, or such that only introduce.
    pub(crate) kind: Kind,
    /// Where they stand; of several each has a number behind it.
    pub(crate) name: String,
    /// How many.
    pub(crate) count: u16,
    /// The broker as they reach it.
    pub(crate) broker: String,
    /// How long their tokens last.
    pub(crate) life: SignedDuration,
    /// Where the folders go.
    pub(crate) out: PathBuf,
}

/// Enrols them; a line for each: terminal, place, folder.
///
/// # Errors
/// Fails when the account does not exist or a folder cannot be made; those before it are enrolled then.
pub(crate) fn add(config: &Config, order: &Order) -> anyhow::Result<Vec<String>> {
    (1..=order.count).map(|number| one(config, order, &place(order, number))).collect()
}

fn place(order: &Order, number: u16) -> String {
    if order.count == 1 { order.name.clone() } else { format!("{} {number}", order.name) }
}

fn one(config: &Config, order: &Order, place: &str) -> anyhow::Result<String> {
    let terminal = operator::add_terminal(config, order.owner, order.kind.name(), place)?;
    let token = operator::token(config, terminal, order.life)?;
    let folder = order.out.join(terminal.to_string());
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let page = Some(config.http.url.as_str()).filter(|it| it.starts_with("https://"));
    let settings = settings(order, terminal, place, page);
    fs::write(folder.join("kiosk.toml"), settings).context("writing a kiosk's settings")?;
    write_secret(&folder.join("token"), &token).context("writing a kiosk's token")?;
    Ok(format!("{terminal}\t{place}\t{}", folder.display()))
}

/// What a kiosk cannot guess; everything else is as `tapcard-kiosk --print-config` says.
fn settings(order: &Order, terminal: TerminalId, place: &str, page: Option<&str>) -> String {
    let text = |it: &str| toml::Value::from(it).to_string();
    let page = page.map(|it| format!("page = {}\n", text(it))).unwrap_or_default();
    format!(
        "# For /etc/tapcard on the kiosk, with the file `token` beside it.\naccount = \"{}\"\nterminal = \"{terminal}\"\n\
         token_file = \"/etc/tapcard/token\"\nbroker = {}\nplace = {}\n{page}",
        order.owner,
        text(&order.broker),
        text(place),
    )
}

fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_toml_whatever_a_place_is_called() {
        let order = Order {
            owner: AccountId::new(5),
            kind: Kind::Kiosk,
            name: "Hall \"3\"\\ B12".to_owned(),
            count: 2,
            broker: "mqtt://10.0.0.1:1883".to_owned(),
            life: SignedDuration::from_hours(1),
            out: PathBuf::new(),
        };
        let place = place(&order, 2);
        let text = settings(&order, TerminalId::new(7), &place, Some("https://cards.example.org"));
        let read: toml::Table = text.parse().unwrap();
        assert_eq!(read["place"].as_str(), Some("Hall \"3\"\\ B12 2"));
        assert_eq!(read["terminal"].as_str(), Some(TerminalId::new(7).to_string().as_str()));
        assert_eq!(read["page"].as_str(), Some("https://cards.example.org"));
    }
}
