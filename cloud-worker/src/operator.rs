//! What the operator does by hand: keys, accounts, terminals, tokens.

use std::fs;
use std::path::Path;

use anyhow::Context;
use jiff::SignedDuration;
use tapcard_protocol::access::Party;
use tapcard_protocol::{AccountId, Identifier, TerminalId, vcard};

use crate::config::Config;
use crate::store::{account, terminal};
use crate::{database, draw, keys};

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
    account::add(&mut db, &phone, card.as_ref().map(|it| &it.card))
}

/// Enrols a terminal for an account.
///
/// # Errors
/// Fails when the account does not exist or the kind is unknown.
pub(crate) fn add_terminal(
    config: &Config,
    account: AccountId,
    kind: &str,
) -> anyhow::Result<TerminalId> {
    let kind =
        terminal::kind(kind).context("a terminal is a kiosk, an organiser-kiosk or a phone")?;
    let id = TerminalId::new(draw::number());
    terminal::add(&mut database::connect(&config.postgres)?, id, account, kind)?;
    Ok(id)
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
    let found = terminal::find(&mut database::connect(&config.postgres)?, &[id])?;
    let it = found.get(&id).with_context(|| format!("there is no terminal {id}"))?;
    keys::terminal_token(
        &config.keys,
        &Party::Terminal { kind: it.kind, account: it.account, terminal: id },
        life,
    )
}
