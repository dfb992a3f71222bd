//! A card that is being written.

use tapcard_protocol::Card;

use super::{Face, World};
use crate::session::{Draft, Editing, Line};
use crate::visitor::Visitor;

/// The own card, or a visitor's, being written.
#[derive(Clone, Debug, PartialEq)]
pub struct Editor {
    /// It is a visitor's.
    pub is_visitors: bool,
    /// The lines as typed.
    pub draft: Draft,
    /// Which one is written.
    pub line: Line,
    /// Its place among those that are written here, from zero, and how many they are.
    pub place: (usize, usize),
    /// The card as it is by now.
    pub face: Face,
    /// It was changed elsewhere meanwhile.
    pub conflict: bool,
    /// It was to be saved, and has no name.
    pub is_nameless: bool,
    /// It can be edited at a phone too.
    pub by_phone: bool,
}

pub(super) fn own_editor(editing: &Editing, world: &World<'_>) -> Editor {
    let own = world.own.map(|it| it.edited().clone());
    let conflict = world.own.is_some_and(|it| it.is_conflict);
    Editor { conflict, by_phone: world.by_phone.is_some(), ..editor(editing, own) }
}

pub(super) fn form(editing: &Editing, visitor: Option<&Visitor>) -> Editor {
    let card = visitor.map(|it| it.card.clone());
    Editor { is_visitors: true, ..editor(editing, card) }
}

fn editor(editing: &Editing, card: Option<Card>) -> Editor {
    let mut card = card.unwrap_or_else(|| Card::named(""));
    editing.draft.lay_on(&mut card);
    Editor {
        is_visitors: false,
        draft: editing.draft.clone(),
        line: editing.line,
        place: (editing.place(), editing.lines.len()),
        face: Face::of(&card),
        conflict: false,
        is_nameless: editing.is_nameless,
        by_phone: false,
    }
}
