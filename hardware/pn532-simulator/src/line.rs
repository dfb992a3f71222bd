//! What one host link keeps besides the chip: answers to be sent, faults to come, bytes counted.
//! Pure; an end point such as `hsu` acts on it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::fault::{Fault, Faults};
use crate::field::Answer;
use crate::frame;

/// Traffic on one host link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Command frames with valid checksums.
    pub commands: u64,
    /// Bytes from the host, wake-up bytes and acknowledges included.
    pub to_chip: u64,
    /// Bytes to the host.
    pub from_chip: u64,
    /// Computed time of the chip's exchanges on the air at 106 kbit/s, as reader and as card, with
    /// the shortest delays that ISO/IEC 14443-3 allows. Nobody has waited for it.
    pub air: Duration,
}

/// What a chip does with a command frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reception {
    /// Nothing at all: it hangs, or nothing is connected.
    Ignored,
    /// The ordinary way, perhaps without an acknowledge.
    Accepted { acknowledged: bool },
    /// Acknowledged and never answered.
    Stalled,
    /// Acknowledged and answered as if it made no sense.
    Refused,
}

impl Reception {
    pub(crate) fn is_acknowledged(self) -> bool {
        !matches!(self, Self::Ignored | Self::Accepted { acknowledged: false })
    }
}

/// One host link.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) outbox: VecDeque<Answer>,
    pub(crate) counters: Counters,
    pub(crate) faults: Faults,
    /// SetSerialBaudRate's rate; none after a reset.
    pub(crate) baud: Option<u32>,
    hung: bool,
    unplugged: bool,
}

impl Line {
    /// A command frame with valid checksums has come; says what becomes of it.
    pub(crate) fn hear_command(&mut self) -> Reception {
        if self.is_mute() {
            return Reception::Ignored;
        }
        self.hung = self.faults.strikes(Fault::Deaf);
        if self.hung {
            return Reception::Ignored;
        }
        self.counters.commands += 1;
        let acknowledged = !self.faults.strikes(Fault::DropAck);
        let stalled = self.faults.strikes(Fault::Stall);
        if self.faults.strikes(Fault::ErrorFrame) {
            Reception::Refused
        } else if stalled {
            Reception::Stalled
        } else {
            Reception::Accepted { acknowledged }
        }
    }

    /// An answer's frame is about to be sent; faults may change it.
    pub(crate) fn spoil(&mut self, frame: &mut Vec<u8>) {
        if self.faults.strikes(Fault::BadChecksum) {
            frame::spoil_checksum(frame);
        }
        if self.faults.strikes(Fault::CutAnswer) {
            frame.truncate(frame.len() / 2);
        }
        if self.faults.strikes(Fault::Garbage) {
            *frame = frame::garbage(frame);
        }
    }

    /// The chip hangs, or nothing is connected.
    pub(crate) fn is_mute(&self) -> bool {
        self.hung || self.unplugged
    }

    /// The hardware reset: nothing of what was to be said remains.
    pub(crate) fn reset(&mut self) {
        self.hung = false;
        self.baud = None;
        self.outbox.clear();
    }

    pub(crate) fn plug(&mut self, connected: bool) {
        self.reset();
        self.unplugged = !connected;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_that_hangs_hears_nothing_until_it_is_reset() {
        let mut line = Line::default();
        line.faults.inflict(Fault::Deaf, 1, 1);
        let heard = [(); 3].map(|()| line.hear_command());
        let accepted = Reception::Accepted { acknowledged: true };
        assert_eq!(heard, [accepted, Reception::Ignored, Reception::Ignored]);
        line.reset();
        assert_eq!(line.hear_command(), accepted);
        assert_eq!(line.counters.commands, 2);
    }

    #[test]
    fn answers_are_spoiled_in_their_own_ways() {
        let right = frame::encode(&[0xD5, 0x03, 0x32, 0x01, 0x06, 0x07]);
        for fault in [Fault::BadChecksum, Fault::CutAnswer, Fault::Garbage] {
            let mut line = Line::default();
            line.faults.inflict(fault, 1, 0);
            let mut first = right.clone();
            line.spoil(&mut first);
            assert_ne!(first, right, "{fault:?}");
            let mut second = right.clone();
            line.spoil(&mut second);
            assert_eq!(second, right, "{fault:?}");
        }
    }
}
