//! Terminals: whose they are, and what they are.

use std::collections::HashMap;

use anyhow::Context;
use jiff::Timestamp;
use postgres::GenericClient;
use tapcard_protocol::access::Kind;
use tapcard_protocol::{AccountId, TerminalId};

use super::identifier::Namer;
use crate::database::Prepared;

/// What the cloud knows of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Its account.
    pub(crate) account: AccountId,
    /// What it is.
    pub(crate) kind: Kind,
    /// Its account is cancelled.
    pub(crate) is_cancelled: bool,
}

impl Terminal {
    /// Whose exchanges alone it may know of: a kiosk's its own.
    pub(crate) fn scope(&self, terminal: TerminalId) -> Option<i64> {
        (self.kind != Kind::Phone).then_some(terminal.as_i64())
    }

    /// In whose name the numbers are counted that it names.
    pub(crate) fn namer(&self, terminal: TerminalId) -> Namer {
        match self.kind {
            Kind::Phone => Namer::Phones(self.account),
            _ => Namer::Kiosk(self.account, terminal),
        }
    }
}

/// Reads a kind as the tables spell it.
pub(crate) fn kind(name: &str) -> Option<Kind> {
    [Kind::Kiosk, Kind::OrganiserKiosk, Kind::Phone].into_iter().find(|it| it.name() == name)
}

/// Enrols a terminal.
///
/// # Errors
/// Fails when the account does not exist.
pub(crate) fn add(
    db: &mut impl GenericClient,
    terminal: TerminalId,
    account: AccountId,
    kind: Kind,
) -> anyhow::Result<()> {
    let made = db.execute(
        "insert into terminal (terminal_id, account_id, kind)
         select $1, account_id, $3 from account where account_id = $2",
        &[&terminal.as_i64(), &account.as_i64(), &kind.name()],
    );
    anyhow::ensure!(made.context("enrolling a terminal")? == 1, "there is no account {account}");
    Ok(())
}

/// Says where a terminal stands.
///
/// # Errors
/// Fails with the database.
pub(crate) fn place(
    db: &mut impl GenericClient,
    terminal: TerminalId,
    place: &str,
) -> anyhow::Result<()> {
    let text = "update terminal set place = $2 where terminal_id = $1";
    db.execute(text, &[&terminal.as_i64(), &place]).context("naming a place")?;
    Ok(())
}

/// Where a terminal stands.
///
/// # Errors
/// Fails with the database.
pub(crate) fn place_of(
    db: &mut impl GenericClient,
    terminal: TerminalId,
) -> anyhow::Result<String> {
    let text = "select place from terminal where terminal_id = $1";
    let row = db.query_one(text, &[&terminal.as_i64()]).context("asking for a place")?;
    Ok(row.get(0))
}

/// Notes that a terminal was heard, once a day, and which program it runs if it says so.
///
/// # Errors
/// Fails with the database.
pub(crate) fn heard(
    db: &mut impl GenericClient,
    terminal: TerminalId,
    client: &str,
) -> anyhow::Result<()> {
    db.execute(
        "update terminal set seen_at = now(), client = case when $2 = '' then client else $2 end
         where terminal_id = $1 and (seen_at is null or seen_at < now() - interval '1 day' or $2 not in ('', client))",
        &[&terminal.as_i64(), &client],
    )
    .context("noting that a terminal was heard")?;
    Ok(())
}

/// Looks terminals up; unknown ones are missing from the answer.
///
/// # Errors
/// Fails with the database.
pub(crate) fn find(
    db: &mut impl GenericClient,
    prepared: &mut Prepared,
    terminals: &[TerminalId],
) -> anyhow::Result<HashMap<TerminalId, Terminal>> {
    let numbers: Vec<i64> = terminals.iter().map(|it| it.as_i64()).collect();
    let find = prepared.get(
        db,
        "select terminal_id, account_id, kind, state = 'cancelled'
         from terminal join account using (account_id) where terminal_id = any($1)",
    )?;
    let rows = db.query(&find, &[&numbers]).context("looking up terminals")?;
    let found = rows.iter().filter_map(|row| {
        let kind = kind(row.get(2))?;
        Some((
            row.get::<_, i64>(0).into(),
            Terminal { account: row.get::<_, i64>(1).into(), kind, is_cancelled: row.get(3) },
        ))
    });
    Ok(found.collect())
}

/// The account of a terminal with a token that was signed at `signed_at`; none if it counts no more, or its account is not
/// in use.
///
/// # Errors
/// Fails with the database.
pub(crate) fn account_of(
    db: &mut impl GenericClient,
    terminal: TerminalId,
    signed_at: Timestamp,
) -> anyhow::Result<Option<AccountId>> {
    let row = db.query_opt(
        "select t.account_id from terminal t join account a on a.account_id = t.account_id and a.state = 'active'
         where t.terminal_id = $1 and (t.not_before is null or t.not_before <= $2)",
        &[&terminal.as_i64(), &signed_at],
    );
    Ok(row.context("looking for a terminal")?.map(|row| row.get::<_, i64>(0).into()))
}

/// Makes every token of a terminal void that was signed until now. Tokens say seconds, so one that is signed within
/// this second is void too.
///
/// # Errors
/// Fails when the terminal is not enrolled.
pub(crate) fn revoke(db: &mut impl GenericClient, terminal: TerminalId) -> anyhow::Result<()> {
    let changed = db.execute(
        "update terminal set not_before = date_trunc('second', clock_timestamp()) + interval '1 second'
         where terminal_id = $1",
        &[&terminal.as_i64()],
    );
    anyhow::ensure!(changed.context("revoking tokens")? == 1, "there is no terminal {terminal}");
    db.batch_execute("notify outbox").context("waking the relay")
}

/// Terminals whose tokens were revoked after a time, the earliest first, with the time before which a token must not
/// have been signed.
///
/// # Errors
/// Fails with the database.
pub(crate) fn revoked_since(
    db: &mut impl GenericClient,
    since: Timestamp,
) -> anyhow::Result<Vec<(TerminalId, Timestamp)>> {
    let text =
        "select terminal_id, not_before from terminal where not_before > $1 order by not_before";
    let rows = db.query(text, &[&since]).context("looking for revoked tokens")?;
    Ok(rows.iter().map(|row| (row.get::<_, i64>(0).into(), row.get(1))).collect())
}

/// The kiosks of some accounts that met an owner themselves, so that its card is within their scope.
///
/// # Errors
/// Fails with the database.
pub(crate) fn kiosks_in_scope(
    db: &mut impl GenericClient,
    holders: &[i64],
    owner: AccountId,
) -> anyhow::Result<Vec<TerminalId>> {
    let rows = db.query(
        // No join, as for the counts of a card.
        "select distinct e.terminal_id from exchange e where e.account_id = any($1) and e.peer_id = $2
             and (select t.account_id = e.account_id and t.kind <> 'phone' from terminal t
                 where t.terminal_id = e.terminal_id)",
        &[&holders, &owner.as_i64()],
    );
    Ok(rows.context("finding kiosks")?.iter().map(|row| row.get::<_, i64>(0).into()).collect())
}

/// Every kiosk of an account.
///
/// # Errors
/// Fails with the database.
pub(crate) fn kiosks(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Vec<TerminalId>> {
    let rows = db.query(
        "select terminal_id from terminal where account_id = $1 and kind <> 'phone'",
        &[&account.as_i64()],
    );
    Ok(rows
        .context("finding an account's kiosks")?
        .iter()
        .map(|row| row.get::<_, i64>(0).into())
        .collect())
}
