//! The application on a Type 4 tag: a capability container, an NDEF file, and the commands that read
//! and write them. Pure.
//! Sources: NFC Forum Type 4 Tag 2.0 (mapping 2.0) and Type 4 Tag 1.0 of 2017 and later (mapping
//! 3.0: files above 32 KiB, offsets in data objects), ISO/IEC 7816-4 for status words.

use crate::apdu::{self, Apdu};

/// The NDEF Tag Application, second version.
pub(crate) const APPLICATION: [u8; 7] = [0xD2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01];
const CONTAINER: [u8; 2] = [0xE1, 0x03];
const NDEF_FILE: [u8; 2] = [0xE1, 0x04];
/// Room in the file when the message needs less, as on a MIFARE DESFire of 8 KiB.
const ROOM: usize = 8190;
/// Last offset that READ BINARY and UPDATE BINARY can name themselves.
const LAST_SHORT_OFFSET: usize = 0x7FFF;
/// Longest message of a file whose length stands in two bytes.
pub(crate) const LONGEST: usize = LAST_SHORT_OFFSET - 2;
/// Longest message that this simulator takes on mapping 3.0; the standard has room for more.
pub(crate) const LONGEST_EXTENDED: usize = 0xFF_FFFF - 4;
/// Most bytes in an answer and in a command as NXP's MIFARE DESFire EV1 says (AN11004).
pub(crate) const MLE: u16 = 0x003B;
pub(crate) const MLC: u16 = 0x0034;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selected {
    Nothing,
    Application,
    Container,
    Ndef,
}

/// How a tag is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// Mapping 3.0 instead of 2.0.
    pub(crate) third: bool,
    /// The length stands in four bytes, which needs mapping 3.0.
    pub(crate) extended: bool,
    pub(crate) mle: u16,
    pub(crate) mlc: u16,
    pub(crate) read_only: bool,
}

/// The application and its files.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    layout: Layout,
    container: Vec<u8>,
    file: Vec<u8>,
    selected: Selected,
}

impl Application {
    /// An application whose file holds this message, which must fit.
    pub(crate) fn new(layout: Layout, message: &[u8]) -> Self {
        let mut file = match layout.extended {
            true => u32::try_from(message.len()).expect("the message fits").to_be_bytes().to_vec(),
            false => u16::try_from(message.len()).expect("the message fits").to_be_bytes().to_vec(),
        };
        file.extend_from_slice(message);
        file.resize(file.len().max(ROOM), 0);
        let container = container(layout, file.len());
        Self { layout, container, file, selected: Selected::Nothing }
    }

    /// Power is on again: nothing is selected.
    pub(crate) fn reset(&mut self) {
        self.selected = Selected::Nothing;
    }

    /// The capability container and, behind it, the NDEF file up to the end of the message.
    pub(crate) fn contents(&self) -> Vec<u8> {
        let (field, length) = match self.layout.extended {
            true => (4, u32::from_be_bytes([0, self.file[1], self.file[2], self.file[3]]) as usize),
            false => (2, usize::from(u16::from_be_bytes([self.file[0], self.file[1]]))),
        };
        let end = (field + length).min(self.file.len());
        [&self.container, &self.file[..end]].concat()
    }

    /// Answers one command.
    pub(crate) fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let Some(apdu) = Apdu::parse(command) else { return apdu::WRONG_LENGTH.to_vec() };
        if apdu.class != 0x00 {
            return apdu::NO_SUCH_CLASS.to_vec();
        }
        match (apdu.ins, apdu.p1) {
            (apdu::SELECT, 0x04) => self.select_application(apdu.body).to_vec(),
            (apdu::SELECT, 0x00) => self.select_file(apdu.body).to_vec(),
            (apdu::SELECT, _) => apdu::WRONG_PARAMETERS.to_vec(),
            (apdu::READ_BINARY, _) => self.read(apdu.offset(), apdu.expected.unwrap_or(0)),
            (apdu::READ_BINARY_OBJECT, _) if self.layout.third => self.read_object(&apdu),
            (apdu::UPDATE_BINARY, _) => self.update(apdu.offset(), apdu.body).to_vec(),
            (apdu::UPDATE_BINARY_OBJECT, _) if self.layout.third => {
                self.update_object(apdu.body).to_vec()
            }
            _ => apdu::NO_SUCH_INSTRUCTION.to_vec(),
        }
    }

    fn select_application(&mut self, name: &[u8]) -> [u8; 2] {
        if name != APPLICATION {
            return apdu::NOT_FOUND;
        }
        self.selected = Selected::Application;
        apdu::DONE
    }

    fn select_file(&mut self, name: &[u8]) -> [u8; 2] {
        if self.selected == Selected::Nothing {
            return apdu::NOT_FOUND;
        }
        self.selected = match name {
            _ if name == CONTAINER => Selected::Container,
            _ if name == NDEF_FILE => Selected::Ndef,
            _ => return apdu::NOT_FOUND,
        };
        apdu::DONE
    }

    /// Bytes from an offset to the end of what was asked for or of the file, and the status word.
    fn read(&self, offset: usize, length: usize) -> Vec<u8> {
        match self.slice(offset, length) {
            Ok(bytes) => [bytes, &apdu::DONE].concat(),
            Err(status) => status.to_vec(),
        }
    }

    fn slice(&self, offset: usize, length: usize) -> Result<&[u8], [u8; 2]> {
        let file = match self.selected {
            Selected::Container => &self.container,
            Selected::Ndef => &self.file,
            Selected::Nothing | Selected::Application => return Err(apdu::NO_FILE),
        };
        if length > usize::from(self.layout.mle) {
            return Err(apdu::WRONG_LENGTH);
        }
        let rest = file.get(offset..).filter(|rest| !rest.is_empty()).ok_or(apdu::BEYOND_END)?;
        Ok(&rest[..length.min(rest.len())])
    }

    /// The answer is a data object, whose head counts as part of what was asked for.
    fn read_object(&self, apdu: &Apdu<'_>) -> Vec<u8> {
        let Some((offset, [])) = offset_object(apdu.body) else {
            return apdu::WRONG_DATA.to_vec();
        };
        let length = apdu.expected.unwrap_or(0);
        let head = if length > 0x81 { 3 } else { 2 };
        match self.slice(offset, length.saturating_sub(head)) {
            Ok(bytes) => {
                let mut answer = vec![0x53];
                match u8::try_from(bytes.len()) {
                    Ok(short @ 0..=0x7F) => answer.push(short),
                    Ok(long) => answer.extend([0x81, long]),
                    Err(_) => {
                        answer.push(0x82);
                        answer.extend(u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
                    }
                }
                [&answer, bytes, &apdu::DONE].concat()
            }
            Err(status) => status.to_vec(),
        }
    }

    fn update(&mut self, offset: usize, bytes: &[u8]) -> [u8; 2] {
        match self.selected {
            Selected::Nothing | Selected::Application => return apdu::NO_FILE,
            Selected::Container => return apdu::NOT_ALLOWED,
            Selected::Ndef if self.layout.read_only => return apdu::NOT_ALLOWED,
            Selected::Ndef => {}
        }
        if bytes.is_empty() || bytes.len() > usize::from(self.layout.mlc) {
            return apdu::WRONG_LENGTH;
        }
        match self.file.get_mut(offset..offset + bytes.len()) {
            Some(part) => part.copy_from_slice(bytes),
            None => return apdu::BEYOND_END,
        }
        apdu::DONE
    }

    fn update_object(&mut self, body: &[u8]) -> [u8; 2] {
        match offset_object(body) {
            Some((offset, [0x53, length @ 0..=0x7F, bytes @ ..]))
                if bytes.len() == usize::from(*length) =>
            {
                self.update(offset, bytes)
            }
            Some((offset, [0x53, 0x81, length, bytes @ ..]))
                if bytes.len() == usize::from(*length) =>
            {
                self.update(offset, bytes)
            }
            _ => apdu::WRONG_DATA,
        }
    }
}

/// An offset in three bytes, and what stands behind it.
fn offset_object(body: &[u8]) -> Option<(usize, &[u8])> {
    match body {
        [0x54, 0x03, a, b, c, rest @ ..] => {
            Some((u32::from_be_bytes([0, *a, *b, *c]) as usize, rest))
        }
        _ => None,
    }
}

fn container(layout: Layout, file: usize) -> Vec<u8> {
    let access = [0x00, if layout.read_only { 0xFF } else { 0x00 }];
    let size = u32::try_from(file).expect("the file is small").to_be_bytes();
    let control = match layout.extended {
        true => [&[0x06, 0x08][..], &NDEF_FILE, &size, &access].concat(),
        false => [&[0x04, 0x06][..], &NDEF_FILE, &size[2..], &access].concat(),
    };
    let length = u16::try_from(7 + control.len()).expect("a small number").to_be_bytes();
    let version = if layout.third { 0x30 } else { 0x20 };
    let limits = [layout.mle.to_be_bytes(), layout.mlc.to_be_bytes()].concat();
    [&length[..], &[version], &limits, &control].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout =
        Layout { third: false, extended: false, mle: MLE, mlc: MLC, read_only: false };
    const SELECT: [u8; 13] = [0, 0xA4, 4, 0, 7, 0xD2, 0x76, 0, 0, 0x85, 1, 1, 0];

    fn opened(layout: Layout, message: &[u8], file: u8) -> Application {
        let mut application = Application::new(layout, message);
        assert_eq!(application.answer(&SELECT), apdu::DONE);
        assert_eq!(application.answer(&[0, 0xA4, 0, 0x0C, 2, 0xE1, file]), apdu::DONE);
        application
    }

    #[test]
    fn a_message_is_read_in_the_steps_of_the_standard() {
        let mut container = opened(LAYOUT, &[0xD0, 0, 0], 3);
        let expected = [0, 15, 0x20, 0, 0x3B, 0, 0x34, 4, 6, 0xE1, 4, 0x1F, 0xFE, 0, 0];
        let answer = container.answer(&[0, 0xB0, 0, 0, 15]);
        assert_eq!(answer, [&expected[..], &apdu::DONE].concat());
        let mut file = opened(LAYOUT, &[0xD0, 0, 0], 4);
        assert_eq!(file.answer(&[0, 0xB0, 0, 0, 2]), [0, 3, 0x90, 0]);
        assert_eq!(file.answer(&[0, 0xB0, 0, 2, 3]), [0xD0, 0, 0, 0x90, 0]);
    }

    #[test]
    fn what_a_tag_must_not_do_is_refused() {
        let mut tag = Application::new(LAYOUT, &[]);
        assert_eq!(tag.answer(&[0, 0xA4, 0, 0x0C, 2, 0xE1, 3]), apdu::NOT_FOUND);
        assert_eq!(tag.answer(&[0, 0xB0, 0, 0, 2]), apdu::NO_FILE);
        assert_eq!(tag.answer(&[0, 0xA4, 4, 0, 2, 0xA0, 0]), apdu::NOT_FOUND);
        assert_eq!(tag.answer(&[0x90, 0x60, 0, 0, 0]), apdu::NO_SUCH_CLASS);
        assert_eq!(tag.answer(&[0, 0xCA, 0, 0, 0]), apdu::NO_SUCH_INSTRUCTION);
        let mut tag = opened(LAYOUT, &[], 4);
        assert_eq!(tag.answer(&[0, 0xB0, 0, 0, 0x3C]), apdu::WRONG_LENGTH, "above MLe");
        assert_eq!(tag.answer(&[0, 0xB0, 0x7F, 0, 1]), apdu::BEYOND_END);
        let long = [&[0, 0xD6, 0, 0, 0x35][..], &[1; 0x35]].concat();
        assert_eq!(tag.answer(&long), apdu::WRONG_LENGTH, "above MLc");
        assert_eq!(tag.answer(&[0, 0xB1, 0, 0, 5, 0x54, 3, 0, 0, 0, 9]), [0x6D, 0x00]);
    }

    #[test]
    fn a_file_is_written_unless_it_is_read_only() {
        let mut tag = opened(LAYOUT, &[0xD0, 0, 0], 4);
        assert_eq!(tag.answer(&[0, 0xD6, 0, 0, 3, 0, 1, 0xAA]), apdu::DONE);
        assert_eq!(tag.contents()[15..], [0, 1, 0xAA]);
        let mut tag = opened(Layout { read_only: true, ..LAYOUT }, &[0xD0, 0, 0], 4);
        assert_eq!(tag.answer(&[0, 0xD6, 0, 0, 1, 0]), apdu::NOT_ALLOWED);
        assert_eq!(tag.contents()[13..], [0x00, 0xFF, 0, 3, 0xD0, 0, 0]);
    }

    #[test]
    fn an_extended_file_is_reached_by_offset_objects() {
        let layout = Layout { third: true, extended: true, mle: 0xFF, mlc: 0xFF, read_only: false };
        let message: Vec<u8> = (0..40_000_u32).map(|n| (n % 251) as u8).collect();
        let mut tag = opened(layout, &message, 4);
        let container = &tag.contents()[..17];
        let expected = [0, 17, 0x30, 0, 0xFF, 0, 0xFF, 6, 8, 0xE1, 4, 0, 0, 0x9C, 0x44, 0, 0];
        assert_eq!(container, expected);
        assert_eq!(tag.answer(&[0, 0xB0, 0, 0, 4]), [0, 0, 0x9C, 0x40, 0x90, 0]);
        let read = [0, 0xB1, 0, 0, 5, 0x54, 3, 0x00, 0x80, 0x04, 4];
        let at = 0x8000;
        assert_eq!(tag.answer(&read), [0x53, 2, message[at], message[at + 1], 0x90, 0]);
        let write = [0, 0xD7, 0, 0, 9, 0x54, 3, 0, 0x80, 4, 0x53, 2, 7, 8];
        assert_eq!(tag.answer(&write), apdu::DONE);
        assert_eq!(tag.answer(&read)[2..4], [7, 8]);
        let long = tag.answer(&[0, 0xB1, 0, 0, 5, 0x54, 3, 0x00, 0x80, 0x04, 0xFF]);
        assert_eq!((long[..3].to_vec(), long.len()), (vec![0x53, 0x81, 0xFC], 0xFF + 2));
    }

    #[test]
    fn no_truncation_and_no_changed_byte_makes_a_tag_panic() {
        let layout = Layout { third: true, ..LAYOUT };
        let commands: [&[u8]; 4] = [
            &SELECT,
            &[0, 0xB0, 0, 0, 15],
            &[0, 0xD6, 0, 0, 3, 0, 1, 0xAA],
            &[0, 0xD7, 0, 0, 9, 0x54, 3, 0, 0x80, 4, 0x53, 2, 7, 8],
        ];
        for command in commands {
            for length in 0..command.len() {
                opened(layout, &[1, 2, 3], 4).answer(&command[..length]);
            }
            let mut tag = opened(layout, &[1, 2, 3], 4);
            for at in 0..command.len() {
                for value in 0..=255 {
                    let mut changed = command.to_vec();
                    changed[at] = value;
                    assert!(tag.answer(&changed).len() >= 2);
                    tag.contents();
                }
            }
        }
    }
}
