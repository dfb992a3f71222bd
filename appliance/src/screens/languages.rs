//! What is spoken.

use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use tracing::error;

use super::Sink;
use super::window::{App, Nav};
use crate::language::Language;
use crate::session::Input;

pub(super) fn bind(app: &App, send: &Sink) {
    let nav = app.global::<Nav<'_>>();
    let names = Language::ALL.map(|it| SharedString::from(it.name()));
    nav.set_languages(ModelRc::new(VecModel::from(names.to_vec())));
    let stay = send.clone();
    nav.on_stay(move || stay(Input::Stir));
    let send = send.clone();
    nav.on_speak(move |place| {
        if let Some(it) = Language::at(place) {
            send(Input::Speak(it));
        }
    });
}

/// Speaks a language from now on.
pub(super) fn show(app: &App, language: Language) {
    let nav = app.global::<Nav<'_>>();
    let place = language.place();
    if nav.get_language() == place {
        return;
    }
    if let Err(why) = slint::select_bundled_translation(language.tag()) {
        error!("cannot speak {}: {why}", language.tag());
    }
    nav.set_language(place);
}
