//! What one host link keeps besides the chip: answers to be sent, faults to come, bytes counted.
//! Pure; the end point in `hsu` acts on it.

use std::collections::VecDeque;

use crate::field::Answer;

/// What can be made to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The command is carried out, but its acknowledge is lost.
    DropAck,
    /// The answer's data checksum has a wrong bit; asked to repeat, the chip sends it right.
    BadChecksum,
    /// The command is acknowledged and then never answered.
    Stall,
    /// The target leaves the RF exchange unanswered: status 0x01.
    Nak,
}

impl Fault {
    /// Reads `drop-ack`, `bad-checksum`, `stall` or `nak`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "drop-ack" => Self::DropAck,
            "bad-checksum" => Self::BadChecksum,
            "stall" => Self::Stall,
            "nak" => Self::Nak,
            _ => return None,
        })
    }
}

/// Traffic on one host link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Command frames with valid checksums.
    pub commands: u64,
    /// Bytes from the host, wake-up bytes and acknowledges included.
    pub to_chip: u64,
    /// Bytes to the host.
    pub from_chip: u64,
}

/// One host link.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) outbox: VecDeque<Answer>,
    pub(crate) counters: Counters,
    drop_ack: u32,
    bad_checksum: u32,
    stall: u32,
}

impl Line {
    /// The next so many commands or answers suffer this; `Nak` belongs to the field.
    pub(crate) fn inflict(&mut self, fault: Fault, times: u32) {
        match fault {
            Fault::DropAck => self.drop_ack += times,
            Fault::BadChecksum => self.bad_checksum += times,
            Fault::Stall => self.stall += times,
            Fault::Nak => {}
        }
    }

    pub(crate) fn drops_ack(&mut self) -> bool {
        strike(&mut self.drop_ack)
    }

    pub(crate) fn spoils_checksum(&mut self) -> bool {
        strike(&mut self.bad_checksum)
    }

    pub(crate) fn stalls(&mut self) -> bool {
        strike(&mut self.stall)
    }
}

fn strike(left: &mut u32) -> bool {
    let strikes = *left > 0;
    *left = left.saturating_sub(1);
    strikes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_asked_for() {
        let mut line = Line::default();
        line.inflict(Fault::Stall, 2);
        assert_eq!([line.stalls(), line.stalls(), line.stalls()], [true, true, false]);
        assert!(!line.drops_ack());
    }
}
