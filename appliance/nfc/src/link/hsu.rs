//! The PN532's high speed UART (user manual UM0701-02 §6.2) as an [`Interface`] of the crate `pn532`.
//! It knows whole frames, so that an answer may be shorter than the longest one, and it sleeps in
//! the kernel while it waits. It retries nothing.

use std::io::{self, Read, Write};
use std::path::Path;
use std::task::Poll;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pn532::Interface;
use serialport::{SerialPort, TTYPort};

use super::frame;

/// The baud rate of a PN532 after reset (§7.2.8).
pub const DEFAULT_BAUD: u32 = 115_200;
/// The rates that the chip knows and every serial port has; a rate's place is its code (§7.2.8).
const RATES: [u32; 8] = [9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600];

/// One turn of waiting; the caller looks at its own time limit in between. Bytes end it at once.
const TURN: Duration = Duration::from_millis(20);
/// Long enough for the chip to change its rate after the acknowledge that allows it (§7.2.8).
const RATE_CHANGE: Duration = Duration::from_millis(2);
/// Longest time the kernel may take to accept bytes. A whole frame lasts 23 ms at 115 200 Bd.
const WRITE_LIMIT: Duration = Duration::from_millis(200);
/// The line counts as quiet after this silence.
const QUIET: Duration = Duration::from_millis(10);
/// A line that is still not quiet after this time carries something else than a PN532.
const DRAIN_LIMIT: Duration = Duration::from_millis(300);

/// Wakes a chip that sleeps: 55h, then zeros for longer than its oscillator needs to start
/// (§7.2.11). The chip drops them when it is awake.
const WAKE: [u8; 16] = [0x55, 0x55, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// A serial port with a PN532 at its other end.
#[derive(Debug)]
pub(crate) struct Hsu {
    port: TTYPort,
    /// The rate that the chip is to have, a place in [`RATES`].
    rate: u8,
    inbox: Vec<u8>,
    /// A whole frame that nobody has taken yet.
    ready: Option<Vec<u8>>,
}

impl Hsu {
    /// Opens the serial port at `path`, 8 data bits, no parity, one stop bit, for us alone.
    pub(crate) fn open(path: &Path, baud: u32) -> io::Result<Self> {
        let name = path.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
        let rate = (0..).zip(RATES).find(|(_, rate)| *rate == baud).map(|(code, _)| code);
        let rate = rate.ok_or_else(|| {
            let reason = format!("a PN532 has no rate of {baud} Bd");
            io::Error::new(io::ErrorKind::InvalidInput, reason)
        })?;
        let port = serialport::new(name, baud).timeout(TURN).open_native()?;
        Ok(Self { port, rate, inbox: Vec::new(), ready: None })
    }

    /// Whether a chip out of reset has to be told the rate.
    pub(crate) fn wants_other_than_default(&self) -> bool {
        self.wanted_baud() != DEFAULT_BAUD
    }

    /// SetSerialBaudRate's code of the rate that the chip is to have.
    pub(crate) fn rate_code(&self) -> u8 {
        self.rate
    }

    /// Speaks at the rate that the chip is to have, or at the one that it has after reset.
    pub(crate) fn speak_at_default(&mut self, at_default: bool) -> io::Result<()> {
        let baud = if at_default { DEFAULT_BAUD } else { self.wanted_baud() };
        if self.port.baud_rate()? != baud {
            self.port.flush()?;
            sleep(RATE_CHANGE);
            self.port.set_baud_rate(baud)?;
            sleep(RATE_CHANGE);
        }
        Ok(())
    }

    fn wanted_baud(&self) -> u32 {
        RATES[usize::from(self.rate)]
    }

    /// Wakes the chip; the next frame must follow at once.
    pub(crate) fn wake(&mut self) -> io::Result<()> {
        self.send(&WAKE)
    }

    /// Throws away what has come and what is still coming.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        let give_up = Instant::now() + DRAIN_LIMIT;
        while self.receive(QUIET)? > 0 {
            self.inbox.clear();
            if Instant::now() > give_up {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "line is never quiet"));
            }
        }
        self.inbox.clear();
        self.ready = None;
        Ok(())
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.port.set_timeout(WRITE_LIMIT)?;
        self.port.write_all(bytes)
    }

    /// Adds to the inbox what comes within `limit` and returns how much that was.
    fn receive(&mut self, limit: Duration) -> io::Result<usize> {
        self.port.set_timeout(limit)?;
        let mut chunk = [0; 512];
        match self.port.read(&mut chunk) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "serial line was closed")),
            Ok(n_bytes) => {
                self.inbox.extend_from_slice(&chunk[..n_bytes]);
                Ok(n_bytes)
            }
            Err(error)
                if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) =>
            {
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }
}

impl Interface for Hsu {
    type Error = io::Error;

    fn write(&mut self, frame: &mut [u8]) -> io::Result<()> {
        self.send(frame)
    }

    fn wait_ready(&mut self) -> Poll<io::Result<()>> {
        if self.ready.is_none() {
            self.ready = frame::take(&mut self.inbox);
        }
        if self.ready.is_none() {
            if let Err(error) = self.receive(TURN) {
                return Poll::Ready(Err(error));
            }
            self.ready = frame::take(&mut self.inbox);
        }
        if self.ready.is_some() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<()> {
        let frame = self.ready.take().ok_or(io::ErrorKind::WouldBlock)?;
        let n_bytes = frame.len().min(buf.len());
        buf.fill(0);
        buf[..n_bytes].copy_from_slice(&frame[..n_bytes]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACK: [u8; 6] = [0, 0, 0xff, 0, 0xff, 0];

    #[test]
    fn draining_forgets_what_came_and_what_was_not_taken() {
        let (mut chip, port) = TTYPort::pair().unwrap();
        let mut hsu = Hsu { port, rate: 4, inbox: Vec::new(), ready: None };
        chip.write_all(&[ACK, ACK].concat()).unwrap();
        while hsu.wait_ready().is_pending() {}
        hsu.drain().unwrap();
        assert!(hsu.wait_ready().is_pending());
        assert!(hsu.read(&mut [0; 6]).is_err());

        chip.write_all(&ACK).unwrap();
        while hsu.wait_ready().is_pending() {}
        let mut frame = [1; 8];
        hsu.read(&mut frame).unwrap();
        assert_eq!(frame, [0, 0, 0xff, 0, 0xff, 0, 0, 0]);
    }

    #[test]
    fn a_quiet_line_is_looked_at_fifty_times_a_second_at_most() {
        let (_chip, port) = TTYPort::pair().unwrap();
        let mut hsu = Hsu { port, rate: 4, inbox: Vec::new(), ready: None };
        let until = Instant::now() + Duration::from_millis(200);
        let mut n_turns = 0;
        while Instant::now() < until {
            assert!(hsu.wait_ready().is_pending());
            n_turns += 1;
        }
        assert!(n_turns <= 11, "{n_turns} in 200 ms");
    }
}
