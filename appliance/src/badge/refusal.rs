//! Why a tag did not become a badge, as far as a person can act on it. Pure; the sentences are those of
//! whoever tells.

use tapcard_nfc::Unwritable;

/// Why a badge was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was taken away too early; laid down again, it is written.
    PulledAway,
    /// There are two.
    Two,
    /// Something is written on it already.
    Holds,
    /// It is the badge that was written just before.
    JustWritten,
    /// It is locked for good, or behind a password.
    Locked,
    /// Not an NTAG213, 215 or 216.
    OtherKind,
    /// An NTAG that is in use for something else.
    OtherUse,
    /// Not even name and number have room on it.
    TooSmall,
    /// It could not be written, or holds something else than was written: it is worn out.
    Worn,
}

impl From<Unwritable> for Refusal {
    fn from(reason: Unwritable) -> Refusal {
        match reason {
            Unwritable::PulledAway => Refusal::PulledAway,
            Unwritable::NotNtag | Unwritable::NoNdef => Refusal::OtherKind,
            Unwritable::Locked => Refusal::Locked,
            Unwritable::OtherUse => Refusal::OtherUse,
            Unwritable::TooSmall { .. } => Refusal::TooSmall,
            Unwritable::Refused | Unwritable::Mismatch => Refusal::Worn,
        }
    }
}
