//! Every page on every panel: drawn, looked over, and hung in `target/screens`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use slint::{ComponentHandle, Rgb8Pixel};
use tapcard_canvas::{Canvas, Frame};

use super::pages::{CODE, attract, pages, step};
use super::picture::Album;
use super::reference::Sheets;
use crate::language::Language;
use crate::screens::window::{App, settle};
use crate::screens::{Screens, animate, show};
use crate::session::Mode;
use crate::view::{Look, Page, View};

/// Least height of what a finger presses, in logical pixels.
const FINGER: f32 = 72.0;
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
    // Lists scroll, but only up and down.
    let scrolls = name.starts_with("contacts") || name.contains("network");
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
    overlaps(&all, name, faults);
}

/// What is higher than this is a line of the loudest words.
const LOUD: f32 = 100.0;
/// By how much two texts may lie on one another, in logical pixels: the room above and below the letters.
const TOUCH: f32 = 6.0;

/// No word lies on another one.
fn overlaps(all: &[ElementHandle], name: &str, faults: &mut Vec<String>) {
    // Two cards lie on one another there, as they would on a table; and rows of a list lie under what is above it.
    if ["done", "odd", "pair", "introduced", "contacts", "network", "start-2"]
        .iter()
        .any(|it| name.starts_with(it))
    {
        return;
    }
    let is_text = |it: &&ElementHandle| it.accessible_role() == Some(AccessibleRole::Text);
    let words: Vec<_> = all
        .iter()
        .filter(is_text)
        .filter_map(|it| Some((it.accessible_label()?, Place::of(it))))
        .filter(|it| !it.0.is_empty())
        .collect();
    for (at, (one, a)) in words.iter().enumerate() {
        let below = words[at + 1..].iter().filter(|it| it.0 != *one && it.1.lies_on(a));
        faults.extend(below.map(|(other, _)| format!("{name}: {other:?} and {one:?} overlap")));
    }
}

/// Where letters are.
struct Place {
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
}

impl Place {
    fn of(it: &ElementHandle) -> Place {
        let (place, size) = (it.absolute_position(), it.size());
        // A line of the loudest words is 1.4 times their size high and stands 1.06 times it from the next one.
        let spare = if size.height > LOUD { size.height * (1.0 - 1.06 / 1.4) / 2.0 } else { 0.0 };
        let (top, bottom) = (place.y + spare, place.y + size.height - spare);
        Place { left: place.x, right: place.x + size.width, top, bottom }
    }

    fn lies_on(&self, other: &Place) -> bool {
        let wide = self.right.min(other.right) - self.left.max(other.left);
        let high = self.bottom.min(other.bottom) - self.top.max(other.top);
        wide > TOUCH && high > TOUCH
    }
}

/// A phone's camera finds the code in a picture of the whole screen, and it is as small as it can be.
fn scan(frame: &Frame, name: &str) {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let shade = |x: usize, y: usize| frame.pixels[y * width + x].g;
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    let found = picture.detect_grids();
    let read = found.iter().find_map(|it| it.decode().ok().filter(|it| it.1 == CODE));
    let (code, text) = read.unwrap_or_else(|| panic!("{name}: no code is found"));
    assert_eq!(text, CODE, "{name}");
    // Version 4 has 33 modules a side; 0 stands for level M (ISO/IEC 18004, table 12).
    assert_eq!((code.version.0, code.ecc_level), (4, 0), "{name}");
}

fn code(page: &Page) -> Option<&str> {
    match page {
        Page::Attract(it) | Page::Fault(it) => it.code.as_deref(),
        Page::Phone(it) => it.code.as_deref(),
        Page::Scan { code, .. } => code.as_deref(),
        _ => None,
    }
}

/// In which languages pictures are made: that of the sources, and the tallest.
const PAINTED: [Language; 2] = [Language::English, Language::Chinese];

const PLAIN: Look = Look { dark: false, larger: false, contrast: false, still: false, dim: false };
const LARGER: Look = Look { larger: true, ..PLAIN };
/// How pages may look besides.
const LOOKS: [(&str, Look); 3] = [
    ("dark", Look { dark: true, ..PLAIN }),
    ("larger", Look { contrast: true, ..LARGER }),
    ("contrast-dark", Look { dark: true, contrast: true, ..PLAIN }),
];

fn is_asked(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// A panel, and the pages that hang on it.
struct Hall<'a> {
    app: &'a App,
    canvas: Canvas,
    album: Option<&'a Album>,
    width: u32,
    height: u32,
    /// The invitation before any other page.
    empty: Vec<Rgb8Pixel>,
    sheets: Sheets,
    faults: Vec<String>,
}

fn view(name: &str, mode: Mode, language: Language, page: Page) -> View {
    View { mode, language, look: PLAIN, step: step(name), page }
}

fn first() -> View {
    view("", Mode::Both, Language::English, attract(None, None))
}

impl Hall<'_> {
    /// Goes on to the next panel.
    fn turn_to(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width, height);
        self.canvas.resize(width, height);
        settle(self.app);
        show(self.app, &view("", Mode::Both, Language::English, Page::Hold));
        self.canvas.paint();
        show(self.app, &first());
        self.empty = self.canvas.paint().pixels.clone();
    }

    fn hang(&mut self, name: &str) -> &Frame {
        let frame = self.canvas.paint();
        if let Some(album) = self.album {
            album.hang(&format!("{name}-{}x{}", self.width, self.height), frame);
        }
        frame
    }

    /// One page in every language, in every way, and gone again.
    fn look_at(&mut self, name: &str, mode: Mode, page: &Page) {
        // The narrowest of the two layouts, and every picture in the languages of the release.
        let is_wide = (self.width, self.height) == (1024, 600);
        let spoken = if is_wide { &PAINTED[..] } else { &Language::ALL };
        for language in spoken {
            self.speak(name, &view(name, mode, *language, page.clone()), !is_wide);
        }
        self.dress(name, &view(name, mode, Language::English, page.clone()));
        show(self.app, &first());
        let after = self.canvas.paint();
        assert!(after.is_like(&self.empty), "{name} left something on the invitation");
    }

    fn speak(&mut self, page_name: &str, view: &View, grows: bool) {
        let name = format!("{page_name}-{}", view.language.tag());
        // A keyboard keeps its layout as long as it is there.
        show(self.app, &View { page: Page::Hold, ..view.clone() });
        if grows {
            show(self.app, &View { look: LARGER, ..view.clone() });
            look_over(self.app, &format!("{name}, larger"), &mut self.faults);
        }
        show(self.app, view);
        look_over(self.app, &name, &mut self.faults);
        if let Some(row) = PAINTED.iter().position(|it| *it == view.language) {
            self.hang(&name);
            self.sheets.add(page_name, row, self.canvas.paint());
        }
    }

    /// The words stand where they stood, so this is for cameras and for whoever looks.
    fn dress(&mut self, name: &str, plain: &View) {
        // A code looks the same beside every trouble.
        let has_code = code(&plain.page).is_some() && !name.starts_with("trouble");
        if has_code {
            show(self.app, plain);
            scan(self.canvas.paint(), name);
        }
        let is_hung = has_code || self.album.is_some();
        for (way, look) in LOOKS.iter().filter(|_| is_hung) {
            show(self.app, &View { look: *look, ..plain.clone() });
            let frame = self.hang(&format!("{name}-{way}"));
            if has_code {
                scan(frame, name);
            }
        }
        show(self.app, plain);
    }
}

#[test]
fn every_page_fits_every_panel_and_leaves_nothing_behind() {
    let canvas = Canvas::install(1024, 600).unwrap();
    let screens = Screens::open(Duration::from_secs(10), |_| {}).unwrap();
    let app = screens.app();
    animate(app, false);
    app.show().unwrap();
    // Writing them takes as long as drawing them, and a test only compares.
    let album = is_asked("TAPCARD_SCREENS").then(|| Album::open(&folder()).unwrap());
    let mut hall = Hall {
        app,
        canvas,
        album: album.as_ref(),
        width: 0,
        height: 0,
        empty: Vec::new(),
        sheets: Sheets::default(),
        faults: Vec::new(),
    };
    for (width, height) in [(1024, 600), (800, 480), (720, 1280)] {
        hall.turn_to(width, height);
        for (name, mode, page) in pages() {
            hall.look_at(&name, mode, &page);
        }
    }
    let Hall { mut faults, sheets, .. } = hall;
    if let Some(album) = album {
        album.close();
        std::fs::write(folder().join("index.html"), index()).unwrap();
    }
    let accepted = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    let changed = sheets.compare(&accepted, is_asked("TAPCARD_ACCEPT"));
    if !changed.is_empty() {
        faults.push("these pages look different; `make screens`, look at target/screens/index.html, then `make screens-accept`".into());
        faults.extend(changed);
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
