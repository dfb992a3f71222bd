//! The simulator as a whole: chips on their terminals, one field, and what a test or an operator
//! can do to them. Everything stops and every link goes when it is dropped.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result, bail};
use thiserror::Error;

use crate::air::Air;
use crate::chip::ChipId;
use crate::hsu::EndPoint;
use crate::line::{Counters, Fault};
use crate::link::Link;
use crate::ntag::{DoesNotFit, Model, Ntag};

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
    /// The message is too long.
    #[error(transparent)]
    DoesNotFit(#[from] DoesNotFit),
}

/// Running chips.
pub struct Simulator {
    air: Arc<Air>,
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
        let air = Arc::new(Air::new(chips.len())?);
        let mut this = Self { air, names: vec![], running: Mutex::default() };
        for (chip, (name, path)) in chips.iter().enumerate() {
            if this.names.iter().any(|known| known == name) {
                bail!("two chips are called {name}");
            }
            let (end_point, link) = EndPoint::open(chip, Arc::clone(&this.air), path, baud)
                .with_context(|| format!("starting chip {name}"))?;
            let run = move || end_point.run().expect("a pseudo-terminal that we hold stays usable");
            let thread = std::thread::Builder::new().name(format!("chip {name}")).spawn(run)?;
            this.names.push((*name).to_owned());
            let mut running = this.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.threads.push(thread);
            running.links.push(link);
        }
        Ok(this)
    }

    /// Ends all chips and removes their links; also done when the simulator is dropped.
    pub fn stop(&self) {
        self.air.stop();
        let running =
            std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in running.threads {
            // A chip that panicked has said so on stderr.
            drop(thread.join());
        }
        drop(running.links);
    }

    fn chip(&self, name: &str) -> Result<ChipId, Refusal> {
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
        let chip = self.chip(chip)?;
        self.air.act(|world, now| {
            let mut uid = identifier(model, message);
            while world.field.tags(chip).any(|tag| tag.uid() == uid) {
                uid[6] = uid[6].wrapping_add(1);
            }
            let tag = Ntag::with_message(model, uid, message)?;
            world.field.lay(chip, tag, leaves_after, now);
            Ok(())
        })
    }

    /// Takes all tags from a chip's antenna.
    pub fn clear(&self, chip: &str) -> Result<(), Refusal> {
        let chip = self.chip(chip)?;
        self.air.act(|world, _| world.field.clear(chip));
        Ok(())
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

    /// The whole memory of the first tag on a chip's antenna, as a reader sees it.
    pub fn dump(&self, chip: &str) -> Result<Vec<u8>, Refusal> {
        let id = self.chip(chip)?;
        let world = self.air.lock();
        let first = world.field.tags(id).next();
        first.map(Ntag::readable).ok_or_else(|| Refusal::NoTag(chip.to_owned()))
    }

    /// The next so many commands, answers or RF exchanges of a chip suffer this fault.
    pub fn fault(&self, chip: &str, fault: Fault, times: u32) -> Result<(), Refusal> {
        let chip = self.chip(chip)?;
        if fault == Fault::Nak {
            self.air.act(|world, _| world.field.leave_unanswered(chip, times));
        } else {
            self.air.with_line(chip, |line| line.inflict(fault, times));
        }
        Ok(())
    }

    /// Traffic on a chip's line since last asked.
    pub fn counters(&self, chip: &str) -> Result<Counters, Refusal> {
        let chip = self.chip(chip)?;
        Ok(self.air.with_line(chip, |line| std::mem::take(&mut line.counters)))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Seven bytes that begin with NXP's manufacturer code, from an FNV-1a hash of model and message.
fn identifier(model: Model, message: &[u8]) -> [u8; 7] {
    let bytes = model.pages().to_be_bytes().into_iter().chain(message.iter().copied());
    let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let [a, b, c, d, e, f, ..] = hash.to_be_bytes();
    [0x04, a, b, c, d, e, f]
}
