//! The way to the file with the message: application, capability container, file (T4T §5.4.1).
//! Pure.

use super::capability::{Container, NdefFile, SHORTEST, parse};
use super::talk::{Outcome, Talk, read_binary, select_application, select_file};
use super::{CC_FILE, NDEF_APPLICATION, NOT_ALLOWED};
use crate::unreadable::Unreadable;

/// How far the way was gone; told the answer to each command of [`Opening::command`].
#[derive(Debug)]
pub(super) struct Opening {
    talk: Talk,
    step: Step,
    container: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Application,
    ContainerFile,
    Container,
    File(NdefFile),
}

impl Opening {
    pub(super) fn new() -> Self {
        let talk = Talk::new(select_application(&NDEF_APPLICATION));
        Self { talk, step: Step::Application, container: Vec::new() }
    }

    pub(super) fn command(&self) -> &[u8] {
        self.talk.command()
    }

    /// The file, once it is selected. Nothing was read from it yet, so it may be a file that is not
    /// readable or not writable.
    pub(super) fn hear(&mut self, answer: &[u8]) -> Result<Option<NdefFile>, Unreadable> {
        let bytes = match self.talk.hear(answer) {
            Outcome::Detour => return Ok(None),
            Outcome::Done(bytes) => bytes,
            Outcome::Refused(status) => return Err(self.refused(status)),
            Outcome::Garbled => return Err(Unreadable::Damaged),
        };
        match self.step {
            Step::Application => self.go_on(Step::ContainerFile, select_file(CC_FILE)),
            Step::ContainerFile => self.go_on(Step::Container, read_binary(0, SHORTEST)),
            Step::Container if bytes.is_empty() => return Err(Unreadable::NotNdef),
            Step::Container => {
                self.container.extend(bytes);
                match parse(&self.container)? {
                    Container::Missing(end) => {
                        let known = self.container.len();
                        // Every card gives as many at once (T4T §5.1).
                        let n_bytes = (end - known).min(SHORTEST);
                        self.go_on(Step::Container, read_binary(known, n_bytes));
                    }
                    Container::File(file) => self.go_on(Step::File(file), select_file(file.id)),
                }
            }
            Step::File(file) => return Ok(Some(file)),
        }
        Ok(None)
    }

    fn go_on(&mut self, step: Step, command: Vec<u8>) {
        self.step = step;
        self.talk = Talk::new(command);
    }

    fn refused(&self, status: [u8; 2]) -> Unreadable {
        match self.step {
            Step::Application => Unreadable::OtherCard,
            _ if status == NOT_ALLOWED => Unreadable::Protected,
            Step::ContainerFile | Step::Container => Unreadable::NotNdef,
            Step::File(_) => Unreadable::Damaged,
        }
    }
}
