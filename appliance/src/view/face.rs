//! What the face of a card shows. Pure.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use tapcard_protocol::Card;

use crate::print::Print;

/// Most characters of a line and of a name, which has two; no card shows more of them.
const SHOWN: usize = 80;
const SHOWN_OF_A_NAME: usize = 46;
/// How many tints there are for the circles with letters.
const TINTS: u32 = 8;

/// What the face of a card shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Face {
    /// The name, or else what there is.
    pub name: String,
    /// The first job title.
    pub title: String,
    /// The first organisation, unless it stands for the name.
    pub organisation: String,
    /// The first mobile number, else the first number.
    pub phone: String,
    /// The first mail address.
    pub mail: String,
    /// One or two letters.
    pub monogram: String,
    /// Below [`TINTS`].
    pub tint: u32,
    /// Stands in the circle in place of the letters.
    pub portrait: Option<Picture>,
    /// Stands in place of the organisation.
    pub logo: Option<Picture>,
}

/// A picture that many may hold. Two are equal if they are the same one.
#[derive(Clone, Debug)]
pub struct Picture(pub Arc<Print>);

impl PartialEq for Picture {
    fn eq(&self, other: &Picture) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Picture {}

impl Hash for Picture {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl Face {
    /// The face of a card.
    pub fn of(card: &Card) -> Face {
        let phone = card.phones().find(|it| it.mobile).or_else(|| card.phones().next());
        let phone = phone.map_or(String::new(), |it| it.number.to_owned());
        let mail = card.mails().next().unwrap_or_default().to_owned();
        let mut organisation = card.organisation().to_owned();
        let mut name = card.name();
        let monogram = monogram(&name);
        if name.is_empty() {
            name = std::mem::take(&mut organisation);
        }
        if name.is_empty() {
            name = if phone.is_empty() { mail.clone() } else { phone.clone() };
        }
        let [title, organisation, phone, mail] =
            [card.title(), &organisation, &phone, &mail].map(|it| shortened(it, SHOWN));
        let name = shortened(&name, SHOWN_OF_A_NAME);
        let tint = name.chars().fold(0, |sum: u32, it| sum.wrapping_add(u32::from(it))) % TINTS;
        Face { name, title, organisation, phone, mail, monogram, tint, portrait: None, logo: None }
    }

    /// The same with a picture, if there is one.
    pub fn with(self, portrait: Option<&Picture>) -> Face {
        Face { portrait: portrait.cloned(), ..self }
    }

    /// The same with a sign, if there is one.
    pub fn signed(self, logo: Option<&Picture>) -> Face {
        Face { logo: logo.cloned(), ..self }
    }

    /// Whom a visitor would name: the organisation, else the person.
    pub fn host(&self) -> &str {
        if self.organisation.is_empty() { &self.name } else { &self.organisation }
    }
}

/// The first letters of the first and the last name; of a name without letters of that kind, its
/// first character, which in Chinese is the family name.
fn monogram(name: &str) -> String {
    let initial = |word: &str| word.chars().find(|it| it.is_alphanumeric());
    let mut words = name.split_whitespace().filter_map(initial);
    let (first, last) = (words.next(), words.next_back());
    let has_case = |it: &char| it.is_uppercase() || it.is_lowercase();
    let last = last.filter(|_| first.as_ref().is_some_and(has_case));
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// The beginning of a line that nobody would read to its end, and that would cost time to lay out.
fn shortened(text: &str, most: usize) -> String {
    let mut shown = text.chars().filter(|it| !is_tone(*it));
    let line: String = shown.by_ref().take(most).collect();
    if shown.next().is_none() {
        return line;
    }
    line.chars().take(most - 1).chain(['…']).collect()
}

/// Tones of skin (UTS #51 §2.4): the screens draw people in ink, and would draw a tone as a thing of its own.
fn is_tone(it: char) -> bool {
    ('\u{1f3fb}'..='\u{1f3ff}').contains(&it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monogram_is_two_letters_or_a_family_name() {
        for (name, letters) in [
            ("Mara Lindqvist", "ML"),
            ("Dr. Maximiliane von Hohenfels", "DH"),
            ("王小明", "王"),
            ("王 小明", "王"),
            ("cher", "C"),
            ("", ""),
            ("—", ""),
        ] {
            assert_eq!(monogram(name), letters, "{name}");
        }
    }

    #[test]
    fn a_card_without_a_name_shows_what_it_has() {
        let mut card = Card::named("");
        card.set_organisation("Halden");
        let face = Face::of(&card);
        assert_eq!((face.name.as_str(), face.organisation.as_str()), ("Halden", ""));
        assert_eq!(face.monogram, "");
    }

    #[test]
    fn a_line_without_an_end_is_cut() {
        let face = Face::of(&Card::named(&"Maximiliane ".repeat(170)));
        assert_eq!((face.name.chars().count(), face.name.ends_with('…')), (SHOWN_OF_A_NAME, true));
        assert_eq!(face.monogram, "MM");
        assert_eq!(Face::of(&Card::named("Bo")).name, "Bo");
        assert_eq!(Face::of(&Card::named("👩🏽‍💻 Zoë")).name, "👩‍💻 Zoë");
    }
}
