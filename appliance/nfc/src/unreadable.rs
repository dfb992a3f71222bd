//! The reasons that a tag, and not the chip, gives for having no message.

/// Why a tag that was felt has no message for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It was gone, or another one was there, before all was read: hold it still.
    #[error("the tag was pulled away before all was read")]
    PulledAway,
    /// Not a kind of tag that is read here.
    #[error("this kind of tag cannot be read")]
    Unsupported,
    /// A tag of the right kind that is not formatted for NDEF.
    #[error("the tag is not formatted for NDEF")]
    NotNdef,
    /// Its maker or owner allows no reading without a password.
    #[error("the tag is protected against reading")]
    Protected,
    /// Formatted, but nothing is written on it.
    #[error("the tag is empty")]
    Empty,
    /// What is written contradicts itself.
    #[error("the tag is damaged")]
    Damaged,
    /// The message does not lie within the first 1 KiB.
    #[error("the tag holds more than can be read")]
    TooBig,
}
