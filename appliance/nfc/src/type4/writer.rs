//! Writes the message of a Type 4 tag (T4T §5.4.7). Pure: a command out, its answer in. The length
//! goes last, so whoever reads before that finds an empty tag.

use super::NOT_ALLOWED;
use super::capability::NdefFile;
use super::opening::Opening;
use super::talk::{Outcome, Talk, update_binary};
use crate::unreadable::Unreadable;
use crate::unwritable::Unwritable;

/// Most bytes that one UPDATE BINARY carries: with its five bytes of header they fill one exchange
/// of the PN532, see [`crate::chip::MAX_EXCHANGE`].
pub const MAX_WRITE: usize = 247;

/// The offset of a command has 15 bits (ISO/IEC 7816-4 §7.2.3).
const END_OF_OFFSETS: usize = 0x8000;

/// One writing of a message. Send [`Writing::command`], give the answer to [`Writing::hear`], and so
/// on.
#[derive(Debug)]
pub struct Writing {
    message: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    Opening(Opening),
    /// The file and how many bytes of the message are there when the command is done.
    Content {
        file: NdefFile,
        talk: Talk,
        n_written: usize,
    },
    Length(Talk),
}

impl Writing {
    /// Before the first command; `message` is written as it is.
    #[must_use]
    pub fn new(message: &[u8]) -> Self {
        Self { message: message.to_vec(), state: State::Opening(Opening::new()) }
    }

    /// The command to send now.
    #[must_use]
    pub fn command(&self) -> &[u8] {
        match &self.state {
            State::Opening(opening) => opening.command(),
            State::Content { talk, .. } | State::Length(talk) => talk.command(),
        }
    }

    /// Takes the answer to the command; true once all is written.
    ///
    /// # Errors
    /// Why it cannot be written. The writing is over then.
    pub fn hear(&mut self, answer: &[u8]) -> Result<bool, Unwritable> {
        match &mut self.state {
            State::Opening(opening) => {
                let Some(file) = opening.hear(answer).map_err(unfit)? else { return Ok(false) };
                check(&file, &self.message)?;
                let talk = Talk::new(length_command(&file, 0));
                self.state = State::Content { file, talk, n_written: 0 };
            }
            State::Content { file, talk, n_written } => {
                if !is_done(talk, answer)? {
                    return Ok(false);
                }
                let rest = &self.message[*n_written..];
                if rest.is_empty() {
                    self.state = State::Length(Talk::new(length_command(file, self.message.len())));
                    return Ok(false);
                }
                let part = &rest[..rest.len().min(file.max_write).min(MAX_WRITE)];
                *talk = Talk::new(update_binary(file.length_bytes + *n_written, part));
                *n_written += part.len();
            }
            State::Length(talk) => return is_done(talk, answer),
        }
        Ok(false)
    }
}

fn check(file: &NdefFile, message: &[u8]) -> Result<(), Unwritable> {
    if !file.is_writable {
        return Err(Unwritable::Locked);
    }
    if file.max_write < file.length_bytes {
        return Err(Unwritable::NoNdef);
    }
    let capacity = file.capacity().min(END_OF_OFFSETS - file.length_bytes);
    if message.len() > capacity { Err(Unwritable::TooSmall { capacity }) } else { Ok(()) }
}

/// Why a tag that cannot be opened cannot be written.
fn unfit(reason: Unreadable) -> Unwritable {
    match reason {
        Unreadable::Protected => Unwritable::Locked,
        _ => Unwritable::NoNdef,
    }
}

fn length_command(file: &NdefFile, length: usize) -> Vec<u8> {
    let length = u32::try_from(length).expect("checked against the file").to_be_bytes();
    update_binary(0, &length[length.len() - file.length_bytes..])
}

fn is_done(talk: &mut Talk, answer: &[u8]) -> Result<bool, Unwritable> {
    match talk.hear(answer) {
        Outcome::Detour => Ok(false),
        Outcome::Done(_) => Ok(true),
        Outcome::Refused(NOT_ALLOWED) => Err(Unwritable::Locked),
        Outcome::Refused(_) | Outcome::Garbled => Err(Unwritable::Refused),
    }
}

#[cfg(test)]
mod tests {
    use super::super::capability::tests::{EXTENDED, PLAIN};
    use super::super::{NOT_FOUND, OK};
    use super::*;

    /// Writes to a card with this container; the commands that change it, and how it ended.
    fn write(container: &[u8], message: &[u8]) -> (Vec<Vec<u8>>, Result<bool, Unwritable>) {
        let mut writing = Writing::new(message);
        let mut updates = Vec::new();
        loop {
            let command = writing.command().to_vec();
            let answer = match command[1] {
                0xb0 => {
                    let at = usize::from(command[3]);
                    let end = (at + usize::from(command[4])).min(container.len());
                    [&container[at..end], &OK].concat()
                }
                0xd6 => {
                    updates.push(command);
                    OK.to_vec()
                }
                _ => OK.to_vec(),
            };
            match writing.hear(&answer) {
                Ok(false) => {}
                outcome => return (updates, outcome),
            }
        }
    }

    #[test]
    fn the_length_goes_first_as_zero_and_last_as_it_is() {
        let (updates, outcome) = write(&PLAIN, b"hello");
        assert_eq!(outcome, Ok(true));
        let hello = [&[0, 0xd6, 0, 2, 5][..], b"hello"].concat();
        assert_eq!(updates, [vec![0, 0xd6, 0, 0, 2, 0, 0], hello, vec![0, 0xd6, 0, 0, 2, 0, 5]]);
    }

    #[test]
    fn a_long_message_goes_in_steps_of_what_card_and_chip_carry() {
        let message: Vec<u8> = (0..=u8::MAX).cycle().take(1000).collect();
        let mut container = EXTENDED;
        container[24] = 0;
        let (updates, outcome) = write(&container, &message);
        assert_eq!(outcome, Ok(true));
        assert_eq!(updates.len(), 2 + 1000_usize.div_ceil(MAX_WRITE));
        let written: Vec<u8> =
            updates[1..updates.len() - 1].iter().flat_map(|it| it[5..].to_vec()).collect();
        assert_eq!(written, message);
        assert!(updates.iter().all(|it| it.len() <= crate::chip::MAX_EXCHANGE));
        assert_eq!(updates.last().unwrap()[5..], [0, 0, 0x03, 0xe8]);
    }

    #[test]
    fn a_tag_that_cannot_be_written_says_why() {
        let with = |at: usize, value: u8| {
            let mut container = PLAIN;
            container[at] = value;
            write(&container, &[7; 48])
        };
        assert_eq!(with(14, 0xff), (vec![], Err(Unwritable::Locked)));
        assert_eq!(with(12, 49), (vec![], Err(Unwritable::TooSmall { capacity: 47 })));
        assert_eq!(with(2, 0x10), (vec![], Err(Unwritable::NoNdef)));
        assert_eq!(Writing::new(b"x").hear(&NOT_FOUND), Err(Unwritable::NoNdef));
    }

    #[test]
    fn a_refusal_in_the_middle_is_told() {
        let refuse = |status: [u8; 2]| {
            let mut writing = Writing::new(b"hello");
            for answer in [&OK[..], &OK, &[&PLAIN[..], &OK].concat(), &OK] {
                assert_eq!(writing.hear(answer), Ok(false));
            }
            assert_eq!(writing.command()[1], 0xd6);
            writing.hear(&status).unwrap_err()
        };
        assert_eq!(refuse(NOT_ALLOWED), Unwritable::Locked);
        assert_eq!(refuse([0x65, 0x81]), Unwritable::Refused);
    }
}
