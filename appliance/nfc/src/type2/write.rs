//! Which pages of an NTAG to write so that it holds one message and nothing else. Pure: it is given
//! the memory as it is and lists the writes. A tag that is torn away in between reads as before, as
//! empty, or as done, never as part of a message: one page switches it, and that goes last.

use super::ntag::{Ntag, STATIC_LOCK_PAGE, USER_PAGE};
use super::{
    CC_ADDRESS, CC_BYTES, CC_MAGIC, FIRST_PAGE, LONG_LENGTH, MAJOR_VERSION, NDEF_MESSAGE,
    PAGE_BYTES, TERMINATOR,
};
use crate::unwritable::Unwritable;

/// Access byte of the capability container: reading is free, writing is not (T2T §6.1).
const READ_ONLY: u8 = 0x0f;
/// An NDEF message of no bytes, and nothing behind it.
const NOTHING: [u8; 3] = [NDEF_MESSAGE, 0, TERMINATOR];

/// One page and what it shall hold. Lock bits and the capability container only ever gain bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageWrite {
    /// The page.
    pub page: u8,
    /// Its four bytes.
    pub bytes: [u8; PAGE_BYTES],
}

impl PageWrite {
    /// What is sent to the tag, without its CRC.
    #[must_use]
    pub fn frame(&self) -> Vec<u8> {
        [&[super::ntag::WRITE, self.page], &self.bytes[..]].concat()
    }
}

/// How to write a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WritePlan {
    /// Writes in this order.
    pub writes: Vec<PageWrite>,
    /// What pages 3 and following must then read.
    wanted: Vec<u8>,
    /// Writes that lock it for good, in this order; only after [`WritePlan::is_done`].
    pub locks: Vec<PageWrite>,
    tag: Ntag,
}

impl WritePlan {
    /// For `tag` with this memory, from page 0 to [`Ntag::last_page`]. What is as it shall be is not
    /// written; what is left of another message is overwritten with zeros.
    ///
    /// # Errors
    /// Why it cannot be written, before anything is changed.
    ///
    /// # Panics
    /// If the memory ends before [`Ntag::last_page`].
    pub fn new(tag: Ntag, memory: &[u8], message: &[u8], lock: bool) -> Result<Self, Unwritable> {
        let capacity = tag.capacity();
        if message.len() > capacity {
            return Err(Unwritable::TooSmall { capacity });
        }
        let container = container(tag, memory)?;
        let wanted = [&container[..], &data_area(tag, message)].concat();
        let writes = writes(tag, memory, &wanted);
        let is_read_only = container[3] != 0;
        let is_kept = |write: &PageWrite| tag.is_locked(memory, write.page);
        if !writes.is_empty() && is_read_only || writes.iter().any(is_kept) {
            return Err(Unwritable::Locked);
        }
        let locks = if lock { locks(tag, container) } else { Vec::new() };
        Ok(Self { writes, wanted, locks, tag })
    }

    /// Whether `memory`, read back from page 0 on, is as it shall be.
    #[must_use]
    pub fn is_done(&self, memory: &[u8]) -> bool {
        memory.get(CC_ADDRESS..).is_some_and(|memory| memory.starts_with(&self.wanted))
    }

    /// Whether `memory`, read back from page 0 on after [`WritePlan::locks`], can change no more.
    #[must_use]
    pub fn is_locked(&self, memory: &[u8]) -> bool {
        let pages = FIRST_PAGE..self.tag.lock_page;
        memory.len() > usize::from(self.tag.last_page()) * PAGE_BYTES
            && memory[CC_ADDRESS + 3] == READ_ONLY
            && pages.into_iter().all(|page| self.tag.is_locked(memory, page))
    }
}

/// The capability container as it shall be: what is there, and what is missing. It may say that
/// the tag is read-only already.
fn container(tag: Ntag, memory: &[u8]) -> Result<[u8; CC_BYTES], Unwritable> {
    let fresh = [CC_MAGIC, MAJOR_VERSION << 4, tag.size_byte, 0];
    let found = page(memory, FIRST_PAGE);
    // Bits cannot be cleared. A later minor version and a read-only tag are fine.
    let may_be_set = [CC_MAGIC, MAJOR_VERSION << 4 | 0x0f, tag.size_byte, READ_ONLY];
    if (0..CC_BYTES).any(|at| found[at] & !may_be_set[at] != 0) {
        return Err(Unwritable::OtherUse);
    }
    Ok(std::array::from_fn(|at| found[at] | fresh[at]))
}

/// The whole data area with this message.
fn data_area(tag: Ntag, message: &[u8]) -> Vec<u8> {
    let mut memory = [tag.prefix, &[NDEF_MESSAGE]].concat();
    match u8::try_from(message.len()) {
        Ok(length) if length < LONG_LENGTH => memory.push(length),
        _ => {
            let length = u16::try_from(message.len()).expect("no tag holds 64 KiB");
            memory.push(LONG_LENGTH);
            memory.extend(length.to_be_bytes());
        }
    }
    memory.extend_from_slice(message);
    // A message that fills the tag needs no terminator (T2T §2.3.6).
    memory.push(TERMINATOR);
    memory.resize(tag.area_bytes(), 0);
    memory
}

/// The writes that make `wanted`, which begins at the capability container, of `memory`.
fn writes(tag: Ntag, memory: &[u8], wanted: &[u8]) -> Vec<PageWrite> {
    let wanted_page = |page: u8| PageWrite { page, bytes: self::page(wanted, page - FIRST_PAGE) };
    let changes = |page: &u8| self::page(memory, *page) != wanted_page(*page).bytes;
    let pages = FIRST_PAGE..USER_PAGE + page_count(tag.area_bytes());
    let changed: Vec<u8> = pages.filter(changes).collect();
    let switch = switch_page(tag, memory);
    if changed.iter().all(|&page| page == switch) {
        return changed.into_iter().map(wanted_page).collect();
    }
    let off = PageWrite { page: switch, bytes: switched_off(tag, switch) };
    let is_off = page(memory, switch) == off.bytes;
    let others = changed.into_iter().filter(|&page| page != switch).map(wanted_page);
    let mut writes: Vec<PageWrite> = others.collect();
    if !is_off {
        writes.insert(0, off);
    }
    if wanted_page(switch) != off {
        writes.push(wanted_page(switch));
    }
    writes
}

/// The page that makes the tag read as empty or not, whatever the others hold: the first one or, if
/// that stays as it is, the one with the message's length.
fn switch_page(tag: Ntag, memory: &[u8]) -> u8 {
    let n_whole = tag.prefix.len() / PAGE_BYTES * PAGE_BYTES;
    let start = usize::from(USER_PAGE) * PAGE_BYTES;
    let is_prefixed = memory[start..].starts_with(&tag.prefix[..n_whole]);
    if is_prefixed { USER_PAGE + page_count(n_whole) } else { USER_PAGE }
}

fn switched_off(tag: Ntag, switch: u8) -> [u8; PAGE_BYTES] {
    let before = usize::from(switch - USER_PAGE) * PAGE_BYTES;
    let prefix = tag.prefix.get(before..).filter(|_| before > 0).unwrap_or_default();
    let mut bytes = [0; PAGE_BYTES];
    for (byte, value) in bytes.iter_mut().zip(prefix.iter().chain(&NOTHING)) {
        *byte = *value;
    }
    bytes
}

/// Most pages first, the capability container before the bit that locks it.
fn locks(tag: Ntag, container: [u8; CC_BYTES]) -> Vec<PageWrite> {
    let [low, high, own] = tag.lock_all;
    let [magic, version, size, _] = container;
    vec![
        PageWrite { page: tag.lock_page, bytes: [low, high, own, 0] },
        PageWrite { page: FIRST_PAGE, bytes: [magic, version, size, READ_ONLY] },
        PageWrite { page: STATIC_LOCK_PAGE, bytes: [0, 0, 0xff, 0xff] },
    ]
}

/// Page `page` of `memory`, which begins with page 0.
fn page(memory: &[u8], page: u8) -> [u8; PAGE_BYTES] {
    let start = usize::from(page) * PAGE_BYTES;
    memory[start..][..PAGE_BYTES].try_into().expect("four bytes are four bytes")
}

fn page_count(n_bytes: usize) -> u8 {
    u8::try_from(n_bytes / PAGE_BYTES).expect("no tag here has 256 pages")
}

#[cfg(test)]
mod tests;
