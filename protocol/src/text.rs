//! What a text from outside may hold, so that neither Postgres nor a screen chokes on it.

use thiserror::Error;

/// A text that cannot be kept.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvalidText {
    /// U+0000, which Postgres cannot store.
    #[error("a text holds the character U+0000")]
    Nul,
    /// Longer than its field allows.
    #[error("a text has more than {0} bytes")]
    TooLong(usize),
}

/// Checks one text against a limit in bytes.
///
/// # Errors
/// Says what is wrong with it.
pub fn check(text: &str, limit: usize) -> Result<(), InvalidText> {
    if text.len() > limit {
        return Err(InvalidText::TooLong(limit));
    }
    if text.contains('\0') { Err(InvalidText::Nul) } else { Ok(()) }
}

/// A cell that no spreadsheet runs: one that begins like a formula is told to be text
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
pub fn harmless_cell(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
