//! Both halves of ISO/IEC 14443-4 block transmission, as the chip's firmware runs them: the card
//! that it emulates and the reader that it is. Frames here carry no CRC. No time, no radio: frame
//! waiting time extensions are not needed, because a simulated reader waits long enough.

use std::collections::VecDeque;

/// The request for answer to select that the reader half sends: frames of up to 256 bytes.
pub(crate) const RATS: [u8; 2] = [0xE0, 0x80];
/// S(DESELECT) without a card identifier.
pub(crate) const DESELECT: u8 = 0xC2;
/// Frame sizes by their code (ISO/IEC 14443-4:2018 table 1).
const FRAME_SIZES: [usize; 9] = [16, 24, 32, 40, 48, 64, 96, 128, 256];
/// Block type byte and CRC, which a frame holds besides its payload.
const OVERHEAD: usize = 3;
const CHAINED: u8 = 0x10;
const CID_FOLLOWS: u8 = 0x08;

fn payload_of(code: u8) -> usize {
    FRAME_SIZES.get(usize::from(code)).map_or(256, |size| *size) - OVERHEAD
}

/// The answer to select of an emulated card: frames of 64 bytes, as the PN532 says.
pub(crate) fn answer_to_select(historical: &[u8]) -> Vec<u8> {
    let length = u8::try_from(5 + historical.len()).unwrap_or(u8::MAX);
    [&[length, 0x75, 0x33, 0x92, 0x03], historical].concat()
}

/// What the card half does with a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CardStep {
    /// Send this at once.
    Reply(Vec<u8>),
    /// A whole command has come; the host shall answer it.
    Command(Vec<u8>),
    /// The reader lets go; send this as a farewell.
    Released(Vec<u8>),
    /// Not for us.
    Mute,
}

/// The card half.
#[derive(Debug, Default)]
pub(crate) struct Card {
    answer_to_select: Vec<u8>,
    /// The answer to select has been asked for.
    open: bool,
    payload: usize,
    incoming: Vec<u8>,
    outgoing: VecDeque<Vec<u8>>,
    number: u8,
    cid: Option<u8>,
    last: Vec<u8>,
}

impl Card {
    /// A card with this answer to select.
    pub(crate) fn new(answer_to_select: Vec<u8>) -> Self {
        Self { answer_to_select, payload: payload_of(0), ..Self::default() }
    }

    /// Forgets everything but what it is.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(std::mem::take(&mut self.answer_to_select));
    }

    /// Takes a frame from the reader.
    pub(crate) fn receive(&mut self, frame: &[u8]) -> CardStep {
        match *frame {
            [0xE0, parameter] => {
                self.reset();
                self.open = true;
                self.payload = payload_of(parameter >> 4);
                CardStep::Reply(self.answer_to_select.clone())
            }
            _ if !self.open => CardStep::Mute,
            [pps, ..] if pps & 0xF0 == 0xD0 => CardStep::Reply(vec![pps]),
            [pcb, ref rest @ ..] => {
                let (cid, rest) = match rest {
                    [cid, rest @ ..] if pcb & CID_FOLLOWS != 0 => (Some(*cid), rest),
                    _ => (None, rest),
                };
                self.cid = cid;
                self.block(pcb & !CID_FOLLOWS, rest)
            }
            [] => CardStep::Mute,
        }
    }

    fn block(&mut self, pcb: u8, bytes: &[u8]) -> CardStep {
        if pcb == DESELECT {
            return CardStep::Released(self.wrap(DESELECT, &[]));
        }
        match pcb & 0xE2 {
            0x02 => {
                self.number = pcb & 1;
                self.outgoing.clear();
                self.incoming.extend_from_slice(bytes);
                if pcb & CHAINED == 0 {
                    return CardStep::Command(std::mem::take(&mut self.incoming));
                }
                self.last = self.wrap(0xA2 | self.number, &[]);
                CardStep::Reply(self.last.clone())
            }
            // R(ACK) with the next number asks for the next block, any other R for the last one.
            0xA2 if pcb & CHAINED == 0 && pcb & 1 != self.number && !self.outgoing.is_empty() => {
                self.number = pcb & 1;
                CardStep::Reply(self.next_block())
            }
            0xA2 if pcb & CHAINED != 0 && pcb & 1 != self.number => {
                CardStep::Reply(self.wrap(0xA2 | self.number, &[]))
            }
            0xA2 if !self.last.is_empty() => CardStep::Reply(self.last.clone()),
            _ => CardStep::Mute,
        }
    }

    /// The host's answer to the last command; gives its first block.
    pub(crate) fn answer(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.outgoing = chunks(bytes, self.payload);
        self.next_block()
    }

    fn next_block(&mut self) -> Vec<u8> {
        let chunk = self.outgoing.pop_front().unwrap_or_default();
        let chained = if self.outgoing.is_empty() { 0 } else { CHAINED };
        self.last = self.wrap(0x02 | chained | self.number, &chunk);
        self.last.clone()
    }

    fn wrap(&self, pcb: u8, bytes: &[u8]) -> Vec<u8> {
        match self.cid {
            Some(cid) => [&[pcb | CID_FOLLOWS, cid], bytes].concat(),
            None => [&[pcb], bytes].concat(),
        }
    }
}

/// What the reader half does with a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReaderStep {
    /// Send this and wait for the next frame.
    Send(Vec<u8>),
    /// The whole answer.
    Done(Vec<u8>),
    /// The card does not follow the protocol.
    Broken,
}

/// The reader half.
#[derive(Debug)]
pub(crate) struct Reader {
    payload: usize,
    number: u8,
    outgoing: VecDeque<Vec<u8>>,
    incoming: Vec<u8>,
}

impl Reader {
    /// A reader for the card that gave this answer to select.
    pub(crate) fn new(answer_to_select: &[u8]) -> Self {
        let code = answer_to_select.get(1).map_or(2, |format| format & 0x0F);
        Self {
            payload: payload_of(code),
            number: 0,
            outgoing: VecDeque::new(),
            incoming: Vec::new(),
        }
    }

    /// Begins to send a command; gives its first block.
    pub(crate) fn command(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.outgoing = chunks(bytes, self.payload);
        self.incoming.clear();
        self.next_block()
    }

    fn next_block(&mut self) -> Vec<u8> {
        let chunk = self.outgoing.pop_front().unwrap_or_default();
        let chained = if self.outgoing.is_empty() { 0 } else { CHAINED };
        [&[0x02 | chained | self.number], &chunk[..]].concat()
    }

    /// R(NAK), which a card that is present answers (ISO/IEC 14443-4:2018 §7.5.5.2).
    pub(crate) fn presence_check(&self) -> Vec<u8> {
        vec![0xB2 | self.number]
    }

    /// Takes a frame from the card.
    pub(crate) fn receive(&mut self, frame: &[u8]) -> ReaderStep {
        let [pcb, bytes @ ..] = frame else { return ReaderStep::Broken };
        if pcb & 1 != self.number {
            return ReaderStep::Broken;
        }
        self.number ^= 1;
        match pcb & 0xE2 {
            0xA2 if !self.outgoing.is_empty() => ReaderStep::Send(self.next_block()),
            0x02 => {
                self.incoming.extend_from_slice(bytes);
                if pcb & CHAINED == 0 {
                    return ReaderStep::Done(std::mem::take(&mut self.incoming));
                }
                ReaderStep::Send(vec![0xA2 | self.number])
            }
            _ => ReaderStep::Broken,
        }
    }
}

fn chunks(bytes: &[u8], size: usize) -> VecDeque<Vec<u8>> {
    bytes.chunks(size).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A card whose answer to select has been asked for.
    fn card() -> Card {
        let mut card = Card::new(answer_to_select(&[]));
        assert_ne!(card.receive(&RATS), CardStep::Mute);
        card
    }

    /// Carries one command and its answer between the two halves.
    fn exchange(reader: &mut Reader, card: &mut Card, command: &[u8], answer: &[u8]) -> Vec<u8> {
        let mut frame = reader.command(command);
        loop {
            assert!(frame.len() <= 64 - 2, "a frame of {} bytes is too long", frame.len());
            let reply = match card.receive(&frame) {
                CardStep::Reply(reply) => reply,
                CardStep::Command(received) => {
                    assert_eq!(received, command);
                    card.answer(answer)
                }
                CardStep::Released(_) | CardStep::Mute => panic!("no reply"),
            };
            match reader.receive(&reply) {
                ReaderStep::Send(next) => frame = next,
                ReaderStep::Done(bytes) => return bytes,
                ReaderStep::Broken => panic!("broken by {reply:02x?}"),
            }
        }
    }

    #[test]
    fn commands_and_answers_of_any_length_pass_both_halves() {
        let mut card = card();
        let CardStep::Reply(ats) = card.receive(&[0xE0, 0x50]) else { panic!("no answer") };
        assert_eq!(ats, [0x05, 0x75, 0x33, 0x92, 0x03]);
        let mut reader = Reader::new(&ats);
        for length in [0, 1, 60, 61, 62, 122, 123, 250] {
            let bytes: Vec<u8> = (0..length).collect();
            assert_eq!(exchange(&mut reader, &mut card, &bytes, &bytes), bytes);
            assert_eq!(exchange(&mut reader, &mut card, &[1], &bytes), bytes);
        }
    }

    #[test]
    fn a_lost_answer_is_repeated_when_asked_for() {
        let mut card = card();
        assert_eq!(card.receive(&[0x02, 0x00, 0xA4]), CardStep::Command(vec![0x00, 0xA4]));
        let block = card.answer(&[0x90, 0x00]);
        assert_eq!(card.receive(&[0xB2]), CardStep::Reply(block));
        assert_eq!(card.receive(&[0xB3]), CardStep::Reply(vec![0xA2]), "presence check");
    }

    #[test]
    fn deselect_is_answered_in_kind() {
        let mut card = card();
        assert_eq!(card.receive(&[0xC2]), CardStep::Released(vec![0xC2]));
        assert_eq!(card.receive(&[0xCA, 0x01]), CardStep::Released(vec![0xCA, 0x01]));
    }

    #[test]
    fn no_short_frame_makes_either_half_panic() {
        for first in 0..=255 {
            for rest in [&[][..], &[0x00], &[0xFF, 0xFF]] {
                let frame = [&[first], rest].concat();
                card().receive(&frame);
                Reader::new(&frame).receive(&frame);
            }
        }
    }
}
