//! What the driver does about sticks.

use anyhow::Result;
use jiff::Timestamp;
use tapcard_protocol::Card;
use tapcard_protocol::enrolment::Mailed;
use tracing::{info, warn};

use super::Driver;
use crate::session::{Input, Stick};
use crate::stick::Carried;
use crate::{chance, takeaway};

impl Driver {
    /// Everybody who was met goes to the stick.
    pub(super) fn write_stick(&mut self) -> Result<()> {
        let contacts = self.edges.store.contacts()?;
        let forms = [("vcf", takeaway::vcards(&contacts)), ("csv", takeaway::table(&contacts)?)];
        let here = Timestamp::now().to_zoned(self.zone.clone());
        let name = here.strftime("tapcard-%Y-%m-%d-%H%M%S").to_string();
        self.edges.stick.write(name, forms.into(), contacts.len());
        Ok(())
    }

    /// What became of it.
    pub(super) fn carried(&mut self, carried: Carried) {
        let outcome = match carried {
            Carried::Written(n_contacts) => {
                info!(n_contacts, "contacts were taken along");
                Stick::Written(n_contacts)
            }
            Carried::Brought { cards, n_bad } => self.add(cards, n_bad),
            Carried::Missing => Stick::Missing,
            Carried::Failed(why) => {
                warn!("a stick failed: {why}");
                Stick::Full
            }
        };
        self.take(Input::Carried(outcome));
    }

    /// What became of a mail.
    pub(super) fn mailed(&mut self, mailed: Option<Mailed>) {
        self.take(Input::Carried(match mailed {
            Some(Mailed::Sent) => Stick::Mailed,
            Some(Mailed::NoAddress) => Stick::NoAddress,
            Some(Mailed::TooSoon) => Stick::TooSoon,
            None => Stick::Away,
        }));
    }

    fn add(&mut self, cards: Vec<Card>, n_bad: usize) -> Stick {
        if cards.len() + n_bad == 0 {
            return Stick::Empty;
        }
        match self.keep_unknown(cards) {
            Ok(n_cards) => {
                info!(n_cards, n_bad, "cards came from a stick");
                Stick::Read(n_cards, n_bad)
            }
            Err(error) => {
                warn!("could not keep the cards of a stick: {error:#}");
                self.probe_at = Some(self.now());
                Stick::Full
            }
        }
    }

    /// Keeps the cards that nobody here has; how many.
    fn keep_unknown(&mut self, cards: Vec<Card>) -> Result<usize> {
        let new = takeaway::unknown(cards, &self.edges.store.contacts()?);
        let region = self.identity.region;
        let numbered = |card: Card| {
            let number = card.owner(region);
            (card, number)
        };
        let found = new.into_iter().map(numbered).collect();
        let rows = self.edges.store.add(found, Timestamp::now(), chance::name)?;
        self.contacts_are_stale = true;
        let n_cards = rows.len();
        rows.into_iter().for_each(|it| self.dialogue.add(it));
        Ok(n_cards)
    }
}
