//! NTAG213, NTAG215 and NTAG216: how they are recognised, where their memory ends and how it is
//! locked (NXP product data sheet NTAG213/215/216, rev. 3.2). Pure.

use super::PAGE_BYTES;

/// GET_VERSION (§10.1); the PN532 takes it for something else unless it is sent raw.
pub const GET_VERSION: u8 = 0x60;
/// WRITE of one page (§10.4).
pub const WRITE: u8 = 0xa2;

/// First page of the user memory (§8.5).
pub(super) const USER_PAGE: u8 = 4;
/// The page whose last two bytes are the static lock bytes (§8.5.2).
pub(super) const STATIC_LOCK_PAGE: u8 = 2;
/// Pages that static lock bits stand for; later ones have dynamic lock bits.
const STATICALLY_LOCKED: u8 = 16;

/// Answer to GET_VERSION: product type NTAG (§10.1, table 28).
const NTAG: u8 = 0x04;
/// AUTH0 lies in the first of the configuration pages, which follow the dynamic lock bytes (§8.5.7).
const AUTH0: usize = 3;

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ntag {
    /// Size byte of its capability container: data area in units of 8 bytes (§8.5.6).
    pub(super) size_byte: u8,
    /// The page with the dynamic lock bytes, first after the user memory (§8.5.3).
    pub(super) lock_page: u8,
    /// What locks every page of the user memory from 16 on, and the lock bits themselves.
    pub(super) lock_all: [u8; 3],
    /// User pages that one dynamic lock bit stands for.
    pages_per_lock: u8,
    /// TLV blocks before the message, as delivered (§8.5.6, table 7).
    pub(super) prefix: &'static [u8],
}

const NTAG213: Ntag = Ntag {
    size_byte: 0x12,
    lock_page: 0x28,
    lock_all: [0xff, 0x0f, 0x3f],
    pages_per_lock: 2,
    prefix: &[0x01, 0x03, 0xa0, 0x0c, 0x34],
};
const NTAG215: Ntag = Ntag {
    size_byte: 0x3e,
    lock_page: 0x82,
    lock_all: [0xff, 0x00, 0x0f],
    pages_per_lock: 16,
    prefix: &[],
};
const NTAG216: Ntag = Ntag {
    size_byte: 0x6d,
    lock_page: 0xe2,
    lock_all: [0xff, 0x3f, 0x7f],
    pages_per_lock: 16,
    prefix: &[],
};

impl Ntag {
    /// The tag that answers GET_VERSION like this.
    #[must_use]
    pub fn recognise(version: &[u8]) -> Option<Self> {
        let &[_, _, NTAG, _, _, _, storage, _] = version else { return None };
        match storage {
            0x0f => Some(NTAG213),
            0x11 => Some(NTAG215),
            0x13 => Some(NTAG216),
            _ => None,
        }
    }

    /// The last page that must be known before something is written: with AUTH0.
    #[must_use]
    pub fn last_page(&self) -> u8 {
        self.lock_page + 1
    }

    /// Longest message in bytes that it holds.
    #[must_use]
    pub fn capacity(&self) -> usize {
        let area = self.area_bytes() - self.prefix.len();
        // Tag and length take two bytes, or four from a message of 255 bytes on (T2T §2.3).
        if area - 2 < 0xff { area - 2 } else { area - 4 }
    }

    /// Bytes of the data area; a few bytes of user memory may follow it.
    pub(super) fn area_bytes(&self) -> usize {
        usize::from(self.size_byte) * super::SIZE_UNIT
    }

    /// Whether the lock bits or a password keep `page`, of the user memory or before, as it is.
    pub(super) fn is_locked(&self, memory: &[u8], page: u8) -> bool {
        let auth0 = memory[usize::from(self.last_page()) * PAGE_BYTES + AUTH0];
        if page >= auth0 {
            return true;
        }
        if page < STATICALLY_LOCKED {
            let at = usize::from(STATIC_LOCK_PAGE) * PAGE_BYTES + 2;
            return u16::from_le_bytes([memory[at], memory[at + 1]]) & (1 << page) != 0;
        }
        let at = usize::from(self.lock_page) * PAGE_BYTES;
        let bits = u16::from_le_bytes([memory[at], memory[at + 1]]);
        bits & (1 << ((page - STATICALLY_LOCKED) / self.pages_per_lock)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_are_told_apart_from_others() {
        let version = |storage: u8| [0, 4, 4, 2, 1, 0, storage, 3];
        assert_eq!(Ntag::recognise(&version(0x0f)).map(|tag| tag.capacity()), Some(137));
        assert_eq!(Ntag::recognise(&version(0x11)).map(|tag| tag.capacity()), Some(492));
        assert_eq!(Ntag::recognise(&version(0x13)).map(|tag| tag.capacity()), Some(868));
        assert_eq!(Ntag::recognise(&version(0x0b)), None, "NTAG210");
        assert_eq!(Ntag::recognise(&[0, 4, 3, 1, 1, 0, 0x0f, 3]), None, "MIFARE Ultralight EV1");
        assert_eq!(Ntag::recognise(&[]), None);
    }

    #[test]
    fn every_user_page_has_its_lock_bit() {
        for tag in [NTAG213, NTAG215, NTAG216] {
            let mut memory = vec![0; (usize::from(tag.last_page()) + 1) * PAGE_BYTES];
            *memory.last_mut().unwrap() = 0xff;
            let pages = || USER_PAGE..tag.lock_page;
            assert!(pages().all(|page| !tag.is_locked(&memory, page)));
            memory[10..12].fill(0xff);
            let at = usize::from(tag.lock_page) * PAGE_BYTES;
            memory[at..at + 3].copy_from_slice(&tag.lock_all);
            assert!(pages().all(|page| tag.is_locked(&memory, page)));
            // No bit of the mask is for nothing: without it, some page is free.
            let n_bits = tag.lock_all[..2].iter().map(|byte| byte.count_ones()).sum::<u32>();
            let n_pages = u32::from(tag.lock_page - STATICALLY_LOCKED);
            assert_eq!(n_bits, n_pages.div_ceil(tag.pages_per_lock.into()));
        }
    }

    #[test]
    fn a_password_locks_from_its_page_on() {
        let mut memory = vec![0; (usize::from(NTAG213.last_page()) + 1) * PAGE_BYTES];
        *memory.last_mut().unwrap() = 8;
        assert!(!NTAG213.is_locked(&memory, 7));
        assert!(NTAG213.is_locked(&memory, 8));
    }
}
