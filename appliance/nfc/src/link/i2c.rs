//! The PN532 on Linux' I2C (user manual UM0701-02 §6.2.4). Every frame from the chip follows a byte
//! that says whether there is one, in the same read. The crate `pn532`'s own `I2CInterface` reads
//! that byte in a message of its own, which the drivers of the Raspberry Pi refuse or misunderstand.

use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use embedded_hal::i2c::I2c as _;
use linux_embedded_hal::i2cdev::linux::LinuxI2CError;
use linux_embedded_hal::{I2CError, I2cdev};
use pn532::i2c::{I2C_ADDRESS, PN532_I2C_READY};

use super::polled::Bus;

/// How long the chip may refuse its address: while it wakes up (§7.2.11) or is occupied.
const REFUSAL_LIMIT: Duration = Duration::from_millis(30);
const TURN: Duration = Duration::from_millis(1);

/// A chip on an I2C bus.
pub(crate) struct I2c(I2cdev);

impl I2c {
    /// Opens the adapter, such as `/dev/i2c-1`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        I2cdev::new(path).map(Self).map_err(|error| plain(&error))
    }
}

impl Bus for I2c {
    /// Its own address wakes the chip: the first frame is repeated until it takes it.
    fn wake(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn send(&mut self, frame: &mut [u8]) -> io::Result<()> {
        let give_up = Instant::now() + REFUSAL_LIMIT;
        loop {
            match self.0.write(I2C_ADDRESS, frame) {
                Ok(()) => return Ok(()),
                Err(error) if !is_refusal(&error) => return Err(plain(error.inner())),
                Err(_) if Instant::now() > give_up => return Ok(()),
                Err(_) => sleep(TURN),
            }
        }
    }

    fn has_frame(&mut self) -> io::Result<bool> {
        let mut ready = [0];
        match self.0.read(I2C_ADDRESS, &mut ready) {
            Ok(()) => Ok(ready == [PN532_I2C_READY]),
            Err(error) if is_refusal(&error) => Ok(false),
            Err(error) => Err(plain(error.inner())),
        }
    }

    fn fetch(&mut self, buf: &mut [u8]) -> io::Result<()> {
        let mut bytes = vec![0; 1 + buf.len()];
        match self.0.read(I2C_ADDRESS, &mut bytes) {
            Ok(()) => buf.copy_from_slice(&bytes[1..]),
            // What is missing is noticed as a frame without sense.
            Err(error) if is_refusal(&error) => {}
            Err(error) => return Err(plain(error.inner())),
        }
        Ok(())
    }
}

/// Whether the chip did not acknowledge, which it does not do while it is occupied.
fn is_refusal(error: &I2CError) -> bool {
    plain(error.inner()).raw_os_error().is_some_and(means_refusal)
}

/// How the kernel's drivers report a missing acknowledge, or a bus that was held for too long
/// (Documentation/i2c/fault-codes.rst): i2c-bcm2835 and i2c-designware by EREMOTEIO, i2c-gpio by
/// ENXIO and EIO.
fn means_refusal(errno: i32) -> bool {
    matches!(errno, libc::ENXIO | libc::EREMOTEIO | libc::EIO | libc::EAGAIN | libc::ETIMEDOUT)
}

fn plain(error: &LinuxI2CError) -> io::Error {
    match error {
        LinuxI2CError::Errno(errno) => io::Error::from_raw_os_error(*errno),
        LinuxI2CError::Io(error) => error.raw_os_error().map_or_else(
            || io::Error::new(error.kind(), error.to_string()),
            io::Error::from_raw_os_error,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_acknowledge_is_no_failure_of_the_bus_whatever_the_driver_calls_it() {
        for errno in [libc::ENXIO, libc::EREMOTEIO, libc::EIO, libc::EAGAIN, libc::ETIMEDOUT] {
            assert!(is_refusal(&LinuxI2CError::Errno(errno).into()), "{errno}");
            let same = LinuxI2CError::Io(io::Error::from_raw_os_error(errno));
            assert!(is_refusal(&same.into()), "{errno}");
        }
        for errno in [libc::EOPNOTSUPP, libc::EBADF, libc::ENODEV, libc::EINVAL, libc::EACCES] {
            assert!(!is_refusal(&LinuxI2CError::Errno(errno).into()), "{errno}");
        }
    }
}
