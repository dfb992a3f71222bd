//! The invitation.

use slint::ComponentHandle;

use super::window::{self, App};
use super::{Sink, card};
use crate::session::{Input, Trouble};
use crate::view::Attract;

pub(super) fn bind(app: &App, send: &Sink) {
    let global = app.global::<window::Attract<'_>>();
    let (staff, write) = (send.clone(), send.clone());
    global.on_staff(move || staff(Input::Staff));
    global.on_write_card(move || write(Input::WriteCard));
}

pub(super) fn show(app: &App, attract: Option<&Attract>) {
    // It shows nothing of a visitor, so it keeps its last state under other pages.
    let Some(attract) = attract else { return };
    let global = app.global::<window::Attract<'_>>();
    let owner = attract.owner.as_ref();
    global.set_has_owner(owner.is_some());
    global.set_owner(owner.map(card).unwrap_or_default());
    global.set_host(owner.map_or("", |it| it.host()).into());
    global.set_place(attract.place.as_str().into());
    global.set_has_staff(attract.has_staff);
    global.set_has_more(attract.has_more);
    global.set_introduces(attract.introduces);
    global.set_trouble(attract.trouble.map_or(window::Trouble::None, trouble));
    global.set_disk_fails(attract.disk_fails);
    global.set_clock_is_wrong(attract.clock_is_wrong);
    global.set_resting(attract.resting.is_some());
    global.set_resting_since(attract.resting.as_deref().unwrap_or_default().into());
    global.set_code(attract.code.as_deref().unwrap_or_default().into());
}

fn trouble(trouble: Trouble) -> window::Trouble {
    use window::Trouble as Shown;
    match trouble {
        Trouble::Two => Shown::Two,
        Trouble::Empty => Shown::Empty,
        Trouble::Unformatted => Shown::Unformatted,
        Trouble::Locked => Shown::Locked,
        Trouble::Classic => Shown::Classic,
        Trouble::OtherCard => Shown::OtherCard,
        Trouble::OtherKind => Shown::OtherKind,
        // Who takes a badge away too early sees a page of its own.
        Trouble::Damaged | Trouble::PulledAway => Shown::Damaged,
        Trouble::CutOff => Shown::CutOff,
        Trouble::TooLong => Shown::TooLong,
        Trouble::BadCard => Shown::BadCard,
        Trouble::BlankCard => Shown::BlankCard,
        Trouble::CardLink => Shown::CardLink,
        Trouble::Link => Shown::Link,
        Trouble::Poster => Shown::Poster,
        Trouble::Wifi => Shown::Wifi,
        Trouble::NoCard => Shown::NoCard,
        Trouble::NoNumber => Shown::NoNumber,
        Trouble::NotKept => Shown::NotKept,
    }
}
