//! The code for a camera, large, and a pad for a number.

use slint::ComponentHandle;

use super::Sink;
use super::window::{self, App};
use crate::session::Input;
use crate::view::Page;

pub(super) fn bind(app: &App, send: &Sink) {
    let on = |input: Input| {
        let send = send.clone();
        move || send(input.clone())
    };
    let global = app.global::<window::Scan<'_>>();
    global.on_open(on(Input::ShowCode));
    let digits = send.clone();
    global.on_digit(move |text| text.chars().for_each(|it| digits(Input::Digit(it))));
    global.on_erase(on(Input::Erase));
    global.on_go(on(Input::Next));
    global.on_back(on(Input::Back));
}

pub(super) fn show(app: &App, page: &Page) {
    let global = app.global::<window::Scan<'_>>();
    let (code, typed, is_wrong, takes) = match page {
        Page::Scan { code, typed, is_wrong, takes } => {
            (code.as_deref().unwrap_or_default(), typed.as_str(), *is_wrong, *takes)
        }
        _ => ("", "", false, false),
    };
    global.set_code(code.into());
    global.set_typed(typed.into());
    global.set_wrong(is_wrong);
    global.set_takes(takes);
}
