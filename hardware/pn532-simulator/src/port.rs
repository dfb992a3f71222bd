//! Where a chip's host link is, and which of the three forms it has: HSU, I2C or SPI (UM0701-02 §6.2).

use std::path::PathBuf;
use std::str::FromStr;

/// A chip's host link and the path under which it can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// A serial line; the path becomes a link to a pseudo-terminal.
    Hsu(PathBuf),
    /// A device on an I2C bus; the path becomes a socket for transactions, see [`crate::wire`].
    I2c(PathBuf),
    /// A device on an SPI bus; the path becomes a socket for transactions.
    Spi(PathBuf),
}

impl FromStr for Port {
    type Err = String;

    /// Reads `i2c:PATH`, `spi:PATH` or `PATH`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (form, path): (fn(PathBuf) -> Self, _) = match text.split_once(':') {
            Some(("i2c", path)) => (Self::I2c, path),
            Some(("spi", path)) => (Self::Spi, path),
            Some(("hsu", path)) => (Self::Hsu, path),
            Some(_) | None => (Self::Hsu, text),
        };
        if path.is_empty() {
            return Err("expected PATH, i2c:PATH or spi:PATH".to_owned());
        }
        Ok(form(path.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_serial_unless_it_says_otherwise() {
        assert_eq!("/run/a".parse(), Ok(Port::Hsu("/run/a".into())));
        assert_eq!("hsu:/run/a".parse(), Ok(Port::Hsu("/run/a".into())));
        assert_eq!("i2c:/run/a".parse(), Ok(Port::I2c("/run/a".into())));
        assert_eq!("spi:/run/a".parse(), Ok(Port::Spi("/run/a".into())));
        assert!("spi:".parse::<Port>().is_err());
        assert!("".parse::<Port>().is_err());
    }
}
