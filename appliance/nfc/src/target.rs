//! What InListPassiveTarget says is in the field (UM0701-02 §7.3.5, 106 kbit/s type A). Pure.

use std::fmt;

/// The PN532 can hold two targets at a time.
pub const MAX_TARGETS: u8 = 2;

/// First byte of a UID that is drawn anew at each activation (ISO/IEC 14443-3 §6.5.4, AN10927).
const RANDOM_UID: u8 = 0x08;
/// SEL_RES bit: the target speaks ISO/IEC 14443-4, so its answer ends with an ATS.
const ISO_DEP: u8 = 0x20;
/// SEL_RES bits that a Type 2 tag never sets: ISO-DEP, NFC-DEP, MIFARE Classic.
const NOT_TYPE_2: u8 = 0x68;

/// What one poll found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Nobody.
    Empty,
    /// One target, activated.
    One(Target),
    /// Two targets, or more: nobody can say which one is meant.
    Two,
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

impl Target {
    /// Whether this may be a Type 2 tag (NTAG, MIFARE Ultralight).
    #[must_use]
    pub fn is_type2(&self) -> bool {
        self.sel_res & NOT_TYPE_2 == 0
    }
}

/// A target's identifier, 4, 7 or 10 bytes; `Debug` shows only its length, for it names a thing
/// that somebody carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Uid(Vec<u8>);

impl Uid {
    /// Whether it is a random one, as phones and emulated tags have: it tells nothing about
    /// whether this is the same thing as before.
    #[must_use]
    pub fn is_random(&self) -> bool {
        self.0.first() == Some(&RANDOM_UID)
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
            1 => one(rest).map(Self::One),
            MAX_TARGETS => Some(Self::Two),
            _ => None,
        }
    }
}

fn one(bytes: &[u8]) -> Option<Target> {
    let &[number, _, _, sel_res, uid_length, ref rest @ ..] = bytes else { return None };
    let (uid, ats) = rest.split_at_checked(usize::from(uid_length))?;
    if uid.is_empty() || (sel_res & ISO_DEP == 0 && !ats.is_empty()) {
        return None;
    }
    Some(Target { number, sel_res, uid: Uid::from(uid) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTAG: [u8; 13] = [1, 1, 0, 0x44, 0, 7, 4, 0xa2, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7];
    const PHONE: [u8; 15] = [1, 1, 0, 4, 0x20, 4, 8, 0x12, 0x34, 0x56, 5, 0x75, 0x33, 0x92, 3];

    #[test]
    fn an_ntag_is_a_type_2_tag_with_a_lasting_uid() {
        let Some(Field::One(target)) = Field::parse(&NTAG) else { panic!("not one target") };
        assert_eq!(target.number, 1);
        assert_eq!(target.uid, Uid::from(&NTAG[6..]));
        assert!(target.is_type2());
        assert!(!target.uid.is_random());
        assert_eq!(format!("{:?}", target.uid), "Uid(7 bytes)");
    }

    #[test]
    fn an_emulated_card_has_a_random_uid_and_is_no_type_2_tag() {
        let Some(Field::One(target)) = Field::parse(&PHONE) else { panic!("not one target") };
        assert!(!target.is_type2());
        assert!(target.uid.is_random());
    }

    #[test]
    fn a_mifare_classic_is_no_type_2_tag() {
        for sel_res in [0x08, 0x09, 0x18, 0x88] {
            let mut answer = NTAG;
            answer[4] = sel_res;
            let Some(Field::One(target)) = Field::parse(&answer) else { panic!("not one target") };
            assert!(!target.is_type2(), "{sel_res:#04x}");
        }
    }

    #[test]
    fn nobody_and_two_are_told_apart() {
        assert_eq!(Field::parse(&[0]), Some(Field::Empty));
        let two = [&[2], &NTAG[1..], &[2], &NTAG[2..]].concat();
        assert_eq!(Field::parse(&two), Some(Field::Two));
    }

    #[test]
    fn what_is_cut_off_or_odd_is_no_answer() {
        for length in 0..NTAG.len() {
            assert_eq!(Field::parse(&NTAG[..length]), None, "{length} bytes");
        }
        assert_eq!(Field::parse(&[3, 1, 0]), None);
        assert_eq!(Field::parse(&[1, 1, 0, 0x44, 0, 0]), None, "no UID");
        for at in 0..PHONE.len() {
            for value in 0..=u8::MAX {
                let mut answer = PHONE;
                answer[at] = value;
                let _ = Field::parse(&answer);
            }
        }
    }
}
