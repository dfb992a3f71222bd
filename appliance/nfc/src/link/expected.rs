//! How long the answer to a frame will be. On I2C and SPI an answer is read in one go, of a length
//! that the host chooses before it knows (user manual UM0701-02 §6.2.4, §6.2.5): too short a guess
//! costs a repetition, too long a guess the time of bytes that say nothing. Pure.

/// Around what is answered: preamble, start, length, frame identifier, code, checksum, postamble.
pub(super) const AROUND: usize = 9;
/// Enough for every answer of the chip itself, and for two tags that were found.
const ORDINARY: usize = 32;

const IN_DATA_EXCHANGE: u8 = 0x40;
const IN_COMMUNICATE_THRU: u8 = 0x42;
/// READ and FAST_READ of a Type 2 tag (NTAG213/215/216 data sheet §10.2, §10.3).
const READ: u8 = 0x30;
const FAST_READ: u8 = 0x3a;
/// READ BINARY (ISO/IEC 7816-4 §7.2.3).
const READ_BINARY: u8 = 0xb0;

/// The length that the frame answering `frame` is likely to have, in bytes.
pub(super) fn answer_to(frame: &[u8]) -> usize {
    let [_, _, _, _, _, _identifier, command, rest @ ..] = frame else { return ORDINARY };
    let said = match *command {
        IN_DATA_EXCHANGE => rest.get(1..).unwrap_or_default(),
        IN_COMMUNICATE_THRU => rest,
        _ => return AROUND + ORDINARY,
    };
    let answer = match said {
        [READ, _page, _check, _end] => 16,
        [FAST_READ, first, last, _check, _end] => {
            4 * (usize::from(last.saturating_sub(*first)) + 1)
        }
        [_class, READ_BINARY, _high, _low, length, _check, _end] => usize::from(*length) + 2,
        _ => ORDINARY,
    };
    AROUND + 1 + answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_to_command(packet: &[u8]) -> usize {
        answer_to(&[&[0, 0, 0xff, 0, 0][..], packet, &[0, 0]].concat())
    }

    #[test]
    fn reads_say_how_much_they_want() {
        assert_eq!(answer_to_command(&[0xd4, 0x40, 1, 0x30, 4]), 9 + 1 + 16);
        assert_eq!(answer_to_command(&[0xd4, 0x42, 0x3a, 4, 18]), 9 + 1 + 60);
        assert_eq!(answer_to_command(&[0xd4, 0x40, 1, 0, 0xb0, 0, 2, 0xf0]), 9 + 1 + 242);
        assert_eq!(answer_to_command(&[0xd4, 0x02]), 9 + 32);
    }

    #[test]
    fn every_frame_has_an_answer_of_some_length() {
        for length in 0..16 {
            for value in 0..=u8::MAX {
                assert!(answer_to(&vec![value; length]) >= AROUND);
            }
        }
    }
}
