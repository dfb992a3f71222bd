//! Another version of the program, or other settings.

use slint::{ComponentHandle, SharedString};

use super::Sink;
use super::window::{self, App};
use crate::session::{Input, Supplies, Unfit, Upkeep as Step};
use crate::view::Upkeep;

pub(super) fn bind(app: &App, send: &Sink) {
    let on = |input: Input| {
        let send = send.clone();
        move || send(input.clone())
    };
    app.global::<window::Condition<'_>>().on_upkeep(on(Input::Upkeep));
    let global = app.global::<window::Upkeep<'_>>();
    global.on_again(on(Input::LookAround));
    global.on_install(on(Input::Install));
    global.on_fetch(on(Input::Fetch));
    global.on_take_settings(on(Input::TakeSettings));
    global.on_restart(on(Input::Restart));
    global.on_back(on(Input::Back));
}

pub(super) fn show(app: &App, it: Option<&Upkeep>) {
    let global = app.global::<window::Upkeep<'_>>();
    let text = |it: Option<&String>| SharedString::from(it.map_or("", String::as_str));
    let step = it.map_or(&Step::Looking, |it| &it.step);
    let supplies = match step {
        Step::Found(it) => it.clone(),
        _ => Supplies::default(),
    };
    let (unfit, fault) = match step {
        Step::Failed(it) => reason(it),
        _ => (window::Unfit::None, None),
    };
    global.set_step(match step {
        Step::Looking => window::UpkeepStep::Looking,
        Step::Found(_) => window::UpkeepStep::Found,
        Step::Working(_) => window::UpkeepStep::Working,
        Step::Ready => window::UpkeepStep::Ready,
        Step::Failed(_) => window::UpkeepStep::Failed,
    });
    global.set_percent(match step {
        Step::Working(it) => i32::from(*it),
        _ => 0,
    });
    global.set_unfit(unfit);
    global.set_fault(text(fault));
    global.set_version(it.map_or("", |it| it.version).into());
    global.set_offered(text(it.and_then(|it| it.offered.as_ref())));
    global.set_update(text(supplies.update.as_ref()));
    global.set_has_stick(supplies.has_stick);
    global.set_has_settings(supplies.has_settings);
}

fn reason(it: &Unfit) -> (window::Unfit, Option<&String>) {
    match it {
        Unfit::Foreign => (window::Unfit::Foreign, None),
        Unfit::Older => (window::Unfit::Older, None),
        Unfit::OtherKind => (window::Unfit::OtherKind, None),
        Unfit::Broken => (window::Unfit::Broken, None),
        Unfit::Full => (window::Unfit::Full, None),
        Unfit::Away => (window::Unfit::Away, None),
        Unfit::Settings(fault) => (window::Unfit::Settings, Some(fault)),
    }
}
