//! Reads the message of a Type 4 tag (T4T §5.4.1 to §5.4.6). Pure: a command out, its answer in. It
//! does not look into the message.

use super::NOT_ALLOWED;
use super::capability::{NdefFile, number};
use super::opening::Opening;
use super::talk::{Outcome, Talk, read_binary};
use crate::ndef::MAX_MESSAGE;
use crate::unreadable::Unreadable;

/// Most bytes that one READ BINARY asks for: with the status word they fill one exchange of the
/// PN532, see [`crate::chip::MAX_EXCHANGE`].
pub const MAX_READ: usize = 250;

/// One reading of a tag. Send [`Reading::command`], give the answer to [`Reading::hear`], and so on.
#[derive(Debug)]
pub struct Reading {
    state: State,
}

#[derive(Debug)]
enum State {
    Opening(Opening),
    Length { file: NdefFile, talk: Talk },
    Content { file: NdefFile, talk: Talk, length: usize, message: Vec<u8> },
}

impl Default for Reading {
    fn default() -> Self {
        Self { state: State::Opening(Opening::new()) }
    }
}

impl Reading {
    /// The command to send now.
    #[must_use]
    pub fn command(&self) -> &[u8] {
        match &self.state {
            State::Opening(opening) => opening.command(),
            State::Length { talk, .. } | State::Content { talk, .. } => talk.command(),
        }
    }

    /// Takes the answer to the command; the message, once it is whole.
    ///
    /// # Errors
    /// Why there is no message. The reading is over then.
    pub fn hear(&mut self, answer: &[u8]) -> Result<Option<Vec<u8>>, Unreadable> {
        match &mut self.state {
            State::Opening(opening) => {
                let Some(file) = opening.hear(answer)? else { return Ok(None) };
                if !file.is_readable {
                    return Err(Unreadable::Protected);
                }
                let talk = Talk::new(read_binary(0, file.length_bytes));
                self.state = State::Length { file, talk };
            }
            State::Length { file, talk } => {
                let Some(bytes) = heard(talk, answer, file.length_bytes)? else { return Ok(None) };
                let length = length(file, &bytes)?;
                let (file, message) = (*file, Vec::new());
                let talk = Talk::new(next_part(&file, length, 0));
                self.state = State::Content { file, talk, length, message };
            }
            State::Content { file, talk, length, message } => {
                let most = *length - message.len();
                let Some(bytes) = heard(talk, answer, most.min(MAX_READ))? else {
                    return Ok(None);
                };
                message.extend(bytes);
                if message.len() == *length {
                    return Ok(Some(std::mem::take(message)));
                }
                *talk = Talk::new(next_part(file, *length, message.len()));
            }
        }
        Ok(None)
    }
}

/// The bytes of an answer, of which there must be some and `most` at most.
fn heard(talk: &mut Talk, answer: &[u8], most: usize) -> Result<Option<Vec<u8>>, Unreadable> {
    match talk.hear(answer) {
        Outcome::Detour => Ok(None),
        Outcome::Done(bytes) if !bytes.is_empty() && bytes.len() <= most => Ok(Some(bytes)),
        Outcome::Refused(NOT_ALLOWED) => Err(Unreadable::Protected),
        Outcome::Done(_) | Outcome::Refused(_) | Outcome::Garbled => Err(Unreadable::Damaged),
    }
}

/// The length of the message, from the length field.
fn length(file: &NdefFile, field: &[u8]) -> Result<usize, Unreadable> {
    match number(field) {
        _ if field.len() != file.length_bytes => Err(Unreadable::Damaged),
        0 => Err(Unreadable::Empty),
        length if length > file.capacity() => Err(Unreadable::Damaged),
        length if length > MAX_MESSAGE => Err(Unreadable::TooBig),
        length => Ok(length),
    }
}

/// Reads on where the first `known` bytes of the message end.
fn next_part(file: &NdefFile, length: usize, known: usize) -> Vec<u8> {
    let n_bytes = (length - known).min(file.max_read).min(MAX_READ);
    read_binary(file.length_bytes + known, n_bytes)
}

#[cfg(test)]
mod tests {
    use super::super::capability::tests::{EXTENDED, PLAIN};
    use super::super::{NOT_FOUND, OK};
    use super::*;

    /// A card that answers from files, as T4T wants it.
    struct Card {
        container: Vec<u8>,
        file: Vec<u8>,
        selected: Option<Vec<u8>>,
    }

    impl Card {
        fn new(container: &[u8], length_bytes: usize, message: &[u8]) -> Self {
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            let file = [&length[4 - length_bytes..], message].concat();
            Self { container: container.to_vec(), file, selected: None }
        }

        fn answer(&mut self, command: &[u8]) -> Vec<u8> {
            match *command {
                [0, 0xa4, 4, 0, 7, ..] => OK.to_vec(),
                [0, 0xa4, 0, 0x0c, 2, 0xe1, id] => {
                    let file = if id == 3 { &self.container } else { &self.file };
                    self.selected = Some(file.clone());
                    OK.to_vec()
                }
                [0, 0xb0, high, low, length] => {
                    let offset = usize::from(high) << 8 | usize::from(low);
                    let file = self.selected.as_ref().unwrap();
                    let end = (offset + usize::from(length)).min(file.len());
                    [&file[offset.min(end)..end], &OK].concat()
                }
                _ => NOT_FOUND.to_vec(),
            }
        }

        fn read(&mut self) -> (Result<Vec<u8>, Unreadable>, Vec<Vec<u8>>) {
            let mut answers = Vec::new();
            let mut reading = Reading::default();
            loop {
                let answer = self.answer(reading.command());
                answers.push(answer.clone());
                match reading.hear(&answer) {
                    Ok(None) => {}
                    Ok(Some(message)) => return (Ok(message), answers),
                    Err(reason) => return (Err(reason), answers),
                }
            }
        }
    }

    fn message(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at * 7 + at / 251).to_le_bytes()[0]).collect()
    }

    /// [`PLAIN`] with a bigger file and other limits.
    fn container(mle: u8) -> [u8; 15] {
        let mut container = PLAIN;
        container[4] = mle;
        container[11] = 0x7f;
        container
    }

    #[test]
    fn a_message_is_read_in_steps_of_what_card_and_chip_carry() {
        for (mle, length, n_steps) in
            [(0x3b, 48, 1), (0x3b, 200, 4), (0x0f, 31, 3), (0xff, 250, 1), (0xff, 1000, 4)]
        {
            let (read, answers) = Card::new(&container(mle), 2, &message(length)).read();
            assert_eq!(read, Ok(message(length)));
            assert_eq!(answers.len(), 5 + n_steps, "MLe {mle}, {length} bytes");
            assert!(answers.iter().all(|answer| answer.len() <= crate::chip::MAX_EXCHANGE));
        }
    }

    #[test]
    fn an_extended_file_is_read() {
        let (read, answers) = Card::new(&EXTENDED, 4, &message(300)).read();
        assert_eq!(read, Ok(message(300)));
        // Two READ BINARY more for a container of 25 bytes.
        assert_eq!(answers.len(), 5 + 2 + 2);
    }

    #[test]
    fn each_kind_of_bad_tag_has_its_reason() {
        let read =
            |container: &[u8], length: usize| Card::new(container, 2, &message(length)).read().0;
        let with = |at: usize, value: u8| {
            let mut container = PLAIN;
            container[at] = value;
            read(&container, 10)
        };
        assert_eq!(read(&PLAIN, 0), Err(Unreadable::Empty));
        assert_eq!(read(&PLAIN, 49), Err(Unreadable::Damaged));
        assert_eq!(read(&container(0xff), MAX_MESSAGE + 1), Err(Unreadable::TooBig));
        assert_eq!(read(&container(0xff), MAX_MESSAGE), Ok(message(MAX_MESSAGE)));
        assert_eq!(with(13, 0x80), Err(Unreadable::Protected));
        assert_eq!(with(14, 0xff), Ok(message(10)), "read-only is fine");
        assert_eq!(with(2, 0x10), Err(Unreadable::NotNdef));
        let mut cut = Card::new(&PLAIN, 2, &message(10));
        cut.file.truncate(7);
        assert_eq!(cut.read().0, Err(Unreadable::Damaged));
    }

    #[test]
    fn each_refusal_has_its_reason() {
        let refuse = |n_good: usize, status: [u8; 2]| {
            let (_, answers) = Card::new(&PLAIN, 2, &message(10)).read();
            let mut reading = Reading::default();
            for answer in &answers[..n_good] {
                assert_eq!(reading.hear(answer), Ok(None));
            }
            reading.hear(&status).unwrap_err()
        };
        assert_eq!(refuse(0, NOT_FOUND), Unreadable::OtherCard);
        assert_eq!(refuse(0, [0x6d, 0x00]), Unreadable::OtherCard);
        assert_eq!(refuse(1, NOT_FOUND), Unreadable::NotNdef);
        assert_eq!(refuse(2, NOT_FOUND), Unreadable::NotNdef);
        assert_eq!(refuse(3, NOT_FOUND), Unreadable::Damaged);
        assert_eq!(refuse(3, NOT_ALLOWED), Unreadable::Protected);
        assert_eq!(refuse(4, NOT_ALLOWED), Unreadable::Protected);
        assert_eq!(refuse(5, [0x6f, 0x00]), Unreadable::Damaged);
    }

    #[test]
    fn every_truncated_or_changed_answer_ends_within_limits() {
        for (container, length_bytes) in [(&PLAIN[..], 2), (&EXTENDED, 4)] {
            let (_, answers) = Card::new(container, length_bytes, &message(40)).read();
            for (answer_idx, answer) in answers.iter().enumerate() {
                let truncated = (0..answer.len()).map(|length| answer[..length].to_vec());
                let changed = (0..answer.len()).flat_map(|at| {
                    (0..=u8::MAX).map(move |value| {
                        let mut changed = answer.clone();
                        changed[at] = value;
                        changed
                    })
                });
                for bad in truncated.chain(changed) {
                    let mut reading = Reading::default();
                    for good in &answers[..answer_idx] {
                        reading.hear(good).unwrap();
                    }
                    // Whatever follows, it ends and asks for no more than it can carry.
                    let mut outcome = reading.hear(&bad);
                    let mut n_commands = 0;
                    while outcome == Ok(None) {
                        n_commands += 1;
                        assert!(n_commands < MAX_MESSAGE && reading.command().len() < 20);
                        let asked = usize::from(*reading.command().last().unwrap());
                        outcome = reading.hear(&[&vec![value_of(&bad); asked][..], &OK].concat());
                    }
                    assert!(outcome.map_or(0, |message| message.unwrap().len()) <= MAX_MESSAGE);
                }
            }
        }
    }

    fn value_of(bytes: &[u8]) -> u8 {
        bytes.first().copied().unwrap_or_default()
    }
}
