//! A stick that takes contacts along, or brings some.

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stick {
    /// Nothing was asked of it yet.
    Waiting,
    /// It is written or read.
    Busy,
    /// So many contacts are on it.
    Written(usize),
    /// So many cards were taken from it, and so many could not be read.
    Read(usize, usize),
    /// There is none.
    Missing,
    /// It takes no more, or nothing at all.
    Full,
    /// There is no card on it.
    Empty,
    /// The owner has mail with the way to the contacts.
    Mailed,
    /// The owner's account has no mail address.
    NoAddress,
    /// There was mail a moment ago.
    TooSoon,
    /// The cloud was not there.
    Away,
}
