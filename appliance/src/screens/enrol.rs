//! The words that the owner compares.

use slint::{ComponentHandle, ModelRc, SharedString, VecModel};

use super::Sink;
use super::window::{self, App};
use crate::session::Input;
use crate::view::Enrol;

pub(super) fn bind(app: &App, send: &Sink) {
    let send = send.clone();
    app.global::<window::Enrol<'_>>().on_onward(move || send(Input::Onward));
}

pub(super) fn show(app: &App, enrol: Option<&Enrol>) {
    // It shows nothing of a visitor, so it keeps its last state under other pages.
    let Some(enrol) = enrol else { return };
    let global = app.global::<window::Enrol<'_>>();
    let words = enrol.words.iter().flatten().copied().map(SharedString::from);
    global.set_words(ModelRc::new(words.collect::<VecModel<_>>()));
    global.set_host(enrol.host.as_str().into());
    global.set_has_staff(enrol.has_staff);
    global.set_waiting(enrol.is_waiting);
    global.set_later(enrol.can_wait);
}
