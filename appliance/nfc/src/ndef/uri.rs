//! The payload of a URI record (NFC Forum RTD URI 1.0): one byte for a common beginning, then the
//! rest in UTF-8. Pure; it does not judge whether a URI is well formed.

/// The well-known type of a URI record.
pub(super) const TYPE: &[u8] = b"U";

/// What the first byte stands for (§3.2.2). Bytes beyond the table stand for nothing.
const PREFIXES: [&str; 36] = [
    "",
    "http://www.",
    "https://www.",
    "http://",
    "https://",
    "tel:",
    "mailto:",
    "ftp://anonymous:anonymous@",
    "ftp://ftp.",
    "ftps://",
    "sftp://",
    "smb://",
    "nfs://",
    "ftp://",
    "dav://",
    "news:",
    "telnet://",
    "imap:",
    "rtsp://",
    "urn:",
    "pop:",
    "sip:",
    "sips:",
    "tftp:",
    "btspp://",
    "btl2cap://",
    "btgoep://",
    "tcpobex://",
    "irdaobex://",
    "file://",
    "urn:epc:id:",
    "urn:epc:tag:",
    "urn:epc:pat:",
    "urn:epc:raw:",
    "urn:epc:",
    "urn:nfc:",
];

pub(super) fn encode(uri: &str) -> Vec<u8> {
    let fitting = (0_u8..).zip(PREFIXES).filter(|(_, prefix)| uri.starts_with(prefix));
    let (code, prefix) = fitting.max_by_key(|(_, prefix)| prefix.len()).unwrap_or((0, ""));
    let mut payload = vec![code];
    payload.extend_from_slice(&uri.as_bytes()[prefix.len()..]);
    payload
}

pub(super) fn decode(payload: &[u8]) -> Option<String> {
    let (&code, rest) = payload.split_first()?;
    let prefix = PREFIXES.get(usize::from(code)).copied().unwrap_or_default();
    Some(format!("{prefix}{}", std::str::from_utf8(rest).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_survives_and_the_longest_wins() {
        for (code, prefix) in PREFIXES.iter().enumerate() {
            let uri = format!("{prefix}x");
            let payload = encode(&uri);
            assert_eq!(payload, [&[u8::try_from(code).unwrap()], &b"x"[..]].concat());
            assert_eq!(decode(&payload).unwrap(), uri);
        }
    }

    #[test]
    fn an_unknown_code_stands_for_nothing_and_bad_text_is_no_uri() {
        assert_eq!(decode(&[0x24, b'x']).unwrap(), "x");
        assert_eq!(decode(&[4]).unwrap(), "https://");
        assert_eq!(decode(&[4, 0xff]), None);
        assert_eq!(decode(&[]), None);
    }
}
