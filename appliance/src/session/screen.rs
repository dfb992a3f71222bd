//! What is going on, and what of it is seen.

use std::time::Duration;

use super::pairing::Pair;
use super::{
    Badging, Connecting, ContactId, Editing, Fate, Lookup, NewPin, Scan, Start, Stick, Trouble,
    Upkeep, Words,
};
use crate::visitor::Visitor;

/// What should be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Screen<'a> {
    /// The invitation, and what went wrong just now.
    Attract(Option<Trouble>),
    /// A tag is being read.
    Hold,
    /// It took too long, or the tag was taken away.
    Late,
    /// The visitor's card, and the question.
    Confirm(&'a Visitor),
    /// It is kept here; whether it goes to the cloud too.
    CloudToo(&'a Visitor),
    /// The visitor's card, and a note that is being written.
    Note(&'a Visitor, &'a str),
    /// A visitor's card that is written here; the one that is corrected, if one was read.
    Form(Option<&'a Visitor>, &'a Editing),
    /// Nobody has done anything for a while, and the page will close.
    StillThere,
    /// It was kept.
    Done(&'a Visitor, Fate),
    /// The first of two who meet, and the second once there is one.
    Pair(&'a Visitor, Option<&'a Visitor>),
    /// These two were introduced.
    Introduced(&'a Visitor, &'a Visitor),
    /// It was not kept.
    Refused,
    /// It was taken back.
    Undone,
    /// A phone has read the own card, and its owner goes on there.
    Phone,
    /// The code, large, and a number that is typed.
    Scan(&'a Scan),
    /// The own card in full, and the line of it that is looked at.
    Card(Option<usize>),
    /// The phone that had read it has taken it up.
    Claimed {
        /// The own card went to it.
        gave: bool,
        /// Its owner's card came.
        got: bool,
    },
    /// The PIN is asked for.
    Lock {
        /// How many digits are typed.
        n_typed: usize,
        /// The last PIN was wrong.
        wrong: bool,
        /// Nothing is taken before this time.
        closed_until: Option<Duration>,
    },
    /// What was collected here, or a part of it.
    Contacts(&'a Lookup),
    /// One of them.
    Contact(ContactId),
    /// Words about one of them that are being written.
    Remark(ContactId, Words, &'a str),
    /// The ways to the staff's other pages.
    Menu,
    /// How the screens look.
    Settings,
    /// How the kiosk is.
    Condition,
    /// The network.
    Network(&'a Connecting),
    /// The first start.
    Start(&'a Start),
    /// The question whether everything that was collected is erased.
    Wipe,
    /// The question whether the kiosk is to be nobody's again.
    SignOut,
    /// Another PIN is chosen.
    NewPin(&'a NewPin),
    /// A stick that takes contacts along, or brings some.
    Stick(Stick),
    /// Another version of the program, or other settings.
    Upkeep(&'a Upkeep),
    /// The own card, being edited.
    Editor(&'a Editing),
    /// The way to edit it at a phone.
    ByPhone,
    /// The question whether partners are told.
    Tell,
    /// The choice of the mode.
    Mode,
    /// Badges being written.
    Badges(&'a Badging),
}

/// What is going on.
#[derive(Clone)]
pub(super) enum State {
    Attract(Option<Trouble>),
    Hold,
    Late,
    Confirm(Box<Visitor>),
    CloudToo(Box<Visitor>),
    Note(Box<Visitor>, String),
    Form(Option<Box<Visitor>>, Editing),
    Done(Box<Visitor>, Fate),
    Pair(Pair),
    Introduced(Box<Visitor>, Box<Visitor>),
    Refused,
    Undone,
    Phone,
    Claimed {
        gave: bool,
        got: bool,
    },
    Card(Option<usize>),
    Scan(Scan),
    Lock,
    Contacts(Lookup),
    Contact(ContactId),
    Remark(ContactId, Words, String),
    Menu,
    Settings,
    Condition,
    Network(Connecting),
    Start(Start),
    Wipe,
    SignOut,
    NewPin(NewPin),
    Stick(Stick),
    Upkeep(Upkeep),
    Editor(Editing),
    ByPhone(Editing),
    /// With what was written, for the case that it could not be stored.
    Tell(Editing),
    Mode,
    Badges(Badging),
}
