//! The only loop. It feeds the session and the dialogue with what the edges tell, makes durable what
//! they decide, and then makes the world match: the radio, the screen, the wire.

mod answers;
mod offers;
mod words;

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tapcard_protocol::{AccountId, TerminalId};
use tracing::{error, info, warn};

use crate::chance;
use crate::dialogue::Dialogue;
use crate::offer::Standing;
use crate::reader::{Order, Orders, Report};
use crate::screens::Display;
use crate::session::{Decision, Fate, Input, Screen, Session};
use crate::store::{Contact, Kept, OwnCard, Store};
use crate::uplink::{Enrolling, News, Uplink};
use crate::view::{View, World, compose};

/// How often contacts whose time is over are looked for.
const PURGE_EVERY: Duration = Duration::from_secs(3600);

/// What an edge tells the driver.
pub enum Event {
    /// The reader.
    Reader(Report),
    /// The wire.
    Uplink(News),
    /// A person, at the screen.
    Person(Input),
    /// The program is to end.
    Stop,
}

/// Who this kiosk is.
pub struct Identity {
    /// Its owner.
    pub account: AccountId,
    /// Itself.
    pub terminal: TerminalId,
    /// Where it stands.
    pub place: String,
    /// How long a contact stays after its receipt.
    pub retention: SignedDuration,
    /// The page that a phone goes on to, such as `https://cards.example.org`.
    pub page: Option<String>,
    /// Where its owner confirms it, such as `https://cards.example.org`.
    pub cloud: Option<String>,
}

/// The edges that the driver moves.
pub struct Edges {
    /// The memory.
    pub store: Store,
    /// The wire.
    pub uplink: Uplink,
    /// The reader.
    pub reader: Orders,
    /// The screen.
    pub display: Display,
}

/// The driver and all it knows.
pub struct Driver {
    identity: Identity,
    edges: Edges,
    session: Session,
    dialogue: Dialogue,
    own: Option<OwnCard>,
    last: Option<Kept>,
    contacts: Vec<Contact>,
    contacts_are_stale: bool,
    shown: Option<View>,
    standing: Standing,
    order: Option<Order>,
    resting_since: Option<Timestamp>,
    /// Why the cloud gives no token, as long as it does not.
    enrolling: Option<Enrolling>,
    sync_upto: Option<AccountId>,
    purge_at: Duration,
    zone: TimeZone,
    start: Instant,
    boot: u64,
}

impl Driver {
    /// Takes over the edges; a mode chosen at the kiosk counts before the session's.
    ///
    /// # Errors
    /// Fails when the store cannot be read.
    pub fn new(identity: Identity, edges: Edges, session: Session) -> Result<Driver> {
        let session = match edges.store.mode()? {
            Some(mode) => session.in_mode(mode),
            None => session,
        };
        let dialogue = Dialogue::new(edges.store.waiting()?);
        let standing = Standing::new(identity.page.clone());
        let mut driver = Driver {
            session,
            dialogue,
            identity,
            edges,
            own: None,
            last: None,
            contacts: Vec::new(),
            contacts_are_stale: true,
            shown: None,
            standing,
            order: None,
            resting_since: None,
            enrolling: None,
            sync_upto: None,
            purge_at: Duration::ZERO,
            zone: TimeZone::system(),
            start: Instant::now(),
            boot: chance::number()?,
        };
        driver.read_own_card()?;
        Ok(driver)
    }

    /// Runs until it is told to stop.
    ///
    /// # Errors
    /// Fails when the store cannot be read any more.
    pub fn run(mut self, events: &Receiver<Event>) -> Result<()> {
        loop {
            self.purge();
            self.talk()?;
            self.match_world()?;
            let left = self.deadline().map(|it| it.saturating_sub(self.now()));
            let event = match events.recv_timeout(left.unwrap_or(PURGE_EVERY)) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => Event::Person(Input::Tick),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            match event {
                Event::Person(input) => self.take(input),
                Event::Reader(report) => self.sense(report),
                Event::Uplink(news) => {
                    self.contacts_are_stale = true;
                    if let Err(error) = self.hear(news) {
                        error!("could not store what the cloud said: {error:#}");
                    }
                }
                Event::Stop => {
                    info!("stopping");
                    return Ok(());
                }
            }
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn deadline(&self) -> Option<Duration> {
        let session = self.session.deadline();
        let countdown = match self.session.screen() {
            Screen::Lock { closed_until: Some(_), .. } => Some(self.now() + Duration::from_secs(1)),
            _ => None,
        };
        let talk = self.dialogue.deadline();
        let dues = [session, talk, countdown, self.offers_due(), Some(self.purge_at)];
        dues.into_iter().flatten().min()
    }

    /// One input, and what was decided over it, durable before anybody sees it.
    fn take(&mut self, input: Input) {
        let now = self.now();
        let Some(decision) = self.session.handle(now, input) else { return };
        if let Err(error) = self.carry_out(decision) {
            error!("could not store what was decided: {error:#}");
            self.session.handle(now, Input::StoreFailed);
        }
    }

    fn carry_out(&mut self, decision: Decision) -> Result<()> {
        match decision {
            Decision::Keep { visitor, fate, is_asked } => {
                let exchange = self.exchange(&visitor, fate, is_asked)?;
                let photo = visitor.photo.as_ref();
                let kept = match fate {
                    Fate::Held(_) => self.edges.store.hold(&exchange, photo)?,
                    Fate::Here | Fate::Cloud => self.edges.store.keep(exchange, photo)?,
                };
                self.last = Some(kept);
                if let Some(seq) = kept.seq {
                    self.dialogue.add(seq);
                }
                info!(task.seq = kept.seq, "kept a card");
            }
            Decision::Undo => {
                let Some(kept) = self.last else { return Ok(()) };
                if let Some(seq) = self.edges.store.undo(kept, Timestamp::now())? {
                    self.dialogue.add(seq);
                }
                self.last = None;
                info!(task.seq = kept.seq, "took a card back");
            }
            Decision::TakeBack(contact) => {
                self.contacts_are_stale = true;
                if let Some(seq) = self.edges.store.take_back(contact, Timestamp::now())? {
                    self.dialogue.add(seq);
                }
            }
            Decision::Introduce { one, other } => {
                let introduction = self.introduction(one, other)?;
                let seq = self.edges.store.introduce(introduction)?;
                self.dialogue.add(seq);
                info!(task.seq = seq, "introduced two visitors");
            }
            Decision::Accept(contact) => {
                self.contacts_are_stale = true;
                if let Some(seq) = self.edges.store.accept(contact)? {
                    self.dialogue.add(seq);
                }
            }
            Decision::SendAgain(contact) => {
                self.contacts_are_stale = true;
                if let Some(seq) = self.edges.store.send_again(contact)? {
                    self.dialogue.add(seq);
                }
            }
            Decision::Draft(draft) => {
                let card = words::edited(self.own.as_ref(), &draft)?;
                self.edges.store.keep_draft(draft.base, &card)?;
                self.read_own_card()?;
            }
            Decision::Send { notify } => {
                if let Some(seq) = self.edges.store.send_draft(Timestamp::now(), notify)? {
                    self.dialogue.add(seq);
                }
                self.read_own_card()?;
            }
            Decision::Mode(mode) => self.edges.store.choose_mode(mode)?,
        }
        Ok(())
    }

    /// The own card changed here or there: the session edits the newest.
    fn read_own_card(&mut self) -> Result<()> {
        self.own = self.edges.store.own_card()?;
        let draft = words::draft(self.own.as_ref());
        let is_open = self.own.as_ref().is_some_and(OwnCard::is_open);
        self.session.handle(self.now(), Input::Own(draft, is_open));
        Ok(())
    }

    fn match_world(&mut self) -> Result<()> {
        let order = self.order();
        if self.order.as_ref() != Some(&order) {
            self.edges.reader.give(order.clone());
            self.order = Some(order);
        }
        let code = self.code();
        match self.session.screen() {
            Screen::Contacts(_) | Screen::Contact(_) if !self.contacts_are_stale => {}
            Screen::Contacts(_) | Screen::Contact(_) => {
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
        let last = match (self.session.screen(), self.last) {
            (Screen::Done(..), Some(kept)) => self.edges.store.delivery(kept.contact)?,
            _ => None,
        };
        let world = World {
            own: self.own.as_ref(),
            place: &self.identity.place,
            online: self.dialogue.is_online(),
            last,
            contacts: &self.contacts,
            n_waiting: self.dialogue.n_waiting(),
            badge: self.badge_card(),
            code: code.as_deref(),
            resting_since: self.resting_since,
            enrolling: self.enrolling,
            cloud: self.identity.cloud.as_deref().unwrap_or_default(),
            zone: &self.zone,
        };
        let view = compose(&self.session, self.now(), &world);
        if self.shown.as_ref() != Some(&view) {
            self.edges.display.show(view.clone());
            self.shown = Some(view);
        }
        Ok(())
    }

    fn purge(&mut self) {
        let now = self.now();
        if now < self.purge_at {
            return;
        }
        self.purge_at = now + PURGE_EVERY;
        match self.edges.store.purge(Timestamp::now(), self.identity.retention) {
            Ok(0) => {}
            Ok(n_contacts) => {
                self.contacts_are_stale = true;
                info!(n_contacts, "forgot contacts whose time is over");
            }
            Err(error) => warn!("could not forget old contacts: {error:#}"),
        }
    }
}

/// However the driver ends, nobody is left before a screen that no longer answers.
impl Drop for Driver {
    fn drop(&mut self) {
        self.edges.display.close();
    }
}
