//! The reasons that a tag, and not the chip, gives for having no message.

/// Why a tag that was felt has no message for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It was gone, or another one was there, before all was read: hold it still.
    #[error("the tag was pulled away before all was read")]
    PulledAway,
    /// A MIFARE Classic: NFC Forum devices cannot read it, nor can most phones.
    #[error("a MIFARE Classic cannot be read")]
    Classic,
    /// A smart card for something else, such as a payment card, a transit card or a passport.
    #[error("the card holds no NDEF: it is for something else")]
    OtherCard,
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
    /// The message does not lie within the first 1 KiB of a Type 2 tag, or has more bytes than
    /// [`crate::ndef::MAX_MESSAGE`].
    #[error("the tag holds more than can be read")]
    TooBig,
}
