//! What the driver does with what the cloud says.

use anyhow::Result;
use jiff::Timestamp;
use tapcard_protocol::message::{
    Applied, ApplyOutcome, Counts, Down, Notice, Outcome, Receipt, Remarks, Settled,
};
use tapcard_protocol::wipe::Order;
use tapcard_protocol::{AccountId, Card, Edition};
use tracing::{debug, info, warn};

use super::Driver;
use crate::mechanic::Offer;
use crate::session::Input;
use crate::store::Settlement;
use crate::uplink::News;

impl Driver {
    pub(super) fn hear(&mut self, news: News) -> Result<()> {
        match news {
            News::Connected => {
                self.offline_since = None;
                self.ask_again();
                self.take(Input::Enrolled);
                self.dialogue.connected();
            }
            News::Enrolled => {
                self.enrolling = None;
                self.take(Input::Enrolled);
            }
            News::Enrolling(it) => self.enrolling = Some(it),
            News::Orders(key) => self.order_key = Some(key),
            News::Disconnected => {
                self.offline_since.get_or_insert_with(Timestamp::now);
                self.dialogue.disconnected();
            }
            News::Down(down) => match *down {
                Down::Receipt(receipt) => self.settle(receipt)?,
                Down::Notice(notice) => self.notice(notice)?,
            },
        }
        Ok(())
    }

    fn settle(&mut self, receipt: Receipt) -> Result<()> {
        if receipt.task == self.edges.store.task_id(0) {
            return self.answered(receipt.outcome);
        }
        if let Outcome::Refused { reason, text, .. } = &receipt.outcome {
            warn!(task.id = %receipt.task, ?reason, "the cloud refused a task: {text}");
        }
        // An edit that tells nobody concerns nobody.
        if let Outcome::Done { result: Some(Settled::Updated { counts, .. }) } = &receipt.outcome
            && *counts != Counts::default()
        {
            self.told = Some((*counts, false));
        }
        match self.edges.store.settle(&receipt, Timestamp::now())? {
            Settlement::Unknown => debug!(task.id = %receipt.task, "a receipt for nothing"),
            Settlement::Contact { lacks_card, next, .. } => {
                if lacks_card {
                    self.dialogue.want_sync();
                }
                if let Some(seq) = next {
                    self.dialogue.add(seq);
                }
            }
            Settlement::OwnCard { next } => {
                self.read_own_card()?;
                if let Some(seq) = next {
                    self.dialogue.add(seq);
                }
            }
            Settlement::Registered => info!("the cloud knows this kiosk"),
            Settlement::SetAside => {}
        }
        if receipt.task == self.edges.store.task_id(receipt.task.seq) {
            self.dialogue.settled(receipt.task.seq);
        }
        Ok(())
    }

    /// The answer to a sync, page by page.
    fn answered(&mut self, outcome: Outcome) -> Result<()> {
        let page = match outcome {
            Outcome::Done { result: Some(Settled::Page(page)) } => *page,
            Outcome::Done { .. } => {
                self.dialogue.turned(None);
                return Ok(());
            }
            Outcome::Refused { text, .. } => {
                warn!("the cloud refused a sync: {text}");
                self.dialogue.sync_refused();
                return Ok(());
            }
        };
        let next = page.next.or(self.sync_upto);
        self.edges.store.turn_page(&page, next.is_none())?;
        if let Some(key) = &page.touch_key {
            self.take_touch_key(key)?;
        }
        for synced in &page.cards {
            self.follow(synced.owner, synced.edition, &synced.card)?;
            self.note(synced.owner, synced.remarks.as_ref())?;
        }
        if let Some(own) = &page.own {
            self.take_own_card(self.identity.account, own.edition, &own.card)?;
        }
        self.dialogue.turned(next);
        Ok(())
    }

    fn notice(&mut self, notice: Notice) -> Result<()> {
        match notice {
            Notice::Card { owner, edition, card, remarks } => {
                self.follow(owner, edition, &card)?;
                self.note(owner, remarks.as_ref())
            }
            Notice::Ended { owner, .. } => self.edges.store.end_link(owner),
            Notice::Gone { owner } => self.edges.store.take_out(owner),
            Notice::OwnCard { owner, edition, card } => self.take_own_card(owner, edition, &card),
            Notice::Summary { owner, edition, counts } => {
                let is_own = owner == self.identity.account;
                if is_own && self.own.as_ref().is_some_and(|it| it.edition == edition) {
                    self.told = Some((counts, false));
                }
                Ok(())
            }
            // Offers are answered at a phone.
            Notice::Offer(_) | Notice::AccountState { .. } => Ok(()),
            Notice::Wipe { terminal, nonce, seal_key, signature, .. } => {
                self.obey(&Order { terminal, nonce, seal_key }, &signature)
            }
            Notice::Claimed { owner, gave, got } => {
                if owner == self.identity.account {
                    self.take(Input::Claimed { gave, got });
                }
                Ok(())
            }
            Notice::ClientOffer { version, url, sha256, .. } => {
                self.take_offer(Offer { version, url, sha256 });
                Ok(())
            }
        }
    }

    fn follow(&mut self, owner: AccountId, edition: Edition, card: &Card) -> Result<()> {
        if let Some(held) = self.edges.store.follow(owner, edition, card)? {
            self.report(owner, held);
        }
        Ok(())
    }

    /// What was written about a contact at another terminal.
    fn note(&mut self, owner: AccountId, remarks: Option<&Remarks>) -> Result<()> {
        remarks.map_or(Ok(()), |it| self.edges.store.take_remarks(owner, it))
    }

    fn take_own_card(&mut self, owner: AccountId, edition: Edition, card: &Card) -> Result<()> {
        if owner != self.identity.account {
            warn!(account.id = %owner, "passed over an own card of another account");
            return Ok(());
        }
        self.edges.store.take_own_card(edition, card)?;
        self.read_own_card()?;
        let held = self.own.as_ref().map_or(edition, |it| it.edition);
        self.report(owner, held);
        Ok(())
    }

    /// The worker hears which edition stands here.
    fn report(&mut self, owner: AccountId, edition: Edition) {
        let outcome = ApplyOutcome::Applied;
        self.dialogue.report(self.now(), Applied { owner, edition, outcome, reason: None });
    }
}
