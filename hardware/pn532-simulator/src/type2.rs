//! Type 2 tags: their memory and how they answer a frame. The frames here carry no CRC.
//! Source: NXP product data sheet NTAG213/215/216, rev. 3.2; sections are given where they matter.
//! Not simulated: counter and mirror functions, the limit of wrong passwords, the originality
//! signature (READ_SIG answers zeros).

use crate::model::{Model, PAGE, USER};
use crate::tag::Reply;

/// The 4-bit acknowledge (§9.3).
pub(crate) const ACK: Reply = Reply::Nibble(0xA);
/// Invalid argument (§9.3).
const NAK: Reply = Reply::Nibble(0x0);
/// Where the lock bytes and the capability container are.
const STATIC_LOCK: usize = 10;
const CONTAINER: usize = 12;
/// PROT in the access byte: reading needs the password, too (§8.5.7).
const PROTECTS_READING: u8 = 0x80;

/// One tag.
#[derive(Debug, Clone)]
pub(crate) struct Type2 {
    model: Model,
    memory: Vec<u8>,
    /// Page of a COMPATIBILITY_WRITE whose bytes have not come yet (§10.5).
    compatible: Option<usize>,
    /// The right password has come since the tag was selected.
    authenticated: bool,
}

impl Type2 {
    /// A tag as delivered (§8.5) except that its capability container and user memory are empty.
    pub(crate) fn blank(model: Model, uid: [u8; 7]) -> Self {
        let mut memory = vec![0; model.pages() * PAGE];
        let [a, b, c, d, e, f, g] = uid;
        memory[..10].copy_from_slice(&[a, b, c, 0x88 ^ a ^ b ^ c, d, e, f, g, d ^ e ^ f ^ g, 0x48]);
        if let Some(lock) = model.dynamic_lock() {
            memory[lock * PAGE..].copy_from_slice(&[
                0x00, 0x00, 0x00, 0xBD, 0x04, 0x00, 0x00, 0xFF, 0x00, 0x05, 0x00, 0x00, 0xFF, 0xFF,
                0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00,
            ]);
        }
        Self { model, memory, compatible: None, authenticated: false }
    }

    /// A tag with a capability container and this NDEF message, which must fit.
    pub(crate) fn with_message(model: Model, uid: [u8; 7], message: &[u8]) -> Self {
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
        let container = [0xE1, 0x10, model.size_byte(), 0x00];
        Self::with_image(model, uid, &[&container, &user[..]].concat())
    }

    /// A tag with these bytes from the capability container on, which must fit.
    pub(crate) fn with_image(model: Model, uid: [u8; 7], image: &[u8]) -> Self {
        let mut this = Self::blank(model, uid);
        this.memory[CONTAINER..][..image.len()].copy_from_slice(image);
        this
    }

    /// Bytes of an image that fit between capability container and end of the user memory.
    pub(crate) fn room(model: Model) -> usize {
        model.dynamic_lock().unwrap_or(model.pages()) * PAGE - CONTAINER
    }

    /// Sets all lock bits and says so in the capability container.
    pub(crate) fn lock(&mut self) {
        self.memory[CONTAINER + 3] = 0x0F;
        self.memory[STATIC_LOCK..][..2].fill(0xFF);
        if let Some(page) = self.model.dynamic_lock() {
            self.memory[page * PAGE..][..3].fill(0xFF);
        }
    }

    /// Guards the user memory with a password, for reading and writing.
    pub(crate) fn protect(&mut self, password: [u8; 4]) {
        if let Some(lock) = self.model.dynamic_lock() {
            self.memory[(lock + 1) * PAGE + 3] = u8::try_from(USER).expect("a small number");
            self.memory[(lock + 2) * PAGE] |= PROTECTS_READING;
            self.memory[(lock + 3) * PAGE..][..PAGE].copy_from_slice(&password);
        }
    }

    /// The seven bytes of the identifier.
    pub(crate) fn uid(&self) -> [u8; 7] {
        let m = &self.memory;
        [m[0], m[1], m[2], m[4], m[5], m[6], m[7]]
    }

    /// The whole memory as a reader with the password sees it: password and PACK read as zeros
    /// (§8.5.7).
    pub(crate) fn readable(&self) -> Vec<u8> {
        let mut bytes = self.memory.clone();
        if let Some(lock) = self.model.dynamic_lock() {
            bytes[(lock + 3) * PAGE..].fill(0);
        }
        bytes
    }

    /// Selected anew: nothing of an earlier session counts.
    pub(crate) fn select(&mut self) {
        self.compatible = None;
        self.authenticated = false;
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
            [0x30, page] if usize::from(page) < self.first_hidden() => self.read(usize::from(page)),
            [0xA2, page, a, b, c, d] => self.write(usize::from(page), [a, b, c, d]),
            [0xA0, page] if usize::from(page) < pages => {
                self.compatible = Some(usize::from(page));
                ACK
            }
            _ if self.model == Model::Ultralight => NAK,
            [0x60] => self.model.version().map_or(NAK, |version| Reply::Frame(version.to_vec())),
            [0x3A, first, last] if first <= last && usize::from(last) < self.first_hidden() => {
                let range = usize::from(first) * PAGE..(usize::from(last) + 1) * PAGE;
                Reply::Frame(self.readable()[range].to_vec())
            }
            [0x1B, a, b, c, d] if self.password() == [a, b, c, d] => {
                self.authenticated = true;
                Reply::Frame(self.memory[(pages - 1) * PAGE..][..2].to_vec())
            }
            [0x3C, 0x00] => Reply::Frame(vec![0; 32]),
            _ => NAK,
        }
    }

    /// Four pages, continuing with page 0 after the last one that may be read (§10.2).
    fn read(&self, page: usize) -> Reply {
        let bytes = &self.readable()[..self.first_hidden() * PAGE];
        Reply::Frame(bytes.iter().copied().cycle().skip(page * PAGE).take(4 * PAGE).collect())
    }

    fn password(&self) -> &[u8] {
        &self.memory[(self.model.pages() - 2) * PAGE..][..PAGE]
    }

    /// First page that needs the password for writing, AUTH0, and whether reading needs it (§8.5.7).
    fn guarded(&self) -> Option<(usize, bool)> {
        let lock = self.model.dynamic_lock()?;
        let [first, access] = [self.memory[(lock + 1) * PAGE + 3], self.memory[(lock + 2) * PAGE]];
        (!self.authenticated).then_some((usize::from(first), access & PROTECTS_READING != 0))
    }

    /// The page behind the last one that may be read.
    fn first_hidden(&self) -> usize {
        match self.guarded() {
            Some((first, true)) => first.min(self.model.pages()),
            Some(_) | None => self.model.pages(),
        }
    }

    /// One page (§10.4). Lock bytes and the capability container can only gain bits (§8.5.2, §8.5.6).
    fn write(&mut self, page: usize, bytes: [u8; 4]) -> Reply {
        let guarded = self.guarded().is_some_and(|(first, _)| page >= first);
        if page < 2 || page >= self.model.pages() || guarded || self.is_locked(page) {
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
            _ if Some(page) == dynamic => {
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
        let statics = u16::from_le_bytes([self.memory[STATIC_LOCK], self.memory[STATIC_LOCK + 1]]);
        match (page, self.model.dynamic_lock()) {
            (0..=2, _) => false,
            // Bits 0 to 2 freeze the lock bits themselves, bits 3 to 15 lock pages 3 to 15.
            (3..=15, _) => statics & (1 << page) != 0,
            (_, Some(dynamic)) if page < dynamic => {
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
    const NTAGS: [Model; 3] = [Model::Ntag213, Model::Ntag215, Model::Ntag216];
    const ALL: [Model; 4] = [Model::Ntag213, Model::Ntag215, Model::Ntag216, Model::Ultralight];

    fn tag(model: Model, message: &[u8]) -> Type2 {
        Type2::with_message(model, UID, message)
    }

    fn frame(reply: Reply) -> Vec<u8> {
        match reply {
            Reply::Frame(bytes) => bytes,
            other => panic!("no frame but {other:x?}"),
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
        let versions = NTAGS.map(|model| frame(tag(model, &[]).receive(&[0x60])));
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
            assert_eq!(tag.receive(&[0x30, last + 1]), NAK);
        }
        for model in NTAGS {
            let mut tag = self::tag(model, &[]);
            let last = u8::try_from(model.pages() - 1).unwrap();
            assert_eq!(frame(tag.receive(&[0x3A, 0, last])), tag.readable());
            assert_eq!(tag.receive(&[0x3A, 0, last + 1]), NAK);
            assert_eq!(tag.receive(&[0x3A, 5, 4]), NAK);
        }
    }

    #[test]
    fn a_message_may_fill_the_tag() {
        for (model, capacity) in ALL.into_iter().zip([137, 492, 868, 46]) {
            assert_eq!(model.capacity(), capacity);
            tag(model, &vec![0x11; capacity]);
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

    #[test]
    fn an_ultralight_knows_only_reading_and_writing() {
        let mut tag = tag(Model::Ultralight, &[0xD0, 0, 0]);
        assert_eq!(frame(tag.receive(&[0x30, 3]))[..7], [0xE1, 0x10, 0x06, 0x00, 0x03, 3, 0xD0]);
        for unknown in [&[0x60][..], &[0x3A, 4, 5], &[0x1B, 0xFF, 0xFF, 0xFF, 0xFF], &[0x3C, 0]] {
            assert_eq!(tag.receive(unknown), NAK);
        }
        assert_eq!(tag.receive(&[0xA2, 15, 1, 2, 3, 4]), ACK);
        assert_eq!(tag.receive(&[0xA2, 16, 1, 2, 3, 4]), NAK);
    }

    #[test]
    fn the_capability_container_can_only_gain_bits() {
        let mut tag = Type2::blank(Model::Ntag213, UID);
        assert_eq!(tag.receive(&[0xA2, 3, 0xE1, 0x10, 0x12, 0x00]), ACK);
        assert_eq!(tag.receive(&[0xA2, 3, 0x00, 0x00, 0x01, 0x0F]), ACK);
        assert_eq!(tag.memory[12..16], [0xE1, 0x10, 0x13, 0x0F]);
    }

    #[test]
    fn a_locked_tag_refuses_every_page_of_the_user_memory() {
        for model in ALL {
            let mut tag = tag(model, &[0xD0, 0, 0]);
            tag.lock();
            let before = tag.readable();
            let end = model.dynamic_lock().unwrap_or(model.pages());
            for page in 3..u8::try_from(end).unwrap() {
                assert_eq!(tag.receive(&[0xA2, page, 9, 9, 9, 9]), NAK, "{model:?} page {page}");
            }
            assert_eq!(tag.readable(), before);
            assert_eq!(before[12..16], [0xE1, 0x10, model.size_byte(), 0x0F]);
        }
    }

    #[test]
    fn a_protected_tag_shows_its_user_memory_only_to_those_who_know_the_password() {
        let mut tag = tag(Model::Ntag213, &[0xD0, 0, 0]);
        tag.protect([1, 2, 3, 4]);
        let first = tag.memory[..16].to_vec();
        assert_eq!(frame(tag.receive(&[0x30, 3])), [&first[12..], &first[..12]].concat());
        for refused in [&[0x30, 4][..], &[0x3A, 3, 4], &[0xA2, 5, 0, 0, 0, 0], &[0x1B, 1, 2, 3, 5]]
        {
            assert_eq!(tag.receive(refused), NAK, "{refused:x?}");
        }
        assert_eq!(tag.receive(&[0x1B, 1, 2, 3, 4]), Reply::Frame(vec![0, 0]));
        assert_eq!(frame(tag.receive(&[0x30, 4]))[5..8], [0x03, 0x03, 0xD0]);
        assert_eq!(tag.receive(&[0xA2, 5, 0, 0, 0, 0]), ACK);
        tag.select();
        assert_eq!(tag.receive(&[0x30, 4]), NAK);
    }
}
