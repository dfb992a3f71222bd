//! The first start, and what is typed and then tried.

use tapcard_protocol::enrolment::NoOwner;

use super::attract::{compare, enrol};
use super::editor::own_editor;
use super::{Editor, Page, World};
use crate::session::{Asking, Connecting, NewPin, Session, Start, Unfound};

/// One thing that is typed and then tried.
#[derive(Clone, PartialEq, Eq)]
pub struct Ask {
    /// What it is.
    pub what: Asked,
    /// Of a password, the network; of a code, where it went.
    pub name: String,
    /// As it reads by now.
    pub text: String,
    /// It is being tried.
    pub is_busy: bool,
    /// Why the last one led to nothing.
    pub trouble: Option<NoAnswer>,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask").field("what", &self.what).finish_non_exhaustive()
    }
}

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Asked {
    Password,
    Number,
    Mail,
    Code,
}

/// Why it led to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as `NoOwner`, and one for a cloud that does not answer")]
pub enum NoAnswer {
    Unreadable,
    Unreached,
    TooMany,
    NotTheCode,
    Slept,
    Away,
}

impl Ask {
    fn password(network: &Connecting, text: &str) -> Ask {
        Ask {
            what: Asked::Password,
            name: network.chosen.clone().unwrap_or_default(),
            text: text.to_owned(),
            is_busy: false,
            trouble: None,
        }
    }

    fn owner(asking: &Asking) -> Ask {
        let what = if asking.by_mail { Asked::Mail } else { Asked::Number };
        Ask {
            what,
            name: String::new(),
            text: asking.to.clone(),
            is_busy: asking.is_busy,
            trouble: asking.why.map(no_answer),
        }
    }

    fn code(asking: &Asking) -> Ask {
        let (name, text) = (asking.sent_to.clone(), asking.code.clone());
        Ask { what: Asked::Code, name, text, ..Ask::owner(asking) }
    }
}

fn no_answer(why: Unfound) -> NoAnswer {
    match why {
        Unfound::Refused(NoOwner::Unreadable) => NoAnswer::Unreadable,
        Unfound::Refused(NoOwner::Unreached) => NoAnswer::Unreached,
        Unfound::Refused(NoOwner::TooMany) => NoAnswer::TooMany,
        Unfound::Refused(NoOwner::NotTheCode) => NoAnswer::NotTheCode,
        Unfound::Refused(NoOwner::Slept) => NoAnswer::Slept,
        Unfound::Away => NoAnswer::Away,
    }
}

/// The network, or the password of a wireless one.
pub(super) fn network(it: &Connecting) -> Page {
    match &it.password {
        Some(text) => Page::Ask(Ask::password(it, text)),
        None => Page::Network(it.clone()),
    }
}

/// Where the first start is.
pub(super) fn first_start(start: &Start, session: &Session, world: &World<'_>) -> Page {
    match start {
        Start::Language => Page::Welcome,
        Start::Network(it) => network(it),
        Start::Owner(it) => Page::Ask(Ask::owner(it)),
        Start::Code(it) => Page::Ask(Ask::code(it)),
        Start::Compare => Page::Enrol(match world.enrolling {
            Some(it) => enrol(it, session, world),
            None => compare(world),
        }),
        Start::Card(it) => Page::Editor(Editor { conflict: false, ..own_editor(it, world) }),
        Start::ByPhone(_) => {
            Page::ByPhone { address: world.by_phone.unwrap_or_default().to_owned() }
        }
        Start::Mode => Page::Mode,
        Start::Pin(it) => new_pin(it),
        Start::Trial(is_felt) => Page::Trial { is_felt: *is_felt, rests: !session.reader_works() },
    }
}

/// A PIN that is chosen.
pub(super) fn new_pin(it: &NewPin) -> Page {
    Page::NewPin {
        n_typed: it.n_typed(),
        is_again: it.is_again(),
        differs: it.differs,
        is_enough: it.is_enough(),
    }
}
