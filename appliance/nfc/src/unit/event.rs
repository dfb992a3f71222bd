//! What the steps of a unit find.

use std::fmt;

use crate::unreadable::Unreadable;

/// What one step found.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// Nobody there, or nothing new.
    Nothing,
    /// The step ended early, because somebody wants another order obeyed.
    Interrupted,
    /// A tag came. The next step reads it, so call it at once; it gives [`Event::Read`],
    /// [`Event::Unreadable`] or an error.
    Felt,
    /// A tag's NDEF message, not decoded. Comes without [`Event::Felt`] if another tag follows so
    /// closely that the field was never empty.
    Read(Vec<u8>),
    /// A tag was there, but its message could not be had.
    Unreadable(Unreadable),
    /// Two tags at once, of which not exactly one is wanted. Said at every poll while it lasts.
    Two,
    /// With [`super::Radio::Write`]: a tag was laid down, with this message or none. Until the next step
    /// [`super::Unit::write`] writes to it.
    Laid(Result<Vec<u8>, Unreadable>),
    /// The field has become empty.
    Gone,
    /// A reader has read something of the card that is shown.
    Met,
    /// What a reader wrote to the card that is shown, whole, not decoded.
    Written(Vec<u8>),
    /// The reader that met the card or wrote to it has left. The offer is used up: nothing is shown
    /// until an order brings another.
    Parted {
        /// Whether it read the whole offer.
        read: bool,
    },
}

/// Shows no content: it is somebody's card.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Interrupted => f.write_str("Interrupted"),
            Self::Felt => f.write_str("Felt"),
            Self::Read(message) => write!(f, "Read({} bytes)", message.len()),
            Self::Unreadable(reason) => write!(f, "Unreadable({reason:?})"),
            Self::Two => f.write_str("Two"),
            Self::Laid(Ok(message)) => write!(f, "Laid({} bytes)", message.len()),
            Self::Laid(Err(reason)) => write!(f, "Laid({reason:?})"),
            Self::Gone => f.write_str("Gone"),
            Self::Met => f.write_str("Met"),
            Self::Written(message) => write!(f, "Written({} bytes)", message.len()),
            Self::Parted { read } => write!(f, "Parted {{ read: {read} }}"),
        }
    }
}
