//! The reasons that a tag, and not the chip, gives for not being written.

/// Why a message was not written to a tag, or not surely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// It was gone, or another one was there, before all was done: lay it down again.
    #[error("the tag was pulled away before all was written")]
    PulledAway,
    /// Not an NTAG213, 215 or 216.
    #[error("the tag is no NTAG213, NTAG215 or NTAG216")]
    NotNtag,
    /// A card or phone that takes no NDEF message.
    #[error("this card takes no NDEF message")]
    NoNdef,
    /// What would have to change is locked for good, or behind a password.
    #[error("the tag is locked")]
    Locked,
    /// An NTAG, but its one-time bits say that it is used for something else than NDEF.
    #[error("the tag is in use for something else")]
    OtherUse,
    /// The message is longer than what the tag holds.
    #[error("the tag holds {capacity} bytes, which is not enough")]
    TooSmall {
        /// Longest message in bytes that it holds.
        capacity: usize,
    },
    /// It is there and reads well, but says no to a write.
    #[error("the tag refuses to be written")]
    Refused,
    /// What was read back is not what was written: the tag is worn out or damaged.
    #[error("what was read back is not what was written")]
    Mismatch,
}
