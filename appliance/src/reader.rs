//! The thread of the exchange unit: it obeys the last [`Order`] and tells what came of it. It decides
//! nothing, and makes no offer: it says when one is used up.

mod badges;
mod mailbox;

use std::thread;
use std::time::Duration;

use anyhow::Result;
use tapcard_nfc::chip::Appearance;
use tapcard_nfc::{ChipError, Event, Habits, Radio, Settings, Unit};
use tapcard_protocol::Region;
use tracing::{info, warn};

use crate::badge::{Badge, Refusal};
use crate::meeting::{Meeting, Way, replies};
use crate::offer::{OneOffer, token_in_message};
use crate::trouble::Trouble;
use crate::visitor::{self, Visitor};
use crate::writer::Outcome;
pub use mailbox::Orders;
use mailbox::{Closed, Mailbox};

/// How long to wait before a reader that failed is opened again.
const REOPEN: Duration = Duration::from_secs(2);
/// How often a resting reader is asked whether it is alive: whoever comes must hear of it in time.
const CHECK: Duration = Duration::from_secs(2);
/// How long to wait before a second try.
const RETRY: Duration = Duration::from_millis(100);
/// Failures in a row after which the reader counts as gone; one alone is a glitch that it mends.
const MAX_GLITCHES: u32 = 2;

/// Where the chip is, and what it is like.
pub struct Place {
    /// Its wires.
    pub settings: Settings,
    /// What the card that it emulates says of itself.
    pub appearance: Appearance,
    /// Where phone numbers without `+` belong.
    pub region: Option<Region>,
    /// A random number: two kiosks must not take their turns alike.
    pub seed: u64,
}

/// What to do until the next order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// What the chip does.
    pub radio: Radio,
    /// What it emulates, or writes back to another kiosk. Nothing, if it was used up before.
    pub offer: Option<OneOffer>,
    /// What it writes on blank tags, with [`Radio::Write`].
    pub job: Option<Job>,
}

/// Badges to be written, one like the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// What is written.
    pub badge: Badge,
    /// They are locked for good.
    pub lock: bool,
}

/// What the reader tells.
#[derive(Debug)]
pub enum Report {
    /// It answers.
    Works,
    /// It does not; it is tried again by itself.
    Rests,
    /// Somebody came, reading begins.
    Felt,
    /// A card, read or written here.
    Read(Box<Visitor>),
    /// No card, and why.
    Unreadable(Trouble),
    /// Somebody reads the own card.
    Met,
    /// Whoever met the own card went.
    Parted {
        /// Whether all of it was read.
        read: bool,
    },
    /// A blank tag was laid down and is being written.
    Writing,
    /// It was written, or a tag was not.
    Wrote(Outcome),
    /// The offer is used up: nothing is emulated until an order brings another.
    Spent,
}

/// Starts the thread; it ends when the returned orders are dropped. `tell` is called from it.
///
/// # Errors
/// Fails when no thread can be started.
pub fn start(place: Place, tell: impl FnMut(Report) + Send + 'static) -> Result<Orders> {
    let (orders, mailbox) = mailbox::mailbox();
    let order = Order { radio: Radio::Off, offer: None, job: None };
    let desk = Desk { place, tell, mailbox, order, n_spent: 0, is_shown: false };
    thread::Builder::new().name("nfc".into()).spawn(move || desk.run())?;
    Ok(orders)
}

struct Desk<F> {
    place: Place,
    tell: F,
    mailbox: Mailbox,
    order: Order,
    /// The number of the last offer that was used up, or is being used.
    n_spent: u64,
    /// The chip shows the offer, or a touch with it lasts.
    is_shown: bool,
}

impl<F: FnMut(Report)> Desk<F> {
    fn run(mut self) {
        let mut silent = false;
        loop {
            match self.open() {
                Ok(mut unit) => {
                    info!("the reader answers");
                    (self.tell)(Report::Works);
                    silent = false;
                    match self.serve(&mut unit) {
                        Ok(Closed) => return,
                        Err(error) => warn!("the reader fell silent: {error}"),
                    }
                }
                Err(error) if !silent => warn!("the reader does not answer: {error}"),
                Err(_) => {}
            }
            if !silent {
                (self.tell)(Report::Rests);
            }
            silent = true;
            match self.mailbox.wait(REOPEN) {
                Ok(Some(order)) => self.order = order,
                Ok(None) => {}
                Err(Closed) => return,
            }
        }
    }

    fn open(&self) -> Result<Unit, ChipError> {
        let Place { settings, appearance, seed, .. } = &self.place;
        let is_wanted = |message: &[u8]| visitor::in_message(message).is_ok();
        let habits = Habits { appearance: appearance.clone(), is_wanted, seed: *seed };
        Unit::open(settings, habits, self.mailbox.interrupt())
    }

    /// Serves one open reader until it fails for good.
    fn serve(&mut self, unit: &mut Unit) -> Result<Closed, ChipError> {
        let mut n_glitches = 0;
        let mut turn = self.obey(unit, self.order.clone());
        loop {
            let pause = match turn {
                Ok(pause) => {
                    n_glitches = 0;
                    pause
                }
                Err(error) if n_glitches + 1 == MAX_GLITCHES => return Err(error),
                Err(error) => {
                    n_glitches += 1;
                    info!("the reader stumbled: {error}");
                    RETRY
                }
            };
            turn = match self.mailbox.wait(pause) {
                Ok(Some(order)) if self.goes_on_writing(&order) => {
                    self.order = order;
                    Ok(Duration::ZERO)
                }
                Ok(Some(order)) => self.obey(unit, order),
                Ok(None) if self.is_idle() => unit.check().map(|()| CHECK),
                Ok(None) => self.step(unit),
                Err(Closed) => return Ok(Closed),
            };
        }
    }

    /// Whether there is nothing to do on the air.
    fn is_idle(&self) -> bool {
        match self.order.radio {
            Radio::Off => true,
            Radio::Emulate => !self.is_shown,
            Radio::Write => self.order.job.is_none(),
            Radio::Read | Radio::Alternate => false,
        }
    }

    /// Another card, or locked or not, is for the next tag: the unit must not take the one that lies there
    /// for news.
    fn goes_on_writing(&self, order: &Order) -> bool {
        self.order.radio == Radio::Write && order.radio == Radio::Write
    }

    /// The offer that was not used up.
    fn offer(&self) -> Option<&OneOffer> {
        self.order.offer.as_ref().filter(|it| it.number > self.n_spent)
    }

    fn obey(&mut self, unit: &mut Unit, order: Order) -> Result<Duration, ChipError> {
        self.order = order;
        let offer = self.offer().map(|it| it.offer.clone());
        if offer.is_none() && self.order.offer.is_some() {
            // It was made before whoever makes them heard of the last touch.
            (self.tell)(Report::Spent);
        }
        self.is_shown = offer.is_some();
        unit.obey(tapcard_nfc::Order { radio: self.order.radio, offer })?;
        Ok(Duration::ZERO)
    }

    /// Takes one step; says how long to wait before the next.
    fn step(&mut self, unit: &mut Unit) -> Result<Duration, ChipError> {
        match unit.step()? {
            Event::Nothing | Event::Interrupted | Event::Gone => {}
            Event::Felt => (self.tell)(Report::Felt),
            Event::Laid(found) => self.write(unit, &found)?,
            Event::Two if self.order.radio == Radio::Write => {
                (self.tell)(Report::Wrote(Err(Refusal::Two)));
            }
            Event::Two => (self.tell)(Report::Unreadable(Trouble::Two)),
            Event::Unreadable(reason) => {
                info!("a tag could not be read: {reason}");
                (self.tell)(Report::Unreadable(reason.into()));
            }
            Event::Read(message) => self.read(unit, &message)?,
            Event::Met => {
                self.spend();
                (self.tell)(Report::Met);
            }
            Event::Written(message) => {
                self.spend();
                self.came(Way::Written, &message);
            }
            Event::Parted { read } => {
                self.spend();
                self.is_shown = false;
                (self.tell)(Report::Parted { read });
                (self.tell)(Report::Spent);
            }
        }
        Ok(unit.pause())
    }

    /// Another kiosk gets the own offer at once, as long as it is there.
    fn read(&mut self, unit: &mut Unit, message: &[u8]) -> Result<(), ChipError> {
        let own = self.offer().map(|it| it.offer.clone());
        let Some(own) = own.filter(|it| replies(token_in_message(message), it)) else {
            self.came(Way::Read { replied: false }, message);
            return Ok(());
        };
        self.spend();
        let replied = unit.reply(&own.message).unwrap_or_else(|error| {
            // What was read is a card all the same; if it was the chip, the next step will say so.
            info!("could not write to the other kiosk: {error}");
            false
        });
        self.came(Way::Read { replied }, message);
        (self.tell)(Report::Spent);
        self.is_shown = false;
        unit.obey(tapcard_nfc::Order { radio: self.order.radio, offer: None })
    }

    /// Tells of a message that came, whichever way.
    fn came(&mut self, way: Way, message: &[u8]) {
        let own = self.order.offer.as_ref().and_then(|it| it.token);
        let meeting = Meeting::of(way, token_in_message(message), own);
        (self.tell)(match Visitor::read(message, meeting, self.place.region) {
            Ok(visitor) => Report::Read(Box::new(visitor)),
            Err(reason) => {
                info!("a tag holds no card: {reason}");
                Report::Unreadable(reason.into())
            }
        });
    }

    fn spend(&mut self) {
        if let Some(offer) = &self.order.offer {
            self.n_spent = self.n_spent.max(offer.number);
        }
    }
}
