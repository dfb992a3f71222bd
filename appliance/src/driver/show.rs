//! How the driver makes the world match the views.

use anyhow::Result;
use jiff::Timestamp;

use super::{Driver, WRITTEN};
use crate::session::Screen;
use crate::view::{View, World, compose, shines, sound};

impl Driver {
    /// Makes radio, lamp and screen as they should be.
    pub(super) fn match_world(&mut self) -> Result<()> {
        let order = self.order();
        if self.order.as_ref() != Some(&order) {
            self.edges.reader.give(order.clone());
            self.order = Some(order);
        }
        let code = self.code();
        self.pose()?;
        self.read_contacts()?;
        self.told = match (self.session.screen(), self.told) {
            (Screen::Contacts(_), Some((counts, _))) => Some((counts, true)),
            (Screen::Attract(_), Some((_, true))) => None,
            (_, told) => told,
        };
        let last = match (self.session.screen(), self.last) {
            (Screen::Done(..), Some(kept)) => self.edges.store.delivery(kept.contact)?,
            _ => None,
        };
        let world = World {
            own: self.own.as_ref(),
            name: &self.identity.name,
            place: &self.identity.place,
            online: self.dialogue.is_online(),
            last,
            own_portrait: self.prints.owner.picture(),
            own_logo: self.prints.company.picture(),
            exhibit: self.prints.exhibit.picture(),
            exhibit_unseen: self.prints.exhibit.is_refused(),
            visitor_portrait: self.prints.visitor.picture(),
            visitor_unseen: self.prints.visitor.is_refused(),
            contact_portrait: self.prints.contact.picture(),
            contacts: &self.contacts,
            n_waiting: self.dialogue.n_waiting(),
            badge: self.badge_card(),
            code: code.as_deref(),
            by_phone: self.by_phone.as_deref(),
            resting_since: self.resting_since,
            enrolling: self.enrolling,
            cloud: self.identity.cloud.as_deref().unwrap_or_default(),
            now: Timestamp::now(),
            zone: &self.zone,
            offline_since: self.offline_since,
            disk_fails: self.probe_at.is_some(),
            clock_is_wrong: Timestamp::now().as_second() < WRITTEN,
            offered: self.offered.as_ref().map(|it| it.version.as_str()),
            told: self.told.map(|it| it.0),
            has_sound: self.edges.signals.has_sound(),
        };
        let view = compose(&self.session, self.now(), &world);
        if self.shown.as_ref() != Some(&view) {
            self.edges.display.show(view.clone());
            self.announce(&view);
            self.shown = Some(view);
        }
        Ok(())
    }

    /// What is heard and seen of a new page.
    fn announce(&mut self, view: &View) {
        self.edges.signals.shine(shines(&view.page));
        let heard = sound(self.shown.as_ref().map(|it| &it.page), &view.page);
        if let Some(sound) = heard.filter(|_| !self.session.appearance().muted) {
            self.edges.signals.play(sound);
        }
    }

    /// Those who were met are read for as long as somebody looks.
    fn read_contacts(&mut self) -> Result<()> {
        match self.session.screen() {
            it if shows_contacts(&it) && !self.contacts_are_stale => {}
            it if shows_contacts(&it) => {
                self.contacts = self.edges.store.contacts()?;
                self.contacts_are_stale = false;
            }
            // One of them may be the one whose badges are written.
            Screen::Badges(_) => {}
            _ => {
                self.contacts = Vec::new();
                self.contacts_are_stale = true;
            }
        }
        Ok(())
    }
}

/// Whether a page says something of those who were met.
fn shows_contacts(screen: &Screen<'_>) -> bool {
    matches!(
        screen,
        Screen::Contacts(_)
            | Screen::Contact(_)
            | Screen::Remark(..)
            | Screen::Condition
            | Screen::Wipe
            | Screen::SignOut
    )
}
