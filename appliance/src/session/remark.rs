//! What the staff writes about a contact: a note, words to find it by, and how much it matters.

use std::time::Duration;

use super::{ContactId, Decision, Input, STAFF, Session, State};

/// Most characters of a note; in every script fewer bytes than the wire contract allows.
pub(super) const MAX_NOTE: usize = 500;
/// Most tags, and most characters of one: the wire contract allows twenty of fifty bytes.
const MAX_TAGS: usize = 20;
const MAX_TAG: usize = 12;
/// Most stars.
pub const MAX_RATING: u8 = 5;

/// Which words are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// A note.
    Note,
    /// Tags, with commas between.
    Tags,
}

/// A part of what is written about a contact; it takes the place of the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The note.
    Note(String),
    /// All tags.
    Tags(Vec<String>),
    /// One to five stars, or none.
    Rating(u8),
}

impl Remark {
    /// What was typed.
    fn typed(words: Words, text: &str) -> Remark {
        match words {
            Words::Note => Remark::Note(text.trim().to_owned()),
            Words::Tags => Remark::Tags(tags(text)),
        }
    }
}

/// The tags in a line: between commas of any script, each once.
fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split([',', '，', '、', ';']).map(str::trim) {
        let tag: String = tag.chars().take(MAX_TAG).collect();
        if !tag.is_empty() && !tags.contains(&tag) && tags.len() < MAX_TAGS {
            tags.push(tag);
        }
    }
    tags
}

/// Stars for a contact, if there can be so many.
pub(super) fn rating(contact: ContactId, stars: u8) -> Option<Decision> {
    (stars <= MAX_RATING).then_some(Decision::Remark(contact, Remark::Rating(stars)))
}

impl Session {
    pub(super) fn serve_remark(&mut self, now: Duration, input: Input) -> Option<Decision> {
        let State::Remark(id, words, written) = &mut self.state else { return None };
        let (id, words) = (*id, *words);
        match input {
            Input::Typed(text) => {
                *written = text.chars().take(MAX_NOTE).collect();
                self.deadline = Some(now + STAFF);
                None
            }
            Input::Next | Input::Save => {
                let remark = Remark::typed(words, written);
                self.open(now, State::Contact(id));
                Some(Decision::Remark(id, remark))
            }
            Input::Back => {
                self.open(now, State::Contact(id));
                None
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_stand_between_commas_of_any_script_and_each_once() {
        assert_eq!(
            tags(" press, Berlin ,press,, 展会，客户、"),
            ["press", "Berlin", "展会", "客户"]
        );
        assert_eq!(tags(&"a".repeat(99)), ["a".repeat(MAX_TAG)]);
        let many: Vec<String> = (0..99).map(|it| it.to_string()).collect();
        assert_eq!(tags(&many.join(",")).len(), MAX_TAGS);
    }
}
