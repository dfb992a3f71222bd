//! What the operator does by hand: keys, accounts, terminals, tokens.

use std::fs;
use std::path::Path;

use anyhow::Context;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use jiff::SignedDuration;
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::enrolment::Base64;
use tapcard_protocol::{AccountId, Identifier, TerminalId, vcard};

use crate::config::Config;
use crate::database::Prepared;
use crate::export::{self, Form};
use crate::store::barred::Why;
use crate::store::client_offer::{self, Program};
use crate::store::enrolment::{self, Device};
use crate::store::{account, archive, erasure, terminal, wipe_order};
use crate::{database, draw, housekeeping, keys};

/// Makes an account for a phone number, with a card from a vCard file if there is one.
///
/// # Errors
/// Says what is wrong with the number or the file.
pub(crate) fn add_account(
    config: &Config,
    phone: &str,
    card: Option<&Path>,
) -> anyhow::Result<AccountId> {
    let phone = Identifier::phone(phone, None)
        .context("the number must be written with its country code")?;
    let card = card
        .map(|path| {
            let bytes =
                fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
            vcard::read(&bytes).with_context(|| format!("{} is refused", path.display()))
        })
        .transpose()?;
    let mut db = database::connect(&config.postgres)?;
    account::add(&mut db, &keys::numbers(&config.keys)?, &phone, card.as_ref().map(|it| &it.card))
}

/// A line about an account: its state, whether it has a card, and when it ends.
///
/// # Errors
/// Fails when there is no such account.
pub(crate) fn show_account(config: &Config, account: AccountId) -> anyhow::Result<String> {
    let mut db = database::connect(&config.postgres)?;
    let it = account::look(&mut db, account)?;
    let it = it.with_context(|| format!("there is no account {account}"))?;
    let end = it.cancel_at.map(|it| format!("\tends {it:.0}")).unwrap_or_default();
    Ok(format!("{account}\t{}\tedition {}{end}", it.state, it.edition.0))
}

/// All that an account holds.
///
/// # Errors
/// Fails when there is no such account.
pub(crate) fn export(config: &Config, account: AccountId, form: Form) -> anyhow::Result<String> {
    let mut db = database::connect(&config.postgres)?;
    let found = account::look(&mut db, account)?;
    found.with_context(|| format!("there is no account {account}"))?;
    export::write(&archive::read(&mut db, account)?, form)
}

/// Closes an account: in seven days, or at once for this reason.
///
/// # Errors
/// Fails when there is no such account, or it is closed.
pub(crate) fn cancel(
    config: &Config,
    account: AccountId,
    at_once: Option<Why>,
) -> anyhow::Result<()> {
    let mut db = database::connect(&config.postgres)?;
    match at_once {
        Some(why) => {
            let key = keys::numbers(&config.keys)?;
            housekeeping::erase_now(&mut db, &config.retention, &key, account, why)
        }
        None => {
            let planned = erasure::plan(&mut db, account, erasure::NOTICE_DAYS)?;
            anyhow::ensure!(planned, "there is no account {account}, or it is closed");
            Ok(())
        }
    }
}

/// Calls the end of an account off.
///
/// # Errors
/// Fails when no end was ahead.
pub(crate) fn keep(config: &Config, account: AccountId) -> anyhow::Result<()> {
    let kept = erasure::call_off(&mut database::connect(&config.postgres)?, account)?;
    anyhow::ensure!(kept, "the account {account} is not about to be closed");
    Ok(())
}

/// Enrols a terminal for an account.
///
/// # Errors
/// Fails when the account does not exist or the kind is unknown.
pub(crate) fn add_terminal(
    config: &Config,
    account: AccountId,
    kind: &str,
    place: &str,
) -> anyhow::Result<TerminalId> {
    let kind = kind_of(kind)?;
    let id = TerminalId::new(draw::number());
    let mut db = database::connect(&config.postgres)?;
    terminal::add(&mut db, id, account, kind)?;
    terminal::place(&mut db, id, place)?;
    Ok(id)
}

/// A line for each kiosk of an account.
///
/// # Errors
/// Fails with the database.
pub(crate) fn kiosks(config: &Config, owner: AccountId) -> anyhow::Result<Vec<String>> {
    let devices = enrolment::devices(&mut database::connect(&config.postgres)?, owner)?;
    let line = |it: &Device| {
        let state = match (it.is_awaited, it.to_compare) {
            _ if it.is_to_go => "to be erased",
            (true, _) => "awaited",
            (_, Some(_)) => "to be confirmed",
            _ => "in use",
        };
        let heard = it.seen_at.map_or("never".to_owned(), |it| format!("{it:.0}"));
        let Device { terminal, place, client, name, .. } = it;
        format!("{terminal}\t{place}\t{state}\t{client}\t{heard}\t{name}")
    };
    Ok(devices.iter().filter(|it| it.kind != Kind::Phone).map(line).collect())
}

/// Makes every token void that a terminal has; the gate cuts its connection.
///
/// # Errors
/// Fails when the terminal is not enrolled.
pub(crate) fn revoke(config: &Config, id: TerminalId) -> anyhow::Result<()> {
    terminal::revoke(&mut database::connect(&config.postgres)?, id)
}

/// Orders a kiosk to be erased, as soon as it is heard.
///
/// # Errors
/// Fails when there is no such kiosk, or it is switched off already.
pub(crate) fn wipe(config: &Config, id: TerminalId) -> anyhow::Result<()> {
    let mut db = database::connect(&config.postgres)?;
    let found = terminal::find(&mut db, &mut Prepared::default(), &[id])?;
    let it = found.get(&id).filter(|it| it.kind != Kind::Phone);
    let it = it.with_context(|| format!("there is no kiosk {id}"))?;
    let order = keys::order(&config.keys, id, Base64(draw::bytes()))?;
    let is_given = wipe_order::give(&mut db, it.account, &order)?;
    anyhow::ensure!(is_given, "the kiosk {id} is switched off already");
    Ok(())
}

/// Signs a token for an enrolled terminal.
///
/// # Errors
/// Fails when the terminal is not enrolled.
pub(crate) fn token(
    config: &Config,
    id: TerminalId,
    life: SignedDuration,
) -> anyhow::Result<String> {
    let mut db = database::connect(&config.postgres)?;
    let found = terminal::find(&mut db, &mut Prepared::default(), &[id])?;
    let it = found.get(&id).with_context(|| format!("there is no terminal {id}"))?;
    keys::terminal_token(
        &config.keys,
        &Party::Terminal { kind: it.kind, account: it.account, terminal: id },
        life,
    )
}

/// Offers a version of a program to every terminal of a kind.
///
/// # Errors
/// Says which word is wrong.
pub(crate) fn offer_client(
    config: &Config,
    (kind, version): (&str, &str),
    url: &str,
    sha256: Option<&str>,
) -> anyhow::Result<()> {
    let is_word = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_graphic());
    anyhow::ensure!(is_word(version), "a version is one word, such as 0.3.0");
    anyhow::ensure!(
        url.starts_with("https://") && is_word(url),
        "the address must begin with https://"
    );
    let digest =
        |it: &str| HEXLOWER_PERMISSIVE.decode(it.as_bytes()).ok().filter(|it| it.len() == 32);
    let sha256 =
        sha256.map(|it| digest(it).context("a SHA-256 has 64 hexadecimal digits")).transpose()?;
    let program = Program {
        kind: kind_of(kind)?.name().to_owned(),
        version: version.to_owned(),
        url: url.to_owned(),
        sha256,
    };
    client_offer::set(&mut database::connect(&config.postgres)?, &program)
}

/// A line for each program that is offered.
///
/// # Errors
/// Fails with the database.
pub(crate) fn clients(config: &Config) -> anyhow::Result<Vec<String>> {
    let programs = client_offer::list(&mut database::connect(&config.postgres)?)?;
    let line = |it: &Program| {
        let sha256 = it.sha256.as_ref().map(|it| HEXLOWER.encode(it)).unwrap_or_default();
        format!("{}\t{}\t{}\t{sha256}", it.kind, it.version, it.url)
    };
    Ok(programs.iter().map(line).collect())
}

/// Offers nothing to a kind of terminal any more.
///
/// # Errors
/// Fails when nothing was offered.
pub(crate) fn withdraw_client(config: &Config, kind: &str) -> anyhow::Result<()> {
    let found = client_offer::withdraw(&mut database::connect(&config.postgres)?, kind_of(kind)?)?;
    anyhow::ensure!(found, "nothing is offered to a {kind}");
    Ok(())
}

fn kind_of(name: &str) -> anyhow::Result<Kind> {
    terminal::kind(name).context("a terminal is a kiosk, an organiser-kiosk or a phone")
}
