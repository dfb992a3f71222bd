//! A visitor's pages, also of visitors whom nobody expects.

use tapcard_protocol::Card;

use super::faces::{long, mara, portrayed, wang};
use super::office::person;
use crate::session::{Consent, Mode};
use crate::view::{Face, Page, Progress, Visit};

fn visit(visitor: Face, number: Option<&str>) -> Visit {
    Visit {
        visitor,
        unseen: false,
        owner: Some(mara()),
        number: number.map(str::to_owned),
        gives: true,
        note: String::new(),
        consent: Consent::Together,
    }
}

/// Cards that nobody expects, as they come out of a badge.
pub(super) fn odd_pages() -> Vec<(String, Mode, Page)> {
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

pub(super) fn visit_pages() -> Vec<(String, Mode, Page)> {
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
        ("confirm-portrait", swap(Page::Confirm(visit(portrayed(), number)))),
        ("confirm-unseen", swap(Page::Confirm(Visit { unseen: true, ..visit(long(), number) }))),
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
