//! Chips on a desk, units on them, and units that run by themselves as in a kiosk.

#![expect(dead_code, reason = "each test program uses its own part")]

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pn532_simulator::{Port, Simulator};
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

/// Chips, out of each other's sight.
pub(crate) struct Desk {
    pub(crate) simulator: Simulator,
    folder: TempDir,
}

impl Desk {
    /// Chips A and B.
    pub(crate) fn new() -> Self {
        Self::with(&["A", "B"])
    }

    /// Chips of these names.
    pub(crate) fn with(chips: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let port = |chip: &&str| (chip.to_string(), Port::Hsu(folder.path().join(chip)));
        let ports: Vec<_> = chips.iter().map(port).collect();
        let simulator = Simulator::start_on(&ports, 0).expect("start the simulator");
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
        self.start(chip, first, false)
    }

    /// The same, and it writes what it offers to whom it has read.
    pub(crate) fn run_and_reply(&self, chip: &str, first: Order) -> Kiosk {
        self.start(chip, first, true)
    }

    fn start(&self, chip: &str, first: Order, replies: bool) -> Kiosk {
        let interrupt = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&interrupt);
        let wants = Box::new(move || asked.load(Ordering::SeqCst));
        let unit = open(&self.path(chip), wants).expect("the chip is fine");
        let (orders, received) = channel();
        let (tell, events) = channel();
        let mut served = Served { unit, replies, order: only(Radio::Off), tell };
        served.obey(first);
        let told = Arc::clone(&interrupt);
        let thread = std::thread::spawn(move || served.serve(&received, &told));
        let n_open = Cell::new(0);
        Kiosk { orders: Some(orders), n_open, interrupt, events, thread: Some(thread) }
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

/// A unit in a thread of its own.
struct Served {
    unit: Unit,
    replies: bool,
    order: Order,
    tell: Sender<Told>,
}

impl Served {
    fn serve(&mut self, orders: &Receiver<Order>, interrupt: &AtomicBool) {
        loop {
            match orders.recv_timeout(self.unit.pause()) {
                Ok(order) => {
                    interrupt.store(false, Ordering::SeqCst);
                    self.obey(order);
                    self.tell(Told::Obeyed);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            match self.unit.step() {
                Ok(Event::Nothing | Event::Interrupted) => {}
                Ok(event) => {
                    let has_read = matches!(event, Event::Read(_));
                    self.tell(Told::Event(event));
                    if has_read && self.replies {
                        self.reply();
                    }
                }
                Err(error) => self.tell(Told::Failed(error.to_string())),
            }
        }
    }

    /// An order that fails stands all the same.
    fn obey(&mut self, order: Order) {
        self.order = order.clone();
        if let Err(error) = self.unit.obey(order) {
            self.tell(Told::Failed(error.to_string()));
        }
    }

    /// Like a kiosk: an offer is good for one touch, whichever way it goes.
    fn reply(&mut self) {
        let Some(own) = self.order.offer.take() else { return };
        let outcome = self.unit.reply(&own.message);
        self.tell(match outcome {
            Ok(is_written) => Told::Replied(is_written),
            Err(error) => Told::Failed(error.to_string()),
        });
        self.obey(self.order.clone());
    }

    fn tell(&self, told: Told) {
        // Fails when nobody listens any more, and then the orders end too.
        let _ = self.tell.send(told);
    }
}

/// A unit that runs by itself; it ends when this is dropped.
pub(crate) struct Kiosk {
    orders: Option<Sender<Order>>,
    /// Orders of which it has not told that it obeys them.
    n_open: Cell<usize>,
    interrupt: Arc<AtomicBool>,
    events: Receiver<Told>,
    thread: Option<JoinHandle<()>>,
}

impl Kiosk {
    /// Gives an order, and waits until it is obeyed, as are those before it; what was told before is
    /// dropped.
    pub(crate) fn obey(&self, order: Order) {
        self.order(order);
        while self.n_open.get() > 0 {
            assert!(self.next().is_some(), "it obeys");
        }
    }

    pub(crate) fn order(&self, order: Order) {
        self.n_open.set(self.n_open.get() + 1);
        self.interrupt.store(true, Ordering::SeqCst);
        self.orders.as_ref().expect("runs until it is dropped").send(order).expect("it runs");
    }

    /// The next thing that it tells, `None` if nothing comes.
    pub(crate) fn next(&self) -> Option<Told> {
        self.next_within(PATIENCE)
    }

    /// The next thing that it tells within a time.
    pub(crate) fn next_within(&self, limit: Duration) -> Option<Told> {
        let told = self.events.recv_timeout(limit).ok()?;
        if told == Told::Obeyed {
            self.n_open.set(self.n_open.get() - 1);
        }
        Some(told)
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
