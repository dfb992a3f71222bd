//! Two visitors who meet.

use slint::ComponentHandle;

use super::window::{self, App};
use super::{Sink, card};
use crate::session::{Input, WINDOW};
use crate::view::Face;

pub(super) fn bind(app: &App, send: &Sink) {
    let global = app.global::<window::Pair<'_>>();
    let send = send.clone();
    global.on_onward(move || send(Input::Onward));
    global.set_lasts(WINDOW.as_millis() as i64);
}

pub(super) fn show(app: &App, one: Option<&Face>, other: Option<&Face>) {
    let global = app.global::<window::Pair<'_>>();
    global.set_one(one.map(card).unwrap_or_default());
    global.set_other(other.map(card).unwrap_or_default());
    global.set_has_other(other.is_some());
}
