//! What a row of the outbox says, and on which topics. Cards are read now, so that the newest edition goes out.

use data_encoding::HEXLOWER;
use postgres::Client;
use tapcard_protocol::message::{Down, Notice, Outcome, Receipt, Settled, TaskId};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{AccountId, Edition, TerminalId};

use crate::database::Prepared;
use crate::mail::Mail;
use crate::store::outbox::Letter;
use crate::store::terminal::Terminal;
use crate::store::{account, client_offer, contact, link, meeting, terminal, wipe_order};

/// Adds the messages of one row; none when what it names is gone.
///
/// # Errors
/// Fails with the database.
pub(crate) fn write(
    db: &mut Client,
    prepared: &mut Prepared,
    letter: &Letter,
    out: &mut Mail,
) -> anyhow::Result<()> {
    match letter {
        Letter::Nothing => {}
        Letter::Page(account, terminal, task, sync) => {
            let found = terminal::find(db, prepared, &[*terminal])?;
            if let Some(who) = found.get(terminal).filter(|it| it.account == *account) {
                let page = contact::page(db, *who, *terminal, sync)?;
                let is_last = page.next.is_none();
                out.push(Topic::Terminal(*terminal), &done(*task, Settled::Page(Box::new(page))));
                if is_last {
                    after_sync(db, *who, *terminal, &sync.client, out)?;
                }
            }
        }
        Letter::Offer(account, from) => {
            // Then nobody is asked for what both have shown; the cards come with rows of their own.
            meeting::cross(db, *account, *from)?;
            for offer in link::offers(db, *account, Some(*from))? {
                out.push(Topic::Notice(*account), &Down::Notice(Notice::Offer(offer)));
            }
        }
        Letter::Card(holder, owner) => card(db, *holder, *owner, out)?,
        Letter::OwnCard(account) => {
            let own = account::read(db, *account)?;
            if let Some(card) = own.card {
                let notice = Notice::OwnCard { owner: *account, edition: own.edition, card };
                tell_account(db, *account, &notice, out)?;
            }
        }
        Letter::Claimed(account, kiosk, (gave, got)) => {
            let notice = Notice::Claimed { owner: *account, gave: *gave, got: *got };
            out.push(Topic::Terminal(*kiosk), &Down::Notice(notice));
        }
        Letter::Wipe(account, kiosk) => {
            if let Some(notice) = wipe_order::open(db, *account, *kiosk)? {
                out.push(Topic::Terminal(*kiosk), &Down::Notice(notice));
            }
        }
        Letter::AccountState(account) => {
            if let Some(notice) = account::state_notice(db, *account)? {
                tell_account(db, *account, &notice, out)?;
            }
        }
    }
    Ok(())
}

/// What else a terminal should know that has just come back.
fn after_sync(
    db: &mut Client,
    who: Terminal,
    terminal: TerminalId,
    client: &str,
    out: &mut Mail,
) -> anyhow::Result<()> {
    let to = Topic::Terminal(terminal);
    let has_something = |it: &Notice| {
        matches!(it, Notice::AccountState { closes, moves, disputed, .. }
            if closes.is_some() || moves.is_some() || *disputed)
    };
    if let Some(notice) = account::state_notice(db, who.account)?.filter(has_something) {
        out.push(to, &Down::Notice(notice));
    }
    if let Some(notice) = wipe_order::open(db, who.account, terminal)? {
        out.push(to, &Down::Notice(notice));
    }
    let Some(version) = client.split(' ').nth(1) else { return Ok(()) };
    if let Some(it) = client_offer::other_than(db, who.kind, version)? {
        let sha256 = it.sha256.map(|it| HEXLOWER.encode(&it));
        let (owner, version, url) = (who.account, it.version, it.url);
        let notice = Notice::ClientOffer { owner, version, url, sha256 };
        out.push(to, &Down::Notice(notice));
    }
    Ok(())
}

/// What a holder sees of a contact: the owner's current card over a live link, else what was read; a kiosk has that, and
/// looks at the words beside it.
/// Nothing any more when the holder has taken it out.
fn card(
    db: &mut Client,
    holder: AccountId,
    owner: AccountId,
    out: &mut Mail,
) -> anyhow::Result<()> {
    let Some(contact) = contact::find(db, holder, owner)? else { return Ok(()) };
    if contact.is_deleted {
        return tell_holders(db, &[holder.as_i64()], owner, &Notice::Gone { owner }, out);
    }
    let own = if contact.is_live { account::read(db, owner)?.current() } else { None };
    let remarks = Some(contact.remarks);
    if let Some((edition, card)) = own {
        let notice = Notice::Card { owner, edition, card, remarks };
        return tell_holders(db, &[holder.as_i64()], owner, &notice, out);
    }
    if let Some(ended) = contact.ended {
        let notice = Notice::Ended { owner, ended };
        tell_holders(db, &[holder.as_i64()], owner, &notice, out)?;
    }
    if let Some(card) = contact.snapshot {
        let notice = Notice::Card { owner, edition: Edition(0), card, remarks };
        tell_holders(db, &[holder.as_i64()], owner, &notice, out)?;
    }
    Ok(())
}

/// Tells holders' phones, and those of their kiosks that met the owner themselves.
///
/// # Errors
/// Fails with the database.
pub(super) fn tell_holders(
    db: &mut Client,
    holders: &[i64],
    owner: AccountId,
    notice: &Notice,
    out: &mut Mail,
) -> anyhow::Result<()> {
    let phones = holders.iter().map(|it| Topic::Notice((*it).into()));
    let kiosks = terminal::kiosks_in_scope(db, holders, owner)?.into_iter().map(Topic::Terminal);
    out.push_to_all(phones.chain(kiosks), &Down::Notice(notice.clone()));
    Ok(())
}

/// Tells all of an account's terminals.
///
/// # Errors
/// Fails with the database.
pub(super) fn tell_account(
    db: &mut Client,
    account: AccountId,
    notice: &Notice,
    out: &mut Mail,
) -> anyhow::Result<()> {
    let kiosks = terminal::kiosks(db, account)?.into_iter().map(Topic::Terminal);
    let all = std::iter::once(Topic::Notice(account)).chain(kiosks);
    out.push_to_all(all, &Down::Notice(notice.clone()));
    Ok(())
}

fn done(task: TaskId, result: Settled) -> Down {
    Down::Receipt(Receipt { task, outcome: Outcome::Done { result: Some(result) } })
}
