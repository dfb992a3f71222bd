//! What was collected here: the list, and one of it.

use tapcard_protocol::Card;

use super::{Face, Progress, World, progress, time_of_day};
use crate::store::{Contact, ContactId, OwnCard};

/// What was collected here.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    /// One line per contact, the newest first.
    pub rows: Vec<Row>,
    /// The own card was changed elsewhere while an edit was on its way.
    pub conflict: bool,
    /// An edit of the own card waits to be sent.
    pub open_edit: bool,
    /// Tasks that the cloud has not answered.
    pub n_waiting: usize,
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

pub(super) fn book(world: &World<'_>, query: Option<&str>) -> Book {
    let row = |contact: &Contact| Row {
        id: contact.id,
        face: Face::of(&contact.card),
        met: time_of_day(contact.at, world.zone),
        progress: progress(Some(contact.delivery), true),
    };
    Book {
        rows: world
            .contacts
            .iter()
            .filter(|it| query.is_none_or(|query| is_found(&it.card, query)))
            .map(row)
            .collect(),
        conflict: world.own.is_some_and(|it| it.is_conflict),
        open_edit: world.own.is_some_and(OwnCard::is_open),
        n_waiting: world.n_waiting,
        query: query.map(str::to_owned),
    }
}

pub(super) fn person(world: &World<'_>, id: ContactId) -> Person {
    let Some(it) = world.contacts.iter().find(|it| it.id == id) else { return Person::default() };
    Person {
        face: Face::of(&it.card),
        numbers: it.card.phones().take(2).map(|it| it.number.to_owned()).collect(),
        mails: it.card.mails().take(1).map(str::to_owned).collect(),
        website: it.card.website().to_owned(),
        note: it.note.clone(),
        met: time_of_day(it.at, world.zone),
        progress: progress(Some(it.delivery), true),
    }
}

/// Whether a card says all of these words, however they are written.
fn is_found(card: &Card, query: &str) -> bool {
    let face = Face::of(card);
    let text =
        [face.name, face.title, face.organisation, face.phone, face.mail].join(" ").to_lowercase();
    query.to_lowercase().split_whitespace().all(|it| text.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_found_by_any_words_of_the_card() {
        let mut card = Card::named("Jörg Müßig");
        card.set_organisation("Halden Instruments");
        for (query, expected) in
            [("", true), ("MÜßIG", true), ("hal jörg", true), ("mara", false), ("jörg mara", false)]
        {
            assert_eq!(is_found(&card, query), expected, "{query}");
        }
    }
}
