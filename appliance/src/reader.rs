//! The reader's thread: it obeys [`Radio`] and tells what it felt and read. It decides nothing.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use tapcard_nfc::reader::POLL_PAUSE;
use tapcard_nfc::{ChipError, Event, Reader, Settings, Unreadable};
use tapcard_protocol::Region;
use tracing::{info, warn};

use crate::session::{Radio, Trouble};
use crate::visitor::{NoVisitor, Visitor};

/// How long to wait before a reader that failed is opened again.
const REOPEN: Duration = Duration::from_secs(2);
/// How often a resting reader is asked whether it is alive.
const CHECK: Duration = Duration::from_secs(5);
/// Failures in a row after which the reader counts as gone; one alone is a glitch that it mends.
const MAX_GLITCHES: u32 = 2;

/// Where the chip is.
pub struct Place {
    /// Its serial port.
    pub port: PathBuf,
    /// Its speed in baud.
    pub baud: u32,
    /// Where phone numbers without `+` belong.
    pub region: Option<Region>,
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
    /// A card.
    Read(Box<Visitor>),
    /// No card, and why.
    Unreadable(Trouble),
}

/// Starts the thread; it ends when the returned sender is dropped. `tell` is called from it.
///
/// # Errors
/// Fails when no thread can be started.
pub fn start(place: Place, tell: impl FnMut(Report) + Send + 'static) -> Result<Sender<Radio>> {
    let (orders, received) = channel();
    let desk = Desk { place, tell, orders: received, radio: Radio::Off };
    thread::Builder::new().name("nfc".into()).spawn(move || desk.run())?;
    Ok(orders)
}

/// The driver is gone.
struct Closed;

struct Desk<F> {
    place: Place,
    tell: F,
    orders: Receiver<Radio>,
    radio: Radio,
}

impl<F: FnMut(Report)> Desk<F> {
    fn run(mut self) {
        let mut silent = false;
        loop {
            match Reader::open(
                &Settings::hsu(&self.place.port, self.place.baud),
                Box::new(|| false),
            ) {
                Ok(mut reader) => {
                    info!("the reader answers");
                    (self.tell)(Report::Works);
                    silent = false;
                    match self.serve(&mut reader) {
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
            if self.obey(REOPEN).is_err() {
                return;
            }
        }
    }

    /// Serves one open reader until it fails for good.
    fn serve(&mut self, reader: &mut Reader) -> Result<Closed, ChipError> {
        let mut n_glitches = 0;
        loop {
            let turn = match self.radio {
                Radio::Read => self.step(reader),
                Radio::Off => reader.rest().and_then(|()| reader.check()).map(|()| CHECK),
            };
            let pause = match turn {
                Ok(pause) => {
                    n_glitches = 0;
                    pause
                }
                Err(error) if n_glitches + 1 == MAX_GLITCHES => return Err(error),
                Err(error) => {
                    n_glitches += 1;
                    info!("the reader stumbled: {error}");
                    POLL_PAUSE
                }
            };
            if self.obey(pause).is_err() {
                return Ok(Closed);
            }
        }
    }

    /// Takes one step; says how long to wait before the next.
    fn step(&mut self, reader: &mut Reader) -> Result<Duration, ChipError> {
        let report = match reader.step()? {
            Event::Nothing | Event::Gone => return Ok(POLL_PAUSE),
            Event::Felt => {
                (self.tell)(Report::Felt);
                return Ok(Duration::ZERO);
            }
            Event::Two => Report::Unreadable(Trouble::Two),
            Event::Unreadable(reason) => {
                info!("a tag could not be read: {reason}");
                Report::Unreadable(trouble(reason))
            }
            Event::Read(message) => match Visitor::read(&message, self.place.region) {
                Ok(visitor) => Report::Read(Box::new(visitor)),
                Err(reason) => {
                    info!("a tag holds no card: {reason}");
                    Report::Unreadable(no_card(&reason))
                }
            },
        };
        (self.tell)(report);
        Ok(POLL_PAUSE)
    }

    /// Waits for an order, at most so long; the last of several counts.
    fn obey(&mut self, pause: Duration) -> Result<(), Closed> {
        match self.orders.recv_timeout(pause) {
            Ok(radio) => self.radio = radio,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(Closed),
        }
        while let Ok(radio) = self.orders.try_recv() {
            self.radio = radio;
        }
        Ok(())
    }
}

fn trouble(reason: Unreadable) -> Trouble {
    match reason {
        Unreadable::PulledAway => Trouble::PulledAway,
        Unreadable::Empty | Unreadable::NotNdef => Trouble::NoCard,
        Unreadable::Unsupported
        | Unreadable::Protected
        | Unreadable::Damaged
        | Unreadable::TooBig => Trouble::Broken,
    }
}

fn no_card(reason: &NoVisitor) -> Trouble {
    match reason {
        NoVisitor::NoCard(_) => Trouble::NoCard,
        NoVisitor::NotNdef(_) | NoVisitor::Refused(_) => Trouble::Broken,
    }
}
