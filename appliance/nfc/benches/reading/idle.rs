//! What the reader's thread costs while nobody comes.

use std::io::{self, Read, Write};
use std::path::Path;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use pn532::requests::{BorrowedRequest, Command};
use pn532::{CountDown, Interface, Pn532, nb};
use pn532_simulator::Simulator;
use rustix::time::{ClockId, clock_gettime};
use serialport::SerialPort;
use tapcard_nfc::chip::Appearance;
use tapcard_nfc::{Event, Habits, Offer, Order, Radio, Settings, Unit};

use crate::Failure;

/// How long each way of waiting is watched.
const WATCHED: Duration = Duration::from_secs(10);
const BAUD: u32 = 115_200;

/// Of a core, while the radio does this.
pub(crate) struct Share {
    pub(crate) radio: Radio,
    pub(crate) percent: f64,
}

/// Everybody's.
pub(crate) struct Idle {
    pub(crate) ours: Vec<Share>,
    pub(crate) crate_alone: f64,
}

pub(crate) fn measure() -> Result<Idle, Failure> {
    let mut ours = Vec::new();
    for radio in [Radio::Read, Radio::Emulate, Radio::Alternate] {
        let percent = on_a_chip(move |terminal| unit(terminal, radio))?;
        ours.push(Share { radio, percent });
    }
    Ok(Idle { ours, crate_alone: on_a_chip(crate_alone)? })
}

/// The share of a thread that does this on a chip of its own.
fn on_a_chip(wait: impl FnOnce(&Path) -> Result<f64, Failure> + Send) -> Result<f64, Failure> {
    let folder = tempfile::tempdir()?;
    let terminal = folder.path().join("nfc");
    let _simulator = Simulator::start(&[("A", &terminal)], BAUD)?;
    thread::scope(|scope| {
        let waiting = scope.spawn(|| wait(&terminal).map_err(|error| error.to_string()));
        Ok(waiting.join().map_err(|_| "a thread panicked")??)
    })
}

/// A unit as a kiosk runs it: one step, then the pause that it asks for.
fn unit(terminal: &Path, radio: Radio) -> Result<f64, Failure> {
    let habits = Habits { appearance: Appearance::default(), is_wanted: |_| true, seed: 1 };
    let mut unit = Unit::open(&Settings::hsu(terminal, BAUD), habits, Box::new(|| false))?;
    let offer = Some(Offer { message: vec![0xd0, 0, 0], writable: true });
    unit.obey(Order { radio, offer })?;
    let watch = Watch::start();
    while watch.is_on() {
        let event = unit.step()?;
        if event != Event::Nothing {
            return Err(format!("nobody is there, and yet {event:?}").into());
        }
        thread::park_timeout(unit.pause());
    }
    Ok(watch.percent())
}

/// The crate's own way to wait, which asks the link without a pause, looking for a tag without end.
fn crate_alone(terminal: &Path) -> Result<f64, Failure> {
    let port = serialport::new(terminal.to_string_lossy(), BAUD).timeout(Duration::from_millis(50));
    let mut pn532: Pn532<_, _, 32> = Pn532::new(Line(port.open()?), Deadline(Instant::now()));
    let failed = |error: pn532::Error<io::Error>| format!("{error:?}");
    let normal = BorrowedRequest::new(Command::SAMConfiguration, &[1, 0, 0]);
    pn532.process(normal, 0, Duration::from_secs(1)).map_err(failed)?;
    let watch = Watch::start();
    let find = BorrowedRequest::new(Command::InListPassiveTarget, &[1, 0]);
    match pn532.process(find, 20, WATCHED) {
        Err(pn532::Error::TimeoutResponse) => Ok(watch.percent()),
        other => Err(format!("nobody is there, and yet {other:?}").into()),
    }
}

/// A serial line that says at once whether anything has come.
struct Line(Box<dyn SerialPort>);

impl Interface for Line {
    type Error = io::Error;

    fn write(&mut self, frame: &mut [u8]) -> io::Result<()> {
        self.0.write_all(frame)
    }

    fn wait_ready(&mut self) -> Poll<io::Result<()>> {
        match self.0.bytes_to_read() {
            Ok(0) => Poll::Pending,
            Ok(_) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(error.into())),
        }
    }

    fn read(&mut self, frame: &mut [u8]) -> io::Result<()> {
        self.0.read_exact(frame)
    }
}

struct Deadline(Instant);

impl CountDown for Deadline {
    type Time = Duration;

    fn start<T: Into<Duration>>(&mut self, limit: T) {
        self.0 = Instant::now() + limit.into();
    }

    fn wait(&mut self) -> nb::Result<(), std::convert::Infallible> {
        if Instant::now() < self.0 { Err(nb::Error::WouldBlock) } else { Ok(()) }
    }
}

/// The processor time of a thread beside the clock.
struct Watch {
    start: Instant,
    busy: Duration,
}

impl Watch {
    fn start() -> Self {
        Self { start: Instant::now(), busy: busy() }
    }

    fn is_on(&self) -> bool {
        self.start.elapsed() < WATCHED
    }

    fn percent(&self) -> f64 {
        100.0 * (busy() - self.busy).as_secs_f64() / self.start.elapsed().as_secs_f64()
    }
}

/// This thread's processor time so far.
fn busy() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).expect("time since the thread's start");
    let nanoseconds = u32::try_from(time.tv_nsec).expect("less than a second");
    Duration::new(seconds, nanoseconds)
}
