//! Pages as they may be: for the pictures, and for the bench.

use tapcard_protocol::{Card, Edition};

use crate::badge::{Refusal, Written};
use crate::offer::Part;
use crate::session::{Consent, ContactId, Draft, Line, Mode, Step, Trouble};
use crate::view::{Attract, Badges, Book, Editor, Enrol, Face, Page, Person, Progress, Row, Visit};

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

fn mara() -> Face {
    Face {
        name: "Mara Lindqvist".into(),
        title: "Head of Partnerships".into(),
        organisation: "Halden Instruments".into(),
        phone: "+46 70 174 06 12".into(),
        mail: "mara@halden.example".into(),
        monogram: "ML".into(),
        tint: 0,
    }
}

fn long() -> Face {
    Face {
        name: "Dr. Maximiliane von Hohenfels-Sankt Georgen".into(),
        title: "Geschäftsführende Gesellschafterin".into(),
        organisation: "Weidenbach & Söhne Präzisionstechnik".into(),
        phone: "+49 30 23125 0142".into(),
        mail: "m.hohenfels@weidenbach.example".into(),
        monogram: "MH".into(),
        tint: 6,
    }
}

fn wang() -> Face {
    Face {
        name: "王小明".into(),
        title: "总经理".into(),
        organisation: "深圳光启科技有限公司".into(),
        monogram: "王".into(),
        tint: 3,
        ..Face::default()
    }
}

fn invitation(code: Option<&str>) -> Attract {
    let (owner, place) = (Some(mara()), "Hall 4, B12".into());
    let code = code.map(str::to_owned);
    Attract { owner, place, trouble: None, resting: None, code, has_staff: true, introduces: false }
}

pub(super) fn attract(trouble: Option<Trouble>, code: Option<&str>) -> Page {
    Page::Attract(Attract { trouble, ..invitation(code) })
}

fn resting(code: Option<&str>) -> Page {
    let attract = Attract { resting: Some("14:05".into()), ..invitation(code) };
    if code.is_some() { Page::Fault(attract) } else { Page::Attract(attract) }
}

fn introduces() -> Page {
    Page::Attract(Attract { owner: None, introduces: true, ..invitation(None) })
}

fn enrol(words: Option<[&'static str; 4]>) -> Page {
    Page::Enrol(Enrol { words, host: "cards.example.org".into(), has_staff: true })
}

fn visit(visitor: Face, number: Option<&str>) -> Visit {
    Visit {
        visitor,
        owner: Some(mara()),
        number: number.map(str::to_owned),
        gives: true,
        note: String::new(),
        consent: Consent::Together,
    }
}

pub(super) fn book(n_rows: usize) -> Page {
    let all = [Progress::Sent, Progress::Waiting, Progress::Failed, Progress::Here];
    let faces = [mara(), wang(), long()];
    let row = |place: usize| Row {
        id: ContactId(place as i64),
        face: faces[place % faces.len()].clone(),
        met: "14:32".into(),
        progress: all[place % all.len()],
    };
    Page::Contacts(Book {
        rows: (0..n_rows).map(row).collect(),
        conflict: n_rows > 9,
        open_edit: false,
        n_waiting: if n_rows == 3 { 2 } else { 0 },
        query: None,
    })
}

fn found(page: Page) -> Page {
    match page {
        Page::Contacts(book) => Page::Contacts(Book { query: Some("ma".into()), ..book }),
        other => other,
    }
}

fn person(face: Face, progress: Progress) -> Page {
    let some = |it: &String| Some(it.clone()).filter(|it| !it.is_empty());
    Page::Contact(Person {
        numbers: some(&face.phone).into_iter().chain(["+49 30 23125 0142".into()]).collect(),
        mails: some(&face.mail).into_iter().collect(),
        website: "https://halden.example/people/northern-europe/partnerships".into(),
        note: "Send the price list before the end of the week, and call on Monday".into(),
        met: "14:32".into(),
        face,
        progress,
    })
}

fn badges(face: Face, lock: bool, step: Step) -> Page {
    Page::Badges(Badges { face, lock, step, rests: false })
}

/// Each state of the page on which badges are written.
fn badge_pages() -> Vec<(String, Mode, Page)> {
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
fn editor_pages() -> Vec<(String, Mode, Page)> {
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
        })
    };
    let visitors = |line, is_nameless| match editor(line, false) {
        Page::Editor(it) => {
            let place = (1, Line::VISITORS.len());
            Page::Editor(Editor { is_visitors: true, place, is_nameless, ..it })
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

/// Cards that nobody expects, as they come out of a badge.
fn odd_pages() -> Vec<(String, Mode, Page)> {
    let of = |name: &str| Face::of(&Card::named(name));
    let nameless = {
        let mut card = Card::named("");
        card.set_mobile("+46 70 174 06 12");
        Face::of(&card)
    };
    let number = Some("+44\u{202f}••••\u{202f}0142");
    let faces = [
        ("endless", of(&"Maximiliane ".repeat(170))),
        ("unbroken", of(&"Wolfeschlegelsteinhausenbergerdorff".repeat(60))),
        ("rtl", of("محمد عبد الله الفارسي")),
        ("emoji", of("👩🏽‍💻 Zoë 🇳🇴")),
        ("nameless", nameless),
        ("empty", of("")),
    ];
    faces
        .into_iter()
        .flat_map(|(name, face)| {
            let visited = visit(face.clone(), number);
            [
                (format!("odd-{name}"), Page::Confirm(visited.clone())),
                (format!("odd-{name}-done"), Page::Done(visited, Progress::Sent)),
                (format!("odd-{name}-contact"), person(face, Progress::Failed)),
            ]
        })
        .map(|(name, page)| (name, Mode::Both, page))
        .collect()
}

fn visit_pages() -> Vec<(String, Mode, Page)> {
    let number = Some("+44\u{202f}••••\u{202f}0142");
    let swap = |it| (Mode::Both, it);
    [
        ("hold", swap(Page::Hold)),
        ("late", swap(Page::Late)),
        ("confirm", swap(Page::Confirm(visit(long(), number)))),
        ("confirm-no-number", swap(Page::Confirm(visit(wang(), None)))),
        ("confirm-no-owner", swap(Page::Confirm(Visit { owner: None, ..visit(mara(), number) }))),
        (
            "confirm-take",
            (Mode::Take, Page::Confirm(Visit { gives: false, ..visit(mara(), number) })),
        ),
        ("done", swap(Page::Done(visit(long(), number), Progress::Sent))),
        ("done-waiting", swap(Page::Done(visit(wang(), None), Progress::Waiting))),
        ("done-offline", swap(Page::Done(visit(wang(), number), Progress::Offline))),
        ("done-held", swap(Page::Done(visit(long(), number), Progress::Held))),
        ("done-here", swap(Page::Done(visit(wang(), number), Progress::Here))),
        (
            "done-take",
            (
                Mode::Take,
                Page::Done(Visit { gives: false, ..visit(long(), number) }, Progress::Sent),
            ),
        ),
        ("cloud-too", swap(Page::CloudToo(visit(mara(), number)))),
        (
            "confirm-ask",
            swap(Page::Confirm(Visit { consent: Consent::Ask, ..visit(mara(), number) })),
        ),
        (
            "confirm-never",
            swap(Page::Confirm(Visit { consent: Consent::Never, ..visit(mara(), number) })),
        ),
        ("refused", swap(Page::Refused)),
        ("pair-one", swap(Page::Pair(mara(), None))),
        ("pair-two", swap(Page::Pair(long(), Some(wang())))),
        ("introduced", swap(Page::Introduced(long(), wang()))),
        ("undone", swap(Page::Undone)),
        ("still-there", swap(Page::StillThere)),
        (
            "note",
            swap(Page::Note(Visit { note: "Send the price list".into(), ..visit(mara(), number) })),
        ),
    ]
    .map(|(name, (mode, page))| (name.to_owned(), mode, page))
    .into()
}

pub(super) fn pages() -> Vec<(String, Mode, Page)> {
    let swap = |it| (Mode::Both, it);
    let code = Some(CODE);
    let lock = |n_typed, wrong, closed_for| Page::Lock { n_typed, wrong, closed_for };
    let pages = [
        ("attract", swap(attract(None, None))),
        ("attract-code", swap(attract(None, code))),
        ("attract-resting", swap(resting(None))),
        ("attract-take", (Mode::Take, attract(None, None))),
        ("attract-give", (Mode::Give, attract(None, code))),
        ("attract-give-nothing", (Mode::Give, attract(None, None))),
        ("attract-introduces", swap(introduces())),
        ("fault", swap(resting(code))),
        ("enrol", swap(enrol(Some(["scissors", "umbrella", "mountain", "aware"])))),
        ("enrol_refused", swap(enrol(None))),
        ("fault-give", (Mode::Give, resting(code))),
        ("phone", swap(Page::Phone)),
        ("phone-give", (Mode::Give, Page::Phone)),
        ("lock", swap(lock(3, false, 0))),
        ("lock-wrong", swap(lock(0, true, 0))),
        ("lock-closed", swap(lock(0, true, 30))),
        ("contacts", swap(book(8))),
        ("contacts-conflict", swap(book(200))),
        ("contacts-waiting", swap(book(3))),
        ("contacts-empty", swap(book(0))),
        ("contacts-found", swap(found(book(2)))),
        ("contacts-nobody", swap(found(book(0)))),
        ("contact", swap(person(mara(), Progress::Sent))),
        ("contact-held", swap(person(wang(), Progress::Held))),
        ("contact-failed", swap(person(long(), Progress::Failed))),
        ("tell", swap(Page::Tell)),
        ("mode", swap(Page::Mode)),
    ];
    let troubles =
        TROUBLES.map(|it| (format!("trouble-{it:?}"), Mode::Both, attract(Some(it), code)));
    let named = |(name, (mode, page)): (&str, _)| (name.to_owned(), mode, page);
    let own_card = editor_pages();
    let visits = visit_pages();
    pages
        .into_iter()
        .map(named)
        .chain(visits)
        .chain(odd_pages())
        .chain(own_card)
        .chain(troubles)
        .chain(badge_pages())
        .collect()
}
