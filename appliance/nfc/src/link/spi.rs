//! The PN532 on Linux' SPI (user manual UM0701-02 §6.2.5): mode 0, one cycle of chip select for each
//! question and each frame. The chip wants the least significant bit first, which the Raspberry Pi
//! cannot do; the crate `pn532`'s `SPIInterface` turns the bits.

use std::io;
use std::path::Path;
use std::task::Poll;

use embedded_hal::spi::{Operation, SpiDevice};
use linux_embedded_hal::spidev::{SpiModeFlags, SpidevOptions};
use linux_embedded_hal::{SPIError, SpidevDevice};
use pn532::Interface;
use pn532::spi::{PN532_SPI_STATREAD, SPIInterface};

use super::polled::Bus;

/// The chip takes up to 5 MHz (PN532/C1 data sheet); long wires want less, and a frame is short.
const CLOCK: u32 = 1_000_000;
/// How long chip select is low before the chip hears: its oscillator has to start (§7.2.11).
const WAKE_UP: u32 = 2_000_000;

/// A chip on an SPI bus.
pub(crate) struct Spi(SPIInterface<SpidevDevice>);

impl Spi {
    /// Opens the device, such as `/dev/spidev0.0`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut spi = SpidevDevice::open(path).map_err(|error| plain(&error))?;
        let mode = SpidevOptions::new()
            .bits_per_word(8)
            .max_speed_hz(CLOCK)
            .mode(SpiModeFlags::SPI_MODE_0)
            .build();
        spi.configure(&mode)?;
        Ok(Self(SPIInterface { spi }))
    }
}

impl Bus for Spi {
    fn wake(&mut self) -> io::Result<()> {
        let mut question = [PN532_SPI_STATREAD, 0];
        let cycle = &mut [Operation::DelayNs(WAKE_UP), Operation::TransferInPlace(&mut question)];
        self.0.spi.transaction(cycle).map_err(|error| plain(&error))
    }

    fn send(&mut self, frame: &mut [u8]) -> io::Result<()> {
        self.0.write(frame).map_err(|error| plain(&error))
    }

    fn has_frame(&mut self) -> io::Result<bool> {
        match self.0.wait_ready() {
            Poll::Ready(Ok(())) => Ok(true),
            Poll::Ready(Err(error)) => Err(plain(&error)),
            Poll::Pending => Ok(false),
        }
    }

    fn fetch(&mut self, buf: &mut [u8]) -> io::Result<()> {
        self.0.read(buf).map_err(|error| plain(&error))
    }
}

fn plain(error: &SPIError) -> io::Error {
    let error = error.inner();
    error.raw_os_error().map_or_else(
        || io::Error::new(error.kind(), error.to_string()),
        io::Error::from_raw_os_error,
    )
}
