//! What a phone asks of the cloud.

use anyhow::{Context, bail};
use tapcard_protocol::message::{
    CardUpdate, Down, Link, LinkVerb, Notice, Offer, Outcome, Page, Settled, Sync, Task,
};
use tapcard_protocol::{AccountId, Card, Edition};

use super::{PATIENCE, Phone};

impl Phone {
    /// Changes the own card, made from `base`, and tells the partners.
    ///
    /// # Errors
    /// Fails when no receipt comes.
    pub fn update_card(&mut self, base: Edition, card: Card) -> anyhow::Result<Outcome> {
        self.ask(&Task::CardUpdate(CardUpdate { base, card, notify: true }))
    }

    /// Waits for an offer of an account.
    ///
    /// # Errors
    /// Fails when none comes in time.
    pub fn offer(&mut self, from: AccountId) -> anyhow::Result<Offer> {
        self.until("an offer", PATIENCE, |_, it| match it {
            Down::Notice(Notice::Offer(it)) if it.owner == from => Some(it.clone()),
            _ => None,
        })
    }

    /// Accepts an offer.
    ///
    /// # Errors
    /// Fails when no receipt comes.
    pub fn accept(&mut self, owner: AccountId) -> anyhow::Result<Outcome> {
        self.ask(&Task::Link(Link { owner, verb: LinkVerb::Accept, gives: true, takes: true }))
    }

    /// Waits until the book holds an edition of an owner's card, or a newer one.
    ///
    /// # Errors
    /// Fails when it does not come in time.
    pub fn card_of(&mut self, owner: AccountId, edition: Edition) -> anyhow::Result<Card> {
        let held = |phone: &Phone| {
            phone.book.get(&owner).filter(|it| it.0 >= edition).map(|it| it.1.clone())
        };
        match held(self) {
            Some(it) => Ok(it),
            None => self.until("a card", PATIENCE, |phone, _| held(phone)),
        }
    }

    /// Brings the book up to date, page by page, and returns the offers that wait.
    ///
    /// # Errors
    /// Fails when an answer does not come.
    pub fn sync(&mut self) -> anyhow::Result<Vec<Offer>> {
        let mut sync = Sync {
            book: self.counter,
            have: self.book.iter().map(|(owner, it)| (*owner, it.0)).collect(),
            ..Sync::default()
        };
        loop {
            let page = self.page(&sync)?;
            for gone in &page.gone {
                self.book.remove(gone);
            }
            for (owner, _) in &page.ended {
                self.book.remove(owner);
            }
            for it in &page.cards {
                self.keep(it.owner, it.edition, &it.card, it.remarks.as_ref());
            }
            match page.next {
                Some(next) => {
                    sync.have.retain(|it| it.0 > next);
                    sync.after = Some(next);
                }
                None => {
                    self.counter = page.book;
                    return Ok(page.offers);
                }
            }
        }
    }

    /// The own card as it stands in the cloud.
    ///
    /// # Errors
    /// Fails when no answer comes, and when there is no card.
    pub fn own_card(&mut self) -> anyhow::Result<Card> {
        let page = self.page(&Sync::default())?;
        page.own.map(|it| it.card).context("there is no own card")
    }

    /// Asks for one page.
    ///
    /// # Errors
    /// Fails when it does not come.
    pub fn page(&mut self, sync: &Sync) -> anyhow::Result<Page> {
        match self.ask(&Task::Sync(sync.clone()))? {
            Outcome::Done { result: Some(Settled::Page(it)) } => Ok(*it),
            other => bail!("a sync was answered with {other:?}"),
        }
    }
}
