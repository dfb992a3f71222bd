//! What the operator does by hand: keys, accounts, terminals, tokens.

use std::fs;
use std::path::Path;

use anyhow::Context;
use jiff::SignedDuration;
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::{AccountId, Identifier, TerminalId, vcard};

use crate::config::Config;
use crate::database::Prepared;
use crate::export::{self, Form};
use crate::store::barred::Why;
use crate::store::enrolment::{self, Device};
use crate::store::{account, archive, erasure, terminal};
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
    let kind =
        terminal::kind(kind).context("a terminal is a kiosk, an organiser-kiosk or a phone")?;
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
            (true, _) => "awaited",
            (_, Some(_)) => "to be confirmed",
            _ => "in use",
        };
        let heard = it.seen_at.map_or("never".to_owned(), |it| format!("{it:.0}"));
        format!("{}\t{}\t{state}\t{}\t{heard}", it.terminal, it.place, it.client)
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
