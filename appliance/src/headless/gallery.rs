//! Every page on every panel: drawn, looked over, and hung in `target/screens`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use slint::{ComponentHandle, Rgb8Pixel};

use super::canvas::{Canvas, Frame};
use super::pages::{CODE, attract, pages};
use super::picture::Album;
use super::reference::Sheets;
use crate::language::Language;
use crate::screens::window::{App, settle};
use crate::screens::{Screens, animate, darken, show};
use crate::session::Mode;
use crate::view::{Page, View};

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
pub(super) fn alike(a: &[Rgb8Pixel], b: &[Rgb8Pixel]) -> bool {
    a.iter().zip(b).filter(|(a, b)| a != b).count() * 1000 < a.len()
}

/// In which languages pictures are made: that of the sources, and the tallest.
const PAINTED: [Language; 2] = [Language::English, Language::Chinese];

fn is_asked(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

fn hang(album: Option<&Album>, name: &str, frame: &Frame) {
    if let Some(album) = album {
        album.hang(name, frame);
    }
}

#[test]
fn every_page_fits_every_panel_and_leaves_nothing_behind() {
    let mut canvas = Canvas::install(1024, 600).unwrap();
    let screens = Screens::open(Duration::from_secs(10), |_| {}).unwrap();
    let app = screens.app();
    animate(app, false);
    app.show().unwrap();
    // Writing them takes as long as drawing them, and a test only compares.
    let album = is_asked("TAPCARD_SCREENS").then(|| Album::open(&folder()).unwrap());
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
                    hang(album.as_ref(), &format!("{name}-{width}x{height}"), frame);
                }
            }
            show(app, &of(mode, Language::English, page));
            let frame = canvas.paint();
            if has_code {
                scan(frame, &name);
                darken(app, true);
                let frame = canvas.paint();
                hang(album.as_ref(), &format!("{name}-dark-{width}x{height}"), frame);
                scan(frame, &name);
                darken(app, false);
            }
            show(app, &first);
            let after = canvas.paint();
            assert!(alike(&empty, &after.pixels), "{name} left something on the invitation");
        }
    }
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
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
