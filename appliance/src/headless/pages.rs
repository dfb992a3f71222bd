//! Pages as they may be: for the pictures, and for the bench.

mod faces;
mod office;
mod starts;
mod visits;

use tapcard_protocol::card::ExhibitKind;

use crate::language::Language;
use crate::session::{Mode, Trouble};
use crate::view::{Attract, Enrol, Look, Onward, Page, Showcase, Shown, View, Wall};
use faces::{animation, mara, portrayed, signed, wang};
pub(super) use office::book;
#[cfg(test)]
pub(super) use starts::step;

/// The address of a touch.
pub(super) const CODE: &str =
    "HTTPS://CARDS.EXAMPLE.ORG/T/04134HB4NF6KSBQV00S000001A3YMV1H63WV6SHZ4V0N0TYWSXHG";
/// Everything that may be wrong with what was held to the reader.
const TROUBLES: [Trouble; 19] = [
    Trouble::Two,
    Trouble::Empty,
    Trouble::Unformatted,
    Trouble::Locked,
    Trouble::Classic,
    Trouble::OtherCard,
    Trouble::OtherKind,
    Trouble::Damaged,
    Trouble::CutOff,
    Trouble::TooLong,
    Trouble::BadCard,
    Trouble::BlankCard,
    Trouble::CardLink,
    Trouble::Link,
    Trouble::Poster,
    Trouble::Wifi,
    Trouble::NoCard,
    Trouble::NoNumber,
    Trouble::NotKept,
];

fn invitation(code: Option<&str>) -> Attract {
    let (owner, place) = (Some(mara()), "Hall 4, B12".into());
    let code = code.map(str::to_owned);
    Attract {
        owner,
        place,
        trouble: None,
        resting: None,
        code,
        has_staff: true,
        has_more: true,
        introduces: false,
        disk_fails: false,
        clock_is_wrong: false,
    }
}

pub(super) fn attract(trouble: Option<Trouble>, code: Option<&str>) -> Page {
    Page::Attract(Attract { trouble, ..invitation(code) })
}

fn resting(code: Option<&str>) -> Page {
    let attract = Attract { resting: Some("14:05".into()), ..invitation(code) };
    if code.is_some() { Page::Fault(attract) } else { Page::Attract(attract) }
}

/// The own card in full, and which line of it is looked at.
fn showcase(chosen: Option<usize>) -> Page {
    let offer = "Clocks and instruments for towers, ships and laboratories, made to order, kept in repair for thirty years, \
                 and delivered anywhere between Halden and Cape Town within six weeks.";
    let lines = vec![
        Shown::Link("https://halden.example/".into()),
        Shown::Link(
            "https://halden.example/people/northern-europe/partnerships/mara-lindqvist".into(),
        ),
        Shown::Link("https://www.example.org/in/mara".into()),
        Shown::Offer(offer.into()),
        Shown::Company("A family of clockmakers since 1887.".into()),
        Shown::Address("Storgata 12, 1776 Halden, Norway".into()),
    ];
    Page::Card(Showcase { face: mara(), lines, chosen, wall: Wall::Empty })
}

/// The same with something to look at, and what of it is seen.
fn gallery(chosen: Option<usize>, wall: Wall) -> Page {
    let lines = vec![
        Shown::Exhibit(ExhibitKind::Animation, "The lift of the tide gauge".into()),
        Shown::Exhibit(ExhibitKind::Film, String::new()),
        Shown::Exhibit(ExhibitKind::Document, "Catalogue 2026".into()),
        Shown::Link("https://halden.example/".into()),
        Shown::Messenger("Signal: mara.42".into()),
        Shown::Address("Storgata 12, 1776 Halden, Norway".into()),
    ];
    Page::Card(Showcase { face: signed(), lines, chosen, wall })
}

/// Something that moves.
pub(super) fn moving() -> Page {
    gallery(Some(0), Wall::Picture(animation()))
}

fn bare() -> Page {
    Page::Card(Showcase { face: wang(), lines: vec![], chosen: None, wall: Wall::Empty })
}

/// A phone has read the card.
fn phone(code: Option<&str>) -> Page {
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lindqvist;Mara;;;\r\nFN:Mara Lindqvist\r\nORG:Halden Instruments\r\n\
                TITLE:Head of Partnerships\r\nTEL;TYPE=CELL:+46701740612\r\nEMAIL:mara@halden.example\r\nEND:VCARD\r\n";
    Page::Phone(Onward { code: code.map(str::to_owned), card: code.map(|_| card.to_owned()) })
}

/// The code, large.
fn scan(typed: &str, is_wrong: bool, takes: bool) -> Page {
    Page::Scan { code: Some(CODE.to_owned()), typed: typed.to_owned(), is_wrong, takes }
}

fn introduces() -> Page {
    Page::Attract(Attract { owner: None, introduces: true, ..invitation(None) })
}

fn enrol(words: Option<[&'static str; 4]>) -> Page {
    let host = "cards.example.org".into();
    Page::Enrol(Enrol { words, host, has_staff: true, is_waiting: false, can_wait: false })
}

/// What the kiosk says to those who pass, and who go on elsewhere.
fn invitations() -> Vec<(&'static str, (Mode, Page))> {
    let swap = |it| (Mode::Both, it);
    let code = Some(CODE);
    vec![
        ("attract", swap(attract(None, None))),
        ("attract-code", swap(attract(None, code))),
        ("attract-resting", swap(resting(None))),
        ("attract-take", (Mode::Take, attract(None, None))),
        ("attract-give", (Mode::Give, attract(None, code))),
        ("attract-give-nothing", (Mode::Give, attract(None, None))),
        ("attract-introduces", swap(introduces())),
        ("attract-full", swap(Page::Attract(Attract { disk_fails: true, ..invitation(code) }))),
        (
            "attract-clock",
            swap(Page::Attract(Attract { clock_is_wrong: true, ..invitation(code) })),
        ),
        (
            "attract-portrait",
            swap(Page::Attract(Attract { owner: Some(portrayed()), ..invitation(code) })),
        ),
        ("fault", swap(resting(code))),
        ("enrol", swap(enrol(Some(["scissors", "umbrella", "mountain", "aware"])))),
        ("enrol_refused", swap(enrol(None))),
        ("fault-give", (Mode::Give, resting(code))),
        ("phone", swap(phone(code))),
        ("phone-give", (Mode::Give, phone(code))),
        ("claimed", swap(Page::Claimed { gave: true, got: true })),
        ("claimed-give", (Mode::Give, Page::Claimed { gave: true, got: false })),
        ("claimed-take", (Mode::Take, Page::Claimed { gave: false, got: true })),
        ("card", swap(showcase(None))),
        ("card-link", swap(showcase(Some(0)))),
        ("card-text", swap(showcase(Some(3)))),
        ("card-logo", swap(gallery(None, Wall::Empty))),
        ("card-animation", swap(moving())),
        ("card-film", swap(gallery(Some(1), Wall::Phone(Some(CODE.into()))))),
        ("card-document", swap(gallery(Some(2), Wall::Phone(None)))),
        ("card-waiting", swap(gallery(Some(0), Wall::Waiting))),
        ("card-unseen", swap(gallery(Some(0), Wall::Unseen))),
        ("card-bare", swap(bare())),
        (
            "by-phone",
            swap(Page::ByPhone { address: "https://cards.example.org/account/card".into() }),
        ),
        ("phone-alone", swap(phone(None))),
        ("scan", swap(scan("", false, true))),
        ("scan-typed", swap(scan("+4670174061", false, true))),
        ("scan-wrong", swap(scan("12", true, true))),
        ("scan-give", (Mode::Give, scan("", false, false))),
    ]
}

/// A page as it looks when nothing was set.
pub(super) fn plain(page: Page) -> View {
    let (mode, language) = (Mode::Both, Language::English);
    View { mode, language, look: Look::default(), step: 0, page }
}

pub(super) fn pages() -> Vec<(String, Mode, Page)> {
    let troubles =
        TROUBLES.map(|it| (format!("trouble-{it:?}"), Mode::Both, attract(Some(it), Some(CODE))));
    let named = |(name, (mode, page)): (&str, _)| (name.to_owned(), mode, page);
    invitations()
        .into_iter()
        .map(named)
        .chain(office::doors().into_iter().map(named))
        .chain(visits::visit_pages())
        .chain(visits::odd_pages())
        .chain(office::editor_pages())
        .chain(troubles)
        .chain(office::badge_pages())
        .chain(office::staff_pages())
        .chain(starts::starts())
        .collect()
}
