//! Which pictures are wanted now, and which are here.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use anyhow::Result;
use tapcard_protocol::Card;
use tapcard_protocol::card::MediaName;
use tapcard_protocol::picture::Unread;
use tracing::warn;

use super::Driver;
use crate::darkroom::{Developed, Negative, Subject, Told};
use crate::print::Print;
use crate::session::Screen;
use crate::store::{ContactId, OwnCard};
use crate::view::{Picture, hung, pictures};

/// One picture of each kind; what is not on the screen is forgotten.
#[derive(Default)]
pub(super) struct Prints {
    pub(super) owner: Frame<MediaName>,
    pub(super) company: Frame<MediaName>,
    pub(super) exhibit: Frame<MediaName>,
    pub(super) visitor: Frame<u64>,
    pub(super) contact: Frame<ContactId>,
    /// The own card's pictures, once those that were missing are asked for.
    kept: Option<Vec<MediaName>>,
    n_asked: u64,
}

/// A picture, what it is of, and the number that it was asked for with.
pub(super) struct Frame<K> {
    of: Option<K>,
    number: u64,
    outcome: Option<Result<Picture, Unread>>,
}

impl<K> Default for Frame<K> {
    fn default() -> Self {
        Frame { of: None, number: 0, outcome: None }
    }
}

impl<K: Copy + PartialEq> Frame<K> {
    pub(super) fn picture(&self) -> Option<&Picture> {
        self.outcome.as_ref()?.as_ref().ok()
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self.outcome, Some(Err(_)))
    }

    /// Turns to something else; what is to be asked for then.
    fn turn(&mut self, of: Option<K>) -> Option<K> {
        if self.of == of {
            return None;
        }
        *self = Frame { of, ..Frame::default() };
        of
    }

    fn take(&mut self, number: u64, outcome: Result<Print, Unread>) {
        if self.number == number {
            self.outcome = Some(outcome.map(|it| Picture(Arc::new(it))));
        }
    }

    /// What could not be had is asked for anew.
    fn ask_again(&mut self) {
        if self.outcome.is_none() {
            *self = Frame::default();
        }
    }
}

impl Driver {
    /// Asks for the pictures that are on the screen.
    pub(super) fn pose(&mut self) -> Result<()> {
        self.keep_pictures()?;
        let own = self.own.as_ref().map(OwnCard::shown);
        let exhibit = match self.session.screen() {
            Screen::Card(Some(line)) => own.and_then(|it| hung(it, line)),
            _ => None,
        };
        let (owner, company) = (own.and_then(Card::portrait), own.and_then(Card::logo));
        if let Some(name) = self.prints.owner.turn(owner) {
            self.prints.owner.number = self.ask_for(Subject::Owner, name)?;
        }
        if let Some(name) = self.prints.company.turn(company) {
            self.prints.company.number = self.ask_for(Subject::Company, name)?;
        }
        if let Some(name) = self.prints.exhibit.turn(exhibit) {
            self.prints.exhibit.number = self.ask_for(Subject::Exhibit, name)?;
        }
        let photo = visitor_of(&self.session.screen()).and_then(|it| it.photo.as_ref());
        if self.prints.visitor.turn(photo.map(|it| fingerprint(&it.bytes))).is_some()
            && let Some(photo) = photo
        {
            let negative = Negative::Bytes(photo.bytes.clone());
            self.prints.visitor.number = self.ask(Subject::Visitor, negative);
        }
        let contact = match self.session.screen() {
            Screen::Contact(id) => Some(id),
            _ => None,
        };
        if let Some(id) = self.prints.contact.turn(contact)
            && let Some(bytes) = self.edges.store.photo(id)?
        {
            self.prints.contact.number = self.ask(Subject::Contact, Negative::Bytes(bytes));
        }
        Ok(())
    }

    /// All pictures of the own card are to be here before the network goes.
    fn keep_pictures(&mut self) -> Result<()> {
        let Some(own) = self.own.as_ref().map(OwnCard::shown) else { return Ok(()) };
        let wanted: Vec<MediaName> = pictures(own).collect();
        if self.prints.kept.as_ref() == Some(&wanted) {
            return Ok(());
        }
        let store = &mut self.edges.store;
        store.drop_media_but(&wanted)?;
        // Those of the face are asked for in any case.
        let on_face = [own.portrait(), own.logo()];
        for name in wanted.iter().filter(|it| !on_face.contains(&Some(**it))) {
            if store.medium(*name)?.is_none() {
                self.edges.darkroom.fetch(*name);
            }
        }
        self.prints.kept = Some(wanted);
        Ok(())
    }

    /// One of the own card's.
    fn ask_for(&mut self, subject: Subject, name: MediaName) -> Result<u64> {
        let here = self.edges.store.medium(name)?;
        Ok(self.ask(subject, here.map_or(Negative::Stored(name), Negative::Bytes)))
    }

    fn ask(&mut self, subject: Subject, negative: Negative) -> u64 {
        self.prints.n_asked += 1;
        self.edges.darkroom.develop(subject, self.prints.n_asked, negative);
        self.prints.n_asked
    }

    /// The own card's pictures could not be had before there was a connection.
    pub(super) fn ask_again(&mut self) {
        let Prints { owner, company, exhibit, kept, .. } = &mut self.prints;
        owner.ask_again();
        company.ask_again();
        exhibit.ask_again();
        *kept = None;
    }

    pub(super) fn pictured(&mut self, it: Told) {
        let Developed { subject, number, outcome } = match it {
            Told::Developed(it) => it,
            Told::Fetched(name, Some(bytes)) => return self.keep_medium(name, &bytes),
            Told::Fetched(_, None) => return,
        };
        match subject {
            Subject::Owner => self.prints.owner.take(number, outcome),
            Subject::Company => self.prints.company.take(number, outcome),
            Subject::Exhibit => self.prints.exhibit.take(number, outcome),
            Subject::Visitor => self.prints.visitor.take(number, outcome),
            Subject::Contact => self.prints.contact.take(number, outcome),
        }
    }

    fn keep_medium(&mut self, name: MediaName, bytes: &[u8]) {
        // It may have left the card while it was on its way.
        let is_wanted = self.prints.kept.as_ref().is_some_and(|it| it.contains(&name));
        if !is_wanted {
            return;
        }
        if let Err(error) = self.edges.store.keep_medium(name, bytes) {
            warn!("could not keep a picture of the own card: {error:#}");
        }
    }
}

/// The visitor whose card is on the screen.
fn visitor_of<'a>(screen: &Screen<'a>) -> Option<&'a crate::visitor::Visitor> {
    match screen {
        Screen::Confirm(it) | Screen::CloudToo(it) | Screen::Note(it, _) | Screen::Done(it, _) => {
            Some(it)
        }
        _ => None,
    }
}

fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
