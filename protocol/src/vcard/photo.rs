//! The picture inside a vCard, which never travels inside a card.

use std::fmt;

use mail_parser::decoders::base64::base64_decode;

use super::{MAX_PHOTO, Refused};

/// A picture as it stood in the vCard; not decoded, not checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// What the vCard says it is, such as `image/jpeg`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Photo({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// Takes every inline photo out of a card's lines and returns the first; pictures by link stay.
///
/// # Errors
/// Fails when a photo is larger than [`MAX_PHOTO`].
pub(super) fn take(lines: &mut Vec<String>) -> Result<Option<Photo>, Refused> {
    let mut first = None;
    let mut too_large = false;
    lines.retain(|line| {
        let Some((media_type, base64)) = inline(line) else { return true };
        too_large |= base64.len() / 4 * 3 > MAX_PHOTO;
        if first.is_none() && !too_large {
            let bytes = base64_decode(base64.as_bytes()).filter(|it| !it.is_empty());
            first = bytes.map(|bytes| Photo { media_type, bytes });
        }
        false
    });
    if too_large { Err(Refused::PhotoTooLarge) } else { Ok(first) }
}

/// The media type and the base64 text of a photo that stands in the line itself: marked as base64 in vCard 2.1
/// and 3.0 (RFC 2426 §3.1.4), a `data:` URI in 4.0 (RFC 2397).
fn inline(line: &str) -> Option<(String, &str)> {
    let (head, value) = line.split_once(':')?;
    let head = head.to_ascii_uppercase();
    let mut words = head.split(';');
    let name = words.next()?;
    if name.rsplit('.').next()? != "PHOTO" {
        return None;
    }
    if let Some((media_type, base64)) =
        value.strip_prefix("data:").and_then(|it| it.split_once(";base64,"))
    {
        return Some((media_type.to_owned(), base64));
    }
    let words: Vec<&str> = words.flat_map(|it| it.rsplit('=').next()).collect();
    let kind = words.iter().find(|it| !["B", "BASE64", "PREF"].contains(it));
    let is_base64 = words.iter().any(|it| ["B", "BASE64"].contains(it));
    is_base64.then(|| (format!("image/{}", kind.unwrap_or(&"jpeg").to_ascii_lowercase()), value))
}
