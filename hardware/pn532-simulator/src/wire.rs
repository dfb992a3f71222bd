//! What a stand-in for the kernel's bus devices says to a chip's socket, and what it hears: one
//! transaction of an I2C bus, one cycle of SPI's chip select, or one look at a pin. Every request
//! has one reply.

use std::io::{self, Read, Write};

/// One thing that happens on the chip's wires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The host writes to the device with this 7-bit address, from START to STOP.
    I2cWrite(u8, Vec<u8>),
    /// The host reads so many bytes from the device with this 7-bit address.
    I2cRead(u8, u16),
    /// One cycle of chip select: these bytes are shifted out, most significant bit first.
    Spi(Vec<u8>),
    /// The level of RSTPDN, true for high.
    Reset(bool),
    /// Asks for the level of P70_IRQ.
    Irq,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is done.
    Done,
    /// The device does not acknowledge its address.
    NoAcknowledge,
    /// What was read or shifted in.
    Bytes(Vec<u8>),
    /// The pin's level, true for high.
    Level(bool),
}

impl Request {
    /// Sends it.
    pub fn send(&self, to: &mut impl Write) -> io::Result<()> {
        let (tag, body) = match self {
            Self::I2cWrite(address, bytes) => (0, [&[*address], &bytes[..]].concat()),
            Self::I2cRead(address, length) => {
                (1, [&[*address][..], &length.to_le_bytes()].concat())
            }
            Self::Spi(bytes) => (2, bytes.clone()),
            Self::Reset(level) => (3, vec![u8::from(*level)]),
            Self::Irq => (4, vec![]),
        };
        send(to, tag, &body)
    }

    /// Waits for one.
    pub fn receive(from: &mut impl Read) -> io::Result<Self> {
        Ok(match receive(from)? {
            (0, body) if !body.is_empty() => Self::I2cWrite(body[0], body[1..].to_vec()),
            (1, body) => match body[..] {
                [address, low, high] => Self::I2cRead(address, u16::from_le_bytes([low, high])),
                _ => return Err(io::ErrorKind::InvalidData.into()),
            },
            (2, body) => Self::Spi(body),
            (3, body) => Self::Reset(body == [1]),
            (4, _) => Self::Irq,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        })
    }
}

impl Reply {
    /// Sends it.
    pub fn send(&self, to: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Done => send(to, 0, &[]),
            Self::NoAcknowledge => send(to, 1, &[]),
            Self::Bytes(bytes) => send(to, 2, bytes),
            Self::Level(level) => send(to, 3, &[u8::from(*level)]),
        }
    }

    /// Waits for one.
    pub fn receive(from: &mut impl Read) -> io::Result<Self> {
        Ok(match receive(from)? {
            (0, _) => Self::Done,
            (1, _) => Self::NoAcknowledge,
            (2, body) => Self::Bytes(body),
            (3, body) => Self::Level(body == [1]),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        })
    }
}

/// A tag, the body's length with its low byte first, and the body.
fn send(to: &mut impl Write, tag: u8, body: &[u8]) -> io::Result<()> {
    let length = u16::try_from(body.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    to.write_all(&[&[tag][..], &length.to_le_bytes(), body].concat())
}

fn receive(from: &mut impl Read) -> io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 3];
    from.read_exact(&mut head)?;
    let mut body = vec![0; usize::from(u16::from_le_bytes([head[1], head[2]]))];
    from.read_exact(&mut body)?;
    Ok((head[0], body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_replies_arrive_as_they_were_sent() {
        let requests = [
            Request::I2cWrite(0x24, vec![1, 2, 3]),
            Request::I2cWrite(0x24, vec![]),
            Request::I2cRead(0x24, 0x0107),
            Request::Spi(vec![4, 5]),
            Request::Reset(true),
            Request::Reset(false),
            Request::Irq,
        ];
        for request in requests {
            let mut wire = Vec::new();
            request.send(&mut wire).unwrap();
            assert_eq!(Request::receive(&mut &wire[..]).unwrap(), request);
            for length in 0..wire.len() {
                assert!(Request::receive(&mut &wire[..length]).is_err(), "{request:?}");
            }
        }
        let replies =
            [Reply::Done, Reply::NoAcknowledge, Reply::Bytes(vec![7; 300]), Reply::Level(true)];
        for reply in replies {
            let mut wire = Vec::new();
            reply.send(&mut wire).unwrap();
            assert_eq!(Reply::receive(&mut &wire[..]).unwrap(), reply);
        }
    }
}
