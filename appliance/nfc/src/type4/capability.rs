//! The capability container of a Type 4 tag (T4T 2.0 §5.1, 3.0 §4.2): which file holds the message,
//! and how it may be read and written. Pure.

use super::{CC_FILE, EXTENDED_FILE_CONTROL, FREE, NDEF_FILE_CONTROL};
use crate::unreadable::Unreadable;

/// Bytes that every container has: its own length, version, MLe, MLc and one NDEF File Control TLV.
pub(super) const SHORTEST: usize = 15;
/// A container that is longer is looked at as far as this.
const LONGEST: usize = 255;
/// Length, mapping version, MLe, MLc.
const HEAD: usize = 7;
/// The mapping versions, upper half of the version byte.
const MAPPINGS: [u8; 2] = [2, 3];
/// Identifiers that no NDEF file may have (T4T 2.0 §5.1, table 5).
const RESERVED: [[u8; 2]; 6] =
    [[0, 0], [0xe1, 0x02], CC_FILE, [0x3f, 0x00], [0x3f, 0xff], [0xff, 0xff]];

/// The file with the message, as the container describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NdefFile {
    pub(super) id: [u8; 2],
    /// Its size in bytes, length field included.
    pub(super) size: usize,
    /// Bytes of the length field before the message: 2, or 4 in an extended file.
    pub(super) length_bytes: usize,
    /// Most bytes of one READ BINARY (MLe), at least 1.
    pub(super) max_read: usize,
    /// Most bytes of one UPDATE BINARY (MLc), at least 1.
    pub(super) max_write: usize,
    pub(super) is_readable: bool,
    pub(super) is_writable: bool,
}

impl NdefFile {
    /// Longest message in bytes that the file holds.
    pub(super) fn capacity(&self) -> usize {
        self.size - self.length_bytes
    }
}

/// What the bytes read so far tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// The first so many bytes are needed.
    Missing(usize),
    /// The first file with a message.
    File(NdefFile),
}

pub(super) fn parse(bytes: &[u8]) -> Result<Container, Unreadable> {
    let Some(&[l1, l2, version, e1, e2, c1, c2]) = bytes.first_chunk::<HEAD>() else {
        return Ok(Container::Missing(SHORTEST));
    };
    if !MAPPINGS.contains(&(version >> 4)) {
        return Err(Unreadable::NotNdef);
    }
    let end = number(&[l1, l2]).min(LONGEST);
    let mut at = HEAD;
    loop {
        // The length byte FFh, which announces two more, is for files of no concern here.
        let value_start = at + 2;
        if value_start > end {
            return Err(Unreadable::NotNdef);
        }
        let Some(&[tag, length]) = bytes.get(at..value_start) else {
            return Ok(Container::Missing(value_start));
        };
        at = value_start + usize::from(length);
        if at > end {
            return Err(Unreadable::Damaged);
        }
        if tag != NDEF_FILE_CONTROL && tag != EXTENDED_FILE_CONTROL {
            continue;
        }
        let Some(value) = bytes.get(value_start..at) else { return Ok(Container::Missing(at)) };
        return file(tag, value, number(&[e1, e2]), number(&[c1, c2])).map(Container::File);
    }
}

fn file(tag: u8, value: &[u8], mle: usize, mlc: usize) -> Result<NdefFile, Unreadable> {
    let (id, size, read_access, write_access, length_bytes) = match (tag, value) {
        (NDEF_FILE_CONTROL, &[i1, i2, s1, s2, read, write]) => {
            ([i1, i2], number(&[s1, s2]), read, write, 2)
        }
        (EXTENDED_FILE_CONTROL, &[i1, i2, s1, s2, s3, s4, read, write]) => {
            ([i1, i2], number(&[s1, s2, s3, s4]), read, write, 4)
        }
        _ => return Err(Unreadable::Damaged),
    };
    if RESERVED.contains(&id) || size < length_bytes || mle == 0 || mlc == 0 {
        return Err(Unreadable::Damaged);
    }
    Ok(NdefFile {
        id,
        size,
        length_bytes,
        max_read: mle,
        max_write: mlc,
        is_readable: read_access == FREE,
        is_writable: write_access == FREE,
    })
}

/// The number that bytes stand for, most significant first.
pub(super) fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Mapping 2, MLe 59, MLc 52, file E104 of 50 bytes, free.
    pub(crate) const PLAIN: [u8; 15] =
        [0, 15, 0x20, 0, 0x3b, 0, 0x34, 4, 6, 0xe1, 0x04, 0, 0x32, 0, 0];
    /// Mapping 3, a proprietary file, then an extended one of 64 KiB that nobody may write.
    pub(crate) const EXTENDED: [u8; 25] = [
        0, 25, 0x30, 0, 0xff, 0, 0xff, 5, 6, 0xe1, 0x05, 0, 9, 0x80, 0x80, 6, 8, 0xe1, 0x04, 0, 1,
        0, 0, 0, 0xff,
    ];

    #[test]
    fn a_container_of_mapping_2_describes_its_file() {
        let file = NdefFile {
            id: [0xe1, 0x04],
            size: 50,
            length_bytes: 2,
            max_read: 59,
            max_write: 52,
            is_readable: true,
            is_writable: true,
        };
        assert_eq!(parse(&[]), Ok(Container::Missing(SHORTEST)));
        assert_eq!(parse(&PLAIN), Ok(Container::File(file)));
        assert_eq!(file.capacity(), 48);
    }

    #[test]
    fn an_extended_file_of_mapping_3_has_a_long_length() {
        assert_eq!(parse(&EXTENDED[..15]), Ok(Container::Missing(17)));
        assert_eq!(parse(&EXTENDED[..17]), Ok(Container::Missing(25)));
        let Ok(Container::File(file)) = parse(&EXTENDED) else { panic!("no file") };
        assert_eq!((file.size, file.length_bytes, file.is_writable), (0x1_0000, 4, false));
    }

    #[test]
    fn what_is_no_container_or_lies_is_refused() {
        for (at, value, reason) in [
            (2, 0x10, Unreadable::NotNdef),
            (2, 0x40, Unreadable::NotNdef),
            (1, 8, Unreadable::NotNdef),
            (1, 14, Unreadable::Damaged),
            (4, 0, Unreadable::Damaged),
            (6, 0, Unreadable::Damaged),
            (8, 5, Unreadable::Damaged),
            (10, 0x03, Unreadable::Damaged),
            (12, 1, Unreadable::Damaged),
        ] {
            let mut container = PLAIN;
            container[at] = value;
            assert_eq!(parse(&container), Err(reason), "byte {at}");
        }
    }

    #[test]
    fn every_single_byte_change_asks_for_more_within_limits_or_ends() {
        for good in [&PLAIN[..], &EXTENDED] {
            for at in 0..good.len() {
                for value in 0..=u8::MAX {
                    let mut container = good.to_vec();
                    container[at] = value;
                    container.resize(LONGEST, value);
                    let mut known = 0;
                    while let Ok(Container::Missing(end)) = parse(&container[..known]) {
                        assert!(known < end && end <= LONGEST);
                        known = end;
                    }
                }
            }
        }
    }
}
