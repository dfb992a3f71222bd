//! What was collected here.

use std::rc::Rc;

use slint::{ComponentHandle, Model, ModelRc, SharedString, VecModel};

use super::window::{self, App, Contact};
use super::{Sink, card, delivery};
use crate::session::{ContactId, INITIALS, Input, Whose};
use crate::view::{Book, Row};

pub(super) fn bind(app: &App, send: &Sink) {
    let global = app.global::<window::Book<'_>>();
    let on = |input: Input| {
        let send = send.clone();
        move || send(input.clone())
    };
    global.on_lock(on(Input::Back));
    global.on_back(on(Input::Back));
    global.on_menu(on(Input::Menu));
    let initials = send.clone();
    global.on_pick_initial(move |at| {
        if let Ok(at) = usize::try_from(at) {
            initials(Input::Initials(at));
        }
    });
    global.on_stir(on(Input::Stir));
    global.on_find(on(Input::Find));
    let typed = send.clone();
    global.on_typed(move |text| typed(Input::Typed(text.into())));
    let look = send.clone();
    global.on_look(move |id| {
        if let Ok(id) = id.parse() {
            look(Input::Look(ContactId(id)));
        }
    });
    let write = send.clone();
    global.on_write_badge_of(move |id| {
        if let Ok(id) = id.parse() {
            write(Input::WriteBadges(Whose::Contact(ContactId(id))));
        }
    });
    global.set_contacts(ModelRc::from(Rc::new(VecModel::<Contact>::default())));
}

pub(super) fn show(app: &App, book: Option<&Book>) {
    let global = app.global::<window::Book<'_>>();
    global.set_conflict(book.is_some_and(|it| it.conflict));
    global.set_open_edit(book.is_some_and(|it| it.open_edit));
    let initials = if book.is_some_and(|it| it.has_initials) { &INITIALS[..] } else { &[] };
    let initials: Vec<SharedString> = initials.iter().map(|it| (*it).into()).collect();
    global.set_initials(ModelRc::new(VecModel::from(initials)));
    global.set_initial(book.and_then(|it| it.initials).map_or(-1, |it| it as i32));
    global.set_waiting(book.map_or(0, |it| it.n_waiting as i32));
    let told = book.and_then(|it| it.told);
    global.set_told(told.map_or(-1, |it| it.0 as i32));
    global.set_untold(told.map_or(0, |it| it.1 as i32));
    let query = book.and_then(|it| it.query.as_deref());
    // While somebody types, the field holds the truth.
    if query.is_none() || !global.get_finding() {
        global.set_query(query.unwrap_or_default().into());
    }
    global.set_finding(query.is_some());
    let model = global.get_contacts();
    let Some(rows) = model.as_any().downcast_ref::<VecModel<Contact>>() else { return };
    settle(rows, book.map_or(&[], |it| &it.rows));
}

/// Changes only the rows that differ, so that a list that is being scrolled stands still.
fn settle(model: &VecModel<Contact>, rows: &[Row]) {
    if model.row_count() == 0 || rows.is_empty() {
        return model.set_vec(rows.iter().map(contact).collect::<Vec<_>>());
    }
    // New contacts come first; what was there moves down as a whole.
    for new in (0..rows.len().saturating_sub(model.row_count())).rev() {
        model.insert(0, contact(&rows[new]));
    }
    while model.row_count() > rows.len() {
        model.remove(model.row_count() - 1);
    }
    for (place, row) in rows.iter().enumerate() {
        let wanted = contact(row);
        if model.row_data(place).as_ref() != Some(&wanted) {
            model.set_row_data(place, wanted);
        }
    }
}

fn contact(row: &Row) -> Contact {
    let face = &row.face;
    let about = [face.title.as_str(), face.organisation.as_str()];
    let about: Vec<&str> = about.into_iter().filter(|it| !it.is_empty()).collect();
    Contact {
        id: slint::format!("{}", row.id.0),
        card: card(face),
        about: about.join(" · ").into(),
        met: row.met.as_str().into(),
        delivery: delivery(row.progress),
    }
}
