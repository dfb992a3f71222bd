//! Chips on a desk, units on them, and units that run by themselves as in a kiosk.

#![expect(dead_code, reason = "each test program uses its own part")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pn532_simulator::Simulator;
use tapcard_nfc::chip::Appearance;
use tapcard_nfc::link::DEFAULT_BAUD;
use tapcard_nfc::ndef::{self, Record};
use tapcard_nfc::{ChipError, Event, Habits, Offer, Order, Radio, Settings, Unit};
use tempfile::TempDir;

/// Whatever has not happened by then does not happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What a unit here does by itself: hopes for vCards, and takes turns of its own.
pub(crate) fn habits(seed: u64) -> Habits {
    Habits { appearance: Appearance::default(), is_wanted: is_card, seed }
}

fn is_card(message: &[u8]) -> bool {
    ndef::decode(message).is_ok_and(|records| ndef::vcard(&records).is_some())
}

/// A message with a card, as a kiosk shows it.
pub(crate) fn card(name: &str) -> Vec<u8> {
    let vcard =
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nTEL:+4915112345678\r\nEND:VCARD\r\n");
    let uri = Record::uri("https://tapcard.example/t/0123456789ABCDEFGHJKMNPQRS");
    ndef::encode(&[uri, Record::mime("text/vcard", vcard.as_bytes())]).expect("short enough")
}

pub(crate) fn order(radio: Radio, message: &[u8], writable: bool) -> Order {
    Order { radio, offer: Some(Offer { message: message.to_vec(), writable }) }
}

pub(crate) fn only(radio: Radio) -> Order {
    Order { radio, offer: None }
}

/// Two chips, out of each other's sight.
pub(crate) struct Desk {
    pub(crate) simulator: Simulator,
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let (a, b) = (folder.path().join("A"), folder.path().join("B"));
        let simulator = Simulator::start(&[("A", &a), ("B", &b)], 0).expect("start the simulator");
        Self { simulator, folder }
    }

    /// Two chips that see each other.
    pub(crate) fn near() -> Self {
        let desk = Self::new();
        desk.simulator.near("A", "B").expect("both are chips");
        desk
    }

    /// The terminal of a chip, or a file of any other name.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn open(&self, chip: &str) -> Result<Unit, ChipError> {
        open(&self.path(chip), Box::new(|| false))
    }

    /// A unit that obeys and steps in a thread of its own.
    pub(crate) fn run(&self, chip: &str, first: Order) -> Kiosk {
        self.run_and_reply(chip, first, None)
    }

    /// The same, and it writes `reply` to whom it has read.
    pub(crate) fn run_and_reply(&self, chip: &str, first: Order, reply: Option<Vec<u8>>) -> Kiosk {
        let interrupt = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&interrupt);
        let wants = Box::new(move || asked.load(Ordering::SeqCst));
        let mut unit = open(&self.path(chip), wants).expect("the chip is fine");
        let (orders, received) = channel();
        let (tell, events) = channel();
        unit.obey(first).expect("the chip is fine");
        let told = Arc::clone(&interrupt);
        let thread = std::thread::spawn(move || {
            serve(&mut unit, &received, &told, reply.as_deref(), &tell);
        });
        Kiosk { orders: Some(orders), interrupt, events, thread: Some(thread) }
    }
}

pub(crate) fn open(
    path: &Path,
    interrupt: Box<dyn Fn() -> bool + Send>,
) -> Result<Unit, ChipError> {
    let seed = path.as_os_str().as_encoded_bytes().iter().map(|byte| u64::from(*byte)).sum();
    Unit::open(&Settings::hsu(path, DEFAULT_BAUD), habits(seed), interrupt)
}

/// What a running unit tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Obeyed,
    Event(Event),
    Replied(bool),
    Failed(String),
}

fn serve(
    unit: &mut Unit,
    orders: &Receiver<Order>,
    interrupt: &AtomicBool,
    reply: Option<&[u8]>,
    tell: &Sender<Told>,
) {
    loop {
        match orders.recv_timeout(unit.pause()) {
            Ok(order) => {
                interrupt.store(false, Ordering::SeqCst);
                let _ = tell.send(match unit.obey(order) {
                    Ok(()) => Told::Obeyed,
                    Err(error) => Told::Failed(error.to_string()),
                });
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let told = match unit.step() {
            Ok(Event::Nothing | Event::Interrupted) => continue,
            Ok(event) => Told::Event(event),
            Err(error) => Told::Failed(error.to_string()),
        };
        let has_read = matches!(told, Told::Event(Event::Read(_)));
        let _ = tell.send(told);
        if let Some(reply) = reply.filter(|_| has_read) {
            let _ = tell.send(match unit.reply(reply) {
                Ok(is_written) => Told::Replied(is_written),
                Err(error) => Told::Failed(error.to_string()),
            });
        }
    }
}

/// A unit that runs by itself; it ends when this is dropped.
pub(crate) struct Kiosk {
    orders: Option<Sender<Order>>,
    interrupt: Arc<AtomicBool>,
    events: Receiver<Told>,
    thread: Option<JoinHandle<()>>,
}

impl Kiosk {
    /// Gives an order, and waits until it is obeyed; what was told before is dropped.
    pub(crate) fn obey(&self, order: Order) {
        self.order(order);
        while self.next() != Some(Told::Obeyed) {}
    }

    pub(crate) fn order(&self, order: Order) {
        self.interrupt.store(true, Ordering::SeqCst);
        self.orders.as_ref().expect("runs until it is dropped").send(order).expect("it runs");
    }

    /// The next thing that it tells, `None` if nothing comes.
    pub(crate) fn next(&self) -> Option<Told> {
        self.events.recv_timeout(PATIENCE).ok()
    }

    /// The next thing that it tells within a time.
    pub(crate) fn next_within(&self, limit: Duration) -> Option<Told> {
        self.events.recv_timeout(limit).ok()
    }

    #[track_caller]
    pub(crate) fn expect(&self, event: Event) {
        assert_eq!(self.next(), Some(Told::Event(event)));
    }

    /// Everything that it tells in a time.
    pub(crate) fn all_within(&self, limit: Duration) -> Vec<Told> {
        let end = Instant::now() + limit;
        let left = || end.saturating_duration_since(Instant::now());
        std::iter::from_fn(|| self.next_within(left())).collect()
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        drop(self.orders.take());
        self.interrupt.store(true, Ordering::SeqCst);
        let thread = self.thread.take().expect("is joined once");
        assert!(thread.join().is_ok() || std::thread::panicking(), "the unit panicked");
    }
}
