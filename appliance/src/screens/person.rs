//! One contact.

use slint::{ComponentHandle, ModelRc, SharedString, VecModel};

use super::window::{self, App};
use super::{Sink, card, delivery};
use crate::session::{Input, MAX_RATING, Words};
use crate::view::Person;

pub(super) fn bind(app: &App, send: &Sink) {
    let global = app.global::<window::Person<'_>>();
    let on = |input: Input| {
        let send = send.clone();
        move || send(input.clone())
    };
    global.on_back(on(Input::Back));
    global.on_accept(on(Input::Accept));
    global.on_undo(on(Input::Undo));
    global.on_send_again(on(Input::SendAgain));
    let write = |words: Words| {
        let send = send.clone();
        move |text: SharedString| send(Input::Write(words, text.into()))
    };
    global.on_write_note(write(Words::Note));
    global.on_write_tags(write(Words::Tags));
    let rate = send.clone();
    global.on_rate(move |stars| rate(Input::Rate(stars.clamp(0, i32::from(MAX_RATING)) as u8)));
}

pub(super) fn show(app: &App, person: Option<&Person>) {
    let global = app.global::<window::Person<'_>>();
    let list = |of: fn(&Person) -> &Vec<String>| {
        let texts = person.map_or(&[][..], |it| of(it));
        let texts: Vec<SharedString> = texts.iter().map(SharedString::from).collect();
        ModelRc::new(VecModel::from(texts))
    };
    let text = |of: fn(&Person) -> &str| SharedString::from(person.map_or("", of));
    global.set_card(person.map(|it| card(&it.face)).unwrap_or_default());
    global.set_numbers(list(|it| &it.numbers));
    global.set_mails(list(|it| &it.mails));
    global.set_website(text(|it| &it.website));
    global.set_note(text(|it| &it.note));
    global.set_tags(person.map(|it| it.tags.join(", ")).unwrap_or_default().into());
    global.set_rating(person.map_or(0, |it| i32::from(it.rating)));
    global.set_met(text(|it| &it.met));
    global.set_delivery(person.map(|it| delivery(it.progress)).unwrap_or_default());
}
