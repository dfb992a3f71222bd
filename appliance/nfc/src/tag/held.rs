//! A tag that somebody holds to the antenna: frames to it until it is too late, and looking for it
//! when it falls silent.

use std::time::{Duration, Instant};

use crate::chip::{Chip, ChipError};
use crate::target::{Target, Uid};

/// How often a tag that fell silent is spoken to again.
const MAX_RESELECTS: u32 = 2;

pub(super) struct Held<'a> {
    chip: &'a mut Chip,
    target: Target,
    give_up: Instant,
    n_reselects: u32,
    is_there: bool,
}

/// What came of looking for the tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It is there: begin anew.
    Found,
    /// It is not there, or it is too late.
    Gone,
    /// It is there, but was spoken to often enough.
    Enough,
}

impl<'a> Held<'a> {
    pub(super) fn new(chip: &'a mut Chip, target: &Target, limit: Duration) -> Self {
        let give_up = Instant::now() + limit;
        Self { chip, target: target.clone(), give_up, n_reselects: 0, is_there: true }
    }

    /// [`Chip::exchange`], or [`ChipError::Lost`] when it is too late.
    pub(super) fn exchange(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.check_time()?;
        self.chip.exchange(&self.target, bytes)
    }

    /// [`Chip::exchange_raw`], or [`ChipError::Lost`] when it is too late. Somebody must have been
    /// spoken to before.
    pub(super) fn exchange_raw(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ChipError> {
        self.check_time()?;
        self.chip.exchange_raw(bytes)
    }

    /// Its identifier.
    pub(super) fn uid(&self) -> &Uid {
        &self.target.uid
    }

    /// Whether it was there when it was last looked for.
    pub(super) fn is_there(&self) -> bool {
        self.is_there
    }

    /// Starts the chip anew, after which the tag must be found again.
    pub(super) fn restart_chip(&mut self) -> Result<(), ChipError> {
        self.chip.start()
    }

    /// Finds the same tag again. A random UID cannot tell, but whoever calls begins anew in any
    /// case.
    pub(super) fn find_again(&mut self) -> Result<Again, ChipError> {
        if self.is_too_late() {
            return Ok(Again::Gone);
        }
        self.chip.field_off()?;
        let field = self.chip.poll()?;
        let is_it = |found: &&Target| {
            found.uid == self.target.uid || (found.uid.is_random() && self.target.uid.is_random())
        };
        let found = field.targets().iter().find(is_it);
        self.is_there = found.is_some();
        let Some(found) = found else { return Ok(Again::Gone) };
        self.target = found.clone();
        if self.n_reselects == MAX_RESELECTS {
            return Ok(Again::Enough);
        }
        self.n_reselects += 1;
        Ok(Again::Found)
    }

    fn is_too_late(&self) -> bool {
        Instant::now() >= self.give_up
    }

    fn check_time(&self) -> Result<(), ChipError> {
        if self.is_too_late() { Err(ChipError::Lost) } else { Ok(()) }
    }
}
