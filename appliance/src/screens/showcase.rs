//! The own card in full, and the way to edit it at a phone.

use slint::{ComponentHandle, Image, ModelRc, VecModel};
use tapcard_protocol::card::ExhibitKind;

use super::window::{self, App, ShownLine};
use super::{Sink, card, frames};
use crate::session::Input;
use crate::view::{Showcase, Shown, Wall};

/// How long a picture stands that does not move, in milliseconds: for nobody to see.
const STILL: i64 = 1000;

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
    hang(&global, showcase.map(|it| &it.wall));
    global.set_address(by_phone.unwrap_or_default().into());
}

/// What is seen of something to look at.
fn hang(global: &window::Showcase<'_>, wall: Option<&Wall>) {
    let (kind, picture, code) = match wall {
        None | Some(Wall::Empty) => (window::Wall::Empty, None, None),
        Some(Wall::Waiting) => (window::Wall::Waiting, None, None),
        Some(Wall::Unseen) => (window::Wall::Unseen, None, None),
        Some(Wall::Picture(it)) => (window::Wall::Picture, Some(it), None),
        Some(Wall::Phone(it)) => (window::Wall::Phone, None, it.as_deref()),
    };
    let pictures: Vec<Image> = picture.into_iter().flat_map(frames).collect();
    let pace = picture.map_or(STILL, |it| it.0.pace.as_millis() as i64);
    global.set_frames(ModelRc::new(VecModel::from(pictures)));
    global.set_pace(pace.max(1));
    global.set_code(code.unwrap_or_default().into());
    global.set_wall(kind);
}

fn line(it: &Shown) -> ShownLine {
    let kind = match it {
        Shown::Exhibit(ExhibitKind::Picture, _) => window::ShownKind::Picture,
        Shown::Exhibit(ExhibitKind::Animation, _) => window::ShownKind::Animation,
        Shown::Exhibit(ExhibitKind::Film, _) => window::ShownKind::Film,
        Shown::Exhibit(ExhibitKind::Document, _) => window::ShownKind::Document,
        Shown::Link(_) => window::ShownKind::Link,
        Shown::Messenger(_) => window::ShownKind::Messenger,
        Shown::Address(_) => window::ShownKind::Address,
        Shown::Offer(_) => window::ShownKind::Offer,
        Shown::Company(_) => window::ShownKind::Company,
    };
    ShownLine { kind, short: it.short().into(), text: it.text().into() }
}
