//! What the kiosk says to everybody who passes.

use tapcard_protocol::enrolment::WORDS;

use super::{Face, Page, World, owner, time_of_day};
use crate::session::{Session, Trouble};
use crate::uplink::Enrolling;

/// The invitation.
#[derive(Clone, Debug, PartialEq)]
pub struct Attract {
    /// The own card.
    pub owner: Option<Face>,
    /// Where the kiosk stands.
    pub place: String,
    /// Why the last touch brought no card.
    pub trouble: Option<Trouble>,
    /// The time of day since when the reader does not answer.
    pub resting: Option<String>,
    /// What the QR code holds.
    pub code: Option<String>,
    /// Whether there is a way to the staff's pages.
    pub has_staff: bool,
    /// Whether the owner's card can be looked at in full.
    pub has_more: bool,
    /// Two visitors meet here, and no card of a host is to be had.
    pub introduces: bool,
    /// Nothing new can be kept.
    pub disk_fails: bool,
    /// The clock says what cannot be.
    pub clock_is_wrong: bool,
}

/// The owner has to say that this kiosk is the owner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrol {
    /// What is to be compared; none if the cloud refuses this kiosk.
    pub words: Option<[&'static str; WORDS]>,
    /// Where, without the scheme.
    pub host: String,
    /// Whether there is a way to the staff's pages.
    pub has_staff: bool,
    /// The cloud has not answered yet.
    pub is_waiting: bool,
    /// At the first start it can be done later.
    pub can_wait: bool,
}

/// The invitation; while the reader rests, the one to scan, if there is a code.
pub(super) fn invitation(session: &Session, trouble: Option<Trouble>, world: &World<'_>) -> Page {
    let rests = !session.reader_works() && trouble.is_none();
    let since = world.resting_since.map_or(String::new(), |it| time_of_day(it, world.zone));
    let introduces = session.introduces();
    let attract = Attract {
        owner: owner(world).filter(|_| !introduces),
        place: world.place.to_owned(),
        trouble,
        resting: rests.then_some(since),
        code: world.code.filter(|_| !introduces).map(str::to_owned),
        has_staff: session.has_staff(),
        has_more: session.shows_card(),
        introduces,
        disk_fails: world.disk_fails,
        clock_is_wrong: world.clock_is_wrong,
    };
    let is_fault = rests && attract.code.is_some();
    if is_fault { Page::Fault(attract) } else { Page::Attract(attract) }
}

pub(super) fn enrol(it: Enrolling, session: &Session, world: &World<'_>) -> Enrol {
    let words = match it {
        Enrolling::Compare(words) => Some(words),
        Enrolling::Refused => None,
    };
    let host = world.cloud.split_once("://").map_or(world.cloud, |(_, it)| it);
    let (has_staff, can_wait) =
        (session.has_staff() && !session.is_starting(), session.is_starting());
    Enrol { words, host: host.to_owned(), has_staff, is_waiting: false, can_wait }
}

/// At the first start, as long as the cloud has not answered.
pub(super) fn compare(world: &World<'_>) -> Enrol {
    let host = world.cloud.split_once("://").map_or(world.cloud, |(_, it)| it);
    Enrol { words: None, host: host.to_owned(), has_staff: false, is_waiting: true, can_wait: true }
}
