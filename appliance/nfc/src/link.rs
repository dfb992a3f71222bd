//! The wire between host and chip, in one of its three forms (user manual UM0701-02 §6.2). It carries
//! frames and retries nothing.

mod frame;
mod hsu;

use std::io;
use std::path::{Path, PathBuf};
use std::task::Poll;

use pn532::Interface;

pub use hsu::DEFAULT_BAUD;
use hsu::Hsu;

/// Where the chip is, and how it is wired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The serial port.
    pub port: PathBuf,
    /// Its speed in baud.
    pub baud: u32,
}

impl Settings {
    /// A chip on a serial port, without further wires.
    #[must_use]
    pub fn hsu(port: &Path, baud: u32) -> Self {
        Self { port: port.to_owned(), baud }
    }
}

/// An open link.
#[derive(Debug)]
pub(crate) enum Link {
    /// The serial line.
    Hsu(Hsu),
}

impl Link {
    /// Opens the link for us alone.
    pub(crate) fn open(settings: &Settings) -> io::Result<Self> {
        Hsu::open(&settings.port, settings.baud).map(Self::Hsu)
    }

    /// Wakes a chip that sleeps; the next frame must follow at once.
    pub(crate) fn wake(&mut self) -> io::Result<()> {
        match self {
            Self::Hsu(hsu) => hsu.wake(),
        }
    }

    /// Throws away what has come and what is still coming.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        match self {
            Self::Hsu(hsu) => hsu.drain(),
        }
    }
}

impl Interface for Link {
    type Error = io::Error;

    fn write(&mut self, frame: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Hsu(hsu) => hsu.write(frame),
        }
    }

    fn wait_ready(&mut self) -> Poll<io::Result<()>> {
        match self {
            Self::Hsu(hsu) => hsu.wait_ready(),
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Hsu(hsu) => hsu.read(buf),
        }
    }
}
