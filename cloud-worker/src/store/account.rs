//! Accounts.

use anyhow::Context;
use jiff::Timestamp;
use postgres::{Client, GenericClient, Row};
use tapcard_protocol::message::Notice;
use tapcard_protocol::{AccountId, Card, Edition, Identifier};

use super::{identifier, mail_address};
use crate::addressee::Addressee;
use crate::number_key::NumberKey;

/// An account's own card.
pub(crate) struct Own {
    /// Its edition, zero before the first.
    pub(crate) edition: Edition,
    /// The card.
    pub(crate) card: Option<Card>,
    /// The counter of the account's book.
    pub(crate) book: u64,
}

impl Own {
    /// The card with its edition, once there is one.
    pub(crate) fn current(self) -> Option<(Edition, Card)> {
        self.card.map(|card| (self.edition, card))
    }
}

/// Makes an active account for a number, or makes the number's unclaimed account active.
///
/// # Errors
/// Fails when the number's account is active or cancelled.
pub(crate) fn add(
    db: &mut Client,
    key: &NumberKey,
    phone: &Identifier,
    card: Option<&Card>,
) -> anyhow::Result<AccountId> {
    let account = identifier::claim(db, key, phone)?;
    let mut tx = db.transaction().context("beginning")?;
    let made = tx.execute(
        "update account set state = 'active' where account_id = $1 and state = 'unclaimed'",
        &[&account.as_i64()],
    );
    anyhow::ensure!(made.context("making the account")? == 1, "this number has an account already");
    if let Some(card) = card {
        super::card::write(&mut tx, account, Edition(1), card, None)?;
    }
    tx.commit().context("committing")?;
    Ok(account)
}

/// Makes an account usable at its terminal's first word; its first card is taken from there if it has none.
///
/// # Errors
/// Fails with the database.
pub(crate) fn register(
    db: &mut impl GenericClient,
    account: AccountId,
    card: Option<&Card>,
) -> anyhow::Result<Edition> {
    let own = lock(db, account)?;
    db.execute(
        "update account set state = 'active' where account_id = $1 and state = 'unclaimed'",
        &[&account.as_i64()],
    )
    .context("activating an account")?;
    match card {
        Some(card) if own.edition == Edition(0) => {
            super::card::write(db, account, Edition(1), card, None)?;
            super::outbox::own_card(db, account)?;
            super::card::tell_partners(db, account)?;
            Ok(Edition(1))
        }
        _ => Ok(own.edition),
    }
}

/// The first number of an account.
///
/// # Errors
/// Fails with the database.
pub(crate) fn number(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Option<Identifier>> {
    Ok(numbers(db, account)?.into_iter().next())
}

/// Where codes for an account may go: to its numbers first.
///
/// # Errors
/// Fails with the database.
pub(crate) fn addressees(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Vec<Addressee>> {
    let numbers = numbers(db, account)?.into_iter().map(Addressee::Number);
    let mail = mail_address::of(db, account)?.map(Addressee::Mail);
    Ok(numbers.chain(mail).collect())
}

/// What an account is, for a person to read.
pub(crate) struct Look {
    /// Its state, as the tables spell it.
    pub(crate) state: String,
    /// Its card's edition.
    pub(crate) edition: Edition,
    /// When it ends, if that is planned.
    pub(crate) cancel_at: Option<Timestamp>,
}

/// Looks an account up.
///
/// # Errors
/// Fails with the database.
pub(crate) fn look(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Option<Look>> {
    let text = "select state, edition, case when state <> 'cancelled' then cancel_at end
        from account where account_id = $1";
    let row = db.query_opt(text, &[&account.as_i64()]).context("looking at an account")?;
    let look = |row: Row| Look {
        state: row.get(0),
        edition: super::edition(row.get(1)),
        cancel_at: row.get(2),
    };
    Ok(row.map(look))
}

/// What all of an account's terminals should know of it; none once it is closed.
///
/// # Errors
/// Fails with the database.
pub(crate) fn state_notice(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Option<Notice>> {
    let row = db.query_opt(
        "select (select max(made_at) from web_session s where s.account_id = $1 and made_at > now() - interval '1 day'),
             cancel_at, (select due_at from number_change n where n.account_id = $1),
             exists (select from dispute d where d.account_id = $1)
         from account where account_id = $1 and state <> 'cancelled'",
        &[&account.as_i64()],
    );
    let notice = |row: Row| Notice::AccountState {
        owner: account,
        signed_in: row.get(0),
        closes: row.get(1),
        moves: row.get(2),
        disputed: row.get(3),
    };
    Ok(row.context("looking at an account's state")?.map(notice))
}

/// Every number of an account.
///
/// # Errors
/// Fails with the database.
pub(crate) fn numbers(
    db: &mut impl GenericClient,
    account: AccountId,
) -> anyhow::Result<Vec<Identifier>> {
    let text = "select identifier from identifier where account_id = $1 order by created_at";
    let rows = db.query(text, &[&account.as_i64()]).context("reading numbers")?;
    let number = |row: &Row| Identifier::phone(row.get(0), None).context("a stored number is none");
    rows.iter().map(number).collect()
}

/// Keeps everybody else from changing these accounts until the end of the transaction, in the order that all take them in.
///
/// # Errors
/// Fails with the database.
pub(crate) fn lock_all(
    db: &mut impl GenericClient,
    accounts: impl Iterator<Item = AccountId>,
) -> anyhow::Result<()> {
    let numbers: Vec<i64> = accounts.map(AccountId::as_i64).collect();
    let text = "select from account where account_id = any($1) order by account_id for update";
    db.execute(text, &[&numbers]).context("locking accounts")?;
    Ok(())
}

/// Reads an account's card and keeps everybody else from changing it until the end of the transaction.
///
/// # Errors
/// Fails with the database.
pub(crate) fn lock(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<Own> {
    own(db, account, "for update")
}

/// Reads an account's card.
///
/// # Errors
/// Fails with the database.
pub(crate) fn read(db: &mut impl GenericClient, account: AccountId) -> anyhow::Result<Own> {
    own(db, account, "")
}

fn own(db: &mut impl GenericClient, account: AccountId, how: &str) -> anyhow::Result<Own> {
    let text = format!("select edition, card, book from account where account_id = $1 {how}");
    let row = db.query_one(&text, &[&account.as_i64()]).context("reading an account")?;
    let book: i64 = row.get(2);
    Ok(Own {
        edition: super::edition(row.get(0)),
        card: super::card(row.get(1))?,
        book: book.unsigned_abs(),
    })
}

/// Says that these accounts' books have changed.
///
/// # Errors
/// Fails with the database.
pub(crate) fn turn_page(db: &mut impl GenericClient, accounts: &[AccountId]) -> anyhow::Result<()> {
    let mut numbers: Vec<i64> = accounts.iter().map(|it| it.as_i64()).collect();
    numbers.sort_unstable();
    for number in numbers {
        db.execute("update account set book = book + 1 where account_id = $1", &[&number])
            .context("counting")?;
    }
    Ok(())
}
