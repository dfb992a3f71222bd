//! Where the NDEF message lies in a Type 2 tag (NFC Forum Type 2 Tag 1.0, "T2T"). Pure: it is
//! given the memory read so far and says which pages to read next. It reads one sector, 1 KiB, which
//! holds every NTAG213, 215, 216 and MIFARE Ultralight; it does not look into the message.
//!
//! - [`ask`]: the commands that read pages.
//! - [`reach`]: how many pages one of them may fetch.
//! - [`ntag`]: the tags that are written, and where their locks are.
//! - [`write`]: which pages to write, and in which order.

pub mod ask;
pub mod ntag;
pub mod reach;
pub mod write;

use std::ops::Range;

use crate::unreadable::Unreadable;

/// Bytes of one page, which T2T calls a block.
pub const PAGE_BYTES: usize = 4;
/// The page of the capability container (T2T §6.1); everything before it is the chip maker's.
pub const FIRST_PAGE: u8 = 3;

const CC_ADDRESS: usize = FIRST_PAGE as usize * PAGE_BYTES;
const AREA_START: usize = CC_ADDRESS + CC_BYTES;
const CC_BYTES: usize = 4;
/// First byte of the capability container of a tag that is formatted for NDEF.
const CC_MAGIC: u8 = 0xe1;
/// The only major version of the mapping.
const MAJOR_VERSION: u8 = 1;
/// The size byte of the capability container counts units of this many bytes.
const SIZE_UNIT: usize = 8;

/// TLV blocks (T2T §2.3).
const NULL: u8 = 0x00;
const LOCK_CONTROL: u8 = 0x01;
const MEMORY_CONTROL: u8 = 0x02;
const NDEF_MESSAGE: u8 = 0x03;
const TERMINATOR: u8 = 0xfe;
/// A length byte that says that two more follow.
const LONG_LENGTH: u8 = 0xff;

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Plan {
    /// Read on from page `first`, where the memory ends; as far as is known by now, up to `last`.
    Read {
        /// The first page that is not yet in memory.
        first: u8,
        /// The last page that is known to be needed.
        last: u8,
    },
    /// The NDEF message, whole.
    Done(Vec<u8>),
}

/// Looks at `memory`, the bytes of the tag from [`FIRST_PAGE`] on as far as they were read.
///
/// # Errors
/// Why there is no message, whatever the rest of the memory may hold.
pub fn plan(memory: &[u8]) -> Result<Plan, Unreadable> {
    match message(memory) {
        Ok(message) => Ok(Plan::Done(message)),
        Err(Stop::Unreadable(reason)) => Err(reason),
        Err(Stop::Missing { end }) => {
            let next = usize::from(FIRST_PAGE) + memory.len() / PAGE_BYTES;
            let first = u8::try_from(next).map_err(|_| Unreadable::TooBig)?;
            let last =
                u8::try_from(end.div_ceil(PAGE_BYTES) - 1).map_err(|_| Unreadable::TooBig)?;
            Ok(Plan::Read { first, last: last.max(first) })
        }
    }
}

/// Why the walk ends without a message.
enum Stop {
    /// Memory up to this address (exclusive) must be read first.
    Missing {
        end: usize,
    },
    Unreadable(Unreadable),
}

impl From<Unreadable> for Stop {
    fn from(reason: Unreadable) -> Self {
        Self::Unreadable(reason)
    }
}

fn message(memory: &[u8]) -> Result<Vec<u8>, Stop> {
    let mut walk = Walk::start(memory)?;
    loop {
        if walk.is_at_end() {
            return Err(Unreadable::Empty.into());
        }
        match walk.byte()? {
            NULL => {}
            TERMINATOR => return Err(Unreadable::Empty.into()),
            NDEF_MESSAGE => {
                let message = walk.value()?;
                return if message.is_empty() {
                    Err(Unreadable::Empty.into())
                } else {
                    Ok(message)
                };
            }
            kind @ (LOCK_CONTROL | MEMORY_CONTROL) => {
                let value = walk.value()?;
                walk.reserved.push(reserved_area(kind, &value)?);
            }
            // Proprietary (FDh) and whatever a later version may add.
            _ => drop(walk.value()?),
        }
    }
}

/// The bytes that a lock or memory control TLV takes out of the data area (T2T §2.3.2, §2.3.3).
fn reserved_area(kind: u8, value: &[u8]) -> Result<Range<usize>, Unreadable> {
    let &[position, size, page_control] = value else { return Err(Unreadable::Damaged) };
    let page_address = usize::from(position >> 4);
    let offset = usize::from(position & 0x0f);
    let start = (page_address << (page_control & 0x0f)) + offset;
    // Zero stands for 256.
    let size = if size == 0 { 256 } else { usize::from(size) };
    let n_bytes = if kind == LOCK_CONTROL { size.div_ceil(8) } else { size };
    Ok(start..start + n_bytes)
}

/// A way through the data area, by address in the tag.
struct Walk<'a> {
    memory: &'a [u8],
    at: usize,
    end: usize,
    reserved: Vec<Range<usize>>,
}

impl<'a> Walk<'a> {
    fn start(memory: &'a [u8]) -> Result<Self, Stop> {
        let Some(&[magic, version, size, access]) = memory.first_chunk::<CC_BYTES>() else {
            // One READ gives the capability container and three pages more.
            return Err(Stop::Missing { end: CC_ADDRESS + 4 * PAGE_BYTES });
        };
        if magic != CC_MAGIC || version >> 4 != MAJOR_VERSION {
            return Err(Unreadable::NotNdef.into());
        }
        // The upper half of the access byte is about reading; 0 means free (T2T §6.1).
        if access >> 4 != 0 {
            return Err(Unreadable::Protected.into());
        }
        let end = AREA_START + usize::from(size) * SIZE_UNIT;
        Ok(Self { memory, at: AREA_START, end, reserved: Vec::new() })
    }

    /// Steps over reserved bytes; true at the end of the data area.
    fn is_at_end(&mut self) -> bool {
        while let Some(area) = self.reserved.iter().find(|area| area.contains(&self.at)) {
            self.at = area.end;
        }
        self.at >= self.end
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        Ok(self.bytes(1)?[0])
    }

    fn bytes(&mut self, n_bytes: usize) -> Result<Vec<u8>, Stop> {
        let mut bytes = Vec::new();
        for _ in 0..n_bytes {
            if self.is_at_end() {
                return Err(Unreadable::Damaged.into());
            }
            bytes.extend(self.memory.get(self.at - CC_ADDRESS));
            self.at += 1;
        }
        if bytes.len() < n_bytes {
            return Err(Stop::Missing { end: self.at });
        }
        Ok(bytes)
    }

    /// Length and value of a TLV block (T2T §2.3: one byte, or FFh and two).
    fn value(&mut self) -> Result<Vec<u8>, Stop> {
        let length = match self.byte()? {
            LONG_LENGTH => {
                let bytes = self.bytes(2)?;
                usize::from(bytes[0]) << 8 | usize::from(bytes[1])
            }
            short => usize::from(short),
        };
        self.bytes(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The memory from the capability container on, as [`plan`] gets it, with `size` units of 8 bytes.
    fn memory(size: u8, area: &[u8]) -> Vec<u8> {
        let mut memory = vec![0xe1, 0x10, size, 0x00];
        memory.extend_from_slice(area);
        memory.resize(CC_BYTES + usize::from(size) * SIZE_UNIT + 4 * PAGE_BYTES, 0);
        memory
    }

    /// Plays the reader: reads four pages at a time as long as the plan asks for more.
    #[track_caller]
    fn read(tag: &[u8]) -> (Result<Vec<u8>, Unreadable>, usize) {
        let mut known = Vec::new();
        for n_reads in 0.. {
            match plan(&known) {
                Ok(Plan::Done(message)) => return (Ok(message), n_reads),
                Err(reason) => return (Err(reason), n_reads),
                Ok(Plan::Read { first, last }) => {
                    assert!(last >= first);
                    let start = (usize::from(first) - usize::from(FIRST_PAGE)) * PAGE_BYTES;
                    assert_eq!(start, known.len());
                    known.extend_from_slice(&tag[start..start + 4 * PAGE_BYTES]);
                }
            }
        }
        unreachable!("the plan ends")
    }

    fn ndef(message: &[u8]) -> Vec<u8> {
        let length = u16::try_from(message.len()).unwrap().to_be_bytes();
        match message.len() {
            0..0xff => [&[0x03, length[1]], message, &[0xfe]].concat(),
            _ => [&[0x03, 0xff, length[0], length[1]], message, &[0xfe]].concat(),
        }
    }

    #[test]
    fn a_message_is_read_with_no_page_too_many() {
        let message: Vec<u8> = (0..10).collect();
        assert_eq!(read(&memory(0x12, &ndef(&message))), (Ok(message), 1));
        let message: Vec<u8> = (0..=254).chain(0..100).collect();
        // 12 bytes of the area come with the first READ, 16 with each further one.
        assert_eq!(read(&memory(0x3e, &ndef(&message))), (Ok(message), 1 + 347_usize.div_ceil(16)));
    }

    #[test]
    fn the_last_needed_page_is_known_as_soon_as_the_length_is() {
        let tag = memory(0x3e, &ndef(&[7; 400]));
        assert_eq!(plan(&[]), Ok(Plan::Read { first: 3, last: 6 }));
        assert_eq!(plan(&tag[..16]), Ok(Plan::Read { first: 7, last: 104 }));
    }

    #[test]
    fn other_blocks_are_stepped_over() {
        let area = [&[0, 0, 0xfd, 3, 3, 3, 3, 0x01, 3, 0xa0, 0x0c, 0x34][..], &ndef(b"hello")];
        assert_eq!(read(&memory(0x12, &area.concat())).0, Ok(b"hello".to_vec()));
    }

    #[test]
    fn reserved_bytes_inside_the_message_are_left_out() {
        // Two bytes reserved at page 8, byte 1 (address 33 = 8 × 2² + 1).
        let control = [0x02, 3, 0x81, 2, 0x02];
        let area = [&control[..], &[0x03, 20], b"0123456789", b"--", b"abcdefghij"].concat();
        assert_eq!(read(&memory(0x12, &area)).0, Ok(b"0123456789abcdefghij".to_vec()));
        // Twelve lock bits at the same place take two bytes as well.
        let control = [0x01, 3, 0x81, 12, 0x02];
        let area = [&control[..], &[0x03, 20], b"0123456789", b"--", b"abcdefghij"].concat();
        assert_eq!(read(&memory(0x12, &area)).0, Ok(b"0123456789abcdefghij".to_vec()));
    }

    #[test]
    fn size_zero_reserves_256_bytes() {
        let control = [0x02, 3, 0x81, 0, 0x02];
        let area = [&control[..], &[0x03, 20], b"0123456789", &[b'-'; 256], b"abcdefghij"].concat();
        assert_eq!(read(&memory(0x3e, &area)).0, Ok(b"0123456789abcdefghij".to_vec()));
    }

    #[test]
    fn a_message_may_fill_the_data_area_and_not_a_byte_more() {
        let area = |length: u8| [&[0x03, length][..], &[7; 48]].concat();
        assert_eq!(read(&memory(0x06, &area(46))).0, Ok(vec![7; 46]));
        assert_eq!(read(&memory(0x06, &area(47))).0, Err(Unreadable::Damaged));
    }

    #[test]
    fn each_kind_of_bad_tag_has_its_reason() {
        let good = memory(0x12, &ndef(b"x"));
        let with = |at: usize, value: u8| {
            let mut tag = good.clone();
            tag[at] = value;
            read(&tag).0
        };
        assert_eq!(with(0, 0x00), Err(Unreadable::NotNdef));
        assert_eq!(with(1, 0x20), Err(Unreadable::NotNdef));
        assert_eq!(with(3, 0x80), Err(Unreadable::Protected));
        assert_eq!(with(3, 0x0f), Ok(b"x".to_vec()), "read-only is fine");
        assert_eq!(with(5, 0), Err(Unreadable::Empty));
        assert_eq!(with(4, 0xfe), Err(Unreadable::Empty));
        assert_eq!(with(5, 200), Err(Unreadable::Damaged));
        assert_eq!(read(&memory(0x12, &[0x02, 1, 0])).0, Err(Unreadable::Damaged));
        assert_eq!(read(&memory(0x06, &[])).0, Err(Unreadable::Empty), "nothing but NULL");
        assert_eq!(read(&memory(0xff, &ndef(&[1; 1100]))).0, Err(Unreadable::TooBig));
    }

    #[test]
    fn every_single_byte_change_ends() {
        let area = [&[0x02, 3, 0x81, 2, 0x02, 0xfd, 1, 9][..], &ndef(b"hello, world")].concat();
        let good = memory(0x06, &area);
        for at in 0..CC_BYTES + area.len() {
            for value in 0..=u8::MAX {
                let mut tag = good.clone();
                tag[at] = value;
                tag.resize(4096, 0);
                let _ = read(&tag);
            }
        }
    }
}
