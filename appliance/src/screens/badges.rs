//! Badges, being written.

use slint::ComponentHandle;

use super::window::{self, App};
use super::{Sink, card};
use crate::badge::Refusal;
use crate::session::{Input, Step};
use crate::view::Badges;

pub(super) fn bind(app: &App, send: &Sink) {
    let global = app.global::<window::Badges<'_>>();
    let lock = send.clone();
    global.on_lock_them(move |it| lock(Input::LockBadges(it)));
    let back = send.clone();
    global.on_back(move || back(Input::Back));
}

pub(super) fn show(app: &App, badges: Option<&Badges>) {
    let global = app.global::<window::Badges<'_>>();
    let written = badges.and_then(|it| match &it.step {
        Step::Written(written) => Some(written),
        Step::Waiting | Step::Writing | Step::Refused(_) => None,
    });
    global.set_card(badges.map(|it| card(&it.face)).unwrap_or_default());
    global.set_lock(badges.is_some_and(|it| it.lock));
    global.set_resting(badges.is_some_and(|it| it.rests));
    global.set_shortened(written.is_some_and(|it| !it.left_out.is_empty()));
    global.set_locked(written.is_some_and(|it| it.is_locked));
    let (step, reason) = badges.map_or((window::Step::Waiting, None), |it| step(&it.step));
    global.set_step(step);
    global.set_refusal(reason.map_or(window::Refusal::None, refusal));
}

fn step(step: &Step) -> (window::Step, Option<Refusal>) {
    match step {
        Step::Waiting => (window::Step::Waiting, None),
        Step::Writing => (window::Step::Writing, None),
        Step::Written(_) => (window::Step::Written, None),
        Step::Refused(reason) => (window::Step::Refused, Some(*reason)),
    }
}

fn refusal(reason: Refusal) -> window::Refusal {
    use window::Refusal as Shown;
    match reason {
        Refusal::PulledAway => Shown::PulledAway,
        Refusal::Two => Shown::Two,
        // Only a badge desk tells the last one from others.
        Refusal::Holds | Refusal::JustWritten => Shown::Holds,
        Refusal::Locked => Shown::Locked,
        Refusal::OtherKind => Shown::OtherKind,
        Refusal::OtherUse => Shown::OtherUse,
        Refusal::TooSmall => Shown::TooSmall,
        Refusal::Worn => Shown::Worn,
    }
}
