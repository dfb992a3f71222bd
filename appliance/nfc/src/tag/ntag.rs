//! Writes an NTAG: recognise it, look at its memory, write what differs, read back, lock.

use super::WriteError;
use super::held::{Again, Held};
use super::type2::read_pages;
use crate::chip::ChipError;
use crate::type2::ask::Ask;
use crate::type2::ntag::{GET_VERSION, Ntag};
use crate::type2::write::{PageWrite, WritePlan};
use crate::unwritable::Unwritable;

/// A tag that holds what it shall hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Longest message in bytes that such a tag holds.
    pub capacity: usize,
    /// Writes that it took, locks included; 0 if it was so before.
    pub n_writes: usize,
    /// Whether it can change no more.
    pub is_locked: bool,
}

pub(super) fn write(
    held: &mut Held<'_>,
    message: &[u8],
    lock: bool,
) -> Result<Written, WriteError> {
    let tag = recognise(held)?;
    let mut n_writes = 0;
    loop {
        match attempt(held, tag, message, lock, &mut n_writes) {
            Err(WriteError::Chip(ChipError::Lost)) => match held.find_again()? {
                Again::Found => {}
                Again::Gone => return Err(Unwritable::PulledAway.into()),
                // What a password keeps cannot even be looked at.
                Again::Enough if n_writes == 0 => return Err(Unwritable::Locked.into()),
                Again::Enough => return Err(Unwritable::Refused.into()),
            },
            done => return done,
        }
    }
}

/// A tag that is there and does not tell its version is no NTAG.
fn recognise(held: &mut Held<'_>) -> Result<Ntag, WriteError> {
    let mut n_refusals = 0;
    loop {
        match version(held) {
            Ok(version) => return Ntag::recognise(&version).ok_or(Unwritable::NotNtag.into()),
            Err(ChipError::Lost) if n_refusals > 0 => return Err(Unwritable::NotNtag.into()),
            Err(ChipError::Lost) => n_refusals += 1,
            Err(error) => return Err(error.into()),
        }
        if held.find_again()? != Again::Found {
            return Err(Unwritable::PulledAway.into());
        }
    }
}

fn version(held: &mut Held<'_>) -> Result<Vec<u8>, ChipError> {
    // The chip sends a raw frame to whoever was spoken to last.
    held.exchange(&Ask::Read(0).frame())?;
    held.exchange_raw(&[GET_VERSION])
}

fn attempt(
    held: &mut Held<'_>,
    tag: Ntag,
    message: &[u8],
    lock: bool,
    n_writes: &mut usize,
) -> Result<Written, WriteError> {
    let mut memory = read_pages(held, 0, tag.last_page())?;
    let plan = WritePlan::new(tag, &memory, message, lock)?;
    if !plan.writes.is_empty() {
        write_all(held, &plan.writes, n_writes)?;
        memory = read_pages(held, 0, tag.last_page())?;
        if !plan.is_done(&memory) {
            return Err(Unwritable::Mismatch.into());
        }
    }
    if lock && !plan.is_locked(&memory) {
        write_all(held, &plan.locks, n_writes)?;
        memory = read_pages(held, 0, tag.last_page())?;
        if !plan.is_locked(&memory) {
            return Err(Unwritable::Mismatch.into());
        }
    }
    let is_locked = plan.is_locked(&memory);
    Ok(Written { capacity: tag.capacity(), n_writes: *n_writes, is_locked })
}

fn write_all(
    held: &mut Held<'_>,
    writes: &[PageWrite],
    n_writes: &mut usize,
) -> Result<(), ChipError> {
    for write in writes {
        held.exchange(&write.frame())?;
        *n_writes += 1;
    }
    Ok(())
}
