//! A plain host on a chip's terminal: writes frames, reads what comes, with a deadline.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

pub(crate) const ACK: [u8; 6] = [0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00];
pub(crate) const NACK: [u8; 6] = [0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00];

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// Long enough for the simulator to have said something if it wanted to.
const SILENCE: Duration = Duration::from_millis(200);

pub(crate) struct Host {
    terminal: File,
}

impl Host {
    pub(crate) fn open(path: &Path) -> Self {
        Self { terminal: OpenOptions::new().read(true).write(true).open(path).unwrap() }
    }

    /// Whether bytes come within this time.
    fn hears(&self, time: Duration) -> bool {
        let timeout = Timespec::try_from(time).unwrap();
        poll(&mut [PollFd::new(&self.terminal, PollFlags::IN)], Some(&timeout)).unwrap() == 1
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.terminal.write_all(bytes).unwrap();
    }

    pub(crate) fn read(&mut self, length: usize) -> Vec<u8> {
        let deadline = Instant::now() + PATIENCE;
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            assert!(
                self.hears(deadline - Instant::now()),
                "no more than {:02x?}",
                &bytes[..filled]
            );
            filled += self.terminal.read(&mut bytes[filled..]).unwrap();
        }
        bytes
    }

    pub(crate) fn hears_nothing(&self) -> bool {
        !self.hears(SILENCE)
    }

    /// Sends a command (without the frame identifier).
    pub(crate) fn send(&mut self, command: &[u8]) {
        self.write(&frame(&[&[0xD4], command].concat()));
    }

    /// Sends a command; gives its answer without the frame identifier.
    pub(crate) fn ask(&mut self, command: &[u8]) -> Vec<u8> {
        self.send(command);
        assert_eq!(self.read(6), ACK);
        self.answer()
    }

    pub(crate) fn answer(&mut self) -> Vec<u8> {
        let (packet, valid) = self.packet();
        assert!(valid, "wrong checksum");
        assert_eq!(packet[0], 0xD5);
        packet[1..].to_vec()
    }

    /// Sends a command; gives the packet that comes, whatever it is.
    pub(crate) fn ask_for_packet(&mut self, command: &[u8]) -> Vec<u8> {
        self.send(command);
        assert_eq!(self.read(6), ACK);
        self.packet().0
    }

    /// The next normal frame's packet, and whether its data checksum is right.
    pub(crate) fn packet(&mut self) -> (Vec<u8>, bool) {
        let header = self.read(5);
        assert_eq!(header[..3], [0x00, 0x00, 0xFF]);
        assert_eq!(header[3].wrapping_add(header[4]), 0);
        let packet = self.read(usize::from(header[3]));
        let trailer = self.read(2);
        let sum =
            packet.iter().chain(&trailer[..1]).fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        (packet, sum == 0)
    }
}

/// A normal frame.
pub(crate) fn frame(packet: &[u8]) -> Vec<u8> {
    let length = u8::try_from(packet.len()).unwrap();
    let sum = packet.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let head = [0x00, 0x00, 0xFF, length, length.wrapping_neg()];
    [&head[..], packet, &[sum.wrapping_neg(), 0x00]].concat()
}
