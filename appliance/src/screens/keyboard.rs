//! The on-screen keyboard: presses become keys of the window, as if somebody had a real one.

use std::cell::RefCell;
use std::rc::Rc;

use slint::platform::{Key, WindowEvent};
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use tracing::error;

use super::Sink;
use super::window::{self, App};
use crate::keyboard::{Effect, Keyboard, Keys, Layout, Press, Purpose};
use crate::language::Language;
use crate::session::{Input, Line};
use crate::view::{Ask, Asked, Editor};

/// What is written: another one begins with a fresh keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    place: usize,
    purpose: Purpose,
    is_empty: bool,
}

/// The line of the own card that is written.
pub(super) fn field(it: &Editor) -> Field {
    let purpose = match it.line {
        Line::Mobile | Line::Landline => Purpose::Number,
        Line::Mail | Line::Website | Line::Messenger => Purpose::Address,
        _ => Purpose::Words,
    };
    Field { place: it.line as usize, purpose, is_empty: it.draft.line(it.line).is_empty() }
}

/// Words about somebody.
pub(super) fn note(it: &str) -> Field {
    Field { place: Line::ALL.len(), purpose: Purpose::Words, is_empty: it.is_empty() }
}

/// Whom the staff looks for.
pub(super) fn query(it: &str) -> Field {
    Field { place: Line::ALL.len() + 1, purpose: Purpose::Words, is_empty: it.is_empty() }
}

/// What is typed and then tried.
pub(super) fn asked(it: &Ask) -> Field {
    let purpose = match it.what {
        Asked::Number | Asked::Code => Purpose::Number,
        Asked::Mail => Purpose::Address,
        Asked::Password => Purpose::Secret,
    };
    Field { place: Line::ALL.len() + 2 + it.what as usize, purpose, is_empty: it.text.is_empty() }
}

/// The keyboard under a page, as long as one is there.
type Board = Rc<RefCell<Option<(Field, Keyboard)>>>;

const PURPOSES: [Purpose; 4] = [Purpose::Words, Purpose::Number, Purpose::Address, Purpose::Secret];

pub(super) fn bind(app: &App, send: &Sink) {
    let board: Board = Rc::default();
    let global = app.global::<window::Keys<'_>>();
    let press = {
        let (board, weak, send) = (Rc::clone(&board), app.as_weak(), send.clone());
        move |press: Press| {
            let Some(app) = weak.upgrade() else { return };
            let mut held = board.borrow_mut();
            let Some((_, keyboard)) = held.as_mut() else { return };
            let effect = keyboard.press(press);
            display(&app, &keyboard.keys());
            // What is typed may come back here.
            drop(held);
            take(&app, effect, &send);
        }
    };
    let press = Rc::new(press);
    let plain = |it: Press| {
        let press = Rc::clone(&press);
        move || press(it.clone())
    };
    global.on_shift(plain(Press::Shift));
    global.on_other_signs(plain(Press::Signs));
    global.on_other_layout(plain(Press::Layout));
    global.on_space(plain(Press::Space));
    global.on_erase(plain(Press::Erase));
    global.on_go(plain(Press::Go));
    let text = Rc::clone(&press);
    global.on_text(move |it| text(Press::Text(it.into())));
    global.on_suggestion(move |place| press(Press::Suggestion(place.max(0) as usize)));
    let weak = app.as_weak();
    global.on_field(move |place, purpose, is_empty, layout| {
        let purpose = PURPOSES.get(purpose.max(0) as usize).copied().unwrap_or_default();
        let field = usize::try_from(place).ok().map(|place| Field { place, purpose, is_empty });
        if let Some(app) = weak.upgrade() {
            turn_to(&app, &board, field, Language::at(layout).unwrap_or_default());
        }
    });
}

/// Shows the keyboard for a field, or none.
pub(super) fn show(app: &App, language: Language, field: Option<Field>) {
    let purpose = |it: Field| PURPOSES.iter().position(|purpose| *purpose == it.purpose);
    let global = app.global::<window::Keys<'_>>();
    match field {
        Some(it) => {
            let purpose = purpose(it).unwrap_or_default() as i32;
            global.invoke_field(it.place as i32, purpose, it.is_empty, language.place());
        }
        None => global.invoke_field(-1, 0, true, language.place()),
    }
}

/// One that is there stays as it is for the same field.
fn turn_to(app: &App, board: &Board, field: Option<Field>, language: Language) {
    let mut held = board.borrow_mut();
    let is_same = match (&*held, field) {
        (Some((now, _)), Some(it)) => (now.place, now.purpose) == (it.place, it.purpose),
        (None, None) => true,
        _ => false,
    };
    if is_same {
        return;
    }
    // Who has chosen another layout has chosen it for the next field too.
    let layout = held.as_ref().map_or(Layout::of(language), |it| it.1.layout());
    *held = field.map(|it| (it, Keyboard::new(layout, it.purpose, it.is_empty)));
    display(app, &held.as_ref().map(|it| it.1.keys()).unwrap_or_default());
}

fn take(app: &App, effect: Effect, send: &Sink) {
    match effect {
        Effect::Nothing => {}
        Effect::Type(text) => key(app, text.into()),
        Effect::Erase => key(app, Key::Backspace.into()),
        Effect::Go => send(Input::Next),
    }
}

fn key(app: &App, text: SharedString) {
    let events =
        [WindowEvent::KeyPressed { text: text.clone() }, WindowEvent::KeyReleased { text }];
    for event in events {
        if let Err(why) = app.window().dispatch_event_with_result(event) {
            error!("a key was lost: {why}");
        }
    }
}

fn display(app: &App, keys: &Keys) {
    let global = app.global::<window::Keys<'_>>();
    let row = |it: &Vec<String>| {
        let row: Vec<SharedString> = it.iter().map(SharedString::from).collect();
        ModelRc::new(VecModel::from(row))
    };
    global.set_rows(ModelRc::new(VecModel::from(keys.rows.iter().map(row).collect::<Vec<_>>())));
    global.set_before(row(&keys.before));
    global.set_after(row(&keys.after));
    global.set_composing(keys.composing.as_str().into());
    global.set_suggestions(row(&keys.suggestions));
    global.set_shifted(keys.is_shifted);
    global.set_signs(keys.has_signs);
    global.set_letters(keys.has_letters);
    global.set_layout(keys.layout.as_str().into());
}
