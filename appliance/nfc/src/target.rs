//! What InListPassiveTarget says is in the field (UM0701-02 §7.3.5, 106 kbit/s type A). Pure.

use std::fmt;

/// The PN532 can hold two targets at a time.
pub const MAX_TARGETS: u8 = 2;

/// First byte of a UID that is drawn anew at each activation (ISO/IEC 14443-3 §6.5.4, AN10927).
const RANDOM_UID: u8 = 0x08;
/// SEL_RES bit: the target speaks ISO/IEC 14443-4, so its answer ends with an ATS.
const ISO_DEP: u8 = 0x20;
/// SEL_RES bit: a MIFARE Classic (AN10833).
const CLASSIC: u8 = 0x08;
/// SEL_RES bit: NFC-DEP, which is for two devices and not for tags.
const NFC_DEP: u8 = 0x40;

/// What one poll found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Nobody.
    Empty,
    /// One target, activated.
    One(Target),
    /// Two targets, or more: nobody can say which one is meant. Whichever is spoken to is selected
    /// first by the chip.
    Two([Target; 2]),
}

/// One activated target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The number by which the chip knows it, 1 or 2.
    pub number: u8,
    /// SEL_RES, also called SAK: what the target can do.
    pub sel_res: u8,
    /// Its identifier.
    pub uid: Uid,
}

/// What a target says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Perhaps a Type 2 tag: NTAG, MIFARE Ultralight.
    Type2,
    /// Speaks ISO/IEC 14443-4, so perhaps a Type 4 tag: a phone, another kiosk, a payment card.
    IsoDep,
    /// A MIFARE Classic.
    Classic,
    /// Something else.
    Other,
}

impl Target {
    /// What it says it is; what speaks ISO-DEP is judged by that, whatever else it can do.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.sel_res {
            bits if bits & ISO_DEP != 0 => Kind::IsoDep,
            bits if bits & CLASSIC != 0 => Kind::Classic,
            bits if bits & NFC_DEP != 0 => Kind::Other,
            _ => Kind::Type2,
        }
    }
}

/// A target's identifier, 4, 7 or 10 bytes; `Debug` shows only its length, for it names a thing
/// that somebody carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Uid(Vec<u8>);

impl Uid {
    /// The identifier of somebody who has none that lasts.
    #[must_use]
    pub(crate) fn random() -> Self {
        Self(vec![RANDOM_UID])
    }

    /// Whether it is a random one, as phones and emulated tags have: it tells nothing about
    /// whether this is the same thing as before.
    #[must_use]
    pub fn is_random(&self) -> bool {
        self.0.first() == Some(&RANDOM_UID)
    }

    /// Its bytes, never for a log.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Uid {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uid({} bytes)", self.0.len())
    }
}

impl Field {
    /// Reads the answer to InListPassiveTarget, from NbTg on; `None` if it is not one.
    #[must_use]
    pub fn parse(answer: &[u8]) -> Option<Self> {
        let (&n_targets, rest) = answer.split_first()?;
        match n_targets {
            0 => Some(Self::Empty),
            1 => {
                let (only, rest) = entry(rest)?;
                rest.is_empty().then_some(Self::One(only))
            }
            MAX_TARGETS => {
                let (first, rest) = entry(rest)?;
                let (second, rest) = entry(rest)?;
                rest.is_empty().then_some(Self::Two([first, second]))
            }
            _ => None,
        }
    }

    /// Everybody who was found.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        match self {
            Self::Empty => &[],
            Self::One(target) => std::slice::from_ref(target),
            Self::Two(targets) => targets,
        }
    }
}

/// One target and what follows it.
fn entry(bytes: &[u8]) -> Option<(Target, &[u8])> {
    let &[number, _, _, sel_res, uid_length, ref rest @ ..] = bytes else { return None };
    let (uid, rest) = rest.split_at_checked(usize::from(uid_length))?;
    if uid.is_empty() {
        return None;
    }
    let target = Target { number, sel_res, uid: Uid::from(uid) };
    // An ATS begins with its length, which counts itself (ISO/IEC 14443-4 §5.2.2). Nothing at all
    // follows if the chip was told not to ask for it.
    let ats_length = match rest.first() {
        Some(&length) if sel_res & ISO_DEP != 0 => usize::from(length.max(1)),
        _ => 0,
    };
    Some((target, rest.get(ats_length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTAG: [u8; 13] = [1, 1, 0, 0x44, 0, 7, 4, 0xa2, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7];
    const PHONE: [u8; 15] = [1, 1, 0, 4, 0x20, 4, 8, 0x12, 0x34, 0x56, 5, 0x75, 0x33, 0x92, 3];

    fn one(answer: &[u8]) -> Target {
        let Some(Field::One(target)) = Field::parse(answer) else { panic!("not one target") };
        target
    }

    #[test]
    fn an_ntag_may_be_a_type_2_tag_and_has_a_lasting_uid() {
        let target = one(&NTAG);
        assert_eq!(target.number, 1);
        assert_eq!(target.uid, Uid::from(&NTAG[6..]));
        assert_eq!(target.kind(), Kind::Type2);
        assert!(!target.uid.is_random());
        assert_eq!(format!("{:?}", target.uid), "Uid(7 bytes)");
    }

    #[test]
    fn an_emulated_card_has_a_random_uid_and_speaks_iso_dep() {
        assert_eq!(one(&PHONE).kind(), Kind::IsoDep);
        assert!(one(&PHONE).uid.is_random());
        assert_eq!(one(&PHONE[..10]).kind(), Kind::IsoDep, "without an ATS");
    }

    #[test]
    fn kinds_are_told_apart_by_sel_res() {
        for (sel_res, kind) in [
            (0x00, Kind::Type2),
            (0x08, Kind::Classic),
            (0x09, Kind::Classic),
            (0x18, Kind::Classic),
            (0x88, Kind::Classic),
            (0x40, Kind::Other),
            (0x20, Kind::IsoDep),
            (0x28, Kind::IsoDep),
            (0x60, Kind::IsoDep),
        ] {
            let mut target = one(&NTAG);
            target.sel_res = sel_res;
            assert_eq!(target.kind(), kind, "{sel_res:#04x}");
        }
    }

    #[test]
    fn nobody_one_and_two_are_told_apart() {
        assert_eq!(Field::parse(&[0]), Some(Field::Empty));
        for (first, second) in [(&NTAG[..], &PHONE[..]), (&PHONE, &NTAG), (&PHONE, &PHONE)] {
            let two = [&[2], &first[1..], &[2], &second[2..]].concat();
            let field = Field::parse(&two).expect("a sound answer");
            let numbers: Vec<u8> = field.targets().iter().map(|target| target.number).collect();
            assert_eq!(numbers, [1, 2]);
            assert_eq!(field.targets()[0].uid, one(first).uid);
            assert_eq!(field.targets()[1].uid, one(second).uid);
        }
    }

    #[test]
    fn what_is_cut_off_or_odd_is_no_answer() {
        for length in 0..NTAG.len() {
            assert_eq!(Field::parse(&NTAG[..length]), None, "{length} bytes");
        }
        let two = [&[2], &PHONE[1..], &[2], &NTAG[2..]].concat();
        for length in 0..two.len() {
            assert_eq!(Field::parse(&two[..length]), None, "{length} bytes");
        }
        for length in 11..PHONE.len() {
            assert_eq!(Field::parse(&PHONE[..length]), None, "the ATS is cut off at {length}");
        }
        assert_eq!(Field::parse(&[3, 1, 0]), None);
        assert_eq!(Field::parse(&[1, 1, 0, 0x44, 0, 0]), None, "no UID");
        assert_eq!(Field::parse(&[&NTAG[..], &[1]].concat()), None, "too long");
        for good in [&PHONE[..], &two] {
            for at in 0..good.len() {
                for value in 0..=u8::MAX {
                    let mut answer = good.to_vec();
                    answer[at] = value;
                    let _ = Field::parse(&answer);
                }
            }
        }
    }
}
