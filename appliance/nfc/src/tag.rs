//! Reads and writes the NDEF message of one target through the chip, and notices when the tag is
//! pulled away in the middle. It knows no records: the message is bytes.

mod held;
mod ntag;
mod type2;
mod type4;

use std::time::Duration;

pub use ntag::Written;

use crate::chip::{Chip, ChipError};
use crate::target::{Kind, Target};
use crate::type2::reach::Reach;
use crate::unreadable::Unreadable;
use crate::unwritable::Unwritable;
use held::{Again, Held};

/// Whoever holds a card to a reader gives up after about this time.
const READ_LIMIT: Duration = Duration::from_secs(2);
/// An NTAG216 written from end to end takes 222 times 4 ms and the way there.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

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

/// Why writing failed: the tag's fault, or the chip's.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The tag's: tell whoever wants it written.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// The chip's, or somebody wants the radio: the tag may read as empty until it is written again.
    #[error(transparent)]
    Chip(#[from] ChipError),
}

/// Reads the whole NDEF message of `target`, which [`Chip::poll`] has just found, within two
/// seconds. A tag that falls silent is looked for again and read from the start; `reach` may learn
/// from it what the chip can do.
///
/// # Errors
/// Why there is no message, or the chip's trouble.
pub fn read_message(
    chip: &mut Chip,
    target: &Target,
    reach: &mut Reach,
) -> Result<Vec<u8>, ReadError> {
    let mut held = Held::new(chip, target, READ_LIMIT);
    match target.kind() {
        Kind::Type2 => type2::read(&mut held, reach),
        Kind::IsoDep => persist(&mut held, type4::read),
        Kind::Classic => Err(Unreadable::Classic.into()),
        Kind::Other => Err(Unreadable::Unsupported.into()),
    }
}

/// Writes `message` to a Type 4 tag that was just read and is still there, such as another kiosk's.
/// It is not looked for again: with a random identifier, nobody could say who came.
///
/// # Errors
/// [`Unwritable::Locked`] if it allows no writing, [`Unwritable::NoNdef`] if it is no Type 4 tag,
/// and so on; then as good as nothing was changed, except after [`Unwritable::PulledAway`].
pub fn write_message(chip: &mut Chip, target: &Target, message: &[u8]) -> Result<(), WriteError> {
    if target.kind() != Kind::IsoDep {
        return Err(Unwritable::NoNdef.into());
    }
    type4::write(&mut Held::new(chip, target, READ_LIMIT), message)
}

/// Writes `message` to an NTAG213, 215 or 216, formatted or not, reads it back and, if `lock`, makes
/// it read-only for good. Takes up to ten seconds. What is already so is not written again, so a
/// tag that was pulled away is laid down and written once more.
///
/// # Errors
/// Why it was not written. Nothing is locked unless the message was read back right.
pub fn write_tag(
    chip: &mut Chip,
    target: &Target,
    message: &[u8],
    lock: bool,
) -> Result<Written, WriteError> {
    if target.kind() != Kind::Type2 {
        return Err(Unwritable::NotNtag.into());
    }
    ntag::write(&mut Held::new(chip, target, WRITE_LIMIT), message, lock)
}

/// Reads until it succeeds, has a clear reason not to, or it is too late.
fn persist(
    held: &mut Held<'_>,
    mut attempt: impl FnMut(&mut Held<'_>) -> Result<Vec<u8>, ReadError>,
) -> Result<Vec<u8>, ReadError> {
    let mut doubted = None;
    loop {
        match attempt(held) {
            Err(ReadError::Chip(ChipError::Lost)) => match held.find_again()? {
                Again::Found => {}
                Again::Gone | Again::Enough => return Err(Unreadable::PulledAway.into()),
            },
            Err(ReadError::Unreadable(reason))
                if is_doubtful(reason) && doubted != Some(reason) =>
            {
                match held.find_again()? {
                    Again::Found => doubted = Some(reason),
                    Again::Gone => return Err(Unreadable::PulledAway.into()),
                    Again::Enough => return Err(reason.into()),
                }
            }
            done => return done,
        }
    }
}

/// What a tag at the edge of the field may seem to be: believed when it is seen twice.
fn is_doubtful(reason: Unreadable) -> bool {
    matches!(reason, Unreadable::Damaged | Unreadable::NotNdef)
}
