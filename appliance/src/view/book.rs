//! What was collected here: the list, and one of it.

use std::cmp::Reverse;

use super::{Face, Progress, World, progress, time_of_day};
use crate::session::{INITIALS, Lookup};
use crate::store::{Contact, ContactId, Delivery, OwnCard};

/// As many contacts are looked over without letters to choose from.
const FEW: usize = 12;

/// What was collected here.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    /// One line per contact.
    pub rows: Vec<Row>,
    /// There are so many that letters help.
    pub has_initials: bool,
    /// Which of the letters are chosen, by their place in [`INITIALS`].
    pub initials: Option<usize>,
    /// The own card was changed elsewhere while an edit was on its way.
    pub conflict: bool,
    /// An edit of the own card waits to be sent.
    pub open_edit: bool,
    /// Tasks that the cloud has not answered.
    pub n_waiting: usize,
    /// How many the last edit of the own card goes to, and how many hold it whom it does not reach.
    pub told: Option<(u32, u32)>,
    /// The letters by which somebody is looked for, if anybody is.
    pub query: Option<String>,
}

/// One contact, and what can be seen of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// Its current card.
    pub face: Face,
    /// Two phone numbers at most.
    pub numbers: Vec<String>,
    /// One mail address at most.
    pub mails: Vec<String>,
    /// The first web address.
    pub website: String,
    /// What was written beside it.
    pub note: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// One to five stars, or none.
    pub rating: u8,
    /// The time of day when they met.
    pub met: String,
    /// How far it has come.
    pub progress: Progress,
}

/// One contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which one it is.
    pub id: ContactId,
    /// Its current card.
    pub face: Face,
    /// The time of day when they met.
    pub met: String,
    /// How far it has come.
    pub progress: Progress,
}

pub(super) fn book(world: &World<'_>, lookup: &Lookup) -> Book {
    let row = |contact: &&Contact| Row {
        id: contact.id,
        face: Face::of(&contact.card),
        met: time_of_day(contact.at, world.zone),
        progress: stage(contact),
    };
    let (query, initials) = match lookup {
        Lookup::All => (None, None),
        Lookup::Words(words) => (Some(words.as_str()), None),
        Lookup::Initials(it) => (None, Some(*it)),
    };
    let mut found: Vec<&Contact> = world
        .contacts
        .iter()
        .filter(|it| query.is_none_or(|query| is_found(it, query)))
        .filter(|it| initials.is_none_or(|place| place == initial(&Face::of(&it.card).name)))
        .collect();
    if initials.is_some() {
        found.sort_by_cached_key(|it| (in_letters(&Face::of(&it.card).name), Reverse(it.id)));
    }
    Book {
        rows: found.iter().map(row).collect(),
        has_initials: world.contacts.len() > FEW,
        initials,
        conflict: world.own.is_some_and(|it| it.is_conflict),
        open_edit: world.own.is_some_and(OwnCard::is_open),
        n_waiting: world.n_waiting,
        told: world.told.map(|it| (it.active, it.unclaimed + it.cancelled)),
        query: query.map(str::to_owned),
    }
}

pub(super) fn person(world: &World<'_>, id: ContactId) -> Person {
    let Some(it) = world.contacts.iter().find(|it| it.id == id) else { return Person::default() };
    Person {
        face: Face::of(&it.card).with(world.contact_portrait),
        numbers: it.card.phones().take(2).map(|it| it.number.to_owned()).collect(),
        mails: it.card.mails().take(1).map(str::to_owned).collect(),
        website: it.card.website().to_owned(),
        note: it.note.clone(),
        tags: it.tags.clone(),
        rating: it.rating,
        met: time_of_day(it.at, world.zone),
        progress: stage(it),
    }
}

/// How far a contact has come, and whether its card is the newest.
fn stage(it: &Contact) -> Progress {
    match it.delivery {
        Delivery::Sent if it.is_live => Progress::Updated,
        Delivery::Sent if it.has_ended => Progress::Stale,
        delivery => progress(Some(delivery), true),
    }
}

/// In Latin letters without marks, in small: 王 is "wang", and Ü is "u".
fn in_letters(text: &str) -> String {
    deunicode::deunicode(text).to_lowercase()
}

/// The place of a name's first letter in [`INITIALS`].
fn initial(name: &str) -> usize {
    let first = in_letters(name).chars().find(char::is_ascii_alphanumeric);
    let place =
        first.and_then(|it| INITIALS.iter().position(|key| key.contains(it.to_ascii_uppercase())));
    place.unwrap_or(INITIALS.len() - 1)
}

/// Whether a contact says all of these words, in any script and however they are written.
fn is_found(contact: &Contact, query: &str) -> bool {
    let face = Face::of(&contact.card);
    let text = [face.name, face.title, face.organisation, face.phone, face.mail].join(" ");
    let text = [text, contact.tags.join(" "), contact.note.clone()].join(" ");
    let (plain, letters) = (text.to_lowercase(), in_letters(&text));
    query.to_lowercase().split_whitespace().all(|it| plain.contains(it) || letters.contains(it))
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::Card;

    use super::*;

    fn contact(name: &str) -> Contact {
        let mut card = Card::named(name);
        card.set_organisation("Halden Instruments");
        Contact {
            id: ContactId(1),
            card,
            is_live: false,
            has_ended: false,
            at: jiff::Timestamp::UNIX_EPOCH,
            delivery: Delivery::Sent,
            note: "send prices".into(),
            tags: vec!["press".into()],
            rating: 0,
        }
    }

    #[test]
    fn somebody_is_found_by_any_words_of_the_card_or_about_it() {
        let jorg = contact("Jörg Müßig");
        for (query, expected) in [
            ("", true),
            ("MÜßIG", true),
            ("mussig", true),
            ("hal jörg", true),
            ("press price", true),
            ("mara", false),
            ("jörg mara", false),
        ] {
            assert_eq!(is_found(&jorg, query), expected, "{query}");
        }
        assert!(is_found(&contact("王小明"), "wang"));
    }

    #[test]
    fn names_of_every_script_have_an_initial() {
        for (name, key) in [
            ("Özil", "MNO"),
            ("émile", "DEF"),
            ("王小明", "WXYZ"),
            ("Жуков", "WXYZ"),
            ("3M", "#"),
            ("", "#"),
        ] {
            assert_eq!(INITIALS[initial(name)], key, "{name}");
        }
    }

    #[test]
    fn under_letters_contacts_stand_by_name() {
        let contacts = ["Bo", "Änne", "anna", "Cy", "Zoë"].map(contact);
        let world = World { contacts: &contacts, ..World::default() };
        let book = book(&world, &Lookup::Initials(0));
        let names: Vec<_> = book.rows.iter().map(|it| it.face.name.as_str()).collect();
        assert_eq!(names, ["anna", "Änne", "Bo", "Cy"]);
    }

    #[test]
    fn a_card_says_whether_it_is_the_newest() {
        let it = |is_live, has_ended, delivery| {
            stage(&Contact { is_live, has_ended, delivery, ..contact("Bo") })
        };
        assert_eq!(it(true, false, Delivery::Sent), Progress::Updated);
        assert_eq!(it(false, true, Delivery::Sent), Progress::Stale);
        assert_eq!(it(false, false, Delivery::Sent), Progress::Sent);
        assert_eq!(it(true, false, Delivery::Waiting), Progress::Waiting);
    }
}
