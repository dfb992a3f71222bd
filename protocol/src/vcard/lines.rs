//! From the bytes of a vCard to UTF-8 text with one property a line.
//!
//! Folds are undone on bytes, since writers break lines inside a character; then each line is decoded by the
//! charset that it names (vCard 2.1 §2.1.5). Quoted-printable text stays as it is: the parser decodes it.

use encoding_rs::Encoding;

use super::Refused;

/// Brings a vCard to UTF-8, one property a line.
///
/// # Errors
/// Fails for bytes that are neither UTF-8 nor in a charset that their line names.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<String>, Refused> {
    if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] = bytes {
        let (text, _, broken) = encoding_rs::UTF_16LE.decode(bytes);
        return if broken { Err(Refused::UnknownCharset) } else { read(text.as_bytes()) };
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    unfold(bytes).iter().map(|it| decode(it)).collect()
}

/// Undoes and redoes the folding of a written vCard, so that no line has more than 75 bytes (RFC 6350 §3.2).
pub(super) fn refold(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut folded = String::with_capacity(text.len() + 64);
    for line in text.replace("\r\n ", "").lines() {
        let mut width = 0;
        for letter in change(line).chars() {
            if width + letter.len_utf8() > 75 {
                folded.push_str("\r\n ");
                width = 1;
            }
            folded.push(letter);
            width += letter.len_utf8();
        }
        folded.push_str("\r\n");
    }
    folded
}

/// Joins folded lines; a quoted-printable soft break keeps the next line's first character.
fn unfold(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut quoted = false;
    for raw in bytes.split(|it| *it == b'\n') {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        match (lines.last_mut(), raw) {
            (Some(last), _) if quoted && last.ends_with(b"=") => {
                last.pop();
                last.extend_from_slice(raw);
            }
            (Some(last), [b' ' | b'\t', rest @ ..]) => last.extend_from_slice(rest),
            _ => {
                quoted = is_quoted(raw);
                lines.push(raw.to_vec());
            }
        }
    }
    lines
}

/// The part before the value, in capitals.
fn head(line: &[u8]) -> Vec<u8> {
    line.split(|it| *it == b':').next().unwrap_or_default().to_ascii_uppercase()
}

fn is_quoted(line: &[u8]) -> bool {
    head(line).windows(16).any(|it| it == b"QUOTED-PRINTABLE")
}

fn decode(line: &[u8]) -> Result<String, Refused> {
    let head = String::from_utf8_lossy(&head(line)).into_owned();
    let named = head.split(';').find_map(|it| it.strip_prefix("CHARSET="));
    let charset = named.and_then(|it| Encoding::for_label(it.trim_matches('"').as_bytes()));
    // The named charset comes first: a third of the common characters in GB2312 are valid UTF-8 of other ones.
    if let Some(charset) = charset.filter(|it| it.is_ascii_compatible())
        && let Some(text) = charset.decode_without_bom_handling_and_without_replacement(line)
    {
        return Ok(text.into_owned());
    }
    std::str::from_utf8(line).map(str::to_owned).map_err(|_| Refused::UnknownCharset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<String, Refused> {
        read(bytes).map(|it| it.join("|"))
    }

    #[test]
    fn a_fold_inside_a_character_is_undone() {
        assert_eq!(text(b"FN:\xe5\xbc\r\n \xa0\r\nEND:VCARD").unwrap(), "FN:张|END:VCARD");
        assert_eq!(text(b"A:1\n\t2\nB:3").unwrap(), "A:12|B:3");
    }

    #[test]
    fn a_soft_break_keeps_the_space_that_follows_it() {
        let qp = b"NOTE;ENCODING=QUOTED-PRINTABLE:one=\r\n two\r\nFN:x";
        assert_eq!(text(qp).unwrap(), "NOTE;ENCODING=QUOTED-PRINTABLE:one two|FN:x");
        assert_eq!(text(b"URL:a?b=\r\nFN:x").unwrap(), "URL:a?b=|FN:x");
    }

    #[test]
    fn a_line_is_decoded_by_the_charset_it_names() {
        assert_eq!(text(b"FN;CHARSET=GB2312:\xd5\xc5\xc8\xfd").unwrap(), "FN;CHARSET=GB2312:张三");
        assert_eq!(
            text(b"FN;CHARSET=ISO-8859-1:M\xfcller").unwrap(),
            "FN;CHARSET=ISO-8859-1:Müller"
        );
        assert_eq!(text(b"FN:\xd5\xc5\xc8\xfd"), Err(Refused::UnknownCharset));
        assert_eq!(text(b"FN;CHARSET=X-NONE:\xd5\xc5"), Err(Refused::UnknownCharset));
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(text(b"\xEF\xBB\xBFBEGIN:VCARD").unwrap(), "BEGIN:VCARD");
        assert_eq!(text(b"\xFF\xFEA\0:\0B\0").unwrap(), "A:B");
    }
}
