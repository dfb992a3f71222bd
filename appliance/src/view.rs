//! What a screen shows, worked out from the session and from what the kiosk knows. Pure: two equal
//! views need no repaint. Words are the screens' business; here are only facts.

mod attract;
mod book;
mod condition;
mod editor;
mod face;
mod look;
mod settings;
mod showcase;
mod signal;
mod start;
mod upkeep;
mod world;

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tapcard_protocol::message::Direction;

use crate::language::Language;
use crate::offer::printed;
use crate::session::{
    Badging, Connecting, Consent, Fate, Mode, Screen, Session, Step, Stick, Words,
};
use crate::store::Delivery;
use crate::visitor::Visitor;
pub use attract::{Attract, Enrol};
use attract::{enrol, invitation};
pub use book::{Book, Person, Row};
use book::{book, person};
pub use condition::Condition;
use condition::{condition, n_unsent};
pub use editor::Editor;
use editor::{form, own_editor};
pub use face::{Face, Picture};
use look::look;
pub use look::{Look, hour_ends};
pub use settings::Settings;
use settings::settings;
use showcase::showcase;
pub use showcase::{Showcase, Shown, Wall, hung, pictures};
pub use signal::{Sound, shines, sound};
pub use start::{Ask, Asked, NoAnswer};
use start::{first_start, network, new_pin};
pub use upkeep::Upkeep;
use upkeep::upkeep;
pub use world::World;

/// Everything that is on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Which way cards travel.
    pub mode: Mode,
    /// What is spoken.
    pub language: Language,
    /// How it looks.
    pub look: Look,
    /// Which step of the first start it is, from one; zero once that is over.
    pub step: usize,
    /// The page.
    pub page: Page,
}

/// An operator's file that is missing, or cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset {
    /// What is wrong.
    pub fault: String,
    /// Whether there are settings of before.
    pub can_go_on: bool,
}

/// A page and what is on it.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the pages of `session::Screen`, and one for a reader that rests")]
pub enum Page {
    Attract(Attract),
    Fault(Attract),
    Enrol(Enrol),
    Unset(Unset),
    Hold,
    Late,
    Confirm(Visit),
    CloudToo(Visit),
    Note(Visit),
    Done(Visit, Progress),
    Pair(Face, Option<Face>),
    Introduced(Face, Face),
    Refused,
    Undone,
    StillThere,
    Phone(Onward),
    Claimed {
        gave: bool,
        got: bool,
    },
    Card(Showcase),
    Scan {
        code: Option<String>,
        typed: String,
        is_wrong: bool,
        takes: bool,
    },
    ByPhone {
        address: String,
    },
    Lock {
        n_typed: usize,
        wrong: bool,
        closed_for: u64,
    },
    Contacts(Book),
    Contact(Person),
    Remark(Remark),
    Menu {
        has_card: bool,
    },
    Settings(Settings),
    Condition(Condition),
    Network(Connecting),
    Ask(Ask),
    Welcome,
    NewPin {
        n_typed: usize,
        is_again: bool,
        differs: bool,
        is_enough: bool,
    },
    Trial {
        is_felt: bool,
        rests: bool,
    },
    Wipe {
        n_unsent: usize,
    },
    /// The question whether the kiosk is to be nobody's again, and how much is not sent.
    SignOut {
        n_unsent: usize,
    },
    Stick(Stick),
    Upkeep(Upkeep),
    Editor(Editor),
    Tell,
    Mode,
    Badges(Badges),
}

/// What somebody goes on with whose phone has read the own card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Onward {
    /// The address, for a phone that told nothing.
    pub code: Option<String>,
    /// The own card, for a phone without a network.
    pub card: Option<String>,
}

/// Words about a contact, being written.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// Whom they are about.
    pub face: Face,
    /// Which.
    pub words: Words,
    /// As they read by now.
    pub text: String,
}

/// A visitor and the owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The visitor's card.
    pub visitor: Face,
    /// There is a picture on it that is not shown.
    pub unseen: bool,
    /// The own card.
    pub owner: Option<Face>,
    /// The visitor's number, masked; none if updates cannot follow.
    pub number: Option<String>,
    /// Whether the own card goes to the visitor too.
    pub gives: bool,
    /// What is written beside it.
    pub note: String,
    /// What is asked about the cloud.
    pub consent: Consent,
}

/// How far a kept card has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// It stays on this kiosk.
    #[default]
    Here,
    /// It waits for the staff's yes.
    Held,
    /// There is no connection.
    Offline,
    /// The cloud has not answered yet.
    Waiting,
    /// The cloud has it.
    Sent,
    /// The cloud has it, and the card here is its owner's newest.
    Updated,
    /// The cloud has it, and the card follows its owner no more.
    Stale,
    /// The cloud refused it.
    Failed,
}

/// Badges being written.
#[derive(Clone, Debug, PartialEq)]
pub struct Badges {
    /// Whose card they get.
    pub face: Face,
    /// They are locked for good.
    pub lock: bool,
    /// How far the last one is.
    pub step: Step,
    /// The reader does not answer.
    pub rests: bool,
}

/// What to show at `now`, counted as the session counts.
pub fn compose(session: &Session, now: Duration, world: &World<'_>) -> View {
    let face = |it: &Visitor| Face::of(&it.card);
    let visit = |it: &Visitor| visit(it, session, world);
    let page = match session.screen() {
        Screen::Attract(trouble) => match world.enrolling {
            Some(it) => Page::Enrol(enrol(it, session, world)),
            None => invitation(session, trouble, world),
        },
        Screen::Hold => Page::Hold,
        Screen::Late => Page::Late,
        Screen::Confirm(it) => Page::Confirm(visit(it)),
        Screen::Note(it, note) => Page::Note(Visit { note: note.to_owned(), ..visit(it) }),
        Screen::CloudToo(it) => Page::CloudToo(visit(it)),
        Screen::StillThere => Page::StillThere,
        Screen::Done(it, fate) => Page::Done(visit(it), so_far(fate, world)),
        Screen::Pair(one, other) => Page::Pair(face(one), other.map(face)),
        Screen::Introduced(one, other) => Page::Introduced(face(one), face(other)),
        Screen::Refused => Page::Refused,
        Screen::Undone => Page::Undone,
        Screen::Phone => Page::Phone(onward(world)),
        Screen::Claimed { gave, got } => Page::Claimed { gave, got },
        Screen::Lock { n_typed, wrong, closed_until } => {
            Page::Lock { n_typed, wrong, closed_for: seconds_left(closed_until, now) }
        }
        Screen::Contacts(lookup) => Page::Contacts(book(world, lookup)),
        Screen::Contact(id) => Page::Contact(person(world, id)),
        Screen::Remark(id, words, text) => {
            Page::Remark(Remark { face: person(world, id).face, words, text: text.to_owned() })
        }
        Screen::Menu => Page::Menu { has_card: world.own.is_some() },
        Screen::Settings => Page::Settings(settings(session, world)),
        Screen::Condition => Page::Condition(condition(session, world)),
        Screen::Network(it) => network(it),
        Screen::Start(it) => first_start(it, session, world),
        Screen::Wipe => Page::Wipe { n_unsent: n_unsent(world) },
        Screen::SignOut => Page::SignOut { n_unsent: n_unsent(world) },
        Screen::NewPin(it) => new_pin(it),
        Screen::Stick(it) => Page::Stick(it),
        Screen::Upkeep(it) => Page::Upkeep(upkeep(it, world)),
        Screen::Editor(editing) => Page::Editor(own_editor(editing, world)),
        Screen::Form(visitor, editing) => Page::Editor(form(editing, visitor)),
        Screen::Scan(it) => Page::Scan {
            code: world.code.map(str::to_owned),
            typed: it.typed.clone(),
            is_wrong: it.is_wrong,
            takes: session.takes_numbers(),
        },
        Screen::Card(line) => Page::Card(showcase(world, line)),
        Screen::ByPhone => Page::ByPhone { address: world.by_phone.unwrap_or_default().to_owned() },
        Screen::Tell => Page::Tell,
        Screen::Mode => Page::Mode,
        Screen::Badges(it) => Page::Badges(badges(it, session, world)),
    };
    let step = match session.screen() {
        Screen::Start(it) => it.step(),
        _ => 0,
    };
    let (mode, language) = (session.mode(), session.language());
    View { mode, language, look: look(session, world), step, page }
}

/// The owner's face.
fn owner(world: &World<'_>) -> Option<Face> {
    world.own.map(|it| Face::of(it.shown()).with(world.own_portrait).signed(world.own_logo))
}

fn visit(visitor: &Visitor, session: &Session, world: &World<'_>) -> Visit {
    Visit {
        visitor: Face::of(&visitor.card).with(world.visitor_portrait),
        unseen: world.visitor_unseen,
        owner: owner(world),
        number: visitor.number.as_ref().map(tapcard_protocol::Identifier::masked),
        gives: visitor.meeting.direction(session.mode()) == Direction::Both,
        note: visitor.note.clone(),
        consent: session.consent(),
    }
}

fn onward(world: &World<'_>) -> Onward {
    let card = world.own.map(|it| printed(it.shown()));
    Onward { code: world.code.map(str::to_owned), card }
}

fn badges(badging: &Badging, session: &Session, world: &World<'_>) -> Badges {
    Badges {
        face: world.badge.map(Face::of).unwrap_or_default(),
        lock: badging.lock,
        step: badging.step.clone(),
        rests: !session.reader_works(),
    }
}

/// How far a card has come that was just kept.
fn so_far(fate: Fate, world: &World<'_>) -> Progress {
    let delivery = match fate {
        Fate::Cloud => world.last,
        Fate::Here => Some(Delivery::Here),
        Fate::Held(_) => Some(Delivery::Held),
    };
    progress(delivery, world.online)
}

fn seconds_left(until: Option<Duration>, now: Duration) -> u64 {
    let left = until.map_or(Duration::ZERO, |it| it.saturating_sub(now));
    left.as_secs_f64().ceil() as u64
}

fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

fn progress(delivery: Option<Delivery>, online: bool) -> Progress {
    match delivery {
        Some(Delivery::Here) => Progress::Here,
        Some(Delivery::Held) => Progress::Held,
        Some(Delivery::Sent) => Progress::Sent,
        Some(Delivery::Failed) => Progress::Failed,
        Some(Delivery::Waiting) | None if online => Progress::Waiting,
        Some(Delivery::Waiting) | None => Progress::Offline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meeting::Meeting;
    use crate::session::Input;
    use crate::uplink::Enrolling;
    use tapcard_protocol::{Card, Identifier};

    fn world(online: bool, last: Option<Delivery>) -> World<'static> {
        World {
            place: "Hall 4",
            online,
            last,
            cloud: "https://cards.example.org",
            ..World::default()
        }
    }

    fn at_confirm() -> Session {
        let mut session = Session::new(Mode::Both, None);
        let number = Identifier::phone("+4915112345678", None).ok();
        let card = Card::named("Bo Ek");
        let (meeting, note) = (Meeting::BADGE, String::new());
        let visitor = Visitor { card, photo: None, number, meeting, note };
        session.handle(Duration::ZERO, Input::Read(Box::new(visitor)));
        session
    }

    #[test]
    fn the_visitors_number_is_masked() {
        let view = compose(&at_confirm(), Duration::ZERO, &world(true, None));
        let Page::Confirm(visit) = view.page else { panic!("{view:?}") };
        assert_eq!(visit.number.as_deref(), Some("+49\u{202f}••••\u{202f}5678"));
    }

    #[test]
    fn who_is_not_confirmed_invites_nobody() {
        let session = Session::new(Mode::Both, None);
        let words = ["apple", "river", "stone", "cloud"];
        for (it, shown) in [(Enrolling::Compare(words), Some(words)), (Enrolling::Refused, None)] {
            let world = World { enrolling: Some(it), ..world(false, None) };
            let view = compose(&session, Duration::ZERO, &world);
            let Page::Enrol(enrol) = view.page else { panic!("{view:?}") };
            assert_eq!((enrol.words, enrol.host.as_str()), (shown, "cards.example.org"));
        }
    }

    #[test]
    fn thanks_claim_no_more_than_is_true() {
        let mut session = at_confirm();
        session.handle(Duration::ZERO, Input::Accept);
        for (online, last, progress) in [
            (false, Some(Delivery::Waiting), Progress::Offline),
            (true, Some(Delivery::Waiting), Progress::Waiting),
            (true, Some(Delivery::Sent), Progress::Sent),
            (true, Some(Delivery::Failed), Progress::Failed),
        ] {
            let view = compose(&session, Duration::ZERO, &world(online, last));
            assert!(matches!(view.page, Page::Done(_, it) if it == progress), "{view:?}");
        }
        let mut session = at_confirm();
        session.handle(Duration::ZERO, Input::KeepHere);
        let view = compose(&session, Duration::ZERO, &world(true, Some(Delivery::Sent)));
        assert!(matches!(view.page, Page::Done(_, Progress::Here)), "{view:?}");
    }

    #[test]
    fn a_silent_reader_is_said_to_everybody_and_a_code_takes_its_place() {
        for mode in [Mode::Both, Mode::Give, Mode::Take] {
            let mut session = Session::new(mode, None);
            session.handle(Duration::ZERO, Input::Reader(false));
            let world = World { resting_since: Some(Timestamp::UNIX_EPOCH), ..world(true, None) };
            let view = compose(&session, Duration::ZERO, &world);
            let Page::Attract(attract) = view.page else { panic!("{view:?}") };
            assert_eq!(attract.resting.as_deref(), Some("00:00"));
            assert_eq!(attract.place, "Hall 4");
            let world = World { code: Some("HTTPS://A.EXAMPLE/T/0"), ..world };
            let view = compose(&session, Duration::ZERO, &world);
            assert!(matches!(view.page, Page::Fault(_)), "{view:?}");
            session.handle(Duration::ZERO, Input::Reader(true));
            let view = compose(&session, Duration::ZERO, &world);
            assert!(matches!(&view.page, Page::Attract(it) if it.resting.is_none()), "{view:?}");
        }
    }

    #[test]
    fn a_kiosk_that_only_let_itself_be_read_gets_no_card_promised() {
        let mut session = Session::new(Mode::Both, None);
        let meeting = Meeting { touch: None, given: false };
        let note = String::new();
        let visitor = Visitor { card: Card::named("Bo"), photo: None, number: None, meeting, note };
        session.handle(Duration::ZERO, Input::Read(Box::new(visitor)));
        let view = compose(&session, Duration::ZERO, &world(true, None));
        assert!(matches!(&view.page, Page::Confirm(it) if !it.gives), "{view:?}");
    }
}
