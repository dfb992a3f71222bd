//! The screens: each area of the interface is one Slint global, set by one function here, whose
//! callbacks send one enum. Pages know no Rust, and nothing here decides.

mod attract;
mod badges;
mod book;
mod codes;
mod editor;
mod enrol;
mod keyboard;
mod languages;
mod lock;
mod pair;
mod person;
mod scan;
mod showcase;
mod staff;
mod start;
#[cfg(all(test, feature = "headless"))]
pub(crate) mod state;
mod unset;
mod upkeep;
mod visit;
pub(crate) mod window;

use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use slint::{ComponentHandle, Image, SharedPixelBuffer, Weak};

use crate::session::{Input, Mode};
use crate::view::{Book, Face, Look, Page, Picture, Progress, View};
use window::{App, Card, Delivery, Nav, Screen, Theme};

/// Takes what a person did.
type Sink = Rc<dyn Fn(Input)>;

/// Another thread's hold on the screens.
pub struct Display(Weak<App>);

impl Display {
    /// Shows a view as soon as the screens' thread comes to it.
    pub fn show(&self, view: View) {
        // Fails only when the loop has ended, and then nobody looks.
        let _ = self.0.upgrade_in_event_loop(move |app| show(&app, &view));
    }

    /// Does something once the screens' thread has shown what it was given before.
    pub fn do_next(&self, it: impl FnOnce() + Send + 'static) {
        let _ = self.0.upgrade_in_event_loop(move |_| it());
    }

    /// Ends the screens' loop.
    pub fn close(&self) {
        let _ = self.0.upgrade_in_event_loop(|_| {
            let _ = slint::quit_event_loop();
        });
    }
}

/// The screens, on their own thread.
pub struct Screens {
    app: App,
}

impl Screens {
    /// Makes the window; the thanks stand for `thanks`, `send` takes what people do.
    ///
    /// # Errors
    /// Fails when there is no display.
    pub fn open(thanks: Duration, send: impl Fn(Input) + 'static) -> Result<Screens> {
        let app = App::new()?;
        let send: Sink = Rc::new(send);
        languages::bind(&app, &send);
        codes::bind(&app);
        attract::bind(&app, &send);
        visit::bind(&app, thanks, &send);
        pair::bind(&app, &send);
        lock::bind(&app, &send);
        book::bind(&app, &send);
        person::bind(&app, &send);
        showcase::bind(&app, &send);
        staff::bind(&app, &send);
        start::bind(&app, &send);
        scan::bind(&app, &send);
        enrol::bind(&app, &send);
        unset::bind(&app, &send);
        upkeep::bind(&app, &send);
        editor::bind(&app, &send);
        keyboard::bind(&app, &send);
        badges::bind(&app, &send);
        window::fit(&app);
        Ok(Screens { app })
    }

    #[cfg(feature = "headless")]
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// A hold for another thread.
    pub fn display(&self) -> Display {
        Display(self.app.as_weak())
    }

    /// Shows the window until it is closed.
    ///
    /// # Errors
    /// Fails when the display does.
    pub fn run(&self, width: u32, height: u32) -> Result<()> {
        self.app.window().set_size(slint::PhysicalSize::new(width, height));
        Ok(self.app.run()?)
    }
}

/// What a page holds, if it is one of these.
macro_rules! given {
    ($page:expr, $pattern:pat => $held:expr) => {
        match $page {
            $pattern => Some($held),
            _ => None,
        }
    };
}

/// Shows one page and empties every other area, so that nothing of a visitor stays behind.
pub(crate) fn show(app: &App, view: &View) {
    let nav = app.global::<Nav<'_>>();
    let page = &view.page;
    attract::show(app, given!(page, Page::Attract(it) | Page::Fault(it) => it));
    enrol::show(app, given!(page, Page::Enrol(it) => it));
    unset::show(app, given!(page, Page::Unset(it) => it));
    upkeep::show(app, given!(page, Page::Upkeep(it) => it));
    let visit = given!(page, Page::Confirm(it) | Page::CloudToo(it) | Page::Note(it) => (it, None));
    let visit = visit.or(given!(page, Page::Done(it, progress) => (it, Some(*progress))));
    visit::show(app, visit, matches!(page, Page::Note(_)));
    visit::go_on(app, given!(page, Page::Phone(it) => it));
    visit::thank(app, given!(page, Page::Claimed { gave, got } => (*gave, *got)));
    pair::show(
        app,
        given!(page, Page::Pair(it, _) | Page::Introduced(it, _) => it),
        given!(page, Page::Pair(_, Some(it)) | Page::Introduced(_, it) => it),
    );
    lock::show(app, page);
    book::show(app, given!(page, Page::Contacts(it) => it));
    person::show(app, given!(page, Page::Contact(it) => it));
    staff::show(app, page);
    start::show(app, view.step, page);
    scan::show(app, page);
    showcase::show(
        app,
        given!(page, Page::Card(it) => it),
        given!(page, Page::ByPhone { address } => address.as_str()),
    );
    editor::show(app, given!(page, Page::Editor(it) => it));
    badges::show(app, given!(page, Page::Badges(it) => it));
    languages::show(app, view.language);
    let field = match page {
        Page::Editor(it) => Some(keyboard::field(it)),
        Page::Note(it) => Some(keyboard::note(&it.note)),
        Page::Remark(it) => Some(keyboard::note(&it.text)),
        Page::Ask(it) => Some(keyboard::asked(it)),
        Page::Contacts(Book { query: Some(query), .. }) => Some(keyboard::query(query)),
        _ => None,
    };
    keyboard::show(app, view.language, field);
    look(app, view.look);
    nav.set_mode(mode(view.mode));
    nav.set_screen(screen(page));
}

/// Whether anything moves, whatever the staff wants.
#[cfg(feature = "headless")]
pub(crate) fn animate(app: &App, moves: bool) {
    app.global::<Theme<'_>>().set_posing(!moves);
}

fn look(app: &App, look: Look) {
    let theme = app.global::<Theme<'_>>();
    theme.set_dark(look.dark);
    theme.set_larger(look.larger);
    theme.set_contrast(look.contrast);
    theme.set_still(look.still);
    theme.set_dim(look.dim);
}

fn screen(page: &Page) -> Screen {
    match page {
        Page::Attract(_) => Screen::Attract,
        Page::Fault(_) => Screen::Fault,
        Page::Enrol(_) => Screen::Enrol,
        Page::Unset(_) => Screen::Unset,
        Page::Hold => Screen::Hold,
        Page::Late => Screen::Late,
        Page::Confirm(_) => Screen::Confirm,
        Page::Done(..) => Screen::Done,
        Page::Pair(..) => Screen::Pair,
        Page::Introduced(..) => Screen::Introduced,
        Page::Refused => Screen::Refused,
        Page::Undone => Screen::Undone,
        Page::Note(_) => Screen::Note,
        Page::CloudToo(_) => Screen::CloudToo,
        Page::StillThere => Screen::StillThere,
        Page::Phone(_) => Screen::Phone,
        Page::Claimed { .. } => Screen::Claimed,
        Page::Card(_) => Screen::Card,
        Page::ByPhone { .. } => Screen::ByPhone,
        Page::Lock { .. } => Screen::Lock,
        Page::Contacts(_) => Screen::Contacts,
        Page::Contact(_) => Screen::Contact,
        Page::Editor(_) => Screen::Editor,
        Page::Tell => Screen::Tell,
        Page::Mode => Screen::Mode,
        Page::Remark(_) => Screen::Remark,
        Page::Menu { .. } => Screen::Menu,
        Page::Settings { .. } => Screen::Settings,
        Page::Condition(_) => Screen::Condition,
        Page::Network(_) => Screen::Network,
        Page::Ask(_) => Screen::Ask,
        Page::Welcome => Screen::Welcome,
        Page::NewPin { .. } => Screen::NewPin,
        Page::Trial { .. } => Screen::Trial,
        Page::Scan { .. } => Screen::Scan,
        Page::Wipe { .. } => Screen::Wipe,
        Page::SignOut { .. } => Screen::SignOut,
        Page::Stick(_) => Screen::Stick,
        Page::Upkeep(_) => Screen::Upkeep,
        Page::Badges(_) => Screen::Badges,
    }
}

fn mode(mode: Mode) -> window::Mode {
    match mode {
        Mode::Both => window::Mode::Both,
        Mode::Give => window::Mode::Give,
        Mode::Take => window::Mode::Take,
    }
}

fn card(face: &Face) -> Card {
    let (portrait, logo) = (face.portrait.as_ref().map(picture), face.logo.as_ref().map(picture));
    Card {
        name: face.name.as_str().into(),
        title: face.title.as_str().into(),
        organisation: face.organisation.as_str().into(),
        phone: face.phone.as_str().into(),
        mail: face.mail.as_str().into(),
        monogram: face.monogram.as_str().into(),
        tint: face.tint as i32,
        has_portrait: portrait.is_some(),
        portrait: portrait.unwrap_or_default(),
        has_logo: logo.is_some(),
        logo: logo.unwrap_or_default(),
    }
}

/// The first frame of one.
fn picture(it: &Picture) -> Image {
    frames(it).next().unwrap_or_default()
}

fn frames(it: &Picture) -> impl Iterator<Item = Image> {
    let (width, height) = (it.0.width, it.0.height);
    let frame = move |pixels: &Vec<u8>| {
        Image::from_rgba8(SharedPixelBuffer::clone_from_slice(pixels, width, height))
    };
    it.0.frames.iter().map(frame)
}

fn delivery(progress: Progress) -> Delivery {
    match progress {
        Progress::Here => Delivery::Here,
        Progress::Held => Delivery::Held,
        Progress::Offline => Delivery::Offline,
        Progress::Waiting => Delivery::Waiting,
        Progress::Sent => Delivery::Sent,
        Progress::Updated => Delivery::Updated,
        Progress::Stale => Delivery::Stale,
        Progress::Failed => Delivery::Failed,
    }
}
