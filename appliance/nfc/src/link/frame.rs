//! Cuts the frames of PN532 user manual UM0701-02 §6.2.1 out of a stream of bytes.
//! It does not judge them: checksums and meaning are the business of the crate `pn532`.

/// Preamble and start of every frame (§6.2.1.1).
const START: [u8; 3] = [0x00, 0x00, 0xff];
/// Preamble, start, LEN and its checksum LCS.
const HEADER: usize = 5;
/// ACK and NACK frames (§6.2.1.3, §6.2.1.4).
const ACK_OR_NACK: usize = 6;

/// Removes the first frame from `inbox`, with all that came before it, and returns it; `None` if
/// no frame is complete yet.
///
/// Of a frame whose length fails its checksum only the header is returned. That holds for an
/// extended frame (§6.2.1.2) too, which nothing we ask for is answered with.
pub(crate) fn take(inbox: &mut Vec<u8>) -> Option<Vec<u8>> {
    let Some(start) = inbox.windows(START.len()).position(|bytes| bytes == START) else {
        let noise = inbox.len().saturating_sub(START.len() - 1);
        inbox.drain(..noise);
        return None;
    };
    inbox.drain(..start);
    let size = size(inbox)?;
    if inbox.len() < size {
        return None;
    }
    Some(inbox.drain(..size).collect())
}

/// Length of the frame at the beginning of `bytes`, as its header says; `None` if that is no header.
pub(crate) fn size(bytes: &[u8]) -> Option<usize> {
    let [0x00, 0x00, 0xff, length, check, ..] = *bytes else { return None };
    Some(match (length, check) {
        (0x00, 0xff) | (0xff, 0x00) => ACK_OR_NACK,
        _ if length.wrapping_add(check) != 0 => HEADER,
        // LEN bytes, their checksum and the postamble.
        _ => HEADER + usize::from(length) + 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACK: [u8; 6] = [0, 0, 0xff, 0, 0xff, 0];
    const NACK: [u8; 6] = [0, 0, 0xff, 0xff, 0, 0];
    const FIRMWARE: [u8; 13] = [0, 0, 0xff, 6, 0xfa, 0xd5, 3, 0x32, 1, 6, 7, 0xe8, 0];
    const ERROR: [u8; 8] = [0, 0, 0xff, 1, 0xff, 0x7f, 0x81, 0];

    #[test]
    fn frames_come_out_one_by_one_and_noise_is_dropped() {
        let mut inbox = vec![0x55, 0x00, 0x12];
        for frame in [&ACK[..], &FIRMWARE, &NACK, &ERROR] {
            inbox.extend_from_slice(frame);
            inbox.extend_from_slice(&[0x55, 0x00]);
        }
        assert_eq!(take(&mut inbox).unwrap(), ACK);
        assert_eq!(take(&mut inbox).unwrap(), FIRMWARE);
        assert_eq!(take(&mut inbox).unwrap(), NACK);
        assert_eq!(take(&mut inbox).unwrap(), ERROR);
        assert_eq!(take(&mut inbox), None);
        assert!(inbox.len() < START.len());
    }

    #[test]
    fn a_frame_is_given_only_when_its_last_byte_has_come() {
        let mut inbox = Vec::new();
        for (n_bytes, byte) in FIRMWARE.iter().enumerate() {
            assert_eq!(take(&mut inbox), None, "after {n_bytes} bytes");
            inbox.push(*byte);
        }
        assert_eq!(take(&mut inbox).unwrap(), FIRMWARE);
    }

    #[test]
    fn a_broken_length_and_an_extended_frame_give_their_header_at_once() {
        let mut inbox = vec![0, 0, 0xff, 6, 0xfb, 0xd5];
        assert_eq!(take(&mut inbox).unwrap(), [0, 0, 0xff, 6, 0xfb]);
        let mut inbox = vec![0, 0, 0xff, 0xff, 0xff, 1, 2, 0xfd];
        assert_eq!(take(&mut inbox).unwrap(), [0, 0, 0xff, 0xff, 0xff]);
    }

    #[test]
    fn every_single_byte_change_ends() {
        for at in 0..FIRMWARE.len() {
            for value in 0..=u8::MAX {
                let mut inbox = FIRMWARE.to_vec();
                inbox[at] = value;
                while take(&mut inbox).is_some() {}
            }
        }
    }
}
