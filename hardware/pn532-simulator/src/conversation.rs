//! A phone that reads a card and perhaps writes it: which commands it sends, and what it makes of the
//! answers. Pure; `visit` brings the commands to an emulated card.
//! Sources: the log of an iPhone XR in github.com/Seeed-Studio/PN532 issue 111; for Android the order
//! of NFC Forum Type 4 Tag 2.0 §5.4, which its stack follows.

use crate::apdu;
use crate::phone::{Heard, Phone, Write};
use crate::type4;

/// What a phone does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Sends this command.
    Ask(Vec<u8>),
    /// Asks whether the card is still there.
    CheckPresence,
    /// Is content.
    LetGo,
    /// Cannot make sense of the card and tries again.
    GiveUp,
}

const SELECT_NDEF: [u8; 13] = [0x00, 0xA4, 0x04, 0x00, 7, 0xD2, 0x76, 0x00, 0x00, 0x85, 1, 1, 0x00];
/// The NDEF application of mapping 1.0, for which Android looks when the other is missing.
const SELECT_OLD_NDEF: [u8; 12] = [0x00, 0xA4, 0x04, 0x00, 7, 0xD2, 0x76, 0x00, 0x00, 0x85, 1, 0];
const SELECT_CONTAINER: [u8; 7] = [0x00, 0xA4, 0x00, 0x0C, 0x02, 0xE1, 0x03];
/// MIFARE DESFire's GetVersion.
const GET_VERSION: [u8; 5] = [0x90, 0x60, 0x00, 0x00, 0x00];
/// A transit application that the iPhone looks for.
const SELECT_TRANSIT: [u8; 22] = [
    0x00, 0xA4, 0x04, 0x00, 0x10, 0xA0, 0x00, 0x00, 0x03, 0x96, 0x56, 0x43, 0x41, 0xFF, 0xFF, 0xFF,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00,
];
/// What an iPhone sends before it reads; whatever comes back, it goes on.
const IPHONE_PROBES: [&[u8]; 5] =
    [&SELECT_NDEF, &SELECT_NDEF, &GET_VERSION, &SELECT_TRANSIT, &GET_VERSION];
const CONTAINER_LENGTH: u8 = 15;
/// Bytes of the file before the message.
const LENGTH_FIELD: usize = 2;
/// Presence checks before the phone lets go; the last one is an empty command.
const PRESENCE_CHECKS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Probe(usize),
    Application,
    OldApplication,
    Container,
    ReadContainer,
    File,
    ReadLength,
    ReadMessage,
    Presence(usize),
    Erase,
    Write,
    WriteLength,
}

/// What a capability container says of the NDEF file.
#[derive(Debug, Clone, Copy, Default)]
struct Limits {
    mle: usize,
    mlc: usize,
    file: [u8; 2],
    size: usize,
}

/// One visit of a phone to a card.
#[derive(Debug)]
pub(crate) struct Conversation {
    phone: Phone,
    stage: Stage,
    limits: Limits,
    length: usize,
    message: Vec<u8>,
    written: usize,
    heard: Heard,
}

impl Conversation {
    pub(crate) fn new(phone: Phone) -> Self {
        let stage = if phone == Phone::Iphone { Stage::Probe(0) } else { Stage::Application };
        let limits = Limits::default();
        Self {
            phone,
            stage,
            limits,
            length: 0,
            message: vec![],
            written: 0,
            heard: Heard::default(),
        }
    }

    /// What the phone has got once it lets go.
    pub(crate) fn into_heard(self) -> Heard {
        self.heard
    }

    /// Whether everything that matters is done, so that a card that falls silent spoils nothing.
    pub(crate) fn is_content(&self) -> bool {
        matches!(self.stage, Stage::Presence(_)) && !self.will_write()
    }

    /// What to do at this point of the conversation.
    pub(crate) fn step(&self) -> Step {
        Step::Ask(match self.stage {
            Stage::Probe(number) => IPHONE_PROBES[number].to_vec(),
            Stage::Application => SELECT_NDEF.to_vec(),
            Stage::OldApplication => SELECT_OLD_NDEF.to_vec(),
            Stage::Container => SELECT_CONTAINER.to_vec(),
            Stage::ReadContainer => read(0, usize::from(CONTAINER_LENGTH)),
            Stage::File => {
                [&[0x00, apdu::SELECT, 0x00, 0x0C, 0x02], &self.limits.file[..]].concat()
            }
            Stage::ReadLength => read(0, LENGTH_FIELD),
            Stage::ReadMessage => read(LENGTH_FIELD + self.message.len(), self.next_part()),
            Stage::Presence(left) if left == 1 && !self.will_write() => vec![],
            Stage::Presence(_) => return Step::CheckPresence,
            Stage::Erase => update(0, &[0, 0]),
            Stage::Write => update(LENGTH_FIELD + self.written, self.unwritten()),
            Stage::WriteLength => {
                let length = u16::try_from(self.own().len()).expect("it fits the file");
                update(0, &length.to_be_bytes())
            }
        })
    }

    /// The card is still there.
    pub(crate) fn present(&mut self) -> Step {
        match self.stage {
            Stage::Presence(left @ 2..) => self.go_on(Stage::Presence(left - 1)),
            _ if !self.will_write() => Step::LetGo,
            _ if LENGTH_FIELD + self.own().len() > self.limits.size => {
                self.heard.write = Some(Write::TooLong);
                Step::LetGo
            }
            _ => self.go_on(Stage::Erase),
        }
    }

    /// Takes the answer to the last command.
    pub(crate) fn answered(&mut self, answer: &[u8]) -> Step {
        let Some((bytes, status)) = answer.split_last_chunk::<2>() else {
            return if self.is_content() { self.present() } else { Step::GiveUp };
        };
        match (self.stage, *status) {
            (Stage::Probe(number), _) if number + 1 < IPHONE_PROBES.len() => {
                self.go_on(Stage::Probe(number + 1))
            }
            (Stage::Probe(_), _) => self.go_on(Stage::Application),
            (Stage::Presence(_), _) => self.present(),
            (stage, apdu::DONE) => self.done(stage, bytes),
            (Stage::Application, _) if self.phone != Phone::Iphone => {
                self.go_on(Stage::OldApplication)
            }
            (Stage::Application | Stage::OldApplication, _) => Step::LetGo,
            (Stage::Erase | Stage::Write | Stage::WriteLength, refused) => {
                self.heard.write = Some(Write::Refused(refused));
                Step::LetGo
            }
            _ => Step::GiveUp,
        }
    }

    fn done(&mut self, stage: Stage, bytes: &[u8]) -> Step {
        match stage {
            Stage::Application | Stage::OldApplication => self.go_on(Stage::Container),
            Stage::Container => self.go_on(Stage::ReadContainer),
            Stage::ReadContainer => match Limits::parse(bytes) {
                Some(limits) => {
                    self.limits = limits;
                    self.go_on(Stage::File)
                }
                None => Step::GiveUp,
            },
            Stage::File => self.go_on(Stage::ReadLength),
            Stage::ReadLength => match bytes {
                [high, low] => {
                    self.length = usize::from(u16::from_be_bytes([*high, *low]));
                    self.after_part()
                }
                _ => Step::GiveUp,
            },
            Stage::ReadMessage if bytes.is_empty() || bytes.len() > self.next_part() => {
                Step::GiveUp
            }
            Stage::ReadMessage => {
                self.message.extend_from_slice(bytes);
                self.after_part()
            }
            Stage::Erase => self.after_written(0),
            Stage::Write => self.after_written(self.unwritten().len()),
            Stage::WriteLength => {
                self.heard.write = Some(Write::Written);
                Step::LetGo
            }
            Stage::Probe(_) | Stage::Presence(_) => unreachable!("taken by the caller"),
        }
    }

    fn go_on(&mut self, stage: Stage) -> Step {
        self.stage = stage;
        self.step()
    }

    fn after_part(&mut self) -> Step {
        if LENGTH_FIELD + self.length > self.limits.size {
            return Step::GiveUp;
        }
        if self.message.len() < self.length {
            return self.go_on(Stage::ReadMessage);
        }
        self.heard.message = Some(self.message.clone());
        if self.phone == Phone::Iphone {
            return Step::LetGo;
        }
        self.go_on(Stage::Presence(PRESENCE_CHECKS))
    }

    fn after_written(&mut self, bytes: usize) -> Step {
        self.written += bytes;
        let left = self.written < self.own().len();
        self.go_on(if left { Stage::Write } else { Stage::WriteLength })
    }

    fn next_part(&self) -> usize {
        (self.length - self.message.len()).min(self.limits.mle)
    }

    fn own(&self) -> &[u8] {
        match &self.phone {
            Phone::WebNfc(Some(message)) => message,
            Phone::WebNfc(None) | Phone::Iphone | Phone::Android => &[],
        }
    }

    fn will_write(&self) -> bool {
        matches!(self.phone, Phone::WebNfc(Some(_)))
    }

    fn unwritten(&self) -> &[u8] {
        let rest = &self.own()[self.written..];
        &rest[..rest.len().min(self.limits.mlc)]
    }
}

impl Limits {
    /// Mapping 2.0 and 3.0 with a file of up to 64 KiB.
    fn parse(container: &[u8]) -> Option<Self> {
        let [_, _, 0x20 | 0x30, e, e2, c, c2, 0x04, 0x06, f, f2, s, s2, 0x00, _, ..] = *container
        else {
            return None;
        };
        let number = |high, low| usize::from(u16::from_be_bytes([high, low]));
        let (mle, mlc) = (number(e, e2).min(255), number(c, c2).min(255));
        let size = number(s, s2).min(LENGTH_FIELD + type4::LONGEST);
        (mle >= 15 && mlc >= 1).then_some(Self { mle, mlc, file: [f, f2], size })
    }
}

fn read(offset: usize, length: usize) -> Vec<u8> {
    let [high, low] = offset_bytes(offset);
    vec![0x00, apdu::READ_BINARY, high, low, u8::try_from(length).expect("255 at most")]
}

fn update(offset: usize, bytes: &[u8]) -> Vec<u8> {
    let [high, low] = offset_bytes(offset);
    let length = u8::try_from(bytes.len()).expect("255 at most");
    [&[0x00, apdu::UPDATE_BINARY, high, low, length], bytes].concat()
}

fn offset_bytes(offset: usize) -> [u8; 2] {
    u16::try_from(offset).expect("an offset within the file").to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::type4::{Application, Layout};

    const LAYOUT: Layout =
        Layout { third: false, extended: false, mle: 59, mlc: 52, read_only: false };

    /// Lets a phone visit a card; gives the instructions it sent, what it got, and the last step.
    fn visit(phone: Phone, mut card: impl FnMut(&[u8]) -> Vec<u8>) -> (Vec<u8>, Heard, Step) {
        let mut conversation = Conversation::new(phone);
        let mut sent = Vec::new();
        let mut step = conversation.step();
        for _ in 0..1000 {
            step = match step {
                Step::Ask(command) => {
                    sent.push(command.get(1).copied().unwrap_or(0));
                    conversation.answered(&card(&command))
                }
                Step::CheckPresence => {
                    sent.push(0xB2);
                    conversation.present()
                }
                end => return (sent, conversation.into_heard(), end),
            };
        }
        panic!("the phone never ends: {sent:02x?}");
    }

    fn message(length: u32) -> Vec<u8> {
        (0..length).map(|n| (n % 251) as u8).collect()
    }

    #[test]
    fn an_iphone_probes_reads_and_lets_go() {
        let mut card = Application::new(LAYOUT, &message(100));
        let (sent, heard, end) = visit(Phone::Iphone, |command| card.answer(command));
        let probes = [0xA4, 0xA4, 0x60, 0xA4, 0x60];
        let reading = [0xA4, 0xA4, 0xB0, 0xA4, 0xB0, 0xB0, 0xB0];
        assert_eq!(sent, [&probes[..], &reading].concat());
        assert_eq!((heard.message, heard.write, end), (Some(message(100)), None, Step::LetGo));
    }

    #[test]
    fn an_android_phone_reads_and_asks_whether_the_card_is_there() {
        let mut card = Application::new(LAYOUT, &message(59));
        let (sent, heard, end) = visit(Phone::Android, |command| card.answer(command));
        assert_eq!(sent, [0xA4, 0xA4, 0xB0, 0xA4, 0xB0, 0xB0, 0xB2, 0xB2, 0x00]);
        assert_eq!((heard.message, end), (Some(message(59)), Step::LetGo));
    }

    #[test]
    fn a_page_writes_in_steps_and_the_length_last() {
        let mut card = Application::new(LAYOUT, &message(10));
        let phone = Phone::WebNfc(Some(message(120)));
        let (sent, heard, end) = visit(phone, |command| card.answer(command));
        assert_eq!(sent[6..], [0xB2, 0xB2, 0xB2, 0xD6, 0xD6, 0xD6, 0xD6, 0xD6]);
        assert_eq!((heard.message, heard.write), (Some(message(10)), Some(Write::Written)));
        assert_eq!(end, Step::LetGo);
        assert_eq!(card.contents()[17..], message(120));
    }

    #[test]
    fn a_refused_write_and_one_too_long_are_told() {
        let mut card = Application::new(Layout { read_only: true, ..LAYOUT }, &message(10));
        let (_, heard, _) = visit(Phone::WebNfc(Some(vec![1])), |command| card.answer(command));
        assert_eq!(heard.write, Some(Write::Refused([0x69, 0x82])));
        let mut card = Application::new(LAYOUT, &message(10));
        let long = Phone::WebNfc(Some(message(8189)));
        assert_eq!(visit(long, |command| card.answer(command)).1.write, Some(Write::TooLong));
    }

    #[test]
    fn a_card_without_ndef_is_let_go() {
        for phone in [Phone::Iphone, Phone::Android, Phone::WebNfc(Some(vec![1]))] {
            for answer in [[0x6A, 0x82], [0x6D, 0x00]] {
                let (_, heard, end) = visit(phone.clone(), |_| answer.to_vec());
                assert_eq!((heard, end), (Heard::default(), Step::LetGo), "{phone:?}");
            }
        }
    }

    #[test]
    fn a_card_that_lies_or_breaks_off_is_given_up() {
        for broken_at in 0..12 {
            for wrong in [&[][..], &[0x90, 0x00], &[0xFF; 300], &[0xFF, 0xFF, 0x90, 0x00]] {
                let mut card = Application::new(LAYOUT, &message(100));
                let mut number = 0;
                let phone = Phone::WebNfc(Some(message(200)));
                let (_, heard, end) = visit(phone, |command| {
                    number += 1;
                    if number > broken_at { wrong.to_vec() } else { card.answer(command) }
                });
                assert!(
                    end == Step::GiveUp || heard.write != Some(Write::Written) || wrong.len() > 1
                );
            }
        }
    }
}
