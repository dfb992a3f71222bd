//! The tags on one chip's antenna: which of them hear a search, and what they say to a frame.
//! Source of the states: NTAG213/215/216 data sheet §8.4. Pure.

use crate::emulation::HALT;
use crate::field::Echo;
use crate::ntag::{self, Ntag, Reply};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    Active,
    Halted,
}

#[derive(Debug)]
struct LaidTag {
    number: u64,
    tag: Ntag,
    state: State,
    /// RF exchanges until it is pulled away.
    leaves_after: Option<u32>,
}

/// What lies on one antenna, first laid first.
#[derive(Debug, Default)]
pub(crate) struct Antenna {
    laid: Vec<LaidTag>,
}

impl Antenna {
    pub(crate) fn lay(&mut self, number: u64, tag: Ntag, leaves_after: Option<u32>) {
        self.laid.push(LaidTag { number, tag, state: State::Ready, leaves_after });
    }

    pub(crate) fn clear(&mut self) {
        self.laid.clear();
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = &Ntag> {
        self.laid.iter().map(|laid| &laid.tag)
    }

    /// A tag that answers a search: one that is ready or, woken by its identifier, one asleep.
    pub(crate) fn find(&self, by_identifier: bool, fits: impl Fn(&[u8]) -> bool) -> Option<u64> {
        let hears = |laid: &&LaidTag| match laid.state {
            State::Ready => true,
            State::Halted => by_identifier,
            State::Active => false,
        };
        let found = self.laid.iter().filter(hears).find(|laid| fits(&laid.tag.uid()));
        found.map(|laid| laid.number)
    }

    fn tag_mut(&mut self, number: u64) -> Option<&mut LaidTag> {
        self.laid.iter_mut().find(|laid| laid.number == number)
    }

    /// Selects a tag in whatever state; gives its identifier, if it still lies here.
    pub(crate) fn select(&mut self, number: u64) -> Option<[u8; 7]> {
        let laid = self.tag_mut(number)?;
        laid.state = State::Active;
        Some(laid.tag.uid())
    }

    /// Sends a tag to sleep.
    pub(crate) fn halt(&mut self, number: u64) {
        if let Some(laid) = self.tag_mut(number) {
            laid.state = State::Halted;
        }
    }

    /// A new search makes active tags ready again, but wakes none.
    pub(crate) fn deactivate(&mut self) {
        self.laid.iter_mut().filter(|laid| laid.state == State::Active).for_each(|laid| {
            laid.state = State::Ready;
        });
    }

    /// Without a field every tag forgets its state.
    pub(crate) fn lose_power(&mut self) {
        self.laid.iter_mut().for_each(|laid| laid.state = State::Ready);
    }

    /// Sends a frame without its CRC to one tag.
    pub(crate) fn send(&mut self, number: u64, frame: &[u8]) -> Echo {
        let Some(laid) = self.tag_mut(number) else { return Echo::Silence };
        if laid.state != State::Active {
            return Echo::Silence;
        }
        let gone_before = laid.leaves_after == Some(0);
        let echo = if gone_before { Echo::Silence } else { laid.receive(frame) };
        laid.leaves_after = laid.leaves_after.map(|left| left.saturating_sub(1));
        if laid.leaves_after == Some(0) {
            self.laid.retain(|laid| laid.number != number);
        }
        echo
    }
}

impl LaidTag {
    fn receive(&mut self, frame: &[u8]) -> Echo {
        if frame == HALT {
            self.state = State::Halted;
            return Echo::Silence;
        }
        match self.tag.receive(frame) {
            Reply::Frame(bytes) => Echo::Frame(bytes),
            Reply::Nibble(bits) => {
                // A tag that says NAK has to be selected anew (§8.4.4).
                if Reply::Nibble(bits) != ntag::ACK {
                    self.state = State::Ready;
                }
                Echo::Nibble(bits)
            }
        }
    }
}
