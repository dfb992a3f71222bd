//! The own card in full, and the way to edit it at a phone.

use slint::{ComponentHandle, ModelRc, VecModel};

use super::window::{self, App, ShownLine};
use super::{Sink, card};
use crate::session::Input;
use crate::view::{Showcase, Shown};

pub(super) fn bind(app: &App, send: &Sink) {
    let global = app.global::<window::Showcase<'_>>();
    let (line, back, open) = (send.clone(), send.clone(), send.clone());
    global.on_choose(move |at| line(Input::ShowLine(at.max(0) as usize)));
    global.on_back(move || back(Input::Back));
    global.on_open(move || open(Input::ShowCard));
}

pub(super) fn show(app: &App, showcase: Option<&Showcase>, by_phone: Option<&str>) {
    let global = app.global::<window::Showcase<'_>>();
    let lines = showcase.map_or(&[][..], |it| &it.lines);
    let chosen = showcase.and_then(|it| it.chosen);
    global.set_card(showcase.map(|it| card(&it.face)).unwrap_or_default());
    global.set_lines(ModelRc::new(VecModel::from(lines.iter().map(line).collect::<Vec<_>>())));
    global.set_chosen(chosen.map_or(-1, |it| it as i32));
    global.set_address(by_phone.unwrap_or_default().into());
}

fn line(it: &Shown) -> ShownLine {
    let kind = match it {
        Shown::Link(_) => window::ShownKind::Link,
        Shown::Address(_) => window::ShownKind::Address,
        Shown::Offer(_) => window::ShownKind::Offer,
        Shown::Company(_) => window::ShownKind::Company,
    };
    ShownLine { kind, short: it.short().into(), text: it.text().into() }
}
