//! The lines of the control socket, read into requests. Pure; carried out in `control`.

use std::path::PathBuf;

use crate::fault::Fault;
use crate::lay::TagKind;
use crate::model::Model;
use crate::phone::Phone;
use crate::wish::Wish;

/// What a client asks for; each is a method of the simulator, described there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    Tag { chip: String, kind: TagKind, file: Option<PathBuf>, wishes: Vec<Wish> },
    Image { chip: String, model: Model, file: PathBuf, wishes: Vec<Wish> },
    Clear { chip: String },
    Near { one: String, other: String },
    Apart { one: String, other: String },
    Dump { chip: String },
    Fault { chip: String, fault: Fault, times: u32, after: u32 },
    Spare { chip: String },
    Reset { chip: String },
    Unplug { chip: String },
    Plug { chip: String },
    Counters { chip: String },
    Journal { chip: String },
    Phone { chip: String, phone: Phone },
    WebNfc { chip: String, file: PathBuf },
    PhoneAway { chip: String },
    Heard { chip: String },
}

impl Request {
    /// Reads one line; words are separated by white space, so file names hold none.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let own = |word: &str| word.to_owned();
        Ok(match words.as_slice() {
            ["tag", chip, kind, file, wishes @ ..] => Self::Tag {
                chip: own(chip),
                kind: TagKind::from_name(kind).ok_or_else(|| format!("no such tag: {kind}"))?,
                file: (*file != "-").then(|| PathBuf::from(file)),
                wishes: Wish::parse(wishes)?,
            },
            ["image", chip, model, file, wishes @ ..] => Self::Image {
                chip: own(chip),
                model: Model::from_name(model).ok_or_else(|| format!("no such tag: {model}"))?,
                file: PathBuf::from(file),
                wishes: Wish::parse(wishes)?,
            },
            ["clear", chip] => Self::Clear { chip: own(chip) },
            ["near", one, other] => Self::Near { one: own(one), other: own(other) },
            ["apart", one, other] => Self::Apart { one: own(one), other: own(other) },
            ["dump", chip] => Self::Dump { chip: own(chip) },
            ["fault", chip, "none"] => Self::Spare { chip: own(chip) },
            ["fault", chip, name, times] => fault(chip, name, times, "0")?,
            ["fault", chip, name, times, "after", after] => fault(chip, name, times, after)?,
            ["reset", chip] => Self::Reset { chip: own(chip) },
            ["unplug", chip] => Self::Unplug { chip: own(chip) },
            ["plug", chip] => Self::Plug { chip: own(chip) },
            ["counters", chip] => Self::Counters { chip: own(chip) },
            ["journal", chip] => Self::Journal { chip: own(chip) },
            ["phone", chip, "away"] => Self::PhoneAway { chip: own(chip) },
            ["phone", chip, "webnfc", file] => {
                Self::WebNfc { chip: own(chip), file: PathBuf::from(file) }
            }
            ["phone", chip, kind] => Self::Phone {
                chip: own(chip),
                phone: Phone::from_name(kind).ok_or_else(|| format!("no such phone: {kind}"))?,
            },
            ["heard", chip] => Self::Heard { chip: own(chip) },
            [] => return Err("empty line".to_owned()),
            [verb, ..] => {
                return Err(format!(
                    "{verb}: not understood; known are tag CHIP KIND FILE [WORD...], \
                     image CHIP MODEL FILE [WORD...], clear CHIP, \
                     near A B, apart A B, dump CHIP, fault CHIP FAULT N [after M], fault CHIP none, \
                     reset CHIP, unplug CHIP, plug CHIP, counters CHIP, journal CHIP, \
                     phone CHIP PHONE [FILE], phone CHIP away, heard CHIP"
                ));
            }
        })
    }
}

fn fault(chip: &str, name: &str, times: &str, after: &str) -> Result<Request, String> {
    let fault = Fault::from_name(name).ok_or_else(|| format!("no such fault: {name}"))?;
    let (times, after) = (number(times)?, number(after)?);
    Ok(Request::Fault { chip: chip.to_owned(), fault, times, after })
}

fn number(word: &str) -> Result<u32, String> {
    word.parse().map_err(|_| format!("not a number: {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_may_be_pulled_away() {
        assert_eq!(
            Request::parse("tag A ntag216 /tmp/card.ndef torn 3\n"),
            Ok(Request::Tag {
                chip: "A".to_owned(),
                kind: TagKind::Type2(Model::Ntag216),
                file: Some(PathBuf::from("/tmp/card.ndef")),
                wishes: vec![Wish::Torn(3)],
            })
        );
    }

    #[test]
    fn a_dash_is_no_file() {
        assert_eq!(
            Request::parse("tag A type4 - mle 20 locked"),
            Ok(Request::Tag {
                chip: "A".to_owned(),
                kind: TagKind::Type4,
                file: None,
                wishes: vec![Wish::Mle(20), Wish::Locked],
            })
        );
    }

    #[test]
    fn faults_are_named() {
        for (name, fault) in Fault::NAMED {
            let chip = "A".to_owned();
            assert_eq!(
                Request::parse(&format!("fault A {name} 1 after 2")),
                Ok(Request::Fault { chip, fault, times: 1, after: 2 })
            );
        }
        assert_eq!(Request::parse("fault A none"), Ok(Request::Spare { chip: "A".to_owned() }));
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for line in [
            "",
            "tag A",
            "tag A ntag999 x",
            "tag A type4 x red",
            "image A type4 x",
            "fault A fire 1",
            "fault A stall -1",
            "dance",
        ] {
            assert!(!Request::parse(line).unwrap_err().is_empty(), "{line}");
        }
    }
}
