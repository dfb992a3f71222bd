//! The first start, the network, and what is typed and then tried.

use slint::{ComponentHandle, ModelRc, VecModel};

use super::Sink;
use super::window::{self, App, Nav, Screen};
use crate::network::{Mark, Obstacle, Reach, Spot, Unjoined};
use crate::session::{Connecting, Input, STEPS};
use crate::view::{Ask, Asked, NoAnswer, Page};

pub(super) fn bind(app: &App, send: &Sink) {
    let on = |input: Input| {
        let send = send.clone();
        move || send(input.clone())
    };
    let start = app.global::<window::Start<'_>>();
    start.on_onward(on(Input::Onward));
    start.on_back(on(Input::Back));
    let network = app.global::<window::Network<'_>>();
    let choose = send.clone();
    network.on_choose(move |at| choose(Input::Choose(at.max(0) as usize)));
    network.on_again(on(Input::LookAround));
    network.on_onward(on(Input::Onward));
    network.on_back(on(Input::Back));
    network.on_stir(on(Input::Stir));
    let ask = app.global::<window::Ask<'_>>();
    let typed = send.clone();
    ask.on_typed(move |text| typed(Input::Typed(text.into())));
    ask.on_go(on(Input::Save));
    ask.on_back(on(Input::Back));
    ask.on_other(on(Input::ByMail));
}

pub(super) fn show(app: &App, step: usize, page: &Page) {
    let start = app.global::<window::Start<'_>>();
    start.set_step(step as i32);
    start.set_steps(if step > 0 { STEPS as i32 } else { 0 });
    let (felt, resting) = match page {
        Page::Trial { is_felt, rests } => (*is_felt, *rests),
        _ => (false, false),
    };
    start.set_felt(felt);
    start.set_resting(resting);
    network(
        app,
        match page {
            Page::Network(it) => Some(it),
            _ => None,
        },
    );
    ask(
        app,
        match page {
            Page::Ask(it) => Some(it),
            _ => None,
        },
    );
}

fn network(app: &App, it: Option<&Connecting>) {
    let global = app.global::<window::Network<'_>>();
    let none = Connecting::default();
    let (is_shown, it) = (it.is_some(), it.unwrap_or(&none));
    let spots = it.air.as_ref().and_then(|it| it.spots.as_ref());
    global.set_looking(is_shown && it.air.is_none());
    global.set_has_cable(it.air.as_ref().is_some_and(|it| it.has_cable));
    global.set_has_radio(spots.is_some());
    let rows: Vec<window::Spot> = spots.into_iter().flatten().map(spot).collect();
    global.set_spots(ModelRc::new(VecModel::from(rows)));
    let joining = it.chosen.as_deref().filter(|_| it.is_joining).unwrap_or_default();
    global.set_joining(joining.into());
    global.set_refused(it.trouble.is_some());
    global.set_wrong_password(it.trouble == Some(Unjoined::Password));
    let open = Reach::default();
    let reach = it.reach.as_ref().unwrap_or(&open);
    global.set_names(mark(reach.names));
    global.set_clock(mark(reach.clock));
    global.set_cloud(mark(reach.cloud));
    global.set_broker(mark(reach.broker));
    let portal = match &reach.obstacle {
        Some(Obstacle::Portal(host)) => host.as_str(),
        _ => "",
    };
    global.set_portal(portal.into());
    global.set_obstacle(match &reach.obstacle {
        None => window::Obstacle::None,
        Some(Obstacle::Names) => window::Obstacle::Names,
        Some(Obstacle::Portal(_)) => window::Obstacle::Portal,
        Some(Obstacle::Clock) => window::Obstacle::Clock,
        Some(Obstacle::Certificate) => window::Obstacle::Certificate,
        Some(Obstacle::Cloud) => window::Obstacle::Cloud,
        Some(Obstacle::Broker) => window::Obstacle::Broker,
    });
}

fn mark(it: Mark) -> window::Mark {
    match it {
        Mark::Open => window::Mark::Open,
        Mark::Good => window::Mark::Good,
        Mark::Bad => window::Mark::Bad,
    }
}

fn spot(it: &Spot) -> window::Spot {
    window::Spot {
        name: it.name.as_str().into(),
        signal: i32::from(it.signal),
        locked: it.is_locked,
        used: it.is_used,
    }
}

fn ask(app: &App, it: Option<&Ask>) {
    let global = app.global::<window::Ask<'_>>();
    let what = it.map_or(window::Asked::Password, |it| match it.what {
        Asked::Password => window::Asked::Password,
        Asked::Number => window::Asked::Number,
        Asked::Mail => window::Asked::Mail,
        Asked::Code => window::Asked::Code,
    });
    let goes_on = it.is_some()
        && app.global::<Nav<'_>>().get_screen() == Screen::Ask
        && global.get_what() == what;
    global.set_what(what);
    global.set_name(it.map_or("", |it| it.name.as_str()).into());
    global.set_busy(it.is_some_and(|it| it.is_busy));
    global.set_trouble(it.and_then(|it| it.trouble).map_or(
        window::NoAnswer::None,
        |it| match it {
            NoAnswer::Unreadable => window::NoAnswer::Unreadable,
            NoAnswer::Unreached => window::NoAnswer::Unreached,
            NoAnswer::TooMany => window::NoAnswer::TooMany,
            NoAnswer::NotTheCode => window::NoAnswer::NotTheCode,
            NoAnswer::Slept => window::NoAnswer::Slept,
            NoAnswer::Away => window::NoAnswer::Away,
        },
    ));
    // While somebody types, the field holds the truth.
    if !goes_on {
        global.set_text(it.map_or("", |it| it.text.as_str()).into());
    }
}
