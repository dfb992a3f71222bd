//! What may lie on an antenna, whatever its kind: how it is found and how it answers a frame. Pure.
//! Sources: NXP AN10833 (ATQA and SAK of each kind), ISO/IEC 14443-4 (answer to select).

use crate::apdu;
use crate::iso_dep::{self, CardStep};
use crate::type2::Type2;
use crate::type4;

/// What a tag says to a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A frame, to be followed by its CRC.
    Frame(Vec<u8>),
    /// Four bits without a CRC: A = ACK, else NAK.
    Nibble(u8),
    /// A frame as farewell, followed by sleep.
    Farewell(Vec<u8>),
    /// Nothing.
    Silence,
}

/// What a tag says of itself while it is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// ATQA, high byte first.
    pub(crate) sens_res: [u8; 2],
    /// SAK.
    pub(crate) sel_res: u8,
    pub(crate) uid: Vec<u8>,
}

/// Answer to select of a MIFARE DESFire EV1: frames of 64 bytes.
const TYPE4_ATS: [u8; 6] = [0x06, 0x75, 0x77, 0x81, 0x02, 0x80];
/// Answer to select of a payment card: frames of 256 bytes.
const PAYMENT_ATS: [u8; 5] = [0x05, 0x78, 0x80, 0x70, 0x02];
/// The Proximity Payment System Environment (EMV Contactless Book B §3.3).
const PAYMENT_SYSTEM: &[u8] = b"2PAY.SYS.DDF01";
/// A MIFARE Classic's NAK to a command that needs authentication.
const NOT_AUTHENTICATED: u8 = 0x4;
/// Memory of a MIFARE Classic 1K in bytes.
const CLASSIC_MEMORY: usize = 1024;

/// One tag or card.
#[derive(Debug)]
pub(crate) enum Tag {
    /// Memory that is read as it is.
    Type2(Type2),
    /// Files behind commands.
    Type4 { uid: [u8; 7], link: iso_dep::Card, application: type4::Application },
    /// A MIFARE Classic whose keys nobody knows.
    Classic([u8; 4]),
    /// A bank card, which has nothing to say to us.
    Payment { uid: [u8; 4], link: iso_dep::Card },
}

impl Tag {
    pub(crate) fn type4(uid: [u8; 7], application: type4::Application) -> Self {
        Self::Type4 { uid, link: iso_dep::Card::new(TYPE4_ATS.to_vec()), application }
    }

    pub(crate) fn payment(uid: [u8; 4]) -> Self {
        Self::Payment { uid, link: iso_dep::Card::new(PAYMENT_ATS.to_vec()) }
    }

    pub(crate) fn identity(&self) -> Identity {
        let (sens_res, sel_res, uid) = match self {
            Self::Type2(tag) => ([0x00, 0x44], 0x00, tag.uid().to_vec()),
            Self::Type4 { uid, .. } => ([0x03, 0x44], 0x20, uid.to_vec()),
            Self::Classic(uid) => ([0x00, 0x04], 0x08, uid.to_vec()),
            Self::Payment { uid, .. } => ([0x00, 0x04], 0x20, uid.to_vec()),
        };
        Identity { sens_res, sel_res, uid }
    }

    /// The memory, as far as a reader may ever see it.
    pub(crate) fn contents(&self) -> Vec<u8> {
        match self {
            Self::Type2(tag) => tag.readable(),
            Self::Type4 { application, .. } => application.contents(),
            Self::Classic(uid) => {
                let mut memory = uid.to_vec();
                memory.resize(CLASSIC_MEMORY, 0);
                memory
            }
            Self::Payment { .. } => vec![],
        }
    }

    /// Selected anew: nothing of an earlier session counts.
    pub(crate) fn select(&mut self) {
        match self {
            Self::Type2(tag) => tag.select(),
            Self::Type4 { link, application, .. } => {
                link.reset();
                application.reset();
            }
            Self::Payment { link, .. } => link.reset(),
            Self::Classic(_) => {}
        }
    }

    /// Answers a frame without its CRC.
    pub(crate) fn receive(&mut self, frame: &[u8]) -> Reply {
        match self {
            Self::Type2(tag) => tag.receive(frame),
            Self::Type4 { link, application, .. } => {
                converse(link, frame, |command| application.answer(command))
            }
            Self::Payment { link, .. } => converse(link, frame, answer_as_bank_card),
            Self::Classic(_) => Reply::Nibble(NOT_AUTHENTICATED),
        }
    }
}

/// Passes a frame through the block protocol to an application that answers at once.
fn converse(
    link: &mut iso_dep::Card,
    frame: &[u8],
    answer: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Reply {
    match link.receive(frame) {
        CardStep::Reply(reply) => Reply::Frame(reply),
        CardStep::Command(command) => Reply::Frame(link.answer(&answer(&command))),
        CardStep::Released(reply) => Reply::Farewell(reply),
        CardStep::Mute => Reply::Silence,
    }
}

/// Shows a list of one application and refuses everything else.
fn answer_as_bank_card(command: &[u8]) -> Vec<u8> {
    match apdu::Apdu::parse(command) {
        Some(it) if it.ins == apdu::SELECT && it.body == PAYMENT_SYSTEM => {
            [&directory()[..], &apdu::DONE].concat()
        }
        Some(it) if it.ins == apdu::SELECT => apdu::NOT_FOUND.to_vec(),
        Some(_) => apdu::NO_SUCH_INSTRUCTION.to_vec(),
        None => apdu::WRONG_LENGTH.to_vec(),
    }
}

/// FCI with one application identifier, that of a test card (EMV Contactless Book B §3.3).
fn directory() -> Vec<u8> {
    let object = |tag: &[u8], value: &[u8]| {
        [tag, &[u8::try_from(value.len()).expect("a short object")], value].concat()
    };
    let application = object(&[0x4F], &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10]);
    let entry = object(&[0x61], &[&application[..], &object(&[0x87], &[0x01])].concat());
    let list = object(&[0xA5], &object(&[0xBF, 0x0C], &entry));
    object(&[0x6F], &[object(&[0x84], PAYMENT_SYSTEM), list].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATS: [u8; 2] = [0xE0, 0x80];

    #[test]
    fn a_bank_card_shows_its_directory_and_nothing_else() {
        let mut card = Tag::payment([0x0C, 1, 2, 3]);
        assert_eq!(card.receive(&RATS), Reply::Frame(PAYMENT_ATS.to_vec()));
        let select = [&[0x02, 0x00, 0xA4, 0x04, 0x00, 14][..], PAYMENT_SYSTEM, &[0]].concat();
        let Reply::Frame(answer) = card.receive(&select) else { panic!("no answer") };
        assert_eq!(answer[..5], [0x02, 0x6F, 0x23, 0x84, 0x0E]);
        assert_eq!(answer[answer.len() - 2..], apdu::DONE);
        let ndef = [&[0x03, 0x00, 0xA4, 0x04, 0x00, 7][..], &type4::APPLICATION, &[0]].concat();
        assert_eq!(card.receive(&ndef), Reply::Frame(vec![0x03, 0x6A, 0x82]));
        assert_eq!(card.receive(&[0xC2]), Reply::Farewell(vec![0xC2]));
    }

    #[test]
    fn a_card_with_block_protocol_says_nothing_before_its_answer_to_select() {
        let mut card = Tag::payment([0x0C, 1, 2, 3]);
        assert_eq!(card.receive(&[0x02, 0x00, 0xB0, 0x00, 0x00, 0x02]), Reply::Silence);
        assert_ne!(card.receive(&RATS), Reply::Silence);
        card.select();
        assert_eq!(card.receive(&[0x30, 0x00]), Reply::Silence);
    }

    #[test]
    fn a_classic_refuses_to_be_read() {
        let mut card = Tag::Classic([1, 2, 3, 4]);
        assert_eq!(card.receive(&[0x30, 0x04]), Reply::Nibble(NOT_AUTHENTICATED));
        assert_eq!((card.identity().sel_res, card.contents().len()), (0x08, 1024));
    }
}
