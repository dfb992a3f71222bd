//! The wire between host and chip, in one of its three forms (user manual UM0701-02 §6.2), with the
//! reset line beside it. It carries frames and retries none.

mod expected;
mod frame;
mod hsu;
mod i2c;
mod pins;
mod polled;
mod spi;

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::task::Poll;

use pn532::Interface;

pub use hsu::DEFAULT_BAUD;
use hsu::Hsu;
use i2c::I2c;
use pins::ResetLine;
pub use pins::{NotAPin, Output, Pin};
use polled::Polled;
use spi::Spi;

/// The form of the link; the chip's pins I0 and I1 select it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// High speed UART.
    Hsu,
    /// SPI, mode 0.
    Spi,
    /// I2C, the chip's address is 24h.
    I2c,
}

/// No kind of link has this name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected hsu, spi or i2c, not {0:?}")]
pub struct NotAKind(String);

impl FromStr for Kind {
    type Err = NotAKind;

    fn from_str(name: &str) -> Result<Self, NotAKind> {
        match name {
            "hsu" => Ok(Self::Hsu),
            "spi" => Ok(Self::Spi),
            "i2c" => Ok(Self::I2c),
            other => Err(NotAKind(other.to_owned())),
        }
    }
}

/// Where the chip is, and how it is wired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The form of the link.
    pub kind: Kind,
    /// The device: a serial port, such as `/dev/ttyAMA0`, `/dev/spidev0.0` or `/dev/i2c-1`.
    pub port: PathBuf,
    /// Speed of a serial port in baud, one of the chip's own (§7.2.8); no meaning on a bus.
    pub baud: u32,
    /// The host's line to RSTPDN. Without it a chip that hangs stays hung.
    pub reset: Option<Pin>,
    /// The host's line from P70_IRQ. It saves traffic on a bus and has no meaning on a serial port.
    pub irq: Option<Pin>,
}

impl Settings {
    /// A chip on a serial port, without further wires.
    #[must_use]
    pub fn hsu(port: &Path, baud: u32) -> Self {
        Self { kind: Kind::Hsu, port: port.to_owned(), baud, reset: None, irq: None }
    }

    /// A chip on an SPI bus, without further wires.
    #[must_use]
    pub fn spi(port: &Path) -> Self {
        Self { kind: Kind::Spi, ..Self::hsu(port, DEFAULT_BAUD) }
    }

    /// A chip on an I2C bus, without further wires.
    #[must_use]
    pub fn i2c(port: &Path) -> Self {
        Self { kind: Kind::I2c, ..Self::hsu(port, DEFAULT_BAUD) }
    }

    /// The same with a line to RSTPDN.
    #[must_use]
    pub fn with_reset(self, pin: Pin) -> Self {
        Self { reset: Some(pin), ..self }
    }

    /// The same with a line from P70_IRQ.
    #[must_use]
    pub fn with_irq(self, pin: Pin) -> Self {
        Self { irq: Some(pin), ..self }
    }
}

enum Wire {
    Hsu(Hsu),
    Spi(Polled<Spi>),
    I2c(Polled<I2c>),
}

/// An open link.
pub(crate) struct Link {
    wire: Wire,
    reset: Option<ResetLine>,
}

/// Calls one method on whatever wire there is.
macro_rules! on_wire {
    ($link:expr, $wire:ident => $call:expr) => {
        match &mut $link.wire {
            Wire::Hsu($wire) => $call,
            Wire::Spi($wire) => $call,
            Wire::I2c($wire) => $call,
        }
    };
}

impl Link {
    /// Opens the link and its lines.
    pub(crate) fn open(settings: &Settings) -> io::Result<Self> {
        let irq = settings.irq.as_ref();
        let opened = match settings.kind {
            Kind::Hsu => Hsu::open(&settings.port, settings.baud).map(Wire::Hsu),
            Kind::Spi => {
                Spi::open(&settings.port).and_then(|bus| Polled::open(bus, irq)).map(Wire::Spi)
            }
            Kind::I2c => {
                I2c::open(&settings.port).and_then(|bus| Polled::open(bus, irq)).map(Wire::I2c)
            }
        };
        let wire = opened.map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", settings.port.display()))
        })?;
        let reset = settings.reset.as_ref().map(ResetLine::open).transpose()?;
        Ok(Self { wire, reset })
    }

    /// Resets the chip by hardware and waits until it has started; false if no line does that.
    pub(crate) fn reset(&mut self) -> io::Result<bool> {
        let Some(line) = &mut self.reset else { return Ok(false) };
        line.pulse()?;
        Ok(true)
    }

    /// Whether the chip has to drive P70_IRQ.
    pub(crate) fn uses_irq(&self) -> bool {
        match &self.wire {
            Wire::Hsu(_) => false,
            Wire::Spi(bus) => bus.uses_irq(),
            Wire::I2c(bus) => bus.uses_irq(),
        }
    }

    /// The serial line, if it is one that is to be faster than a chip out of reset.
    pub(crate) fn faster_hsu(&mut self) -> Option<&mut Hsu> {
        match &mut self.wire {
            Wire::Hsu(hsu) if hsu.wants_other_than_default() => Some(hsu),
            Wire::Hsu(_) | Wire::Spi(_) | Wire::I2c(_) => None,
        }
    }

    /// Wakes a chip that sleeps; the next frame must follow at once.
    pub(crate) fn wake(&mut self) -> io::Result<()> {
        on_wire!(self, wire => wire.wake())
    }

    /// Throws away what has come and what is still coming.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        on_wire!(self, wire => wire.drain())
    }
}

impl Interface for Link {
    type Error = io::Error;

    fn write(&mut self, frame: &mut [u8]) -> io::Result<()> {
        on_wire!(self, wire => wire.write(frame))
    }

    fn wait_ready(&mut self) -> Poll<io::Result<()>> {
        on_wire!(self, wire => wire.wait_ready())
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<()> {
        on_wire!(self, wire => wire.read(buf))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_name() {
        assert_eq!("hsu".parse(), Ok(Kind::Hsu));
        assert_eq!("spi".parse(), Ok(Kind::Spi));
        assert_eq!("i2c".parse(), Ok(Kind::I2c));
        let refusal = "usb".parse::<Kind>().unwrap_err();
        assert_eq!(refusal.to_string(), "expected hsu, spi or i2c, not \"usb\"");
    }

    #[test]
    fn a_device_that_is_not_there_is_named() {
        let nowhere = Path::new("/nowhere/bus");
        for settings in
            [Settings::hsu(nowhere, 9600), Settings::spi(nowhere), Settings::i2c(nowhere)]
        {
            let error = Link::open(&settings).map(drop).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}");
            assert!(error.to_string().starts_with("/nowhere/bus: No such file"), "{error}");
        }
    }
}
