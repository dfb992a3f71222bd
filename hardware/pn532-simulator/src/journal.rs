//! What a chip did on the air, and when. Lengths and codes only, never content. Pure.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// Entries that are kept when nobody asks for them; then the oldest go.
const MOST: usize = 100_000;

/// Something that a chip did on the air. Lengths are in bytes without the checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The own field went on.
    FieldOn,
    /// The own field went off.
    FieldOff,
    /// As a reader: a target was selected; this is its SEL_RES.
    Found {
        /// SAK.
        sel_res: u8,
    },
    /// As a reader: a frame was sent to a target.
    Sent {
        /// Length of the frame.
        length: usize,
        /// Its first byte.
        code: u8,
        /// Where it begins an ISO/IEC 7816-4 command: the instruction.
        ins: Option<u8>,
    },
    /// As a card: a reader's activation was answered.
    Activated,
    /// As a card: a frame came from the reader.
    Heard {
        /// Length of the frame.
        length: usize,
        /// Its first byte.
        code: u8,
        /// Where it ends an ISO/IEC 7816-4 command: the instruction.
        ins: Option<u8>,
    },
    /// As a card: a frame was sent to the reader.
    Replied {
        /// Length of the frame.
        length: usize,
        /// Where it begins the host's answer to a command: that answer's last two bytes.
        status: Option<[u8; 2]>,
    },
    /// As a card: the reader has let go or is gone, or the chip is no card any more.
    Released,
}

/// One event and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Since the simulator's start.
    pub at: Duration,
    /// What happened.
    pub event: Event,
}

impl fmt::Display for Entry {
    /// The form of the control line: microseconds, a word, and its numbers, separated by colons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.at.as_micros())?;
        let frame = |f: &mut fmt::Formatter<'_>, word, length, code, ins: Option<u8>| {
            write!(f, "{word}:{length}:{code:02x}")?;
            ins.map_or(Ok(()), |ins| write!(f, ":{ins:02x}"))
        };
        match self.event {
            Event::FieldOn => f.write_str("field-on"),
            Event::FieldOff => f.write_str("field-off"),
            Event::Found { sel_res } => write!(f, "found:{sel_res:02x}"),
            Event::Sent { length, code, ins } => frame(f, "sent", length, code, ins),
            Event::Activated => f.write_str("activated"),
            Event::Heard { length, code, ins } => frame(f, "heard", length, code, ins),
            Event::Replied { length, status: Some([high, low]) } => {
                write!(f, "replied:{length}:{high:02x}{low:02x}")
            }
            Event::Replied { length, status: None } => write!(f, "replied:{length}"),
            Event::Released => f.write_str("released"),
        }
    }
}

/// One chip's entries, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal(VecDeque<Entry>);

impl Journal {
    pub(crate) fn note(&mut self, at: Duration, event: Event) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(Entry { at, event });
    }

    /// The entries since last asked.
    pub(crate) fn take(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_written_compactly() {
        let entry = |event| Entry { at: Duration::from_micros(1234), event }.to_string();
        assert_eq!(entry(Event::FieldOn), "1234:field-on");
        assert_eq!(entry(Event::Found { sel_res: 0x20 }), "1234:found:20");
        let sent = Event::Sent { length: 8, code: 0x02, ins: Some(0xB0) };
        assert_eq!(entry(sent), "1234:sent:8:02:b0");
        let replied = Event::Replied { length: 3, status: Some([0x69, 0x82]) };
        assert_eq!(entry(replied), "1234:replied:3:6982");
        assert_eq!(entry(Event::Replied { length: 1, status: None }), "1234:replied:1");
    }

    #[test]
    fn the_oldest_entries_go_when_nobody_asks() {
        let mut journal = Journal::default();
        for number in 0..MOST + 5 {
            journal.note(Duration::from_secs(number as u64), Event::FieldOn);
        }
        let entries = journal.take();
        assert_eq!((entries.len(), entries[0].at), (MOST, Duration::from_secs(5)));
        assert!(journal.take().is_empty());
    }
}
