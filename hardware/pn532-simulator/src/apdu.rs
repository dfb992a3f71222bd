//! Commands of ISO/IEC 7816-4 taken apart, and the status words that answer them. Pure.

pub(crate) const SELECT: u8 = 0xA4;
pub(crate) const READ_BINARY: u8 = 0xB0;
pub(crate) const READ_BINARY_OBJECT: u8 = 0xB1;
pub(crate) const UPDATE_BINARY: u8 = 0xD6;
pub(crate) const UPDATE_BINARY_OBJECT: u8 = 0xD7;

pub(crate) const DONE: [u8; 2] = [0x90, 0x00];
pub(crate) const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];
/// Security status not satisfied.
pub(crate) const NOT_ALLOWED: [u8; 2] = [0x69, 0x82];
/// Command not allowed: no current file.
pub(crate) const NO_FILE: [u8; 2] = [0x69, 0x86];
/// Incorrect parameters in the data field.
pub(crate) const WRONG_DATA: [u8; 2] = [0x6A, 0x80];
/// File or application not found.
pub(crate) const NOT_FOUND: [u8; 2] = [0x6A, 0x82];
pub(crate) const WRONG_PARAMETERS: [u8; 2] = [0x6A, 0x86];
/// Offset outside the file.
pub(crate) const BEYOND_END: [u8; 2] = [0x6B, 0x00];
pub(crate) const NO_SUCH_INSTRUCTION: [u8; 2] = [0x6D, 0x00];
pub(crate) const NO_SUCH_CLASS: [u8; 2] = [0x6E, 0x00];

/// A command's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Apdu<'a> {
    pub(crate) class: u8,
    pub(crate) ins: u8,
    pub(crate) p1: u8,
    pub(crate) p2: u8,
    pub(crate) body: &'a [u8],
    /// Bytes wanted in the answer, if any are.
    pub(crate) expected: Option<usize>,
}

impl<'a> Apdu<'a> {
    /// Reads short and extended commands; nothing if the lengths do not fit together.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let [class, ins, p1, p2, rest @ ..] = bytes else { return None };
        let (body, tail): (&[u8], &[u8]) = match rest {
            [] | [_] | [0, _, _] => (&[], rest),
            [0, high, low, rest @ ..] => {
                rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?
            }
            [length, rest @ ..] => rest.split_at_checked(usize::from(*length))?,
        };
        let expected = match *tail {
            [] => None,
            [0] => Some(256),
            [length] => Some(usize::from(length)),
            [high, low] | [0, high, low] => match u16::from_be_bytes([high, low]) {
                0 => Some(65_536),
                length => Some(usize::from(length)),
            },
            _ => return None,
        };
        Some(Self { class: *class, ins: *ins, p1: *p1, p2: *p2, body, expected })
    }

    /// P1 and P2 as READ BINARY and UPDATE BINARY use them.
    pub(crate) fn offset(&self) -> usize {
        usize::from(u16::from_be_bytes([self.p1, self.p2]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(bytes: &[u8]) -> Option<(Vec<u8>, Option<usize>)> {
        Apdu::parse(bytes).map(|apdu| (apdu.body.to_vec(), apdu.expected))
    }

    #[test]
    fn every_form_of_command_is_taken_apart() {
        assert_eq!(parts(&[0, 1, 2, 3]), Some((vec![], None)));
        assert_eq!(parts(&[0, 1, 2, 3, 0]), Some((vec![], Some(256))));
        assert_eq!(parts(&[0, 1, 2, 3, 2, 8, 9]), Some((vec![8, 9], None)));
        assert_eq!(parts(&[0, 1, 2, 3, 2, 8, 9, 5]), Some((vec![8, 9], Some(5))));
        assert_eq!(parts(&[0, 1, 2, 3, 0, 1, 4]), Some((vec![], Some(260))));
        assert_eq!(parts(&[0, 1, 2, 3, 0, 0, 1, 8, 0, 0]), Some((vec![8], Some(65_536))));
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        for bytes in [&[][..], &[0, 1, 2], &[0, 1, 2, 3, 4, 5], &[0, 1, 2, 3, 1, 5, 6, 7, 8]] {
            assert_eq!(parts(bytes), None, "{bytes:?}");
        }
    }
}
