//! Names and recovery codes of accounts.

use anyhow::Context;
use postgres::{Client, GenericClient};
use tapcard_protocol::{AccountId, Identifier};

/// Registers a name for an account in place of the one before, and keeps the hash of a new code. Whether the name was free.
///
/// # Errors
/// Fails with the database.
pub(crate) fn register(
    db: &mut Client,
    account: AccountId,
    name: &str,
    hash: &str,
) -> anyhow::Result<bool> {
    let mut tx = db.transaction().context("beginning")?;
    tx.execute(
        "delete from alias where account_id = $1 and name <> $2",
        &[&account.as_i64(), &name],
    )
    .context("dropping a name")?;
    let text = "insert into alias (name, account_id) values ($2, $1)
        on conflict (name) do update set account_id = alias.account_id where alias.account_id = $1";
    if tx.execute(text, &[&account.as_i64(), &name]).context("registering a name")? == 0 {
        return Ok(false);
    }
    tx.execute(
        "insert into recovery (account_id, hash) values ($1, $2)
         on conflict (account_id) do update set hash = excluded.hash",
        &[&account.as_i64(), &hash],
    )
    .context("keeping a recovery code")?;
    tx.commit().context("committing")?;
    Ok(true)
}

/// The name of an account.
///
/// # Errors
/// Fails with the database.
pub(crate) fn name(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Option<String>> {
    let row = db.query_opt("select name from alias where account_id = $1", &[&account.as_i64()]);
    Ok(row.context("asking for a name")?.map(|row| row.get(0)))
}

/// Who signs in, as they type it.
pub(crate) enum Who {
    /// By a registered name.
    Name(String),
    /// By a number.
    Number(Identifier),
}

/// The active account that somebody means, and the hash of its code; none when there is no such account or code.
///
/// # Errors
/// Fails with the database.
pub(crate) fn find(
    db: &mut impl GenericClient,
    who: &Who,
) -> anyhow::Result<Option<(AccountId, String)>> {
    let (table, column, key) = match who {
        Who::Name(it) => ("alias", "name", it.as_str()),
        Who::Number(it) => ("identifier", "identifier", it.as_str()),
    };
    let text = format!(
        "select r.account_id, r.hash from {table} w join recovery r on r.account_id = w.account_id
         join account a on a.account_id = r.account_id and a.state = 'active' where w.{column} = $1"
    );
    let row = db.query_opt(&text, &[&key]).context("looking for a recovery code")?;
    Ok(row.map(|row| (row.get::<_, i64>(0).into(), row.get(1))))
}

/// The code has done its work: the account has another number.
///
/// # Errors
/// Fails with the database.
pub(crate) fn use_up(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<()> {
    db.execute("delete from recovery where account_id = $1", &[&account.as_i64()])
        .context("using a recovery code up")?;
    Ok(())
}
