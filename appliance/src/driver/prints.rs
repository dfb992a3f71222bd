//! Whose pictures are wanted now, and which are here.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use anyhow::Result;
use tapcard_protocol::Card;
use tapcard_protocol::card::MediaName;
use tapcard_protocol::picture::Unread;
use tracing::warn;

use super::Driver;
use crate::darkroom::{Developed, Negative, Sitter};
use crate::portrait::Portrait;
use crate::session::Screen;
use crate::store::{ContactId, OwnCard};
use crate::view::Picture;

/// One picture of each kind; what is not on the screen is forgotten.
#[derive(Default)]
pub(super) struct Portraits {
    pub(super) owner: Frame<MediaName>,
    pub(super) visitor: Frame<u64>,
    pub(super) contact: Frame<ContactId>,
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

    /// Turns to somebody else; whose picture is to be asked for then.
    fn turn(&mut self, of: Option<K>) -> Option<K> {
        if self.of == of {
            return None;
        }
        *self = Frame { of, ..Frame::default() };
        of
    }

    fn take(&mut self, number: u64, outcome: Result<Portrait, Unread>) {
        if self.number == number {
            self.outcome = Some(outcome.map(|it| Picture(Arc::new(it))));
        }
    }
}

impl Driver {
    /// Asks for the pictures of those who are on the screen.
    pub(super) fn pose(&mut self) -> Result<()> {
        let own = self.own.as_ref().map(OwnCard::shown).and_then(Card::portrait);
        if let Some(name) = self.portraits.owner.turn(own) {
            let here = self.edges.store.portrait(name)?;
            let negative = here.map_or(Negative::Stored(name), Negative::Bytes);
            self.portraits.owner.number = self.ask(Sitter::Owner, negative);
        }
        let photo = visitor_of(&self.session.screen()).and_then(|it| it.photo.as_ref());
        if self.portraits.visitor.turn(photo.map(|it| fingerprint(&it.bytes))).is_some()
            && let Some(photo) = photo
        {
            let negative = Negative::Bytes(photo.bytes.clone());
            self.portraits.visitor.number = self.ask(Sitter::Visitor, negative);
        }
        let contact = match self.session.screen() {
            Screen::Contact(id) => Some(id),
            _ => None,
        };
        if let Some(id) = self.portraits.contact.turn(contact)
            && let Some(bytes) = self.edges.store.photo(id)?
        {
            self.portraits.contact.number = self.ask(Sitter::Contact, Negative::Bytes(bytes));
        }
        Ok(())
    }

    fn ask(&mut self, sitter: Sitter, negative: Negative) -> u64 {
        self.portraits.n_asked += 1;
        self.edges.darkroom.develop(sitter, self.portraits.n_asked, negative);
        self.portraits.n_asked
    }

    /// The owner's picture could not be had before there was a connection.
    pub(super) fn ask_again(&mut self) {
        if self.portraits.owner.outcome.is_none() {
            self.portraits.owner = Frame::default();
        }
    }

    pub(super) fn developed(&mut self, it: Developed) {
        if let Some((name, bytes)) = it.fetched
            && let Err(error) = self.edges.store.keep_portrait(name, &bytes)
        {
            warn!("could not keep the owner's picture: {error:#}");
        }
        let Some(outcome) = it.outcome else { return };
        match it.sitter {
            Sitter::Owner => self.portraits.owner.take(it.number, outcome),
            Sitter::Visitor => self.portraits.visitor.take(it.number, outcome),
            Sitter::Contact => self.portraits.contact.take(it.number, outcome),
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
