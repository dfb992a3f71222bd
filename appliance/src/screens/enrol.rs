//! The words that the owner compares.

use slint::{ComponentHandle, ModelRc, SharedString, VecModel};

use super::window::{self, App};
use crate::view::Enrol;

pub(super) fn show(app: &App, enrol: Option<&Enrol>) {
    // It shows nothing of a visitor, so it keeps its last state under other pages.
    let Some(enrol) = enrol else { return };
    let global = app.global::<window::Enrol<'_>>();
    let words = enrol.words.iter().flatten().copied().map(SharedString::from);
    global.set_words(ModelRc::new(words.collect::<VecModel<_>>()));
    global.set_host(enrol.host.as_str().into());
    global.set_has_staff(enrol.has_staff);
}
