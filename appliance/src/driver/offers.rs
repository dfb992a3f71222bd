//! What the driver does about touches: it draws their tokens, orders the exchange unit, and hears what
//! came of it.

use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use tapcard_nfc::Radio;
use tapcard_protocol::Card;
use tapcard_protocol::touch::{Surface, TouchKey, TouchToken};
use tracing::warn;

use super::Driver;
use crate::badge::Badge;
use crate::reader::{Job, Order, Report};
use crate::session::{Input, Mode, Screen, Whose};
use crate::store::{OwnCard, Store};

impl Driver {
    /// What the exchange unit should be doing now.
    pub(super) fn order(&mut self) -> Order {
        let radio = self.session.radio();
        let store = &mut self.edges.store;
        let card = self.own.as_ref().map(OwnCard::shown);
        let offer = match radio {
            Radio::Off | Radio::Read | Radio::Write => None,
            Radio::Emulate | Radio::Alternate => {
                self.standing.tag(self.session.mode(), card, |shown| draw(store, shown))
            }
        };
        Order { radio, offer, job: self.job() }
    }

    /// The badges that the staff writes now.
    fn job(&self) -> Option<Job> {
        let Screen::Badges(badging) = self.session.screen() else { return None };
        let badge = Badge::new(self.badge_card()?.clone(), self.identity.page.as_deref());
        Some(Job { badge, lock: badging.lock })
    }

    /// The card that they get.
    pub(super) fn badge_card(&self) -> Option<&Card> {
        let Screen::Badges(badging) = self.session.screen() else { return None };
        match badging.whose {
            Whose::Own => self.own.as_ref().map(OwnCard::shown),
            Whose::Contact(id) => self.contacts.iter().find(|it| it.id == id).map(|it| &it.card),
        }
    }

    /// The address of the code on the screen, if one belongs there now.
    pub(super) fn code(&mut self) -> Option<String> {
        let now = self.now();
        let store = &mut self.edges.store;
        let mode = self.session.mode();
        if !shows_code(&self.session.screen(), mode) {
            return None;
        }
        self.standing.code(now, mode, |shown| draw(store, shown)).map(str::to_owned)
    }

    /// When the code on the screen is to be replaced, or a new key asked for.
    pub(super) fn offers_due(&self) -> Option<Duration> {
        let is_shown = shows_code(&self.session.screen(), self.session.mode());
        let code = self.standing.code_until().filter(|_| is_shown);
        code.into_iter().chain(self.standing.key_due()).min()
    }

    /// What the reader tells.
    pub(super) fn sense(&mut self, report: Report) {
        let input = match report {
            Report::Works => {
                self.resting_since = None;
                Input::Reader(true)
            }
            Report::Rests => {
                self.resting_since = Some(Timestamp::now());
                Input::Reader(false)
            }
            Report::Felt => Input::Felt,
            Report::Read(visitor) => Input::Read(visitor),
            Report::Unreadable(trouble) => Input::Unreadable(trouble),
            Report::Met => Input::Met,
            Report::Parted { read } => Input::Parted { read },
            Report::Writing => Input::Writing,
            Report::Wrote(outcome) => Input::Wrote(outcome),
            Report::Spent => return self.standing.spent(),
        };
        self.take(input);
    }

    pub(super) fn take_touch_key(&mut self, key: &TouchKey) -> Result<()> {
        let is_other = self.edges.store.touch_key()?.as_ref() != Some(key);
        if is_other {
            self.edges.store.take_touch_key(key)?;
        }
        self.standing.key_came(self.now(), is_other);
        Ok(())
    }
}

fn shows_code(screen: &Screen<'_>, mode: Mode) -> bool {
    let is_open = matches!(
        screen,
        Screen::Attract(_) | Screen::Phone | Screen::Scan(_) | Screen::Card(Some(_))
    );
    is_open && mode != Mode::Take
}

/// Without a token there is only no link; the rest of the kiosk works.
fn draw(store: &mut Store, shown: (Mode, Surface)) -> Option<TouchToken> {
    store.draw_touch(shown).unwrap_or_else(|error| {
        warn!("could not draw a token: {error:#}");
        None
    })
}
