//! Mail addresses that open accounts.

use anyhow::Context;
use postgres::{GenericClient, Transaction};
use tapcard_protocol::AccountId;

use crate::addressee::MailAddress;
use crate::draw;

/// The account of an address whose owner has just proved it; a new one if it has none.
///
/// # Errors
/// Fails with the database.
pub(crate) fn claim(tx: &mut Transaction<'_>, address: &MailAddress) -> anyhow::Result<AccountId> {
    let fresh = AccountId::new(draw::number()).as_i64();
    let text = "insert into mail_address (address, account_id) values ($1, $2)
        on conflict (address) do nothing";
    let made = tx.execute(text, &[&address.as_str(), &fresh]).context("taking an address")?;
    if made == 1 {
        tx.execute("insert into account (account_id, state) values ($1, 'unclaimed')", &[&fresh])
            .context("opening an account")?;
    }
    let text = "select account_id from mail_address where address = $1";
    let row = tx.query_one(text, &[&address.as_str()]).context("looking whose an address is")?;
    Ok(row.get::<_, i64>(0).into())
}

/// Lets an address open an account, in place of the one before. Whether it opens no other.
///
/// # Errors
/// Fails with the database.
pub(crate) fn bind(
    tx: &mut Transaction<'_>,
    account: AccountId,
    address: &MailAddress,
) -> anyhow::Result<bool> {
    super::account::lock(tx, account)?;
    let me = account.as_i64();
    let text = "insert into mail_address (address, account_id) values ($1, $2)
        on conflict (address) do update set account_id = mail_address.account_id where mail_address.account_id = $2";
    if tx.execute(text, &[&address.as_str(), &me]).context("binding an address")? == 0 {
        return Ok(false);
    }
    let text = "delete from mail_address where account_id = $1 and address <> $2";
    tx.execute(text, &[&me, &address.as_str()]).context("leaving an address")?;
    Ok(true)
}

/// The address that opens an account, if there is one.
///
/// # Errors
/// Fails with the database.
pub(crate) fn of(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Option<MailAddress>> {
    let text = "select address from mail_address where account_id = $1";
    let row = db.query_opt(text, &[&account.as_i64()]).context("asking for an address")?;
    row.map(|row| MailAddress::read(row.get(0)).context("a stored address is none")).transpose()
}

/// An address opens its account no more.
///
/// # Errors
/// Fails with the database.
pub(crate) fn leave(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<()> {
    db.execute("delete from mail_address where account_id = $1", &[&account.as_i64()])
        .context("leaving an address")?;
    Ok(())
}
