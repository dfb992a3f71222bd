//! The frames of the host link: finds them in a byte stream and writes them.
//! Source: PN532 User Manual UM0701-02 §6.2.1. Knows nothing of commands, links or time.

/// What the chip sends when it has understood a frame (§6.2.1.3).
pub(crate) const ACK: [u8; 6] = [0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00];
/// What the chip answers to a command it cannot make sense of (§6.2.1.5).
pub(crate) const SYNTAX_ERROR: [u8; 8] = [0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00];

/// Longest packet in bytes, frame identifier included (§6.2.1.2).
pub(crate) const LONGEST_PACKET: usize = 265;

/// One thing that the host said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// An acknowledge; towards the chip it means: give up what you are doing.
    Ack,
    /// Send your last answer again.
    Nack,
    /// A packet with valid checksums, frame identifier included.
    Packet(Vec<u8>),
}

/// Collects bytes and yields what they contain. Wake-up bytes and damaged frames are skipped,
/// as the chip does: it answers neither.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    buffer: Vec<u8>,
}

enum Scan {
    Complete { incoming: Incoming, used: usize },
    Damaged { used: usize },
    Incomplete,
}

impl Decoder {
    /// Adds bytes as they came over the line.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether the beginning of a frame waits for its rest.
    pub(crate) fn is_mid_frame(&self) -> bool {
        self.buffer.len() > 1
    }

    /// Forgets a frame whose rest never came.
    pub(crate) fn reset(&mut self) {
        self.buffer.clear();
    }

    /// The next thing the host said, or nothing until more bytes come.
    pub(crate) fn next_incoming(&mut self) -> Option<Incoming> {
        loop {
            let Some(start) = self.buffer.windows(2).position(|pair| pair == [0x00, 0xFF]) else {
                let keep = usize::from(self.buffer.last() == Some(&0x00));
                self.buffer.drain(..self.buffer.len() - keep);
                return None;
            };
            self.buffer.drain(..start);
            match scan(&self.buffer[2..]) {
                Scan::Complete { incoming, used } => {
                    self.buffer.drain(..2 + used);
                    return Some(incoming);
                }
                Scan::Damaged { used } => {
                    self.buffer.drain(..2 + used);
                }
                Scan::Incomplete => return None,
            }
        }
    }
}

/// Reads what follows a start code.
fn scan(bytes: &[u8]) -> Scan {
    let (length, header) = match bytes {
        [0x00, 0xFF, ..] => return Scan::Complete { incoming: Incoming::Ack, used: 2 },
        [0xFF, 0x00, ..] => return Scan::Complete { incoming: Incoming::Nack, used: 2 },
        [0xFF, 0xFF, high, low, check, ..] => {
            if sum(&[*high, *low, *check]) != 0 {
                return Scan::Damaged { used: 2 };
            }
            (usize::from(u16::from_be_bytes([*high, *low])), 5)
        }
        [] | [_] | [0xFF, 0xFF, ..] => return Scan::Incomplete,
        [length, check, ..] if length.wrapping_add(*check) == 0 => (usize::from(*length), 2),
        _ => return Scan::Damaged { used: 0 },
    };
    if length == 0 || length > LONGEST_PACKET {
        return Scan::Damaged { used: header };
    }
    let Some(body) = bytes.get(header..=header + length) else {
        return Scan::Incomplete;
    };
    let used = header + length + 1;
    if sum(body) != 0 {
        return Scan::Damaged { used };
    }
    Scan::Complete { incoming: Incoming::Packet(body[..length].to_vec()), used }
}

/// Wraps a packet (frame identifier included) into a normal or, above 255 bytes, an extended frame.
pub(crate) fn encode(packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x00, 0x00, 0xFF];
    if let Ok(length) = u8::try_from(packet.len()) {
        frame.extend([length, length.wrapping_neg()]);
    } else {
        let length = u16::try_from(packet.len()).expect("a packet is at most 265 bytes long");
        let [high, low] = length.to_be_bytes();
        frame.extend([0xFF, 0xFF, high, low, high.wrapping_add(low).wrapping_neg()]);
    }
    frame.extend_from_slice(packet);
    frame.extend([sum(packet).wrapping_neg(), 0x00]);
    frame
}

/// Flips one bit of the data checksum of an encoded frame.
pub(crate) fn spoil_checksum(frame: &mut [u8]) {
    if let Some(at) = frame.len().checked_sub(2) {
        frame[at] ^= 0x01;
    }
}

/// Bytes without sense, as many as this frame has, the same for the same frame: a linear
/// congruential generator with the constants of ISO/IEC 9899.
pub(crate) fn garbage(frame: &[u8]) -> Vec<u8> {
    let mut state = frame.iter().fold(1_u32, |seed, byte| seed.rotate_left(5) ^ u32::from(*byte));
    let mut next = || {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        state.to_le_bytes()[2]
    };
    frame.iter().map(|_| next()).collect()
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NACK: [u8; 6] = [0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00];
    const GET_FIRMWARE: [u8; 9] = [0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD4, 0x02, 0x2A, 0x00];

    fn all(bytes: &[u8]) -> Vec<Incoming> {
        let mut decoder = Decoder::default();
        decoder.push(bytes);
        std::iter::from_fn(|| decoder.next_incoming()).collect()
    }

    #[test]
    fn the_manuals_frames_are_written_byte_for_byte() {
        assert_eq!(encode(&[0xD4, 0x02]), GET_FIRMWARE);
        assert_eq!(
            encode(&[0xD5, 0x03, 0x32, 0x01, 0x06, 0x07]),
            [0x00, 0x00, 0xFF, 0x06, 0xFA, 0xD5, 0x03, 0x32, 0x01, 0x06, 0x07, 0xE8, 0x00]
        );
        assert_eq!(encode(&[0x7F]), SYNTAX_ERROR);
    }

    #[test]
    fn a_packet_of_256_bytes_travels_in_an_extended_frame() {
        let mut packet = vec![0xD4, 0x00];
        packet.resize(256, 0x5A);
        let frame = encode(&packet);
        assert_eq!(frame[..8], [0x00, 0x00, 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0xFF]);
        assert_eq!(all(&frame), [Incoming::Packet(packet)]);
    }

    #[test]
    fn wake_up_bytes_before_a_frame_are_skipped() {
        let mut bytes = vec![0x55, 0x55, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00];
        bytes.extend(GET_FIRMWARE);
        assert_eq!(all(&bytes), [Incoming::Packet(vec![0xD4, 0x02])]);
    }

    #[test]
    fn ack_nack_and_packets_may_follow_each_other_at_once() {
        let bytes = [&ACK[..], &GET_FIRMWARE, &NACK, &ACK].concat();
        assert_eq!(
            all(&bytes),
            [Incoming::Ack, Incoming::Packet(vec![0xD4, 0x02]), Incoming::Nack, Incoming::Ack]
        );
    }

    #[test]
    fn a_frame_may_come_one_byte_at_a_time() {
        let mut decoder = Decoder::default();
        let mut found = Vec::new();
        for byte in GET_FIRMWARE {
            decoder.push(&[byte]);
            found.extend(decoder.next_incoming());
        }
        assert_eq!(found, [Incoming::Packet(vec![0xD4, 0x02])]);
    }

    #[test]
    fn a_damaged_frame_is_skipped_and_the_next_one_understood() {
        let mut bytes = encode(&[0xD4, 0x02]);
        spoil_checksum(&mut bytes);
        bytes.extend(GET_FIRMWARE);
        assert_eq!(all(&bytes), [Incoming::Packet(vec![0xD4, 0x02])]);
    }

    #[test]
    fn garbage_holds_no_frame() {
        for length in [1, 2, 20, 255, 262] {
            let frame = encode(&vec![0xD5; length]);
            let garbage = garbage(&frame);
            assert_eq!(garbage.len(), frame.len());
            assert_eq!(all(&garbage), [], "{garbage:02x?}");
        }
    }

    #[test]
    fn no_truncation_and_no_changed_byte_makes_the_decoder_panic() {
        let long = encode(&[0xD4; 260]);
        for frame in [&GET_FIRMWARE[..], &ACK, &NACK, &long] {
            for length in 0..frame.len() {
                all(&frame[..length]);
            }
            for at in 0..frame.len() {
                for value in 0..=255 {
                    let mut changed = frame.to_vec();
                    changed[at] = value;
                    all(&changed);
                }
            }
        }
    }
}
