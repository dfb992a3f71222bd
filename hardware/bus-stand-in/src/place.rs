//! Which device stands where. The variable holds entries with semicolons between them:
//!
//! ```text
//! /dev/i2c-1=SOCKET,bcm2835;/dev/spidev0.0=SOCKET;/dev/gpiochip0=SOCKET,reset=20,irq=21
//! ```
//!
//! An I2C adapter is `bcm2835` (Raspberry Pi up to 4), `designware` (Raspberry Pi 5) or `gpio` (the
//! kernel's own bits, on any two pins); with `refusing` the first read after each write is not
//! acknowledged, as by a chip that is still occupied. Of a GPIO chip the lines to RSTPDN and from P70_IRQ are named.

use std::path::{Path, PathBuf};

use crate::i2c::Driver;

/// The variable of the environment that holds the entries.
pub(crate) const VARIABLE: &str = "BUS_STAND_IN";

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    I2c(Driver, Refusal),
    Spi,
    Gpio(Wiring),
}

/// Whether an I2C device refuses the first read after each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) bool);

/// Which lines of a GPIO chip lead to the PN532.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wiring {
    pub(crate) reset: Option<u32>,
    pub(crate) irq: Option<u32>,
}

/// One device and the socket of its chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) device: PathBuf,
    pub(crate) socket: PathBuf,
    pub(crate) kind: Kind,
}

/// Reads the variable; an entry that makes no sense is no device.
pub(crate) fn parse(text: &str) -> Vec<Place> {
    text.split(';').filter_map(entry).collect()
}

fn entry(text: &str) -> Option<Place> {
    let (device, rest) = text.trim().split_once('=')?;
    let mut words = rest.split(',');
    let socket = words.next()?.into();
    let name = Path::new(device).file_name()?.to_str()?;
    let kind = if name.starts_with("i2c-") {
        let driver = Driver::from_name(words.next()?)?;
        match words.next() {
            None => Kind::I2c(driver, Refusal(false)),
            Some("refusing") => Kind::I2c(driver, Refusal(true)),
            Some(_) => return None,
        }
    } else if name.starts_with("spidev") {
        Kind::Spi
    } else if name.starts_with("gpiochip") {
        let mut wiring = Wiring::default();
        for (signal, line) in words.filter_map(|word| word.split_once('=')) {
            match signal {
                "reset" => wiring.reset = Some(line.parse().ok()?),
                "irq" => wiring.irq = Some(line.parse().ok()?),
                _ => return None,
            }
        }
        Kind::Gpio(wiring)
    } else {
        return None;
    };
    Some(Place { device: device.into(), socket, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_device_has_its_own_words() {
        let places = parse(
            "/dev/i2c-1=/run/a,bcm2835,refusing;/dev/spidev0.0=/run/b;/dev/gpiochip0=/run/a,reset=20,irq=21",
        );
        let wiring = Wiring { reset: Some(20), irq: Some(21) };
        let kinds: Vec<_> = places.iter().map(|place| place.kind).collect();
        assert_eq!(
            kinds,
            [Kind::I2c(Driver::Bcm2835, Refusal(true)), Kind::Spi, Kind::Gpio(wiring)]
        );
        assert_eq!(places[0].device, Path::new("/dev/i2c-1"));
        assert_eq!(places[1].socket, Path::new("/run/b"));
    }

    #[test]
    fn nonsense_is_no_device() {
        for text in [
            "",
            ";",
            "/dev/i2c-1",
            "/dev/i2c-1=/run/a",
            "/dev/i2c-1=/run/a,fast",
            "/dev/x=y",
            "/dev/gpiochip0=/run/a,reset=x",
            "/dev/gpiochip0=/run/a,led=1",
        ] {
            assert_eq!(parse(text), [], "{text}");
        }
    }
}
