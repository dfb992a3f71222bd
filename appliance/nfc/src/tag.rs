//! Reads the NDEF message of one target through the chip, and notices when the tag is pulled away
//! in the middle. It knows no records: the message is bytes.

use std::time::{Duration, Instant};

use crate::chip::{Chip, ChipError};
use crate::target::{Field, Target};
use crate::type2::{self, Plan};
use crate::unreadable::Unreadable;

/// Whoever holds a card to a reader gives up after about this time.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// How often a tag that fell silent is looked for again.
const MAX_RESELECTS: u32 = 2;
/// READ (NTAG21x data sheet §10.2).
const READ: u8 = 0x30;

/// Why reading failed: the tag's fault, or the chip's.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The tag's: tell whoever holds it.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The chip's: the tag may be fine.
    #[error(transparent)]
    Chip(#[from] ChipError),
}

/// Reads the whole NDEF message of `target`, which [`Chip::poll`] has just found, within two
/// seconds. A tag that falls silent is looked for again and read from the start.
pub fn read_message(chip: &mut Chip, target: &Target) -> Result<Vec<u8>, ReadError> {
    if !target.is_type2() {
        return Err(Unreadable::Unsupported.into());
    }
    let give_up = Instant::now() + TIME_LIMIT;
    let mut target = target.clone();
    for _ in 0..MAX_RESELECTS {
        match read_type2(chip, &target, give_up) {
            Err(ReadError::Chip(ChipError::Lost)) => target = reselect(chip, &target)?,
            done => return done,
        }
    }
    match read_type2(chip, &target, give_up) {
        Err(ReadError::Chip(ChipError::Lost)) => Err(Unreadable::PulledAway.into()),
        done => done,
    }
}

fn read_type2(chip: &mut Chip, target: &Target, give_up: Instant) -> Result<Vec<u8>, ReadError> {
    let mut memory = Vec::new();
    loop {
        match type2::plan(&memory)? {
            Plan::Done(message) => return Ok(message),
            Plan::Read { .. } if Instant::now() >= give_up => {
                return Err(Unreadable::PulledAway.into());
            }
            Plan::Read { first, .. } => memory.extend(read(chip, target, first)?),
        }
    }
}

/// Finds the same tag again. A random UID cannot tell, but reading starts anew in any case.
fn reselect(chip: &mut Chip, lost: &Target) -> Result<Target, ReadError> {
    chip.field_off()?;
    match chip.poll()? {
        Field::One(found) if found.uid == lost.uid || found.uid.is_random() => Ok(found),
        _ => Err(Unreadable::PulledAway.into()),
    }
}

/// READ: the four pages from `page` on (NTAG21x data sheet §10.2).
fn read(chip: &mut Chip, target: &Target, page: u8) -> Result<Vec<u8>, ChipError> {
    chip.exchange(target, &[READ, page])
}
