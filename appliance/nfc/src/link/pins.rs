//! The wires beside the link: RSTPDN, which the host drives, and P70_IRQ, which the chip drives.
//! Both are low when they mean something.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread::sleep;
use std::time::Duration;

use embedded_hal::digital::{InputPin, OutputPin};
use linux_embedded_hal::CdevPin;
use linux_embedded_hal::gpio_cdev::{Chip, LineRequestFlags};

/// What the kernel shows as the user of our lines.
const CONSUMER: &str = "pn532";
/// Much longer than the chip needs to notice, so that a weak or filtered line does it too.
const RESET_PULSE: Duration = Duration::from_millis(10);
/// Until the oscillator and the firmware run; the chip itself needs a few milliseconds.
const START_UP: Duration = Duration::from_millis(10);

/// A line of a GPIO controller, written as `/dev/gpiochip0:20`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The controller's character device.
    pub chip: PathBuf,
    /// The line's offset in it.
    pub line: u32,
}

/// The text names no line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a line of a GPIO chip such as /dev/gpiochip0:20, not {0:?}")]
pub struct NotAPin(String);

impl FromStr for Pin {
    type Err = NotAPin;

    fn from_str(text: &str) -> Result<Self, NotAPin> {
        let parts = text.rsplit_once(':').filter(|(chip, _)| !chip.is_empty());
        let pin = parts
            .and_then(|(chip, line)| Some(Self { chip: chip.into(), line: line.parse().ok()? }));
        pin.ok_or_else(|| NotAPin(text.to_owned()))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.chip.display(), self.line)
    }
}

impl Pin {
    /// Asks the kernel for the line; an output begins high.
    fn request(&self, flags: LineRequestFlags) -> io::Result<CdevPin> {
        Chip::new(&self.chip)
            .and_then(|mut chip| chip.get_line(self.line))
            .and_then(|line| line.request(flags, 1, CONSUMER))
            .and_then(CdevPin::new)
            .map_err(|error| io::Error::other(format!("{self}: {error}")))
    }
}

/// The line that resets the chip.
pub(super) struct ResetLine(CdevPin);

impl ResetLine {
    pub(super) fn open(pin: &Pin) -> io::Result<Self> {
        pin.request(LineRequestFlags::OUTPUT).map(Self)
    }

    /// Resets the chip and waits until it has started.
    pub(super) fn pulse(&mut self) -> io::Result<()> {
        self.0.set_low().map_err(io::Error::other)?;
        sleep(RESET_PULSE);
        self.0.set_high().map_err(io::Error::other)?;
        sleep(START_UP);
        Ok(())
    }
}

/// A line that is driven for something else, such as a lamp.
pub struct Output(CdevPin);

impl Output {
    /// Takes the line, and drives it low.
    ///
    /// # Errors
    /// Fails when there is no such line, or another program has it.
    pub fn open(pin: &Pin) -> io::Result<Self> {
        let mut output = pin.request(LineRequestFlags::OUTPUT).map(Self)?;
        output.set(false)?;
        Ok(output)
    }

    /// Drives it high or low.
    ///
    /// # Errors
    /// Fails with the kernel.
    pub fn set(&mut self, is_high: bool) -> io::Result<()> {
        let set = if is_high { self.0.set_high() } else { self.0.set_low() };
        set.map_err(io::Error::other)
    }
}

/// The line by which the chip says that a frame waits.
pub(super) struct IrqLine(CdevPin);

impl IrqLine {
    pub(super) fn open(pin: &Pin) -> io::Result<Self> {
        pin.request(LineRequestFlags::INPUT).map(Self)
    }

    pub(super) fn is_low(&mut self) -> io::Result<bool> {
        self.0.is_low().map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_a_chip_and_a_line() {
        let pin: Pin = "/dev/gpiochip4:20".parse().unwrap();
        assert_eq!(pin, Pin { chip: "/dev/gpiochip4".into(), line: 20 });
        assert_eq!(pin.to_string(), "/dev/gpiochip4:20");
        for text in ["", "20", ":20", "/dev/gpiochip0", "/dev/gpiochip0:", "/dev/gpiochip0:x"] {
            let refusal = text.parse::<Pin>().unwrap_err().to_string();
            assert!(refusal.contains("/dev/gpiochip0:20"), "{refusal}");
        }
    }
}
