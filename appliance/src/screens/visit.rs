//! One visitor, from the question to the thanks.

use std::time::Duration;

use slint::ComponentHandle;

use super::window::{self, App, Nav, Screen};
use super::{Sink, card, delivery};
use crate::session::{CONFIRM, Consent, Input};
use crate::view::{Onward, Progress, Visit};

pub(super) fn bind(app: &App, thanks: Duration, send: &Sink) {
    let global = app.global::<window::Visit<'_>>();
    let on = |input: Input| {
        let send = send.clone();
        move || send(input.clone())
    };
    global.on_accept(on(Input::Accept));
    global.on_keep_here(on(Input::KeepHere));
    global.on_reject(on(Input::Reject));
    global.on_onward(on(Input::Onward));
    global.on_undo(on(Input::Undo));
    global.on_correct(on(Input::Correct));
    global.on_add_note(on(Input::AddNote));
    global.on_note_done(on(Input::Save));
    global.on_note_back(on(Input::Back));
    let typed = send.clone();
    global.on_note_typed(move |text| typed(Input::Typed(text.into())));
    global.set_confirm_lasts(CONFIRM.as_millis() as i64);
    global.set_done_lasts(thanks.as_millis() as i64);
}

/// `is_written` says that a note is being written.
pub(super) fn show(app: &App, visit: Option<(&Visit, Option<Progress>)>, is_written: bool) {
    let global = app.global::<window::Visit<'_>>();
    let owner = visit.and_then(|(it, _)| it.owner.as_ref());
    let progress = visit.and_then(|(_, it)| it);
    global.set_visitor(visit.map(|(it, _)| card(&it.visitor)).unwrap_or_default());
    global.set_unseen(visit.is_some_and(|(it, _)| it.unseen));
    global.set_owner(owner.map(card).unwrap_or_default());
    global.set_has_owner(owner.is_some());
    global.set_host(owner.map_or("", |it| it.host()).into());
    global.set_giver(owner.map_or("", |it| &it.name).into());
    let number = visit.and_then(|(it, _)| it.number.as_deref());
    global.set_number(number.unwrap_or_default().into());
    // While somebody types, the field holds the truth.
    if !is_written || app.global::<Nav<'_>>().get_screen() != Screen::Note {
        global.set_note(visit.map_or("", |(it, _)| it.note.as_str()).into());
    }
    global.set_consent(match visit.map_or(Consent::Together, |(it, _)| it.consent) {
        Consent::Together => window::Consent::Together,
        Consent::Ask => window::Consent::Ask,
        Consent::Never => window::Consent::Never,
    });
    global.set_gives(visit.is_some_and(|(it, _)| it.gives));
    global.set_delivery(progress.map(delivery).unwrap_or_default());
}

/// What a phone goes on with that has read the own card.
pub(super) fn go_on(app: &App, onward: Option<&Onward>) {
    let global = app.global::<window::Visit<'_>>();
    let text = |of: fn(&Onward) -> Option<&String>| onward.and_then(of).map_or("", String::as_str);
    global.set_code(text(|it| it.code.as_ref()).into());
    global.set_printed(text(|it| it.card.as_ref()).into());
}

/// Which cards went with a phone.
pub(super) fn thank(app: &App, claimed: Option<(bool, bool)>) {
    let global = app.global::<window::Visit<'_>>();
    let (gave, got) = claimed.unwrap_or_default();
    global.set_gave(gave);
    global.set_got(got);
}
