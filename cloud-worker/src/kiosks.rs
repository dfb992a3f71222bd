//! Kiosks by the dozen: each gets a folder with its settings and a one-time code, ready to be copied to it. It makes its own
//! key, redeems the code, and works once its owner has compared four words.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use data_encoding::BASE32;
use postgres::Client;
use tapcard_protocol::access::Kind;
use tapcard_protocol::enrolment::plain;
use tapcard_protocol::{AccountId, TerminalId};

use crate::config::Config;
use crate::database::Prepared;
use crate::store::{enrolment, terminal};
use crate::{database, draw, keys, one_time};

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
    /// The cloud as they reach it, such as `https://cards.example.org`.
    pub(crate) cloud: String,
    /// Where the folders go.
    pub(crate) out: PathBuf,
}

/// A kiosk that awaits its device.
pub(crate) struct Awaited {
    pub(crate) terminal: TerminalId,
    pub(crate) place: String,
    pub(crate) folder: PathBuf,
    /// As its settings have it. It is shown to the operator once.
    pub(crate) code: String,
}

/// Makes them ready.
///
/// # Errors
/// Fails when the account does not exist or a folder cannot be made; those before it are ready then.
pub(crate) fn add(config: &Config, order: &Order) -> anyhow::Result<Vec<Awaited>> {
    let mut db = database::connect(&config.postgres)?;
    (1..=order.count).map(|number| one(config, &mut db, order, place(order, number))).collect()
}

/// Switches a kiosk off, and makes another ready in its place.
///
/// # Errors
/// Fails when there is no such kiosk, or it is switched off already.
pub(crate) fn replace(config: &Config, old: TerminalId, order: Order) -> anyhow::Result<Awaited> {
    let mut db = database::connect(&config.postgres)?;
    let found = terminal::find(&mut db, &mut Prepared::default(), &[old])?;
    let it = found.get(&old).filter(|it| it.kind != Kind::Phone);
    let it = it.with_context(|| format!("there is no kiosk {old}"))?;
    let name = terminal::place_of(&mut db, old)?;
    let is_over = || format!("the kiosk {old} is switched off already");
    anyhow::ensure!(enrolment::is_in_use(&mut db, old)?, is_over());
    let order = Order { owner: it.account, kind: it.kind, name: name.clone(), ..order };
    // The old one goes once the new one is ready.
    let new = one(config, &mut db, &order, name)?;
    anyhow::ensure!(enrolment::end(&mut db, it.account, old)?, is_over());
    Ok(new)
}

fn place(order: &Order, number: u16) -> String {
    if order.count == 1 { order.name.clone() } else { format!("{} {number}", order.name) }
}

fn one(config: &Config, db: &mut Client, order: &Order, place: String) -> anyhow::Result<Awaited> {
    let id = TerminalId::new(draw::number());
    let code = code(draw::bytes());
    let mut tx = db.transaction().context("beginning")?;
    terminal::add(&mut tx, id, order.owner, order.kind)?;
    terminal::place(&mut tx, id, &place)?;
    enrolment::open(
        &mut tx,
        id,
        &one_time::sealed_enrolment(&keys::codes(&config.keys)?, id, &code),
    )?;
    let folder = order.out.join(id.to_string());
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let page = Some(config.http.url.as_str()).filter(|it| it.starts_with("https://"));
    let settings = settings(order, (id, &code), &place, page);
    write_secret(&folder.join("kiosk.toml"), &settings).context("writing a kiosk's settings")?;
    tx.commit().context("committing")?;
    Ok(Awaited { terminal: id, place, folder, code })
}

/// A code of 80 bits, parted so that people can read it out.
fn code(drawn: [u8; 10]) -> String {
    let text = plain(&BASE32.encode(&drawn));
    let parts = [&text[..4], &text[4..8], &text[8..12], &text[12..]];
    parts.join("-")
}

/// The kiosks as a table for whoever sets them up, with their codes.
///
/// # Errors
/// Fails when the file cannot be made; it never replaces one.
pub(crate) fn table(path: &Path, kiosks: &[Awaited]) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["terminal", "place", "folder", "code"]).context("writing a table")?;
    for it in kiosks {
        let folder = it.folder.display().to_string();
        csv.write_record([&it.terminal.to_string(), &it.place, &folder, &it.code])
            .context("writing a table")?;
    }
    let bytes = csv.into_inner().ok().context("writing a table")?;
    let text = String::from_utf8(bytes).context("writing a table")?;
    write_secret(path, &text).with_context(|| format!("{} cannot be written", path.display()))
}

/// What a kiosk cannot guess; everything else is as `tapcard-kiosk --print-config` says.
fn settings(
    order: &Order,
    (terminal, code): (TerminalId, &str),
    place: &str,
    page: Option<&str>,
) -> String {
    let text = |it: &str| toml::Value::from(it).to_string();
    let page = page.map(|it| format!("page = {}\n", text(it))).unwrap_or_default();
    let introduces = if order.kind == Kind::OrganiserKiosk { "introduces = true\n" } else { "" };
    format!(
        "# For /etc/tapcard on the kiosk.\nguide = true\naccount = \"{}\"\nterminal = \"{terminal}\"\ncloud = {}\ncode = \"{code}\"\n\
         broker = {}\nplace = {}\n{page}{introduces}",
        order.owner,
        text(&order.cloud),
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
            cloud: "https://cards.example.org".to_owned(),
            out: PathBuf::new(),
        };
        let place = place(&order, 2);
        let text = settings(
            &order,
            (TerminalId::new(7), "abcd-efgh"),
            &place,
            Some("https://cards.example.org"),
        );
        let read: toml::Table = text.parse().unwrap();
        assert_eq!(read["place"].as_str(), Some("Hall \"3\"\\ B12 2"));
        assert_eq!(read["terminal"].as_str(), Some(TerminalId::new(7).to_string().as_str()));
        assert_eq!(read["page"].as_str(), Some("https://cards.example.org"));
        assert_eq!(read["code"].as_str(), Some("abcd-efgh"));
        assert_eq!(read["guide"].as_bool(), Some(true));
    }

    #[test]
    fn a_code_can_be_read_out() {
        assert_eq!(code([0; 10]), "aaaa-aaaa-aaaa-aaaa");
        let code = code(*b"0123456789");
        assert_eq!((code.len(), plain(&code).len()), (19, 16));
    }
}
