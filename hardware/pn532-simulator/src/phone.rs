//! Phones as people carry them, and what they get of a card.

/// A phone as people carry it, without an app of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phone {
    /// Tries two other applications before it reads.
    Iphone,
    /// Reads, asks whether the card is still there, and lets go.
    Android,
    /// A page in Chrome on Android: reads and then writes this NDEF message, if there is one, even
    /// where the card says that it is read-only.
    WebNfc(Option<Vec<u8>>),
}

impl Phone {
    /// Reads `iphone`, `android` or `webnfc`; the last one only reads.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "iphone" => Self::Iphone,
            "android" => Self::Android,
            "webnfc" => Self::WebNfc(None),
            _ => return None,
        })
    }
}

/// What became of a phone's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// The card has taken all of it.
    Written,
    /// The card has refused a part of it with this status word.
    Refused([u8; 2]),
    /// It is longer than the file; the phone has not tried.
    TooLong,
}

/// What a phone got of a card that it read to the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// The NDEF message; nothing if the card has no NDEF application.
    pub message: Option<Vec<u8>>,
    /// What became of the phone's own message, if it had one.
    pub write: Option<Write>,
}
