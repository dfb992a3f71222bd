//! Every page on every panel: drawn, looked over, and hung in `target/screens`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use slint::{ComponentHandle, Rgb8Pixel};
use tapcard_protocol::{Card, Edition};

use super::canvas::{Canvas, Frame};
use super::picture::Album;
use super::reference::Sheets;
use crate::badge::{Refusal, Written};
use crate::language::Language;
use crate::offer::Part;
use crate::screens::window::{App, settle};
use crate::screens::{Screens, darken, show, stand_still};
use crate::session::{ContactId, Draft, Line, Mode, Step, Trouble};
use crate::view::{Attract, Badges, Book, Editor, Enrol, Face, Page, Progress, Row, View, Visit};

/// Least height of what a finger presses, in logical pixels.
const FINGER: f32 = 72.0;
/// The address of a touch.
const CODE: &str =
    "HTTPS://CARDS.EXAMPLE.ORG/T/04134HB4NF6KSBQV00S000001A3YMV1H63WV6SHZ4V0N0TYWSXHG";
/// Everything that may be wrong with what was held to the reader.
const TROUBLES: [Trouble; 18] = [
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
    Attract { owner, place, trouble: None, resting: None, code, has_staff: true }
}

fn attract(trouble: Option<Trouble>, code: Option<&str>) -> Page {
    Page::Attract(Attract { trouble, ..invitation(code) })
}

fn resting(code: Option<&str>) -> Page {
    let attract = Attract { resting: Some("14:05".into()), ..invitation(code) };
    if code.is_some() { Page::Fault(attract) } else { Page::Attract(attract) }
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
    }
}

fn book(n_rows: usize) -> Page {
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
        Page::Editor(Editor { draft, line, face: mara(), conflict, is_nameless: false })
    };
    [
        ("editor", editor(Line::Name, false)),
        ("editor-title", editor(Line::Title, false)),
        ("editor-number", editor(Line::Mobile, false)),
        ("editor-mail", editor(Line::Mail, false)),
        ("editor-last", editor(Line::Company, false)),
        ("editor-conflict", editor(Line::Title, true)),
    ]
    .map(|(name, page)| (name.to_owned(), Mode::Both, page))
    .into()
}

fn pages() -> Vec<(String, Mode, Page)> {
    let number = Some("+44\u{202f}••••\u{202f}0142");
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
        ("fault", swap(resting(code))),
        ("enrol", swap(enrol(Some(["scissors", "umbrella", "mountain", "aware"])))),
        ("enrol_refused", swap(enrol(None))),
        ("fault-give", (Mode::Give, resting(code))),
        ("phone", swap(Page::Phone)),
        ("phone-give", (Mode::Give, Page::Phone)),
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
        ("done-here", swap(Page::Done(visit(wang(), number), Progress::Here))),
        (
            "done-take",
            (
                Mode::Take,
                Page::Done(Visit { gives: false, ..visit(long(), number) }, Progress::Sent),
            ),
        ),
        ("refused", swap(Page::Refused)),
        ("undone", swap(Page::Undone)),
        ("still-there", swap(Page::StillThere)),
        (
            "note",
            swap(Page::Note(Visit { note: "Send the price list".into(), ..visit(mara(), number) })),
        ),
        ("lock", swap(lock(3, false, 0))),
        ("lock-wrong", swap(lock(0, true, 0))),
        ("lock-closed", swap(lock(0, true, 30))),
        ("contacts", swap(book(8))),
        ("contacts-conflict", swap(book(200))),
        ("contacts-empty", swap(book(0))),
        ("tell", swap(Page::Tell)),
        ("mode", swap(Page::Mode)),
    ];
    let troubles =
        TROUBLES.map(|it| (format!("trouble-{it:?}"), Mode::Both, attract(Some(it), code)));
    let named = |(name, (mode, page)): (&str, _)| (name.to_owned(), mode, page);
    let own_card = editor_pages();
    pages.into_iter().map(named).chain(own_card).chain(troubles).chain(badge_pages()).collect()
}

/// All pictures of this run on one page.
fn index() -> String {
    let files = std::fs::read_dir(folder()).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<String> = files.filter_map(|it| it.into_string().ok()).collect();
    names.retain(|it| it.ends_with(".png"));
    names.sort();
    let figure = |it: &String| {
        format!(
            "<figure><img src=\"{it}\" loading=\"lazy\"><figcaption>{it}</figcaption></figure>\n"
        )
    };
    let style = "body{display:flex;flex-wrap:wrap;gap:12px;background:#888;font:13px sans-serif}figure{margin:0}\
                 img{width:400px;display:block}";
    let figures: String = names.iter().map(figure).collect();
    format!(
        "<!DOCTYPE html><meta charset=\"utf-8\"><title>Screens</title><style>{style}</style>\n{figures}"
    )
}

/// `target/screens`: the test runs in `target/debug/deps`.
fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().nth(3).unwrap_or(Path::new("."));
    let folder = target.join("screens");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Everything that is read or pressed lies inside the window and is large enough.
fn look_over(app: &App, name: &str, faults: &mut Vec<String>) {
    let size = app.window().size().to_logical(app.window().scale_factor());
    // The list of contacts scrolls, but only up and down.
    let scrolls = name.starts_with("contacts");
    let inside = |it: &ElementHandle| {
        let (place, own) = (it.absolute_position(), it.size());
        let (right, bottom) = (place.x + own.width, place.y + own.height);
        let fits_across = place.x >= -0.5 && right <= size.width + 0.5;
        fits_across && (scrolls || place.y >= -0.5 && bottom <= size.height + 0.5)
    };
    let all = ElementQuery::from_root(app).match_descendants().find_all();
    for element in &all {
        let label = element.accessible_label().unwrap_or_default();
        let role = element.accessible_role();
        let is_seen = matches!(
            role,
            Some(AccessibleRole::Button | AccessibleRole::TextInput | AccessibleRole::Text)
        );
        if is_seen && !inside(element) {
            faults.push(format!("{name}: {label:?} is cut off"));
        }
        if role == Some(AccessibleRole::Button) {
            let height = element.size().height;
            // A key reaches four pixels further on every side than it is drawn.
            let is_key = element.type_name().is_some_and(|it| it == "Key");
            let reach = if is_key { height + 8.0 } else { height };
            if reach < FINGER {
                faults.push(format!("{name}: {label} is only {height} high"));
            }
        }
    }
    assert!(all.len() > 1, "{name} shows nothing");
}

/// A phone's camera finds the code in a picture of the whole screen, and it is as small as it can be.
fn scan(frame: &Frame, name: &str) {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let shade = |x: usize, y: usize| frame.pixels[y * width + x].g;
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    let found = picture.detect_grids();
    let read = found.iter().find_map(|it| it.decode().ok());
    let (code, text) = read.unwrap_or_else(|| panic!("{name}: no code is found"));
    assert_eq!(text, CODE, "{name}");
    // Version 4 has 33 modules a side; 0 stands for level M (ISO/IEC 18004, table 12).
    assert_eq!((code.version.0, code.ecc_level), (4, 0), "{name}");
}

fn code(page: &Page) -> Option<&str> {
    match page {
        Page::Attract(it) | Page::Fault(it) => it.code.as_deref(),
        _ => None,
    }
}

/// Whether two frames are one picture. At a broken scale the edge of a line may fall one way or the
/// other, depending on how much was drawn anew: one pixel in a thousand may differ.
fn alike(a: &[Rgb8Pixel], b: &[Rgb8Pixel]) -> bool {
    a.iter().zip(b).filter(|(a, b)| a != b).count() * 1000 < a.len()
}

/// In which languages pictures are made: that of the sources, and the tallest.
const PAINTED: [Language; 2] = [Language::English, Language::Chinese];

#[test]
fn every_page_fits_every_panel_and_leaves_nothing_behind() {
    let mut canvas = Canvas::install(1024, 600).unwrap();
    let screens = Screens::open(Duration::from_secs(10), |_| {}).unwrap();
    let app = screens.app();
    stand_still(app);
    app.show().unwrap();
    let album = Album::open(&folder()).unwrap();
    let (mut faults, mut sheets) = (Vec::new(), Sheets::default());
    for (width, height) in [(1024, 600), (800, 480), (720, 1280)] {
        canvas.resize(width, height);
        settle(app);
        let of = |mode, language, page| View { mode, language, page };
        let first = of(Mode::Both, Language::English, attract(None, None));
        show(app, &of(Mode::Both, Language::English, Page::Hold));
        canvas.paint();
        show(app, &first);
        let empty = canvas.paint().pixels.clone();
        for (name, mode, page) in pages() {
            // A code looks the same beside every trouble.
            let has_code = code(&page).is_some() && !name.starts_with("trouble");
            // The narrowest of the two layouts, and every picture in the languages of the release.
            let spoken = if (width, height) == (1024, 600) { &PAINTED[..] } else { &Language::ALL };
            for language in spoken {
                let page_name = name.clone();
                let name = format!("{name}-{}", language.tag());
                // A keyboard keeps its layout as long as it is there.
                show(app, &of(mode, *language, Page::Hold));
                show(app, &of(mode, *language, page.clone()));
                look_over(app, &name, &mut faults);
                if let Some(row) = PAINTED.iter().position(|it| it == language) {
                    let frame = canvas.paint();
                    sheets.add(&page_name, row, frame);
                    album.hang(&format!("{name}-{width}x{height}"), frame);
                }
            }
            show(app, &of(mode, Language::English, page));
            let frame = canvas.paint();
            if has_code {
                scan(frame, &name);
                darken(app, true);
                let frame = canvas.paint();
                album.hang(&format!("{name}-dark-{width}x{height}"), frame);
                scan(frame, &name);
                darken(app, false);
            }
            show(app, &first);
            let after = canvas.paint();
            assert!(alike(&empty, &after.pixels), "{name} left something on the invitation");
        }
    }
    album.close();
    let accepted = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    let accepts = std::env::var_os("TAPCARD_ACCEPT").is_some();
    let changed = sheets.compare(&accepted, accepts);
    std::fs::write(folder().join("index.html"), index()).unwrap();
    if !changed.is_empty() {
        faults.push("these pages look different; look at target/screens/index.html, then `make screens-accept`".into());
        faults.extend(changed);
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
