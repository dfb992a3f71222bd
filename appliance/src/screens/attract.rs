//! The invitation.

use slint::ComponentHandle;

use super::window::{self, App};
use super::{Sink, card};
use crate::session::{Input, Trouble};
use crate::view::{Attract, Notice};

pub(super) fn bind(app: &App, send: &Sink) {
    let send = send.clone();
    app.global::<window::Attract<'_>>().on_staff(move || send(Input::Staff));
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
    global.set_notice(match attract.notice {
        None => window::Notice::None,
        Some(Notice::Resting) => window::Notice::Resting,
        Some(Notice::Trouble(Trouble::NoCard)) => window::Notice::NoCard,
        Some(Notice::Trouble(Trouble::Two)) => window::Notice::Two,
        Some(Notice::Trouble(Trouble::NotKept)) => window::Notice::NotKept,
        Some(Notice::Trouble(Trouble::Broken | Trouble::PulledAway)) => window::Notice::Broken,
    });
}
