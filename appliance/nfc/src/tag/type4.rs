//! Carries the commands of a Type 4 reader or writer, and the answers.

use super::held::Held;
use super::{ReadError, WriteError};
use crate::chip::ChipError;
use crate::type4::reader::Reading;
use crate::type4::writer::Writing;
use crate::unwritable::Unwritable;

pub(super) fn read(held: &mut Held<'_>) -> Result<Vec<u8>, ReadError> {
    let mut reading = Reading::default();
    loop {
        let answer = held.exchange(reading.command())?;
        if let Some(message) = reading.hear(&answer)? {
            return Ok(message);
        }
    }
}

pub(super) fn write(held: &mut Held<'_>, message: &[u8]) -> Result<(), WriteError> {
    let mut writing = Writing::new(message);
    loop {
        let answer = match held.exchange(writing.command()) {
            Err(ChipError::Lost) => return Err(Unwritable::PulledAway.into()),
            answer => answer?,
        };
        if writing.hear(&answer)? {
            return Ok(());
        }
    }
}
