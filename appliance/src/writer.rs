//! Writes a badge on the tag that the exchange unit has just told of.

use tapcard_nfc::tag::WriteError;
use tapcard_nfc::{ChipError, Unit, Unwritable};

use crate::badge::{Badge, Refusal, Written};

/// What came of writing a badge.
pub type Outcome = Result<Written, Refusal>;

/// Writes as much of a badge as the tag holds, reads it back and, if `lock`, makes it read-only for good.
///
/// # Errors
/// The link's or the chip's trouble.
pub fn write(unit: &mut Unit, badge: &Badge, lock: bool) -> Result<Outcome, ChipError> {
    let mut capacity = usize::MAX;
    loop {
        let fitted = badge.fitted(capacity);
        match unit.write(&fitted.message, lock) {
            Ok(written) => {
                let (left_out, is_locked) = (fitted.left_out, written.is_locked);
                return Ok(Ok(Written { left_out, is_locked }));
            }
            // The tag's size shows only here. Nothing was changed.
            Err(WriteError::Unwritable(Unwritable::TooSmall { capacity: found }))
                if found < capacity =>
            {
                capacity = found;
            }
            Err(WriteError::Unwritable(reason)) => return Ok(Err(reason.into())),
            Err(WriteError::Chip(error)) => return Err(error),
        }
    }
}
