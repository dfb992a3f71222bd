//! Orders to erase kiosks that were stolen.

use anyhow::Context;
use postgres::{Client, GenericClient, Row};
use tapcard_protocol::enrolment::Base64;
use tapcard_protocol::message::Notice;
use tapcard_protocol::wipe::{Order, WipeNonce};
use tapcard_protocol::{AccountId, TerminalId};

use super::{enrolment, outbox};

/// Keeps an order and has it told; one that the kiosk has not carried out stays as it is, and is told again. False if the
/// kiosk is none of the account's, or is switched off.
///
/// # Errors
/// Fails with the database.
pub(crate) fn give(
    db: &mut Client,
    account: AccountId,
    (order, signature): &(Order, Base64<64>),
) -> anyhow::Result<bool> {
    let mut tx = db.transaction().context("beginning")?;
    let text = "select 1 from terminal where terminal_id = $1 and account_id = $2 and ended_at is null and kind <> 'phone'";
    let terminal = order.terminal.as_i64();
    let found = tx.query_opt(text, &[&terminal, &account.as_i64()]);
    if found.context("looking for a kiosk")?.is_none() {
        return Ok(false);
    }
    tx.execute(
        "insert into wipe_order (account_id, terminal_id, nonce, seal_key, signature) values ($1, $2, $3, $4, $5)
         on conflict (account_id, terminal_id) do nothing",
        &[
            &account.as_i64(),
            &terminal,
            &&order.nonce.0[..],
            &&order.seal_key.0[..],
            &&signature.0[..],
        ],
    )
    .context("keeping an order")?;
    outbox::wipe(&mut tx, account, order.terminal)?;
    tx.commit().context("committing")?;
    Ok(true)
}

/// The order that a kiosk has not carried out, as it is told.
///
/// # Errors
/// Fails with the database.
pub(crate) fn open(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
) -> anyhow::Result<Option<Notice>> {
    let row = db.query_opt(
        "select nonce, seal_key, signature from wipe_order
         where account_id = $1 and terminal_id = $2 and done_at is null",
        &[&account.as_i64(), &terminal.as_i64()],
    );
    let notice = |row: Row| {
        Some(Notice::Wipe {
            owner: account,
            terminal,
            nonce: bytes(&row, 0)?,
            seal_key: bytes(&row, 1)?,
            signature: bytes(&row, 2)?,
        })
    };
    Ok(row.context("looking for an order")?.and_then(notice))
}

/// The table holds as many as it should.
fn bytes<const N: usize>(row: &Row, at: usize) -> Option<Base64<N>> {
    row.get::<_, &[u8]>(at).try_into().ok().map(Base64)
}

/// Whether a kiosk was given this order, carried out or not.
///
/// # Errors
/// Fails with the database.
pub(crate) fn is_given(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
    nonce: &WipeNonce,
) -> anyhow::Result<bool> {
    let row = db.query_opt(
        "select 1 from wipe_order where account_id = $1 and terminal_id = $2 and nonce = $3",
        &[&account.as_i64(), &terminal.as_i64(), &&nonce.0[..]],
    );
    Ok(row.context("looking for an order")?.is_some())
}

/// Whether a kiosk has handed over everything.
///
/// # Errors
/// Fails with the database.
pub(crate) fn is_done(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
) -> anyhow::Result<bool> {
    let row = db.query_opt(
        "select 1 from wipe_order where account_id = $1 and terminal_id = $2 and done_at is not null",
        &[&account.as_i64(), &terminal.as_i64()],
    );
    Ok(row.context("looking for an order")?.is_some())
}

/// A kiosk has handed over everything: its order is carried out, and it is switched off.
///
/// # Errors
/// Fails with the database; then the kiosk comes again.
pub(crate) fn done(
    db: &mut Client,
    account: AccountId,
    terminal: TerminalId,
) -> anyhow::Result<()> {
    let text = "update wipe_order set done_at = now() where account_id = $1 and terminal_id = $2 and done_at is null";
    db.execute(text, &[&account.as_i64(), &terminal.as_i64()]).context("ending an order")?;
    enrolment::end(db, account, terminal)?;
    Ok(())
}
