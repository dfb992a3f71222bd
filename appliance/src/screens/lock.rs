//! The PIN.

use slint::ComponentHandle;

use super::Sink;
use super::window::{self, App};
use crate::session::Input;
use crate::view::Page;

pub(super) fn bind(app: &App, send: &Sink) {
    let global = app.global::<window::Lock<'_>>();
    let digits = send.clone();
    global.on_digit(move |text| text.chars().for_each(|it| digits(Input::Digit(it))));
    let erase = send.clone();
    global.on_erase(move || erase(Input::Erase));
    let chosen = send.clone();
    global.on_chosen(move || chosen(Input::Next));
    let back = send.clone();
    global.on_back(move || back(Input::Back));
}

pub(super) fn show(app: &App, page: &Page) {
    let global = app.global::<window::Lock<'_>>();
    let (n_typed, wrong, closed_for) = match page {
        Page::Lock { n_typed, wrong, closed_for } => (*n_typed, *wrong, *closed_for),
        Page::NewPin { n_typed, .. } => (*n_typed, false, 0),
        _ => (0, false, 0),
    };
    let (again, differs, enough) = match page {
        Page::NewPin { is_again, differs, is_enough, .. } => (*is_again, *differs, *is_enough),
        _ => (false, false, false),
    };
    global.set_again(again);
    global.set_differs(differs);
    global.set_enough(enough);
    global.set_typed(n_typed as i32);
    global.set_wrong(wrong);
    global.set_closed_for(closed_for as i32);
}
