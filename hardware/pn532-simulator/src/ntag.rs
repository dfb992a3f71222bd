//! NTAG213, NTAG215 and NTAG216: their memory and how they answer a frame.
//! Source: NXP product data sheet NTAG213/215/216, rev. 3.2; sections are given where they matter.
//! Not simulated: AUTH0 and password protection, counter and mirror functions, the originality
//! signature (READ_SIG answers zeros). The frames here carry no CRC.

use thiserror::Error;

const PAGE: usize = 4;
/// First page of the user memory (§8.5).
const USER: usize = 4;
/// Answer of NAK: invalid argument (§9.3).
const INVALID: u8 = 0x0;

/// Which chip is in the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// 144 bytes of user memory.
    Ntag213,
    /// 504 bytes of user memory.
    Ntag215,
    /// 888 bytes of user memory.
    Ntag216,
}

impl Model {
    /// Reads `ntag213`, `ntag215` or `ntag216`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "ntag213" => Self::Ntag213,
            "ntag215" => Self::Ntag215,
            "ntag216" => Self::Ntag216,
            _ => return None,
        })
    }

    /// Pages of 4 bytes, configuration pages included (§8.5).
    pub fn pages(self) -> usize {
        match self {
            Self::Ntag213 => 45,
            Self::Ntag215 => 135,
            Self::Ntag216 => 231,
        }
    }

    /// The page with the dynamic lock bytes, first after the user memory (§8.5.3).
    fn dynamic_lock(self) -> usize {
        self.pages() - 5
    }

    /// Pages that one dynamic lock bit guards (§8.5.3).
    fn pages_per_lock(self) -> usize {
        match self {
            Self::Ntag213 => 2,
            Self::Ntag215 | Self::Ntag216 => 16,
        }
    }

    /// Size byte of the capability container: NDEF memory in units of 8 bytes (§8.5.6).
    fn size_byte(self) -> u8 {
        match self {
            Self::Ntag213 => 0x12,
            Self::Ntag215 => 0x3E,
            Self::Ntag216 => 0x6D,
        }
    }

    /// Answer to GET_VERSION (§10.1).
    fn version(self) -> [u8; 8] {
        let storage = match self {
            Self::Ntag213 => 0x0F,
            Self::Ntag215 => 0x11,
            Self::Ntag216 => 0x13,
        };
        [0x00, 0x04, 0x04, 0x02, 0x01, 0x00, storage, 0x03]
    }

    /// What stands before the NDEF message as delivered: the NTAG213 carries a lock control TLV
    /// (§8.5.7).
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::Ntag213 => &[0x01, 0x03, 0xA0, 0x0C, 0x34],
            Self::Ntag215 | Self::Ntag216 => &[],
        }
    }

    /// Longest NDEF message in bytes that fits.
    pub fn capacity(self) -> usize {
        let tlv = usize::from(self.size_byte()) * 8 - self.prefix().len();
        if tlv - 2 < 0xFF { tlv - 2 } else { tlv - 4 }
    }
}

/// The message is longer than the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("message of {length} bytes does not fit {model:?}, which holds {capacity}")]
pub struct DoesNotFit {
    /// The tag.
    pub model: Model,
    /// Length of the message in bytes.
    pub length: usize,
    /// What the tag holds in bytes.
    pub capacity: usize,
}

/// What the tag says to a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A frame, to be followed by its CRC.
    Frame(Vec<u8>),
    /// Four bits without a CRC: A = ACK, else NAK (§9.3).
    Nibble(u8),
}

/// The 4-bit acknowledge (§9.3).
pub(crate) const ACK: Reply = Reply::Nibble(0xA);
const NAK: Reply = Reply::Nibble(INVALID);

/// One tag.
#[derive(Debug, Clone)]
pub(crate) struct Ntag {
    model: Model,
    memory: Vec<u8>,
    /// Page of a COMPATIBILITY_WRITE whose bytes have not come yet (§10.5).
    compatible: Option<usize>,
}

impl Ntag {
    /// A tag as delivered (§8.5), with this identifier and this NDEF message on it.
    pub(crate) fn with_message(
        model: Model,
        uid: [u8; 7],
        message: &[u8],
    ) -> Result<Self, DoesNotFit> {
        let capacity = model.capacity();
        if message.len() > capacity {
            return Err(DoesNotFit { model, length: message.len(), capacity });
        }
        let mut memory = vec![0; model.pages() * PAGE];
        let [a, b, c, d, e, f, g] = uid;
        memory[..10].copy_from_slice(&[a, b, c, 0x88 ^ a ^ b ^ c, d, e, f, g, d ^ e ^ f ^ g, 0x48]);
        memory[12..16].copy_from_slice(&[0xE1, 0x10, model.size_byte(), 0x00]);

        let mut user = model.prefix().to_vec();
        user.push(0x03);
        match u8::try_from(message.len()) {
            Ok(length) if length < 0xFF => user.push(length),
            Ok(_) | Err(_) => {
                let length = u16::try_from(message.len()).expect("capacity is below 64 KiB");
                user.push(0xFF);
                user.extend(length.to_be_bytes());
            }
        }
        user.extend_from_slice(message);
        user.push(0xFE);
        // A message that fills the tag to the last byte needs no terminator.
        user.truncate(usize::from(model.size_byte()) * 8);
        memory[USER * PAGE..][..user.len()].copy_from_slice(&user);

        let lock = model.dynamic_lock() * PAGE;
        memory[lock..].copy_from_slice(&[
            0x00, 0x00, 0x00, 0xBD, 0x04, 0x00, 0x00, 0xFF, 0x00, 0x05, 0x00, 0x00, 0xFF, 0xFF,
            0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00,
        ]);
        Ok(Self { model, memory, compatible: None })
    }

    /// The seven bytes of the identifier.
    pub(crate) fn uid(&self) -> [u8; 7] {
        let m = &self.memory;
        [m[0], m[1], m[2], m[4], m[5], m[6], m[7]]
    }

    /// The whole memory as a reader sees it: password and PACK read as zeros (§8.5.7).
    pub(crate) fn readable(&self) -> Vec<u8> {
        let mut bytes = self.memory.clone();
        let secret = bytes.len() - 2 * PAGE;
        bytes[secret..].fill(0);
        bytes
    }

    /// Answers one frame (§10).
    pub(crate) fn receive(&mut self, frame: &[u8]) -> Reply {
        if let Some(page) = self.compatible.take() {
            return match frame {
                [a, b, c, d, ..] if frame.len() == 16 => self.write(page, [*a, *b, *c, *d]),
                _ => NAK,
            };
        }
        let pages = self.model.pages();
        match *frame {
            [0x60] => Reply::Frame(self.model.version().to_vec()),
            [0x30, page] if usize::from(page) < pages => self.read(usize::from(page)),
            [0x3A, first, last] if first <= last && usize::from(last) < pages => {
                let range = usize::from(first) * PAGE..(usize::from(last) + 1) * PAGE;
                Reply::Frame(self.readable()[range].to_vec())
            }
            [0xA2, page, a, b, c, d] => self.write(usize::from(page), [a, b, c, d]),
            [0xA0, page] if usize::from(page) < pages => {
                self.compatible = Some(usize::from(page));
                ACK
            }
            [0x1B, a, b, c, d] if self.password() == [a, b, c, d] => {
                Reply::Frame(self.memory[(pages - 1) * PAGE..][..2].to_vec())
            }
            [0x3C, 0x00] => Reply::Frame(vec![0; 32]),
            _ => NAK,
        }
    }

    /// Four pages, continuing with page 0 after the last (§10.2).
    fn read(&self, page: usize) -> Reply {
        let bytes = self.readable();
        Reply::Frame(bytes.iter().copied().cycle().skip(page * PAGE).take(4 * PAGE).collect())
    }

    fn password(&self) -> &[u8] {
        &self.memory[(self.model.pages() - 2) * PAGE..][..PAGE]
    }

    /// One page (§10.4). Lock bytes and the capability container can only gain bits (§8.5.2, §8.5.6).
    fn write(&mut self, page: usize, bytes: [u8; 4]) -> Reply {
        if page < 2 || page >= self.model.pages() || self.is_locked(page) {
            return NAK;
        }
        let dynamic = self.model.dynamic_lock();
        let old = &mut self.memory[page * PAGE..][..PAGE];
        match page {
            2 => {
                let [low, high] = frozen_statically(old[2]).to_le_bytes();
                old[2] |= bytes[2] & !low;
                old[3] |= bytes[3] & !high;
            }
            3 => old.iter_mut().zip(bytes).for_each(|(old, new)| *old |= new),
            _ if page == dynamic => {
                let [low, high] = frozen_dynamically(old[2]).to_le_bytes();
                old[0] |= bytes[0] & !low;
                old[1] |= bytes[1] & !high;
                old[2] |= bytes[2];
            }
            _ => old.copy_from_slice(&bytes),
        }
        ACK
    }

    fn is_locked(&self, page: usize) -> bool {
        let statics = u16::from_le_bytes([self.memory[10], self.memory[11]]);
        let dynamic = self.model.dynamic_lock();
        match page {
            0..=2 => false,
            // Bits 0 to 2 freeze the lock bits themselves, bits 3 to 15 lock pages 3 to 15.
            3..=15 => statics & (1 << page) != 0,
            _ if page < dynamic => {
                let bit = (page - 16) / self.model.pages_per_lock();
                self.memory[dynamic * PAGE + bit / 8] & (1 << (bit % 8)) != 0
            }
            _ => false,
        }
    }
}

/// Static lock bits that the block-locking bits 0 to 2 hold as they are (§8.5.2).
fn frozen_statically(block_locks: u8) -> u16 {
    let masks = [0x0008, 0x03F0, 0xFC00];
    let set = (0..3).filter(|bit| block_locks & (1 << bit) != 0);
    set.fold(0, |frozen, bit| frozen | masks[bit])
}

/// Dynamic lock bits that the third byte holds as they are: two for each of its bits (§8.5.3).
fn frozen_dynamically(block_locks: u8) -> u16 {
    let set = (0..8).filter(|bit| block_locks & (1 << bit) != 0);
    set.fold(0, |frozen, bit| frozen | (0b11 << (2 * bit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: [u8; 7] = [0x04, 0xA2, 0xB3, 0xC4, 0xD5, 0xE6, 0xF7];
    const ALL: [Model; 3] = [Model::Ntag213, Model::Ntag215, Model::Ntag216];

    fn tag(model: Model, message: &[u8]) -> Ntag {
        Ntag::with_message(model, UID, message).unwrap()
    }

    fn frame(reply: Reply) -> Vec<u8> {
        match reply {
            Reply::Frame(bytes) => bytes,
            Reply::Nibble(bits) => panic!("four bits {bits:x}"),
        }
    }

    #[test]
    fn the_first_pages_are_those_of_the_data_sheet() {
        let bytes = frame(tag(Model::Ntag215, &[]).receive(&[0x30, 0]));
        assert_eq!(bytes[..4], [0x04, 0xA2, 0xB3, 0x88 ^ 0x04 ^ 0xA2 ^ 0xB3]);
        assert_eq!(bytes[4..8], [0xC4, 0xD5, 0xE6, 0xF7]);
        assert_eq!(bytes[8..12], [0xC4 ^ 0xD5 ^ 0xE6 ^ 0xF7, 0x48, 0x00, 0x00]);
        assert_eq!(bytes[12..], [0xE1, 0x10, 0x3E, 0x00]);
        assert_eq!(tag(Model::Ntag213, &[]).memory[12..16], [0xE1, 0x10, 0x12, 0x00]);
        assert_eq!(tag(Model::Ntag216, &[]).memory[12..16], [0xE1, 0x10, 0x6D, 0x00]);
    }

    #[test]
    fn empty_tags_are_as_delivered() {
        let small = tag(Model::Ntag213, &[]);
        assert_eq!(small.memory[16..24], [0x01, 0x03, 0xA0, 0x0C, 0x34, 0x03, 0x00, 0xFE]);
        assert_eq!(tag(Model::Ntag215, &[]).memory[16..20], [0x03, 0x00, 0xFE, 0x00]);
        assert_eq!(small.memory[40 * 4..43 * 4], [0, 0, 0, 0xBD, 4, 0, 0, 0xFF, 0, 5, 0, 0]);
    }

    #[test]
    fn get_version_tells_the_models_apart() {
        let versions = ALL.map(|model| frame(tag(model, &[]).receive(&[0x60])));
        assert_eq!(versions[0], [0x00, 0x04, 0x04, 0x02, 0x01, 0x00, 0x0F, 0x03]);
        assert_eq!(versions[1], [0x00, 0x04, 0x04, 0x02, 0x01, 0x00, 0x11, 0x03]);
        assert_eq!(versions[2], [0x00, 0x04, 0x04, 0x02, 0x01, 0x00, 0x13, 0x03]);
    }

    #[test]
    fn reading_rolls_over_at_the_end_and_refuses_what_lies_beyond() {
        for model in ALL {
            let mut tag = tag(model, &[]);
            let last = u8::try_from(model.pages() - 1).unwrap();
            let whole = tag.readable();
            let expected = [&whole[whole.len() - 4..], &whole[..12]].concat();
            assert_eq!(frame(tag.receive(&[0x30, last])), expected);
            assert_eq!(frame(tag.receive(&[0x3A, 0, last])), whole);
            assert_eq!(tag.receive(&[0x30, last + 1]), NAK);
            assert_eq!(tag.receive(&[0x3A, 0, last + 1]), NAK);
            assert_eq!(tag.receive(&[0x3A, 5, 4]), NAK);
        }
    }

    #[test]
    fn a_message_may_fill_the_tag_but_not_exceed_it() {
        for (model, capacity) in ALL.into_iter().zip([137, 492, 868]) {
            assert_eq!(model.capacity(), capacity);
            tag(model, &vec![0x11; capacity]);
            let refused = Ntag::with_message(model, UID, &vec![0x11; capacity + 1]).unwrap_err();
            assert_eq!(refused.length, capacity + 1);
        }
    }

    #[test]
    fn a_long_message_has_a_three_byte_length() {
        assert_eq!(tag(Model::Ntag216, &[0x55; 254]).memory[16..19], [0x03, 0xFE, 0x55]);
        assert_eq!(
            tag(Model::Ntag216, &[0x55; 255]).memory[16..21],
            [0x03, 0xFF, 0x00, 0xFF, 0x55]
        );
    }

    #[test]
    fn locked_pages_refuse_to_be_written_and_lock_bits_stay() {
        let mut tag = tag(Model::Ntag213, &[]);
        assert_eq!(tag.receive(&[0xA2, 4, 1, 2, 3, 4]), ACK);
        assert_eq!(tag.receive(&[0xA2, 2, 0xFF, 0xFF, 0x10, 0x00]), ACK);
        assert_eq!(tag.receive(&[0xA2, 2, 0, 0, 0, 0]), ACK);
        assert_eq!(tag.receive(&[0xA2, 4, 9, 9, 9, 9]), NAK);
        assert_eq!(tag.receive(&[0xA2, 5, 9, 9, 9, 9]), ACK);
        assert_eq!(tag.receive(&[0xA2, 40, 0x02, 0, 0, 0]), ACK);
        assert_eq!(tag.receive(&[0xA2, 17, 9, 9, 9, 9]), ACK);
        assert_eq!(tag.receive(&[0xA2, 18, 9, 9, 9, 9]), NAK);
        assert_eq!(tag.receive(&[0xA2, 0, 9, 9, 9, 9]), NAK);
        assert_eq!(tag.memory[16..20], [1, 2, 3, 4]);
        assert_eq!(tag.memory[8..10], [0xC4 ^ 0xD5 ^ 0xE6 ^ 0xF7, 0x48]);
    }

    #[test]
    fn block_locking_bits_freeze_the_lock_bits_they_stand_for() {
        let mut tag = tag(Model::Ntag215, &[]);
        assert_eq!(tag.receive(&[0xA2, 2, 0, 0, 0x02, 0x00]), ACK);
        assert_eq!(tag.receive(&[0xA2, 2, 0, 0, 0xF8, 0xFF]), ACK);
        assert_eq!(tag.memory[10..12], [0x0A, 0xFC]);
        assert_eq!(tag.receive(&[0xA2, 130, 0, 0, 0x01, 0]), ACK);
        assert_eq!(tag.receive(&[0xA2, 130, 0xFF, 0, 0, 0]), ACK);
        assert_eq!(tag.memory[520..524], [0xFC, 0x00, 0x01, 0xBD]);
    }

    #[test]
    fn a_compatibility_write_comes_in_two_frames() {
        let mut tag = tag(Model::Ntag213, &[]);
        assert_eq!(tag.receive(&[0xA0, 6]), ACK);
        assert_eq!(tag.receive(&[7; 16]), ACK);
        assert_eq!(tag.memory[24..32], [7, 7, 7, 7, 0, 0, 0, 0]);
    }
}
