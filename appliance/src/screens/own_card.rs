//! The own card, being edited.

use slint::{ComponentHandle, SharedString};

use super::Sink;
use super::window::{self, App, Nav, Screen};
use crate::session::{Input, Line};
use crate::view::Editor;

pub(super) fn bind(app: &App, send: &Sink) {
    let global = app.global::<window::OwnCard<'_>>();
    let typed = |line: Line| {
        let send = send.clone();
        move |text: SharedString| send(Input::Typed(line, text.into()))
    };
    global.on_name_typed(typed(Line::Name));
    global.on_title_typed(typed(Line::Title));
    global.on_organisation_typed(typed(Line::Organisation));
    let save = send.clone();
    global.on_save(move || save(Input::Save));
    let cancel = send.clone();
    global.on_cancel(move || cancel(Input::Back));
    let tell = send.clone();
    global.on_tell(move |notify| tell(Input::Tell(notify)));
}

pub(super) fn show(app: &App, editor: Option<&Editor>) {
    let global = app.global::<window::OwnCard<'_>>();
    global.set_conflict(editor.is_some_and(|it| it.conflict));
    // While somebody types, the fields hold the truth; an answer from here would be a key too old.
    if editor.is_some() && app.global::<Nav<'_>>().get_screen() == Screen::Editor {
        return;
    }
    let text = |of: fn(&Editor) -> &str| SharedString::from(editor.map_or("", of));
    global.set_name(text(|it| &it.draft.name));
    global.set_title(text(|it| &it.draft.title));
    global.set_organisation(text(|it| &it.draft.organisation));
    global.set_phone(text(|it| &it.face.phone));
    global.set_mail(text(|it| &it.face.mail));
    global.set_monogram(text(|it| &it.face.monogram));
    global.set_tint(editor.map_or(0, |it| it.face.tint as i32));
}
