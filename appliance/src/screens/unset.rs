//! What is wrong with the operator's file.

use slint::ComponentHandle;

use super::Sink;
use super::window::{self, App};
use crate::session::Input;
use crate::view::Unset;

pub(super) fn bind(app: &App, send: &Sink) {
    let send = send.clone();
    app.global::<window::Unset<'_>>().on_onward(move || send(Input::Onward));
}

pub(super) fn show(app: &App, unset: Option<&Unset>) {
    // It knows nothing of a visitor, and is gone with the next start.
    let Some(unset) = unset else { return };
    let global = app.global::<window::Unset<'_>>();
    global.set_fault(unset.fault.as_str().into());
    global.set_can_go_on(unset.can_go_on);
}
