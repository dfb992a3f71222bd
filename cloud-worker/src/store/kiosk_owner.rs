//! A kiosk that was nobody's, and whose owner has typed a code at it.

use anyhow::Context;
use postgres::Client;
use tapcard_protocol::enrolment::PublicKey;
use tapcard_protocol::{AccountId, TerminalId};

use super::web_session::Admitted;
use super::{account, enrolment, identifier, mail_address, one_time_code, outbox, web_session};
use crate::addressee::Addressee;
use crate::number_key::NumberKey;

/// What becomes of a kiosk whose owner was just proved.
pub(crate) enum Kiosk {
    /// It is the account's.
    Open(AccountId, TerminalId),
    /// The account has not been used for so long that the number may be another person's by now.
    Slept,
}

/// Gives a kiosk to who was just proved. The key decides which kiosk it is: one that comes again, since an answer was lost,
/// is the one that it was.
///
/// # Errors
/// Fails with the database.
pub(crate) fn open(
    db: &mut Client,
    numbers: &NumberKey,
    to: &Addressee,
    (key, place): (&PublicKey, &str),
) -> anyhow::Result<Kiosk> {
    let named = match to {
        Addressee::Number(it) => Some((it, identifier::claim(db, numbers, it)?)),
        Addressee::Mail(_) => None,
    };
    let mut tx = db.transaction().context("beginning")?;
    one_time_code::use_up(&mut tx, to)?;
    let account = match (to, named) {
        (_, Some((number, account))) => match web_session::admit(&mut tx, account, number, None)? {
            Admitted::To(it) => it,
            Admitted::NotBefore(_) => {
                tx.commit().context("committing")?;
                return Ok(Kiosk::Slept);
            }
        },
        (Addressee::Mail(address), _) => {
            let account = mail_address::claim(&mut tx, address)?;
            web_session::hold_numbers(&mut tx, account)?;
            account
        }
        (Addressee::Number(_), None) => anyhow::bail!("a number names no account"),
    };
    account::register(&mut tx, account, None)?;
    let terminal = enrolment::enrol(&mut tx, account, key, place)?;
    outbox::account_state(&mut tx, account)?;
    tx.commit().context("committing")?;
    Ok(Kiosk::Open(account, terminal))
}
