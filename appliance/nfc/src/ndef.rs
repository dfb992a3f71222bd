//! NDEF messages to and from bytes (NFC Forum NDEF 1.0). Pure. It joins chunks, but writes none;
//! it looks into no payload but that of a URI record or, to say what it is, of a Smart Poster.

mod content;
mod uri;

use std::fmt;

pub use content::{Content, content};

/// Longest message that is decoded or encoded, in bytes. The biggest tag in use, NTAG216, holds 872.
pub const MAX_MESSAGE: usize = 8 * 1024;
/// Most records in a message, chunks counted.
pub const MAX_RECORDS: usize = 64;

/// First byte of a record (§3.2): message begin, message end, chunk, short, id length present.
const MB: u8 = 0x80;
const ME: u8 = 0x40;
const CF: u8 = 0x20;
const SR: u8 = 0x10;
const IL: u8 = 0x08;
const TNF: u8 = 0x07;
/// The type name format of every chunk but the first (§3.2.6).
const UNCHANGED: u8 = 6;

/// Content types under which a vCard travels: RFC 6350, and what phones wrote before and still do.
const VCARD_TYPES: [&str; 3] = ["text/vcard", "text/x-vcard", "text/directory"];

/// What the type field of a record means (§3.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Tnf {
    /// Nothing: type, id and payload are empty.
    Empty = 0,
    /// A type that the NFC Forum defined, such as `U`.
    WellKnown = 1,
    /// A media type (RFC 2046).
    Mime = 2,
    /// An absolute URI (RFC 3986).
    AbsoluteUri = 3,
    /// A type of somebody else's, such as `android.com:pkg`.
    External = 4,
    /// The payload's type is not known; the type field is empty.
    Unknown = 5,
}

impl Tnf {
    const ALL: [Self; 6] = [
        Self::Empty,
        Self::WellKnown,
        Self::Mime,
        Self::AbsoluteUri,
        Self::External,
        Self::Unknown,
    ];

    fn from_bits(bits: u8) -> Option<Self> {
        Self::ALL.get(usize::from(bits)).copied()
    }
}

/// One record, its chunks joined.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What `kind` means.
    pub tnf: Tnf,
    /// The type field.
    pub kind: Vec<u8>,
    /// The id field, mostly empty.
    pub id: Vec<u8>,
    /// The content.
    pub payload: Vec<u8>,
}

/// Shows no content: it is somebody's card.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = String::from_utf8_lossy(&self.kind);
        write!(f, "Record({:?} {kind:?}, {} bytes)", self.tnf, self.payload.len())
    }
}

/// Why bytes are no message, or records cannot be written as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NdefError {
    /// The message ends before its last record does.
    #[error("the message is cut off")]
    CutOff,
    /// More than [`MAX_MESSAGE`] bytes.
    #[error("the message is longer than {MAX_MESSAGE} bytes")]
    TooLong,
    /// More than [`MAX_RECORDS`] records.
    #[error("the message has more than {MAX_RECORDS} records")]
    TooManyRecords,
    /// No record at all.
    #[error("the message has no record")]
    NoRecord,
    /// The begin or chunk flags contradict the order of the records.
    #[error("the records are out of order")]
    OutOfOrder,
    /// A record has fields that its type name format forbids, or a reserved one.
    #[error("a record contradicts itself")]
    BadRecord,
}

impl Record {
    /// A record with a media type.
    #[must_use]
    pub fn mime(kind: &str, payload: &[u8]) -> Self {
        let (kind, payload) = (kind.as_bytes().to_vec(), payload.to_vec());
        Self { tnf: Tnf::Mime, kind, id: Vec::new(), payload }
    }

    /// A URI record (NFC Forum RTD URI 1.0), abbreviated as far as possible.
    #[must_use]
    pub fn uri(uri: &str) -> Self {
        let payload = uri::encode(uri);
        Self { tnf: Tnf::WellKnown, kind: uri::TYPE.to_vec(), id: Vec::new(), payload }
    }

    /// The URI of a URI record, in full.
    #[must_use]
    pub fn as_uri(&self) -> Option<String> {
        let is_uri = self.tnf == Tnf::WellKnown && self.kind == uri::TYPE;
        if is_uri { uri::decode(&self.payload) } else { None }
    }

    fn is_vcard(&self) -> bool {
        let kind = self.kind.split(|&byte| byte == b';').next().unwrap_or_default();
        let kind = kind.trim_ascii();
        self.tnf == Tnf::Mime
            && VCARD_TYPES.iter().any(|known| kind.eq_ignore_ascii_case(known.as_bytes()))
    }

    fn check(&self) -> Result<(), NdefError> {
        let is_sound = match self.tnf {
            Tnf::Empty => self.kind.is_empty() && self.id.is_empty() && self.payload.is_empty(),
            Tnf::Unknown => self.kind.is_empty(),
            Tnf::WellKnown | Tnf::Mime | Tnf::AbsoluteUri | Tnf::External => !self.kind.is_empty(),
        };
        if is_sound { Ok(()) } else { Err(NdefError::BadRecord) }
    }
}

/// The vCard of the first record that holds one.
#[must_use]
pub fn vcard(records: &[Record]) -> Option<&[u8]> {
    records.iter().find(|record| record.is_vcard()).map(|record| &record.payload[..])
}

/// Writes records as one message.
pub fn encode(records: &[Record]) -> Result<Vec<u8>, NdefError> {
    if records.is_empty() {
        return Err(NdefError::NoRecord);
    }
    if records.len() > MAX_RECORDS {
        return Err(NdefError::TooManyRecords);
    }
    let mut message = Vec::new();
    for (record_idx, record) in records.iter().enumerate() {
        record.check()?;
        let mut flags = record.tnf as u8;
        if record_idx == 0 {
            flags |= MB;
        }
        if record_idx + 1 == records.len() {
            flags |= ME;
        }
        encode_record(&mut message, flags, record)?;
    }
    if message.len() > MAX_MESSAGE { Err(NdefError::TooLong) } else { Ok(message) }
}

fn encode_record(message: &mut Vec<u8>, flags: u8, record: &Record) -> Result<(), NdefError> {
    let short = u8::try_from(record.payload.len());
    let long = u32::try_from(record.payload.len()).map_err(|_| NdefError::TooLong)?;
    let kind_length = u8::try_from(record.kind.len()).map_err(|_| NdefError::TooLong)?;
    let id_length = u8::try_from(record.id.len()).map_err(|_| NdefError::TooLong)?;
    let sr = if short.is_ok() { SR } else { 0 };
    let il = if id_length > 0 { IL } else { 0 };
    message.extend([flags | sr | il, kind_length]);
    match short {
        Ok(length) => message.push(length),
        Err(_) => message.extend(long.to_be_bytes()),
    }
    if id_length > 0 {
        message.push(id_length);
    }
    message.extend([&record.kind[..], &record.id, &record.payload].concat());
    Ok(())
}

/// Reads the records of one message; what follows the record that ends it is ignored.
pub fn decode(message: &[u8]) -> Result<Vec<Record>, NdefError> {
    if message.len() > MAX_MESSAGE {
        return Err(NdefError::TooLong);
    }
    if message.is_empty() {
        return Err(NdefError::NoRecord);
    }
    let mut rest = message;
    let mut records: Vec<Record> = Vec::new();
    let mut in_chunks = false;
    for part_idx in 0..MAX_RECORDS {
        let part = Part::take(&mut rest)?;
        if (part.flags & MB != 0) != (part_idx == 0) {
            return Err(NdefError::OutOfOrder);
        }
        if in_chunks {
            let record = records.last_mut().ok_or(NdefError::OutOfOrder)?;
            record.payload.extend_from_slice(part.continuation()?);
        } else {
            records.push(part.record()?);
        }
        in_chunks = part.flags & CF != 0;
        if part.flags & ME != 0 {
            return if in_chunks { Err(NdefError::OutOfOrder) } else { Ok(records) };
        }
    }
    Err(NdefError::TooManyRecords)
}

/// A record as it lies in the message: whole, or a chunk of one.
struct Part<'a> {
    flags: u8,
    kind: &'a [u8],
    id: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Part<'a> {
    fn take(rest: &mut &'a [u8]) -> Result<Self, NdefError> {
        let flags = take(rest, 1)?[0];
        let kind_length = take(rest, 1)?[0];
        let n_length_bytes = if flags & SR != 0 { 1 } else { 4 };
        let length_bytes = take(rest, n_length_bytes)?;
        let payload_length =
            length_bytes.iter().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
        let id_length = if flags & IL != 0 { take(rest, 1)?[0] } else { 0 };
        let kind = take(rest, usize::from(kind_length))?;
        let id = take(rest, usize::from(id_length))?;
        let payload = take(rest, payload_length)?;
        Ok(Self { flags, kind, id, payload })
    }

    /// A record, or the first chunk of one.
    fn record(&self) -> Result<Record, NdefError> {
        let tnf = match self.flags & TNF {
            UNCHANGED => return Err(NdefError::OutOfOrder),
            bits => Tnf::from_bits(bits).ok_or(NdefError::BadRecord)?,
        };
        let (kind, id) = (self.kind.to_vec(), self.id.to_vec());
        let record = Record { tnf, kind, id, payload: self.payload.to_vec() };
        record.check()?;
        Ok(record)
    }

    /// The payload of a middle or last chunk (§2.3.3).
    fn continuation(&self) -> Result<&'a [u8], NdefError> {
        if self.flags & TNF != UNCHANGED {
            return Err(NdefError::OutOfOrder);
        }
        let is_sound = self.kind.is_empty() && self.flags & IL == 0;
        if is_sound { Ok(self.payload) } else { Err(NdefError::BadRecord) }
    }
}

fn take<'a>(rest: &mut &'a [u8], n_bytes: usize) -> Result<&'a [u8], NdefError> {
    let (taken, after) = rest.split_at_checked(n_bytes).ok_or(NdefError::CutOff)?;
    *rest = after;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn badge() -> Vec<Record> {
        let mut card = Record::mime("text/vcard", &[b'x'; 300]);
        card.id = b"card".to_vec();
        vec![Record::uri("https://www.example.org/t/A"), card, Record::mime("text/plain", b"hi")]
    }

    #[test]
    fn a_uri_record_has_the_form_of_the_standard() {
        // RTD URI 1.0, Annex A.1: http://www.nfc.com.
        let message = [0xd1, 0x01, 0x08, 0x55, 0x01, 0x6e, 0x66, 0x63, 0x2e, 0x63, 0x6f, 0x6d];
        let records = [Record::uri("http://www.nfc.com")];
        assert_eq!(encode(&records).unwrap(), message);
        assert_eq!(decode(&message).unwrap(), records);
        assert_eq!(records[0].as_uri().unwrap(), "http://www.nfc.com");
    }

    #[test]
    fn short_and_long_records_with_and_without_id_survive() {
        let message = encode(&badge()).unwrap();
        assert_eq!(decode(&message).unwrap(), badge());
        let longest_short = encode(&[Record::mime("a/b", &[0; 255])]).unwrap();
        assert_eq!(longest_short[..3], [0xd2, 3, 255]);
        let long_with_id = &message[20..][..11];
        assert_eq!(long_with_id, [0x0a, 10, 0, 0, 1, 0x2c, 4, b't', b'e', b'x', b't']);
    }

    #[test]
    fn chunks_are_joined() {
        let message =
            [&[0xb2, 3, 2][..], b"a/bHe", &[0x36, 0, 0], &[0x36, 0, 2], b"ll", &[0x56, 0, 1], b"o"]
                .concat();
        assert_eq!(decode(&message).unwrap(), [Record::mime("a/b", b"Hello")]);
    }

    #[test]
    fn records_out_of_order_are_refused() {
        for (message, why) in [
            (&[0x50, 0, 0][..], "no begin"),
            (&[0x90, 0, 0, 0xd0, 0, 0], "begins twice"),
            (&[0xf5, 0, 0], "ends inside a chunk"),
            (&[0xd6, 0, 0], "a chunk of nothing"),
            (&[0xb5, 0, 0, 0x55, 0, 0], "a record among chunks"),
        ] {
            assert_eq!(decode(message), Err(NdefError::OutOfOrder), "{why}");
        }
    }

    #[test]
    fn records_that_contradict_themselves_are_refused() {
        for (message, why) in [
            (&[0xd0, 0, 1, 7][..], "empty with payload"),
            (&[0xd1, 0, 0], "well known without type"),
            (&[0xd5, 1, 0, b'x'], "unknown with type"),
            (&[0xd7, 0, 0], "reserved"),
            (&[0xb5, 0, 0, 0x5e, 0, 0, 0], "a chunk with id"),
        ] {
            assert_eq!(decode(message), Err(NdefError::BadRecord), "{why}");
        }
        let odd = Record { kind: Vec::new(), ..Record::mime("a/b", b"") };
        assert_eq!(encode(&[odd]), Err(NdefError::BadRecord));
    }

    #[test]
    fn limits_hold() {
        assert_eq!(decode(&[]), Err(NdefError::NoRecord));
        assert_eq!(encode(&[]), Err(NdefError::NoRecord));
        assert_eq!(decode(&vec![0; MAX_MESSAGE + 1]), Err(NdefError::TooLong));
        let big = Record::mime("a/b", &vec![0; MAX_MESSAGE]);
        assert_eq!(encode(&[big]), Err(NdefError::TooLong));
        let many = [&[0x95, 0, 0][..], &[0x15, 0, 0].repeat(MAX_RECORDS)].concat();
        assert_eq!(decode(&many), Err(NdefError::TooManyRecords));
        assert_eq!(decode(&[0xc5, 0, 0xff, 0xff, 0xff, 0xff, 1]), Err(NdefError::CutOff));
    }

    #[test]
    fn a_vcard_is_found_under_its_old_and_new_names() {
        for kind in ["text/vcard", "text/x-vCard", "TEXT/VCARD; charset=utf-8", "text/directory"] {
            let records = [Record::uri("https://a.example"), Record::mime(kind, b"BEGIN:VCARD")];
            assert_eq!(vcard(&records), Some(&b"BEGIN:VCARD"[..]), "{kind}");
        }
        assert_eq!(vcard(&[Record::mime("text/vcardx", b"")]), None);
        assert_eq!(vcard(&[Record::uri("text/vcard")]), None);
    }

    #[test]
    fn debug_shows_no_content() {
        let record = Record::mime("text/vcard", b"secret");
        assert_eq!(format!("{record:?}"), "Record(Mime \"text/vcard\", 6 bytes)");
    }

    #[test]
    fn every_truncation_is_noticed() {
        let message = encode(&badge()).unwrap();
        for length in 1..message.len() {
            assert_eq!(decode(&message[..length]), Err(NdefError::CutOff), "{length} bytes");
        }
    }

    #[test]
    fn every_single_byte_change_is_decoded_or_refused() {
        let message = encode(&badge()).unwrap();
        for at in 0..message.len() {
            for value in 0..=u8::MAX {
                let mut changed = message.clone();
                changed[at] = value;
                if let Ok(records) = decode(&changed) {
                    let _ = (vcard(&records), records[0].as_uri());
                    assert_eq!(decode(&encode(&records).unwrap()).unwrap(), records);
                }
            }
        }
    }
}
