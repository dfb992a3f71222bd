//! Which of the contacts the staff looks at.

/// Letters with which names begin, a key each; the last stands for everything else.
pub const INITIALS: [&str; 9] = ["ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ", "#"];

/// Which of the contacts the staff looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// All, the newest first.
    All,
    /// Those whose cards say these words.
    Words(String),
    /// Those whose names begin with letters of this place in [`INITIALS`], by name.
    Initials(usize),
}
