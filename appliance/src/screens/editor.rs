//! The own card, or a visitor's, being written.

use slint::{ComponentHandle, SharedString};

use super::window::{self, App, Nav, Screen};
use super::{Sink, card};
use crate::session::{Input, Line};
use crate::view::Editor;

pub(super) fn bind(app: &App, send: &Sink) {
    let global = app.global::<window::Editor<'_>>();
    let typed = send.clone();
    global.on_typed(move |text| typed(Input::Typed(text.into())));
    let tells = |input: Input| {
        let send = send.clone();
        move || send(input.clone())
    };
    global.on_previous(tells(Input::Previous));
    global.on_save(tells(Input::Save));
    global.on_cancel(tells(Input::Back));
    global.on_go_by_phone(tells(Input::ByPhone));
    let tell = send.clone();
    global.on_tell(move |notify| tell(Input::Tell(notify)));
}

pub(super) fn show(app: &App, editor: Option<&Editor>) {
    let global = app.global::<window::Editor<'_>>();
    let shown = editor.map_or(window::Line::Name, |it| line(it.line));
    let goes_on =
        app.global::<Nav<'_>>().get_screen() == Screen::Editor && global.get_line() == shown;
    global.set_card(editor.map(|it| card(&it.face)).unwrap_or_default());
    global.set_conflict(editor.is_some_and(|it| it.conflict));
    global.set_by_phone(editor.is_some_and(|it| it.by_phone));
    global.set_nameless(editor.is_some_and(|it| it.is_nameless));
    global.set_line(shown);
    let (place, places) = editor.map_or((0, 0), |it| (it.place.0 + 1, it.place.1));
    global.set_place(place as i32);
    global.set_places(places as i32);
    global.set_visitors(editor.is_some_and(|it| it.is_visitors));
    // While somebody types, the field holds the truth; an answer from here would be a key too old.
    if editor.is_some() && goes_on {
        return;
    }
    let text = editor.map_or("", |it| it.draft.line(it.line));
    global.set_text(SharedString::from(text));
}

fn line(line: Line) -> window::Line {
    use window::Line as Shown;
    match line {
        Line::Name => Shown::Name,
        Line::Title => Shown::Title,
        Line::Organisation => Shown::Organisation,
        Line::Mobile => Shown::Mobile,
        Line::Landline => Shown::Landline,
        Line::Mail => Shown::Mail,
        Line::Website => Shown::Website,
        Line::Messenger => Shown::Messenger,
        Line::Address => Shown::Address,
        Line::Offer => Shown::Offer,
        Line::Company => Shown::Company,
    }
}
