//! The tags on one chip's antenna: which of them hear a search, and what they say to a frame.
//! Source of the states: NTAG213/215/216 data sheet §8.4. Pure.

use std::time::Duration;

use crate::emulation::HALT;
use crate::field::Echo;
use crate::tag::{Identity, Reply, Tag};
use crate::timing;
use crate::type2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    Active,
    Halted,
}

#[derive(Debug)]
struct LaidTag {
    number: u64,
    tag: Tag,
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
    pub(crate) fn lay(&mut self, number: u64, tag: Tag, leaves_after: Option<u32>) {
        self.laid.push(LaidTag { number, tag, state: State::Ready, leaves_after });
    }

    pub(crate) fn clear(&mut self) {
        self.laid.clear();
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.laid.iter().map(|laid| &laid.tag)
    }

    /// A tag that answers a search: one that is ready or, woken by its identifier, one asleep.
    pub(crate) fn find(&self, by_identifier: bool, fits: impl Fn(&[u8]) -> bool) -> Option<u64> {
        let hears = |laid: &&LaidTag| match laid.state {
            State::Ready => true,
            State::Halted => by_identifier,
            State::Active => false,
        };
        let found = self.laid.iter().filter(hears).find(|laid| fits(&laid.tag.identity().uid));
        found.map(|laid| laid.number)
    }

    fn tag_mut(&mut self, number: u64) -> Option<&mut LaidTag> {
        self.laid.iter_mut().find(|laid| laid.number == number)
    }

    /// Selects a tag in whatever state; gives what it says of itself, if it still lies here.
    pub(crate) fn select(&mut self, number: u64) -> Option<Identity> {
        let laid = self.tag_mut(number)?;
        laid.state = State::Active;
        laid.tag.select();
        Some(laid.tag.identity())
    }

    /// Whether a tag lies here and is selected.
    pub(crate) fn is_active(&self, number: u64) -> bool {
        self.laid.iter().any(|laid| laid.number == number && laid.state == State::Active)
    }

    /// Gives up a tag that was selected.
    pub(crate) fn unselect(&mut self, number: u64) {
        if let Some(laid) = self.tag_mut(number) {
            laid.state = State::Ready;
        }
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

    /// Sends a frame without its CRC to one tag; gives its answer and how long it was busy.
    pub(crate) fn send(&mut self, number: u64, frame: &[u8]) -> (Echo, Duration) {
        let silence = (Echo::Silence, Duration::ZERO);
        let Some(laid) = self.tag_mut(number) else { return silence };
        if laid.state != State::Active {
            return silence;
        }
        let gone_before = laid.leaves_after == Some(0);
        let echo = if gone_before { Echo::Silence } else { laid.receive(frame) };
        laid.leaves_after = laid.leaves_after.map(|left| left.saturating_sub(1));
        if laid.leaves_after == Some(0) {
            self.laid.retain(|laid| laid.number != number);
        }
        let programs = matches!(echo, Echo::Nibble(0xA)) && !matches!(frame, [0xA0, _]);
        (echo, if programs { timing::PROGRAMMING } else { Duration::ZERO })
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
                if Reply::Nibble(bits) != type2::ACK {
                    self.state = State::Ready;
                }
                Echo::Nibble(bits)
            }
            Reply::Farewell(bytes) => {
                self.state = State::Halted;
                Echo::Frame(bytes)
            }
            Reply::Silence => Echo::Silence,
        }
    }
}
