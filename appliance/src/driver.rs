//! The only loop. It feeds the session and the dialogue with what the edges tell, makes durable what
//! they decide, and then makes the world match: the radio, the screen, the wire.

mod answers;
mod decisions;
mod offers;
mod orders;
mod prints;
mod show;
mod stick;
mod upkeep;
mod words;

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tapcard_protocol::enrolment::{Mailed, PublicKey};
use tapcard_protocol::message::Counts;
use tapcard_protocol::{AccountId, Region, TerminalId};
use tracing::{error, info, warn};

use crate::chance;
use crate::credentials::{Found, Taken};
use crate::darkroom::{Darkroom, Told};
use crate::dialogue::Dialogue;
use crate::mailbag::Mailbag;
use crate::mechanic::{Mechanic, Offer};
use crate::network::Around;
use crate::offer::Standing;
use crate::pulse::Pulse;
use crate::reader::{Order, Orders, Report};
use crate::screens::Display;
use crate::session::{Input, Screen, Session, Upkeep};
use crate::signals::Signals;
use crate::stick::{Carried, Stick};
use crate::store::{Contact, Kept, OwnCard, Store};
use crate::surveyor::Surveyor;
use crate::uplink::{Enrolling, News, Uplink};
use crate::view::{View, hour_ends};
use prints::Prints;

/// How often contacts whose time is over are looked for.
const PURGE_EVERY: Duration = Duration::from_secs(3600);
/// How often a disk that failed is tried again.
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// When this program was written: before that it is no time to be right (2026-11-01T00:00:00Z).
const WRITTEN: i64 = 1_793_491_200;

/// How a driver ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was told to stop.
    Stopped,
    /// The kiosk leaves its owner.
    Left,
    /// It was erased from afar, and starts anew to hand over what it had not sent.
    Erased,
}

/// What an edge tells the driver.
pub enum Event {
    /// The reader.
    Reader(Report),
    /// The wire.
    Uplink(News),
    /// A person, at the screen.
    Person(Input),
    /// A picture is ready, or there is none.
    Pictured(Told),
    /// A stick has taken contacts, or brought some.
    Stick(Carried),
    /// What became of a mail with the way to the contacts; nothing if the cloud was not there.
    Mailed(Option<Mailed>),
    /// What is found in the network.
    Network(Around),
    /// How far an update or other settings are.
    Upkeep(Upkeep),
    /// What became of looking for the owner.
    Found(Found),
    /// What became of a box that a kiosk that was erased hands over; nothing if the cloud has not taken it.
    HandedOver(Option<Taken>),
    /// The program is to end.
    Stop,
}

/// Who this kiosk is.
pub struct Identity {
    /// Its owner.
    pub account: AccountId,
    /// Itself.
    pub terminal: TerminalId,
    /// What its owner calls it.
    pub name: String,
    /// Where it stands.
    pub place: String,
    /// How long a contact stays after its receipt.
    pub retention: SignedDuration,
    /// The page that a phone goes on to, such as `https://cards.example.org`.
    pub page: Option<String>,
    /// Where its owner confirms it, such as `https://cards.example.org`.
    pub cloud: Option<String>,
    /// Where numbers without `+` belong.
    pub region: Option<Region>,
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
    /// Sticks.
    pub stick: Stick,
    /// Mail.
    pub mailbag: Mailbag,
    /// Pictures.
    pub darkroom: Darkroom,
    /// Tones and a lamp.
    pub signals: Signals,
    /// The network.
    pub surveyor: Surveyor,
    /// Updates.
    pub mechanic: Mechanic,
}

/// The driver and all it knows.
pub struct Driver {
    identity: Identity,
    edges: Edges,
    session: Session,
    dialogue: Dialogue,
    own: Option<OwnCard>,
    prints: Prints,
    /// The kiosk is nobody's from now on.
    has_left: bool,
    /// Who signs orders to erase it.
    order_key: Option<PublicKey>,
    /// It was erased on such an order.
    is_erased: bool,
    pulse: Pulse,
    last: Option<Kept>,
    contacts: Vec<Contact>,
    contacts_are_stale: bool,
    shown: Option<View>,
    standing: Standing,
    order: Option<Order>,
    resting_since: Option<Timestamp>,
    offline_since: Option<Timestamp>,
    by_phone: Option<String>,
    /// When the disk, which failed, is tried again.
    probe_at: Option<Duration>,
    /// Another version of this program that is ready.
    offered: Option<Offer>,
    /// Whom the last edit of the own card goes to, and whether the staff has seen it.
    told: Option<(Counts, bool)>,
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
        let session = session.looking(edges.store.appearance()?).locked_by(edges.store.pin()?);
        let session = match edges.store.language()? {
            Some(home) if !session.is_starting() => session.speaking(home),
            _ => session,
        };
        let dialogue = Dialogue::new(edges.store.waiting()?);
        let standing = Standing::new(identity.page.clone());
        let web = identity.cloud.as_ref().or(identity.page.as_ref());
        let by_phone = web.map(|it| format!("{it}/account/card"));
        let mut driver = Driver {
            session,
            dialogue,
            identity,
            edges,
            own: None,
            prints: Prints::default(),
            has_left: false,
            order_key: None,
            is_erased: false,
            pulse: Pulse::new(),
            last: None,
            contacts: Vec::new(),
            contacts_are_stale: true,
            shown: None,
            standing,
            order: None,
            resting_since: None,
            offline_since: Some(Timestamp::now()),
            by_phone,
            probe_at: None,
            offered: None,
            told: None,
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

    /// Runs until it is told to stop, or the kiosk leaves its owner.
    ///
    /// # Errors
    /// Fails when the store cannot be read any more.
    pub fn run(mut self, events: &Receiver<Event>) -> Result<Ended> {
        loop {
            if self.has_left {
                return Ok(Ended::Left);
            }
            if self.is_erased {
                return Ok(Ended::Erased);
            }
            self.purge();
            self.probe();
            self.talk()?;
            self.match_world()?;
            if let Some(says) = self.pulse.beat(self.start.elapsed()) {
                self.edges.display.do_next(says);
            }
            let left = self.deadline().map(|it| it.saturating_sub(self.now()));
            let event = match events.recv_timeout(left.unwrap_or(PURGE_EVERY)) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => Event::Person(Input::Tick),
                Err(RecvTimeoutError::Disconnected) => return Ok(Ended::Stopped),
            };
            match event {
                Event::Person(input) => self.take(input),
                Event::Reader(report) => self.sense(report),
                Event::Pictured(it) => self.pictured(it),
                Event::Stick(carried) => self.carried(carried),
                Event::Mailed(mailed) => self.mailed(mailed),
                Event::Network(around) => self.take(Input::Around(around)),
                Event::Upkeep(upkeep) => self.take(Input::Upkept(upkeep)),
                // It has one, and has nothing to hand over.
                Event::Found(_) | Event::HandedOver(_) => {}
                Event::Uplink(news) => {
                    self.contacts_are_stale = true;
                    if let Err(error) = self.hear(news) {
                        error!("could not store what the cloud said: {error:#}");
                    }
                }
                Event::Stop => {
                    info!("stopping");
                    return Ok(Ended::Stopped);
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
            // The time of day is on it.
            Screen::Condition => Some(self.now() + Duration::from_secs(10)),
            _ => None,
        };
        let night = self.session.appearance().night;
        let hour = hour_ends(night, Timestamp::now(), &self.zone).map(|it| self.now() + it);
        let talk = self.dialogue.deadline();
        let dues =
            [session, talk, countdown, hour, self.probe_at, self.offers_due(), Some(self.purge_at)];
        dues.into_iter().chain([self.pulse.due()]).flatten().min()
    }

    /// One input, and what was decided over it, durable before anybody sees it.
    fn take(&mut self, input: Input) {
        let now = self.now();
        let Some(decision) = self.session.handle(now, input) else { return };
        if let Err(error) = self.carry_out(decision) {
            error!("could not store what was decided: {error:#}");
            self.probe_at = Some(now);
            self.session.handle(now, Input::StoreFailed);
        }
    }

    /// The own card changed here or there: the session edits the newest.
    fn read_own_card(&mut self) -> Result<()> {
        self.own = self.edges.store.own_card()?;
        let draft = words::draft(self.own.as_ref());
        let is_open = self.own.as_ref().is_some_and(OwnCard::is_open);
        self.session.handle(self.now(), Input::Own(draft, is_open));
        Ok(())
    }

    /// A disk that failed is tried until it takes something.
    fn probe(&mut self) {
        let now = self.now();
        if self.probe_at.is_some_and(|it| it <= now) {
            self.probe_at = (!self.edges.store.is_writable()).then_some(now + PROBE_EVERY);
        }
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
