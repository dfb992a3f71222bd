//! The lines of the control socket, read into requests. Pure; carried out in `control`.

use std::path::PathBuf;

use crate::line::Fault;
use crate::ntag::Model;

/// What a client asks for; each is a method of the simulator, described there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    Tag { chip: String, model: Model, file: PathBuf, leaves_after: Option<u32> },
    Clear { chip: String },
    Near { one: String, other: String },
    Apart { one: String, other: String },
    Dump { chip: String },
    Fault { chip: String, fault: Fault, times: u32 },
    Counters { chip: String },
}

impl Request {
    /// Reads one line; words are separated by white space, so file names hold none.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let own = |word: &str| word.to_owned();
        Ok(match words.as_slice() {
            ["tag", chip, model, file] => tag(chip, model, file, None)?,
            ["tag", chip, model, file, "torn", exchanges] => {
                tag(chip, model, file, Some(number(exchanges)?))?
            }
            ["clear", chip] => Self::Clear { chip: own(chip) },
            ["near", one, other] => Self::Near { one: own(one), other: own(other) },
            ["apart", one, other] => Self::Apart { one: own(one), other: own(other) },
            ["dump", chip] => Self::Dump { chip: own(chip) },
            ["fault", chip, fault, times] => Self::Fault {
                chip: own(chip),
                fault: Fault::from_name(fault).ok_or_else(|| format!("no such fault: {fault}"))?,
                times: number(times)?,
            },
            ["counters", chip] => Self::Counters { chip: own(chip) },
            [] => return Err("empty line".to_owned()),
            [verb, ..] => {
                return Err(format!(
                    "{verb}: not understood; known are tag CHIP MODEL FILE [torn N], clear CHIP, \
                     near A B, apart A B, dump CHIP, fault CHIP FAULT N, counters CHIP"
                ));
            }
        })
    }
}

fn tag(chip: &str, model: &str, file: &str, leaves_after: Option<u32>) -> Result<Request, String> {
    let model = Model::from_name(model).ok_or_else(|| format!("no such tag: {model}"))?;
    Ok(Request::Tag { chip: chip.to_owned(), model, file: PathBuf::from(file), leaves_after })
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
                model: Model::Ntag216,
                file: PathBuf::from("/tmp/card.ndef"),
                leaves_after: Some(3),
            })
        );
    }

    #[test]
    fn faults_are_named() {
        for name in ["drop-ack", "bad-checksum", "stall", "nak"] {
            assert!(Request::parse(&format!("fault A {name} 1")).is_ok(), "{name}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for line in ["", "tag A", "tag A ntag999 x", "fault A fire 1", "fault A stall -1", "dance"]
        {
            assert!(!Request::parse(line).unwrap_err().is_empty(), "{line}");
        }
    }
}
