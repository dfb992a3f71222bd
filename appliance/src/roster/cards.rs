//! A file of vCards, told apart.

use tapcard_protocol::vcard;

use super::{BadRoster, Found, text};

/// Each card with its number, or what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Found>, BadRoster> {
    let is_wide = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let narrowed = if is_wide { text::decode(bytes).map(String::into_bytes) } else { None };
    let bytes = narrowed.as_deref().unwrap_or(bytes);
    let card = |it: &Vec<u8>| match vcard::read(it) {
        Ok(read) => Ok(read.card),
        Err(reason) => Err(reason.to_string()),
    };
    Ok(split(bytes).iter().map(card).enumerate().map(|(at, it)| (at + 1, it)).collect())
}

/// From each `BEGIN:VCARD` to its `END:VCARD`; an agent's card within a card (vCard 2.1) belongs to it.
/// Bytes, because each card may have a charset of its own.
fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut cards: Vec<Vec<u8>> = Vec::new();
    let mut depth = 0;
    for line in bytes.split_inclusive(|it| *it == b'\n') {
        // A folded line begins with a blank, and is no such line whatever it says.
        let word = line.trim_ascii_end();
        if word.eq_ignore_ascii_case(b"BEGIN:VCARD") {
            if depth == 0 {
                cards.push(Vec::new());
            }
            depth += 1;
        }
        if let Some(card) = cards.last_mut().filter(|_| depth > 0) {
            card.extend_from_slice(line);
        }
        if word.eq_ignore_ascii_case(b"END:VCARD") {
            depth = usize::max(depth, 1) - 1;
        }
    }
    cards
}
