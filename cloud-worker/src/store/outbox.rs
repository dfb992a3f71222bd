//! What is to be published. Rows name things; the cards are read when they are published.

use anyhow::Context;
use postgres::{Client, GenericClient};
use serde_json::{Value, json};
use tapcard_protocol::message::{Sync, TaskId};
use tapcard_protocol::{AccountId, TerminalId};

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Whose outbox, and which row.
    pub(crate) key: (i64, i64),
    /// What is to be said.
    pub(crate) letter: Letter,
}

/// What a row asks to be said.
#[derive(Debug)]
pub(crate) enum Letter {
    /// A page of contacts for a terminal.
    Page(AccountId, TerminalId, TaskId, Sync),
    /// An offer of the second to the first.
    Offer(AccountId, AccountId),
    /// The second's current card for the first, whose link to it has become live.
    Card(AccountId, AccountId),
    /// The account's own card for its terminals.
    OwnCard(AccountId),
    /// What is ahead of the account, for its terminals.
    AccountState(AccountId),
    /// That a phone has taken up a touch of the account's kiosk, for that kiosk: whether a card was given, and whether one came.
    Claimed(AccountId, TerminalId, (bool, bool)),
    /// The order to erase the account's kiosk, for that kiosk.
    Wipe(AccountId, TerminalId),
    /// Nothing any more.
    Nothing,
}

/// Asks for a page of contacts.
///
/// # Errors
/// Fails with the database.
pub(crate) fn page(
    db: &mut impl GenericClient,
    account: AccountId,
    terminal: TerminalId,
    task: TaskId,
    sync: &Sync,
) -> anyhow::Result<()> {
    let request = serde_json::to_value(sync).context("writing a sync down")?;
    db.execute(
        "insert into outbox (account_id, kind, terminal_id, epoch, seq, request)
         values ($1, 'page', $2, $3, $4, $5)
         on conflict (account_id, terminal_id) where kind = 'page' do update set outbox_id = excluded.outbox_id,
             epoch = excluded.epoch, seq = excluded.seq, request = excluded.request",
        &[
            &account.as_i64(),
            &terminal.as_i64(),
            &task.epoch.cast_signed(),
            &task.seq.cast_signed(),
            &request,
        ],
    )
    .context("asking for a page")?;
    Ok(())
}

/// Asks for an owner's current card to be sent to a holder.
///
/// # Errors
/// Fails with the database.
pub(crate) fn card(
    db: &mut impl GenericClient,
    holder: AccountId,
    owner: AccountId,
) -> anyhow::Result<()> {
    db.execute(
        "insert into outbox (account_id, kind, owner_id) values ($1, 'card', $2)
         on conflict (account_id, kind, owner_id) where kind in ('offer', 'card')
         do update set outbox_id = excluded.outbox_id",
        &[&holder.as_i64(), &owner.as_i64()],
    )
    .context("asking for a card")?;
    Ok(())
}

/// Asks for the own card to be sent to the account's terminals.
///
/// # Errors
/// Fails with the database.
pub(crate) fn own_card(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<()> {
    db.execute(
        "insert into outbox (account_id, kind) values ($1, 'own-card')
         on conflict (account_id) where kind = 'own-card' do update set outbox_id = excluded.outbox_id",
        &[&account.as_i64()],
    )
    .context("asking for the own card")?;
    Ok(())
}

/// Asks for all of the account's terminals to be told what is ahead of it.
///
/// # Errors
/// Fails with the database.
pub(crate) fn account_state(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<()> {
    db.execute(
        "insert into outbox (account_id, kind) values ($1, 'account-state')
         on conflict (account_id) where kind = 'account-state' do update set outbox_id = excluded.outbox_id",
        &[&account.as_i64()],
    )
    .context("asking for an account's state")?;
    wake(db)
}

/// Asks for a kiosk to be told that a phone has taken up a touch of it, and which cards went.
///
/// # Errors
/// Fails with the database.
pub(crate) fn claimed(
    db: &mut impl GenericClient,
    account: AccountId,
    kiosk: TerminalId,
    (gave, got): (bool, bool),
) -> anyhow::Result<()> {
    let request = json!({ "gave": gave, "got": got });
    db.execute(
        "insert into outbox (account_id, kind, terminal_id, request) values ($1, 'claimed', $2, $3)",
        &[&account.as_i64(), &kiosk.as_i64(), &request],
    )
    .context("asking for a claim to be told")?;
    wake(db)
}

/// Asks for a kiosk to be told that it is to be erased.
///
/// # Errors
/// Fails with the database.
pub(crate) fn wipe(
    db: &mut impl GenericClient,
    account: AccountId,
    kiosk: TerminalId,
) -> anyhow::Result<()> {
    let text = "insert into outbox (account_id, kind, terminal_id) values ($1, 'wipe', $2)";
    db.execute(text, &[&account.as_i64(), &kiosk.as_i64()])
        .context("asking for an order to be told")?;
    wake(db)
}

/// Wakes the relay once the transaction commits.
///
/// # Errors
/// Fails with the database.
pub(crate) fn wake(db: &mut impl GenericClient) -> anyhow::Result<()> {
    db.execute("select pg_notify('outbox', '')", &[]).context("waking the relay")?;
    Ok(())
}

/// The oldest rows of some parts of the work.
///
/// # Errors
/// Fails with the database.
pub(crate) fn oldest(db: &mut Client, parts: &[i16], limit: i64) -> anyhow::Result<Vec<Row>> {
    // An index scan for each part: Postgres does not merge them for `part = any`, and would sort all that wait.
    let rows = db.query(
        "select o.* from unnest($1::smallint[]) as mine (part) cross join lateral (
             select account_id, outbox_id, kind, terminal_id, epoch, seq, owner_id, request from outbox
             where outbox.part = mine.part order by outbox_id limit $2) o
         order by o.outbox_id limit $2",
        &[&parts, &limit],
    );
    let rows = rows.context("reading the outbox")?;
    Ok(rows.iter().map(|row| Row { key: (row.get(0), row.get(1)), letter: letter(row) }).collect())
}

fn letter(row: &postgres::Row) -> Letter {
    let account = AccountId::from(row.get::<_, i64>(0));
    let terminal = row.get::<_, Option<i64>>(3).map(TerminalId::from);
    let owner = row.get::<_, Option<i64>>(6).map(AccountId::from);
    match (row.get(2), terminal, owner) {
        ("page", Some(terminal), _) => {
            let task = TaskId {
                epoch: row.get::<_, i64>(4).cast_unsigned(),
                seq: row.get::<_, i64>(5).cast_unsigned(),
            };
            // A later version's question is left to the terminal to repeat.
            let sync = serde_json::from_value(row.get(7));
            sync.map_or(Letter::Nothing, |sync| Letter::Page(account, terminal, task, sync))
        }
        ("offer", _, Some(from)) => Letter::Offer(account, from),
        ("card", _, Some(owner)) => Letter::Card(account, owner),
        ("own-card", ..) => Letter::OwnCard(account),
        ("claimed", Some(terminal), _) => {
            let request: Value = row.get(7);
            let is = |key: &str| request[key].as_bool().unwrap_or_default();
            Letter::Claimed(account, terminal, (is("gave"), is("got")))
        }
        ("wipe", Some(terminal), _) => Letter::Wipe(account, terminal),
        ("account-state", ..) => Letter::AccountState(account),
        _ => Letter::Nothing,
    }
}

/// Takes rows out that have been published.
///
/// # Errors
/// Fails with the database.
pub(crate) fn remove(db: &mut impl GenericClient, keys: &[(i64, i64)]) -> anyhow::Result<u64> {
    let (accounts, rows): (Vec<i64>, Vec<i64>) = keys.iter().copied().unzip();
    db.execute(
        // What somebody else holds is being asked for again, or taken out: nobody waits for it.
        "with gone as materialized (
             select outbox.account_id, outbox.outbox_id
             from unnest($1::bigint[], $2::bigint[]) as sent (account_id, outbox_id)
             join outbox using (account_id, outbox_id) for update of outbox skip locked
         )
         delete from outbox using gone where outbox.account_id = gone.account_id and outbox.outbox_id = gone.outbox_id",
        &[&accounts, &rows],
    )
    .context("clearing the outbox")
}
