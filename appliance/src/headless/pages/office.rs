//! The staff's pages.

use tapcard_protocol::{Card, Edition};

use super::faces::{long, mara, wang};
use crate::badge::{Refusal, Written};
use crate::language::Language;
use crate::offer::Part;
use crate::session::{
    Appearance, ContactId, Draft, Line, Mode, Night, Step, Stick, Supplies, Unfit, Upkeep, Words,
};
use crate::view::{
    self, Badges, Book, Condition, Editor, Face, Page, Person, Progress, Remark, Row, Settings,
};

/// Everything that may be wrong with what was to become a badge.
const REFUSALS: [Refusal; 8] = [
    Refusal::PulledAway,
    Refusal::Two,
    Refusal::Holds,
    Refusal::Locked,
    Refusal::OtherKind,
    Refusal::OtherUse,
    Refusal::TooSmall,
    Refusal::Worn,
];

pub(in crate::headless) fn book(n_rows: usize) -> Page {
    let all = [
        Progress::Sent,
        Progress::Waiting,
        Progress::Failed,
        Progress::Here,
        Progress::Updated,
        Progress::Stale,
    ];
    let faces = [mara(), wang(), long()];
    let row = |place: usize| Row {
        id: ContactId(place as i64),
        face: faces[place % faces.len()].clone(),
        met: "14:32".into(),
        progress: all[place % all.len()],
    };
    Page::Contacts(Book {
        rows: (0..n_rows).map(row).collect(),
        has_initials: n_rows > 9,
        initials: None,
        conflict: n_rows > 9,
        open_edit: false,
        n_waiting: if n_rows == 3 { 2 } else { 0 },
        told: (n_rows == 2).then_some((148, 12)),
        query: None,
    })
}

/// Under letters: those of whom there are any, or none.
pub(super) fn initials(n_rows: usize) -> Page {
    match book(n_rows) {
        Page::Contacts(it) => {
            let page = Book { has_initials: true, initials: Some(4), conflict: false, ..it };
            Page::Contacts(page)
        }
        other => other,
    }
}

pub(super) fn found(page: Page) -> Page {
    match page {
        Page::Contacts(book) => Page::Contacts(Book { query: Some("ma".into()), ..book }),
        other => other,
    }
}

pub(super) fn person(face: Face, progress: Progress) -> Page {
    let some = |it: &String| Some(it.clone()).filter(|it| !it.is_empty());
    Page::Contact(Person {
        numbers: some(&face.phone).into_iter().chain(["+49 30 23125 0142".into()]).collect(),
        mails: some(&face.mail).into_iter().collect(),
        website: "https://halden.example/people/northern-europe/partnerships".into(),
        note: "Send the price list before the end of the week, and call on Monday".into(),
        tags: vec!["press".into(), "buyer".into(), "Hannover".into()],
        rating: 3,
        met: "14:32".into(),
        face,
        progress,
    })
}

fn badges(face: Face, lock: bool, step: Step) -> Page {
    Page::Badges(Badges { face, lock, step, rests: false })
}

/// Everything that can be set, otherwise than at first.
fn all_set() -> Settings {
    let set = Appearance {
        night: Night::ByClock,
        larger: true,
        contrast: true,
        still: true,
        muted: true,
    };
    Settings { set, has_sound: true, speaks: Language::Japanese, may_change_pin: true }
}

/// The staff's smaller pages.
pub(super) fn staff_pages() -> Vec<(String, Mode, Page)> {
    let remark =
        |words, text: &str| Page::Remark(Remark { face: mara(), words, text: text.to_owned() });
    let well = Condition {
        time: "14:05".into(),
        version: "0.1.0",
        n_contacts: 148,
        ..Condition::default()
    };
    let ill = Condition {
        name: "Coffee bar in the western hall, on the left".chars().take(40).collect(),
        reader_rests: Some("14:02".into()),
        offline: Some("9:41".into()),
        disk_fails: true,
        clock_is_wrong: true,
        n_waiting: 12,
        offered: Some("0.2.0".into()),
        may_sign_out: true,
        is_maintained: true,
        ..well.clone()
    };
    let sticks = [
        ("stick", Stick::Waiting),
        ("stick-busy", Stick::Busy),
        ("stick-written", Stick::Written(148)),
        ("stick-read", Stick::Read(12, 0)),
        ("stick-bad", Stick::Read(12, 3)),
        ("stick-missing", Stick::Missing),
        ("stick-full", Stick::Full),
        ("stick-empty", Stick::Empty),
        ("stick-mailed", Stick::Mailed),
        ("stick-no-address", Stick::NoAddress),
        ("stick-too-soon", Stick::TooSoon),
        ("stick-away", Stick::Away),
    ];
    let sticks = sticks.map(|(name, it)| (name.to_owned(), Mode::Both, Page::Stick(it)));
    [
        ("menu", Page::Menu { has_card: true }),
        ("menu-no-card", Page::Menu { has_card: false }),
        ("settings", Page::Settings(Settings::default())),
        ("settings-all", Page::Settings(all_set())),
        ("condition", Page::Condition(well)),
        ("condition-ill", Page::Condition(ill)),
        ("wipe", Page::Wipe { n_unsent: 0 }),
        ("wipe-waiting", Page::Wipe { n_unsent: 3 }),
        ("sign-out", Page::SignOut { n_unsent: 0 }),
        ("sign-out-waiting", Page::SignOut { n_unsent: 3 }),
        ("remark-note", remark(Words::Note, "Send the price list")),
        ("remark-tags", remark(Words::Tags, "press, buyer")),
        ("contacts-initials", initials(4)),
        ("contacts-no-initials", initials(0)),
    ]
    .map(|(name, page)| (name.to_owned(), Mode::Both, page))
    .into_iter()
    .chain(sticks)
    .chain(upkeeps())
    .collect()
}

/// Each state of the page of updates.
fn upkeeps() -> Vec<(String, Mode, Page)> {
    let found = |has_stick, has_settings, update: Option<&str>| {
        Upkeep::Found(Supplies { has_stick, has_settings, update: update.map(str::to_owned) })
    };
    let fault = "tapcard.toml: line 12, `staff_pin`: must be 4 to 8 digits in quotation marks";
    let pages = [
        ("upkeep", Upkeep::Looking, None),
        ("upkeep-no-stick", found(false, false, None), None),
        ("upkeep-nothing", found(true, false, None), Some("0.3.0")),
        ("upkeep-all", found(true, true, Some("0.2.0")), Some("0.3.0")),
        ("upkeep-working", Upkeep::Working(40), None),
        ("upkeep-ready", Upkeep::Ready, None),
        ("upkeep-foreign", Upkeep::Failed(Unfit::Foreign), None),
        ("upkeep-older", Upkeep::Failed(Unfit::Older), None),
        ("upkeep-other-kind", Upkeep::Failed(Unfit::OtherKind), None),
        ("upkeep-broken", Upkeep::Failed(Unfit::Broken), None),
        ("upkeep-full", Upkeep::Failed(Unfit::Full), None),
        ("upkeep-away", Upkeep::Failed(Unfit::Away), Some("0.3.0")),
        ("upkeep-settings", Upkeep::Failed(Unfit::Settings(fault.into())), None),
    ];
    let page = |step, offered: Option<&str>| {
        let offered = offered.map(str::to_owned);
        Page::Upkeep(view::Upkeep { step, version: "0.1.0", offered })
    };
    pages.map(|(name, step, offered)| (name.to_owned(), Mode::Both, page(step, offered))).into()
}

/// Each state of the page on which badges are written.
pub(super) fn badge_pages() -> Vec<(String, Mode, Page)> {
    let written = |left_out: &[Part], is_locked| {
        Step::Written(Written { left_out: left_out.to_vec(), is_locked })
    };
    let resting = Badges { face: mara(), lock: false, step: Step::Waiting, rests: true };
    let pages = [
        ("badges", badges(mara(), false, Step::Waiting)),
        ("badges-lock", badges(long(), true, Step::Waiting)),
        ("badges-writing", badges(mara(), false, Step::Writing)),
        ("badges-written", badges(wang(), false, written(&[], false))),
        ("badges-written-locked", badges(long(), true, written(&[Part::Mail], true))),
        ("badges-resting", Page::Badges(resting)),
    ];
    let refused = REFUSALS
        .map(|it| (format!("badges-{it:?}"), Mode::Both, badges(long(), false, Step::Refused(it))));
    pages
        .map(|(name, page)| (name.to_owned(), Mode::Both, page))
        .into_iter()
        .chain(refused)
        .collect()
}

/// The own card being written, line by line.
pub(super) fn editor_pages() -> Vec<(String, Mode, Page)> {
    let draft = Draft::of(Edition(3), &Card::named(""))
        .with(Line::Name, "Mara Lindqvist")
        .with(Line::Title, "Head of Partnerships and Alliances, Northern Europe")
        .with(Line::Organisation, "Halden Instruments")
        .with(Line::Mobile, "+46 70 174 06 12");
    let editor = |line, conflict| {
        let draft = draft.clone();
        Page::Editor(Editor {
            is_visitors: false,
            draft,
            line,
            place: (line as usize, Line::ALL.len()),
            face: mara(),
            conflict,
            is_nameless: false,
            by_phone: true,
        })
    };
    let visitors = |line, is_nameless| match editor(line, false) {
        Page::Editor(it) => {
            let place = (1, Line::VISITORS.len());
            Page::Editor(Editor { is_visitors: true, place, is_nameless, by_phone: false, ..it })
        }
        other => other,
    };
    [
        ("editor", editor(Line::Name, false)),
        ("editor-title", editor(Line::Title, false)),
        ("editor-number", editor(Line::Mobile, false)),
        ("editor-mail", editor(Line::Mail, false)),
        ("editor-last", editor(Line::Company, false)),
        ("editor-conflict", editor(Line::Title, true)),
        ("form", visitors(Line::Mobile, false)),
        ("form-nameless", visitors(Line::Name, true)),
    ]
    .map(|(name, page)| (name.to_owned(), Mode::Both, page))
    .into()
}

/// The door, the contacts, and what is asked of the staff.
pub(super) fn doors() -> Vec<(&'static str, (Mode, Page))> {
    let swap = |it| (Mode::Both, it);
    let lock = |n_typed, wrong, closed_for| Page::Lock { n_typed, wrong, closed_for };
    vec![
        ("lock", swap(lock(3, false, 0))),
        ("lock-wrong", swap(lock(0, true, 0))),
        ("lock-closed", swap(lock(0, true, 30))),
        ("contacts", swap(book(8))),
        ("contacts-conflict", swap(book(200))),
        ("contacts-waiting", swap(book(3))),
        ("contacts-told", swap(book(2))),
        ("contacts-empty", swap(book(0))),
        ("contacts-found", swap(found(book(2)))),
        ("contacts-nobody", swap(found(book(0)))),
        ("contact", swap(person(mara(), Progress::Sent))),
        ("contact-held", swap(person(wang(), Progress::Held))),
        ("contact-failed", swap(person(long(), Progress::Failed))),
        ("tell", swap(Page::Tell)),
        ("mode", swap(Page::Mode)),
    ]
}
