//! How long frames take on the air at 106 kbit/s, counted in periods of the carrier. Pure; nobody
//! waits for these times.
//! Sources: ISO/IEC 14443-3:2018 §6.2 (frames, frame delay times) and NXP's NTAG213/215/216 data
//! sheet §10.4 (programming time). Every frame delay is the shortest that is allowed; the guard time
//! after the field went on and a fruitless search count nothing.

use std::time::Duration;

/// Frequency of the carrier in Hz.
const CARRIER: u128 = 13_560_000;
/// Periods in a bit: the elementary time unit is 128/fc (§6.2.1).
const BIT: u64 = 128;
/// Shortest pause between two frames in either direction, in periods (§6.2.1.1).
const FRAME_DELAY: u64 = 1172;
/// Bits that begin and end a reader's frame: start, and an end of two bits (§6.2.3).
const READER_MARKS: u64 = 3;
/// Bits that begin and end a card's frame.
const CARD_MARKS: u64 = 2;
/// Eight bits and parity.
const BITS_PER_BYTE: u64 = 9;
/// CRC_A.
const CHECKSUM: usize = 2;
/// A tag's time to program a page before it acknowledges, typical.
pub(crate) const PROGRAMMING: Duration = Duration::from_micros(4100);

/// So many periods of the carrier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Periods(u64);

impl std::ops::Add for Periods {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::iter::Sum for Periods {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| sum + one)
    }
}

impl From<Periods> for Duration {
    fn from(periods: Periods) -> Self {
        let nanoseconds = u128::from(periods.0) * 1_000_000_000 / CARRIER;
        Self::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

/// Bits between marks, and the delay before the next frame may begin.
fn frame(bits: u64, marks: u64) -> Periods {
    Periods((bits + marks) * BIT + FRAME_DELAY)
}

fn bits(bytes: usize) -> u64 {
    BITS_PER_BYTE * bytes as u64
}

/// A reader's frame of so many bytes, checksum not counted but sent, and the delay behind it.
pub(crate) fn from_reader(bytes: usize) -> Periods {
    frame(bits(bytes + CHECKSUM), READER_MARKS)
}

/// A card's frame of so many bytes, checksum not counted but sent, and the delay behind it.
pub(crate) fn from_card(bytes: usize) -> Periods {
    frame(bits(bytes + CHECKSUM), CARD_MARKS)
}

/// A tag's four bits, which have neither parity nor checksum, and the delay behind them.
pub(crate) fn nibble() -> Periods {
    frame(4, CARD_MARKS)
}

/// REQA and its answer, then for each cascade level anticollision and selection (§6.5). The
/// identifier has 4 or 7 bytes.
pub(crate) fn activation(identifier: usize) -> Periods {
    let request = frame(7, READER_MARKS) + frame(bits(2), CARD_MARKS);
    let level =
        frame(bits(2), READER_MARKS) + frame(bits(5), CARD_MARKS) + from_reader(7) + from_card(1);
    let levels = if identifier > 4 { 2 } else { 1 };
    request + (0..levels).map(|_| level).sum()
}

/// A command of so many bytes and an answer of so many.
fn exchange(command: usize, answer: usize) -> Periods {
    from_reader(command) + from_card(answer)
}

/// READ: 16 bytes.
fn read() -> Periods {
    exchange(2, 16)
}

/// FAST_READ of so many pages of 4 bytes.
fn fast_read(pages: usize) -> Periods {
    exchange(3, 4 * pages)
}

/// User bytes that the first READ brings behind the capability container on page 3.
const BESIDE_THE_CONTAINER: usize = 12;

/// The shortest time on the air in which a Type 2 tag with an identifier of 7 bytes can be read
/// whose NDEF message has so many bytes: activation, READ of page 3 (capability container and the
/// message's length), and one FAST_READ of all the rest, however long, each after the shortest delay
/// that the standard allows. The terminator is not read.
///
/// ```
/// let bound = pn532_simulator::shortest_read(395);
/// assert_eq!(bound.as_micros() / 100, 404);
/// ```
pub fn shortest_read(message: usize) -> Duration {
    shortest_read_in(message, usize::MAX)
}

/// The same when no FAST_READ brings more than so many pages.
///
/// # Panics
/// If no page may be read.
pub fn shortest_read_in(message: usize, pages_at_once: usize) -> Duration {
    let rest = (message + length_field(message)).saturating_sub(BESIDE_THE_CONTAINER);
    let pages = rest.div_ceil(4);
    let whole = (0..pages / pages_at_once).map(|_| fast_read(pages_at_once)).sum();
    let last = match pages % pages_at_once {
        0 => Periods::default(),
        left => fast_read(left),
    };
    (activation(7) + read() + whole + last).into()
}

/// Type and length before a message (NFC Forum Type 2 Tag, TLV blocks).
fn length_field(message: usize) -> usize {
    if message < 0xFF { 2 } else { 4 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(time: Duration) -> f64 {
        time.as_secs_f64() * 1000.0
    }

    fn is_about(time: Duration, expected: f64) -> bool {
        (milliseconds(time) / expected - 1.0).abs() < 0.02
    }

    #[test]
    fn an_activation_with_seven_bytes_takes_4_6_milliseconds() {
        assert!(is_about(activation(7).into(), 4.6));
        assert!(activation(4).0 < activation(7).0);
    }

    #[test]
    fn a_message_of_395_bytes_takes_what_the_standard_makes_it_take() {
        let reads = (395_usize + 4 + 4).div_ceil(16);
        assert_eq!(reads, 26);
        let by_read: Periods = activation(7) + (0..reads).map(|_| read()).sum();
        assert!(is_about(by_read.into(), 58.9));
        assert!(is_about(shortest_read_in(395, 15), 45.3));
        assert!(is_about(shortest_read_in(395, 62), 41.2));
        assert!(is_about(shortest_read(395), 40.4));
    }

    #[test]
    fn a_short_message_needs_no_second_command() {
        let once: Duration = (activation(7) + read()).into();
        assert_eq!([shortest_read(0), shortest_read(10)], [once, once]);
        assert!(shortest_read(11) > once);
    }
}
