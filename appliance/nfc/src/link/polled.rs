//! What I2C and SPI have in common as an [`Interface`] of the crate `pn532`: the chip says nothing by
//! itself, so the host asks again and again, the more seldom the longer it has waited, or looks at
//! P70_IRQ instead; and a frame is read in one go.

use std::io;
use std::task::Poll;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pn532::Interface;

use super::pins::{IrqLine, Pin};
use super::{expected, frame};

/// The first turn of waiting; most answers come within a few.
const SHORTEST_TURN: Duration = Duration::from_millis(1);
/// The longest: nobody who holds a card to the chip notices it.
const LONGEST_TURN: Duration = Duration::from_millis(20);
/// A turn lasts this part of the time that was waited so far.
const PART: u32 = 8;
/// P70_IRQ that stays high is doubted after this time, and once more after each such time.
const IRQ_PATIENCE: Duration = Duration::from_millis(50);
const IRQ_DOUBT: Duration = Duration::from_millis(200);
/// The chip repeats a frame within this time.
const REPETITION: Duration = Duration::from_millis(50);
/// A chip that still has frames after this time is no PN532.
const DRAIN_LIMIT: Duration = Duration::from_millis(300);

/// Asks for the last frame again (user manual UM0701-02 §6.2.1.4).
const NACK: [u8; 6] = [0x00, 0x00, 0xff, 0xff, 0x00, 0x00];

/// A bus on which the host speaks and the chip answers.
pub(super) trait Bus {
    /// Wakes a chip that sleeps.
    fn wake(&mut self) -> io::Result<()>;
    /// Sends a frame; the bytes may be changed. That nobody took it is no error: the acknowledge
    /// will be missing.
    fn send(&mut self, frame: &mut [u8]) -> io::Result<()>;
    /// Whether the chip has a frame.
    fn has_frame(&mut self) -> io::Result<bool>;
    /// Reads the beginning of the frame, which is gone then.
    fn fetch(&mut self, buf: &mut [u8]) -> io::Result<()>;
}

/// A chip on a bus.
pub(crate) struct Polled<B> {
    bus: B,
    irq: Option<IrqLine>,
    /// Length of the answer to the last frame that was sent, as far as one can guess.
    expected: usize,
    /// When waiting began.
    since: Option<Instant>,
    /// How long is waited before P70_IRQ is doubted.
    doubted_after: Duration,
}

impl<B: Bus> Polled<B> {
    pub(super) fn open(bus: B, irq: Option<&Pin>) -> io::Result<Self> {
        let irq = irq.map(IrqLine::open).transpose()?;
        Ok(Self { bus, irq, expected: 0, since: None, doubted_after: IRQ_PATIENCE })
    }

    pub(super) fn uses_irq(&self) -> bool {
        self.irq.is_some()
    }

    pub(super) fn wake(&mut self) -> io::Result<()> {
        self.bus.wake()
    }

    /// Throws away the frames that the chip has.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        let give_up = Instant::now() + DRAIN_LIMIT;
        sleep(SHORTEST_TURN);
        while self.bus.has_frame()? {
            self.bus.fetch(&mut [0; expected::AROUND])?;
            sleep(SHORTEST_TURN);
            if Instant::now() > give_up {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "bus is never quiet"));
            }
        }
        Ok(())
    }

    fn begin_to_wait(&mut self) {
        self.since = None;
        self.doubted_after = IRQ_PATIENCE;
    }

    /// Whether a frame waits. The bus has the last word, in case that P70_IRQ is connected wrongly.
    fn has_frame(&mut self, waited: Duration) -> io::Result<bool> {
        let Some(irq) = &mut self.irq else { return self.bus.has_frame() };
        if irq.is_low()? {
            return self.bus.has_frame();
        }
        if waited < self.doubted_after {
            return Ok(false);
        }
        self.doubted_after = waited + IRQ_DOUBT;
        if !self.bus.has_frame()? {
            return Ok(false);
        }
        if !irq.is_low()? {
            self.irq = None;
        }
        Ok(true)
    }

    /// Has the frame sent once more and reads it to its end. If it does not come, its checksum will be
    /// missing.
    fn fetch_again(&mut self, buf: &mut [u8]) -> io::Result<()> {
        self.bus.send(&mut NACK.clone())?;
        let give_up = Instant::now() + REPETITION;
        while !self.bus.has_frame()? {
            if Instant::now() > give_up {
                return Ok(());
            }
            sleep(SHORTEST_TURN);
        }
        self.bus.fetch(buf)
    }
}

impl<B: Bus> Interface for Polled<B> {
    type Error = io::Error;

    fn write(&mut self, frame: &mut [u8]) -> io::Result<()> {
        self.expected = expected::answer_to(frame);
        self.begin_to_wait();
        self.bus.send(frame)
    }

    fn wait_ready(&mut self) -> Poll<io::Result<()>> {
        let waited = self.since.get_or_insert_with(Instant::now).elapsed();
        match self.has_frame(waited) {
            Ok(true) => Poll::Ready(Ok(())),
            Ok(false) => {
                sleep(turn_after(waited));
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<()> {
        self.begin_to_wait();
        buf.fill(0);
        let n_bytes = self.expected.min(buf.len());
        self.bus.fetch(&mut buf[..n_bytes])?;
        match frame::size(&buf[..n_bytes]) {
            Some(size) if size > n_bytes && size <= buf.len() => self.fetch_again(&mut buf[..size]),
            _ => Ok(()),
        }
    }
}

/// How long to wait before the next question.
fn turn_after(waited: Duration) -> Duration {
    (waited / PART).clamp(SHORTEST_TURN, LONGEST_TURN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bus with one frame on it, which may be read again after a NACK.
    struct OneFrame {
        frame: Vec<u8>,
        is_there: bool,
        n_fetched: Vec<usize>,
    }

    impl Bus for OneFrame {
        fn wake(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn send(&mut self, frame: &mut [u8]) -> io::Result<()> {
            self.is_there |= frame == NACK;
            Ok(())
        }

        fn has_frame(&mut self) -> io::Result<bool> {
            Ok(self.is_there)
        }

        fn fetch(&mut self, buf: &mut [u8]) -> io::Result<()> {
            self.is_there = false;
            self.n_fetched.push(buf.len());
            buf.copy_from_slice(&self.frame[..buf.len()]);
            Ok(())
        }
    }

    #[test]
    fn a_frame_that_is_longer_than_expected_is_asked_for_again() {
        let frame: Vec<u8> = [0, 0, 0xff, 200, 56].into_iter().chain(1..=202).collect();
        let bus = OneFrame { frame: frame.clone(), is_there: true, n_fetched: vec![] };
        let mut link = Polled::open(bus, None).unwrap();
        link.write(&mut [0, 0, 0xff, 2, 0xfe, 0xd4, 0x86, 0xa6, 0]).unwrap();
        assert!(link.wait_ready().is_ready());
        let mut read = [1; 262];
        link.read(&mut read).unwrap();
        assert_eq!(read[..207], frame);
        assert_eq!(read[207..], [0; 55]);
        assert_eq!(link.bus.n_fetched, [expected::AROUND + 32, 207]);
    }

    #[test]
    fn a_long_wait_asks_seldom_and_is_little_longer_than_needed() {
        let mut waited = Duration::ZERO;
        let mut questions = 0;
        while waited < Duration::from_secs(1) {
            let turn = turn_after(waited);
            assert!(turn <= SHORTEST_TURN.max(waited / PART));
            waited += turn;
            questions += 1;
        }
        assert!(questions < 90, "{questions} in a second");
    }
}
