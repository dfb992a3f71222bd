//! Commands of ISO/IEC 7816-4, and what may come back for one. Pure.

use super::{
    BY_FILE, BY_NAME, CLA, FIRST, FIRST_SILENT, GET_RESPONSE, OK, READ_BINARY, SELECT,
    UPDATE_BINARY,
};

/// Status word, first byte: as many bytes more, as the second says, wait for GET RESPONSE.
const MORE: u8 = 0x61;
/// Status word, first byte: ask again for as many bytes as the second says.
const WRONG_LE: u8 = 0x6c;
/// A card that sends on detours more often goes round in circles.
const MAX_DETOURS: u8 = 4;
/// Longest answer of a command with a length byte (§5.1).
const MAX_ANSWER: usize = 256;

/// One command, with the detours to its answer (§5.3.4).
#[derive(Debug)]
pub(super) struct Talk {
    command: Vec<u8>,
    collected: Vec<u8>,
    n_detours: u8,
}

/// What became of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Not yet an answer: send [`Talk::command`], which is another one now.
    Detour,
    /// Done, with these bytes.
    Done(Vec<u8>),
    /// This status word instead.
    Refused([u8; 2]),
    /// Nothing that ISO/IEC 7816-4 knows.
    Garbled,
}

impl Talk {
    pub(super) fn new(command: Vec<u8>) -> Self {
        Self { command, collected: Vec::new(), n_detours: 0 }
    }

    pub(super) fn command(&self) -> &[u8] {
        &self.command
    }

    pub(super) fn hear(&mut self, answer: &[u8]) -> Outcome {
        let Some((bytes, &status)) = answer.split_last_chunk::<2>() else {
            return Outcome::Garbled;
        };
        self.collected.extend_from_slice(bytes);
        if self.collected.len() > MAX_ANSWER {
            return Outcome::Garbled;
        }
        match status {
            OK => Outcome::Done(std::mem::take(&mut self.collected)),
            [MORE | WRONG_LE, _] if self.n_detours == MAX_DETOURS => Outcome::Garbled,
            [MORE, length] => self.detour(vec![CLA, GET_RESPONSE, 0, 0, length]),
            [WRONG_LE, length] => {
                let mut command = std::mem::take(&mut self.command);
                command.pop();
                command.push(length);
                self.detour(command)
            }
            _ => Outcome::Refused(status),
        }
    }

    fn detour(&mut self, command: Vec<u8>) -> Outcome {
        self.n_detours += 1;
        self.command = command;
        Outcome::Detour
    }
}

/// SELECT an application by name; the answer may describe it.
pub(super) fn select_application(name: &[u8; 7]) -> Vec<u8> {
    [&[CLA, SELECT, BY_NAME, FIRST, 7], &name[..], &[0]].concat()
}

/// SELECT a file of the application.
pub(super) fn select_file(file: [u8; 2]) -> Vec<u8> {
    [&[CLA, SELECT, BY_FILE, FIRST_SILENT, 2], &file[..]].concat()
}

/// READ BINARY of `length` bytes, 1 to 255, from `offset`, below 32 KiB.
pub(super) fn read_binary(offset: usize, length: usize) -> Vec<u8> {
    let [high, low] = two_bytes(offset);
    vec![CLA, READ_BINARY, high, low, one_byte(length)]
}

/// UPDATE BINARY of 1 to 255 bytes at `offset`, below 32 KiB.
pub(super) fn update_binary(offset: usize, bytes: &[u8]) -> Vec<u8> {
    let [high, low] = two_bytes(offset);
    [&[CLA, UPDATE_BINARY, high, low, one_byte(bytes.len())], bytes].concat()
}

fn two_bytes(offset: usize) -> [u8; 2] {
    u16::try_from(offset).expect("no message is longer than 8 KiB").to_be_bytes()
}

fn one_byte(length: usize) -> u8 {
    u8::try_from(length).expect("steps are what one exchange carries at most")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_the_form_of_the_standard() {
        // T4T 2.0, appendix C: detection of an NDEF message.
        let name = super::super::NDEF_APPLICATION;
        let select = [0x00, 0xa4, 0x04, 0x00, 7, 0xd2, 0x76, 0, 0, 0x85, 1, 1, 0];
        assert_eq!(select_application(&name), select);
        assert_eq!(select_file([0xe1, 0x03]), [0x00, 0xa4, 0x00, 0x0c, 2, 0xe1, 0x03]);
        assert_eq!(read_binary(0x1234, 15), [0x00, 0xb0, 0x12, 0x34, 15]);
        assert_eq!(update_binary(2, b"ab"), [0x00, 0xd6, 0, 2, 2, b'a', b'b']);
    }

    #[test]
    fn an_answer_may_come_at_once_or_in_parts() {
        let mut talk = Talk::new(read_binary(0, 15));
        assert_eq!(talk.hear(&[1, 2, 0x90, 0]), Outcome::Done(vec![1, 2]));
        let mut talk = Talk::new(read_binary(0, 15));
        assert_eq!(talk.hear(&[1, 0x61, 2]), Outcome::Detour);
        assert_eq!(talk.command(), [0, 0xc0, 0, 0, 2]);
        assert_eq!(talk.hear(&[2, 3, 0x90, 0]), Outcome::Done(vec![1, 2, 3]));
    }

    #[test]
    fn a_command_is_repeated_with_the_length_that_the_card_wants() {
        let mut talk = Talk::new(read_binary(0, 15));
        assert_eq!(talk.hear(&[0x6c, 7]), Outcome::Detour);
        assert_eq!(talk.command(), read_binary(0, 7));
    }

    #[test]
    fn a_refusal_is_told_and_circles_end() {
        assert_eq!(Talk::new(vec![]).hear(&[0x6a, 0x82]), Outcome::Refused([0x6a, 0x82]));
        for short in [&[][..], &[0x90]] {
            assert_eq!(Talk::new(vec![]).hear(short), Outcome::Garbled);
        }
        for detour in [[0x61, 1], [0x6c, 1]] {
            let mut talk = Talk::new(read_binary(0, 15));
            let n_detours = (0..10).take_while(|_| talk.hear(&detour) == Outcome::Detour).count();
            assert_eq!(n_detours, usize::from(MAX_DETOURS));
        }
        assert_eq!(Talk::new(vec![]).hear(&[0; 300]), Outcome::Garbled);
    }
}
