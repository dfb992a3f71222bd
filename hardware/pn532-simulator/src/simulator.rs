//! The simulator as a whole: chips on their terminals, one field, and what a test or an operator
//! can do to them. Everything stops and every link goes when it is dropped.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result, bail};
use thiserror::Error;

use crate::air::Air;
use crate::bus::Kind;
use crate::chip::ChipId;
use crate::hsu::EndPoint;
use crate::journal::Entry;
use crate::lay::{Lay, TagKind, Unfit};
use crate::line::Counters;
use crate::link::Link;
use crate::model::Model;
use crate::phone::{Heard, Phone};
use crate::port::Port;
use crate::socket::Socket;
use crate::tag::Tag;

/// Why the simulator would not do what it was told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No chip has this name.
    #[error("there is no chip {0}")]
    UnknownChip(String),
    /// A chip cannot be near itself.
    #[error("{0} and {0} are the same chip")]
    SameChip(String),
    /// Nothing lies on this chip's antenna.
    #[error("no tag lies on chip {0}")]
    NoTag(String),
    /// There can be no such tag.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

/// Running chips.
pub struct Simulator {
    pub(crate) air: Arc<Air>,
    names: Vec<String>,
    running: Mutex<Running>,
}

/// What ends when the simulator stops.
#[derive(Default)]
struct Running {
    threads: Vec<JoinHandle<()>>,
    links: Vec<Link>,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Starts chips with these names; each path becomes a link to the chip's terminal. `baud` paces
    /// the lines (10 bits a byte); 0 means as fast as possible.
    pub fn start(chips: &[(&str, &Path)], baud: u32) -> Result<Self> {
        let ports: Vec<_> =
            chips.iter().map(|(name, path)| (*name, Port::Hsu(path.to_path_buf()))).collect();
        Self::start_on(&ports, baud)
    }

    /// Starts chips with these names, each on a port of its own form. `baud` paces serial lines only.
    pub fn start_on(chips: &[(impl AsRef<str>, Port)], baud: u32) -> Result<Self> {
        let air = Arc::new(Air::new(chips.len())?);
        let mut this = Self { air, names: vec![], running: Mutex::default() };
        for (chip, (name, port)) in chips.iter().enumerate() {
            let name = name.as_ref();
            if this.names.iter().any(|known| known == name) {
                bail!("two chips are called {name}");
            }
            this.start_chip(chip, port, baud).with_context(|| format!("starting chip {name}"))?;
            this.names.push(name.to_owned());
        }
        Ok(this)
    }

    fn start_chip(&self, chip: ChipId, port: &Port, baud: u32) -> Result<()> {
        match port {
            Port::Hsu(path) => {
                let (end_point, link) = EndPoint::open(chip, Arc::clone(&self.air), path, baud)?;
                self.lock().links.push(link);
                self.spawn(move || end_point.run())
            }
            Port::I2c(path) => self.open_socket(chip, Kind::I2c, path),
            Port::Spi(path) => self.open_socket(chip, Kind::Spi, path),
        }
    }

    /// Opens a socket, as that of a bus, to the pins of a chip on a serial line: its reset line works
    /// there, and P70_IRQ stays high.
    pub fn open_pins(&self, chip: &str, path: &Path) -> Result<()> {
        self.open_socket(self.chip(chip)?, Kind::Serial, path)
    }

    fn open_socket(&self, chip: ChipId, kind: Kind, path: &Path) -> Result<()> {
        let socket = Socket::open(chip, Arc::clone(&self.air), kind, path)?;
        self.spawn(move || socket.run())
    }

    fn spawn(&self, run: impl FnOnce() -> Result<()> + Send + 'static) -> Result<()> {
        let run = move || run().expect("what we hold open stays usable");
        self.lock().threads.push(std::thread::Builder::new().name("chip".to_owned()).spawn(run)?);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all chips and removes their links; also done when the simulator is dropped.
    pub fn stop(&self) {
        self.air.stop();
        let running = std::mem::take(&mut *self.lock());
        for thread in running.threads {
            // A chip that panicked has said so on stderr.
            drop(thread.join());
        }
        drop(running.links);
    }

    pub(crate) fn chip(&self, name: &str) -> Result<ChipId, Refusal> {
        let found = self.names.iter().position(|known| known == name);
        found.ok_or_else(|| Refusal::UnknownChip(name.to_owned()))
    }

    fn two_chips(&self, one: &str, other: &str) -> Result<(ChipId, ChipId), Refusal> {
        let pair = (self.chip(one)?, self.chip(other)?);
        if pair.0 == pair.1 {
            return Err(Refusal::SameChip(one.to_owned()));
        }
        Ok(pair)
    }

    /// Lays a tag with this NDEF message on a chip's antenna, beside what lies there. With
    /// `leaves_after` it is pulled away after so many RF exchanges. The identifier follows from the
    /// model and the message: the same card is the same card when it comes back.
    pub fn lay_tag(
        &self,
        chip: &str,
        model: Model,
        message: &[u8],
        leaves_after: Option<u32>,
    ) -> Result<(), Refusal> {
        let lay = Lay::new(TagKind::Type2(model), message);
        let lay = leaves_after.into_iter().fold(lay, Lay::torn);
        self.lay(chip, &lay)
    }

    /// Lays anything there is on a chip's antenna, beside what lies there.
    pub fn lay(&self, chip: &str, what: &Lay) -> Result<(), Refusal> {
        let chip = self.chip(chip)?;
        self.air.act(|world, now| {
            let mut salt = 0;
            let mut tag = what.tag(salt)?;
            while world.field.tags(chip).any(|other| other.identity() == tag.identity()) {
                salt += 1;
                tag = what.tag(salt)?;
            }
            world.field.lay(chip, tag, what.leaves_after, now);
            Ok(())
        })
    }

    /// Takes all tags and the phone from a chip's antenna.
    pub fn clear(&self, chip: &str) -> Result<(), Refusal> {
        let chip = self.chip(chip)?;
        self.air.act(|world, now| world.field.clear(chip, now));
        Ok(())
    }

    /// Brings a phone to a chip, instead of one that is there: about ten times a second it looks for
    /// an emulated card, until it has read one to the end.
    pub fn bring_phone(&self, chip: &str, phone: Phone) -> Result<(), Refusal> {
        let chip = self.chip(chip)?;
        self.air.act(|world, now| world.field.bring_phone(chip, phone, now));
        Ok(())
    }

    /// Takes the phone away from a chip, in the middle of whatever it does.
    pub fn take_phone(&self, chip: &str) -> Result<(), Refusal> {
        let chip = self.chip(chip)?;
        self.air.act(|world, now| world.field.take_phone(chip, now));
        Ok(())
    }

    /// What the phone near a chip got, once it has read a card to the end.
    pub fn phone_heard(&self, chip: &str) -> Result<Option<Heard>, Refusal> {
        let chip = self.chip(chip)?;
        Ok(self.air.lock().field.phone_heard(chip).cloned())
    }

    /// Lets two chips see each other's emulated cards.
    pub fn near(&self, one: &str, other: &str) -> Result<(), Refusal> {
        let (one, other) = self.two_chips(one, other)?;
        self.air.act(|world, now| world.field.bring_near(one, other, now));
        Ok(())
    }

    /// Takes two chips out of each other's sight.
    pub fn apart(&self, one: &str, other: &str) -> Result<(), Refusal> {
        let (one, other) = self.two_chips(one, other)?;
        self.air.act(|world, now| world.field.take_apart(one, other, now));
        Ok(())
    }

    /// The whole memory of the first tag on a chip's antenna, as a reader with the password sees it;
    /// of a Type 4 tag the capability container and, behind it, the NDEF file up to the message's end.
    pub fn dump(&self, chip: &str) -> Result<Vec<u8>, Refusal> {
        let id = self.chip(chip)?;
        let world = self.air.lock();
        let first = world.field.tags(id).next();
        first.map(Tag::contents).ok_or_else(|| Refusal::NoTag(chip.to_owned()))
    }

    /// Traffic on a chip's line since last asked.
    pub fn counters(&self, chip: &str) -> Result<Counters, Refusal> {
        let chip = self.chip(chip)?;
        let air = self.air.act(|world, _| std::mem::take(&mut world.field.records[chip].on_air));
        let counted = self.air.with_line(chip, |line| std::mem::take(&mut line.counters));
        Ok(Counters { air, ..counted })
    }

    /// What a chip did on the air since last asked, oldest first.
    pub fn journal(&self, chip: &str) -> Result<Vec<Entry>, Refusal> {
        let chip = self.chip(chip)?;
        Ok(self.air.act(|world, _| world.field.records[chip].journal.take()))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop();
    }
}
