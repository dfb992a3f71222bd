//! The first start, and the network's page, which the staff has too.

use tapcard_protocol::{Card, Edition};

use super::faces::mara;
use crate::network::{Air, Mark, Obstacle, Reach, Spot, Unjoined};
use crate::session::{Connecting, Draft, Line, Mode};
use crate::view::{Ask, Asked, Editor, Enrol, NoAnswer, Page, Unset};

fn spot(name: &str, signal: u8, is_locked: bool, is_used: bool) -> Spot {
    Spot { name: name.into(), signal, is_locked, is_used }
}

/// In a hall with many networks, some of whose names are long.
fn air() -> Air {
    let spots = vec![
        spot("Halden Instruments", 64, true, true),
        spot("Exhibitors-5GHz-Hall-4-North-West", 88, true, false),
        spot("Guests", 71, false, false),
        spot("王丽娜的手机", 40, true, false),
        spot("Press", 31, false, false),
        spot("Catering", 12, true, false),
        spot("AP-17", 5, true, false),
    ];
    Air { has_cable: false, spots: Some(spots) }
}

fn well() -> Reach {
    let good = Mark::Good;
    Reach { names: good, clock: good, cloud: good, broker: good, obstacle: None }
}

fn network(air: Option<Air>, reach: Option<Reach>) -> Connecting {
    Connecting { air, reach, ..Connecting::default() }
}

fn stuck(obstacle: Obstacle) -> Page {
    let reach = Reach { cloud: Mark::Bad, obstacle: Some(obstacle), ..well() };
    Page::Network(network(Some(air()), Some(reach)))
}

fn networks() -> Vec<(&'static str, Page)> {
    let joining = Connecting {
        chosen: Some("Exhibitors-5GHz-Hall-4-North-West".into()),
        is_joining: true,
        ..Connecting::default()
    };
    let refused = |why| Connecting { trouble: Some(why), ..network(Some(air()), Some(well())) };
    let cable = Air { has_cable: true, spots: None };
    let nothing = Air { has_cable: false, spots: Some(vec![]) };
    vec![
        ("network", Page::Network(network(Some(air()), Some(well())))),
        ("network-looking", Page::Network(network(None, None))),
        ("network-cable", Page::Network(network(Some(cable), Some(well())))),
        ("network-joining", Page::Network(joining)),
        ("network-wrong-password", Page::Network(refused(Unjoined::Password))),
        ("network-refused", Page::Network(refused(Unjoined::Other))),
        (
            "network-names",
            Page::Network(network(
                Some(nothing),
                Some(Reach {
                    names: Mark::Bad,
                    obstacle: Some(Obstacle::Names),
                    ..Reach::default()
                }),
            )),
        ),
        ("network-portal", stuck(Obstacle::Portal("login.hall-networks.example".into()))),
        ("network-clock", stuck(Obstacle::Clock)),
        ("network-certificate", stuck(Obstacle::Certificate)),
        ("network-cloud", stuck(Obstacle::Cloud)),
        ("network-broker", stuck(Obstacle::Broker)),
        ("start-2-network", Page::Network(network(Some(air()), Some(well())))),
        ("start-2-network-portal", stuck(Obstacle::Portal("login.hall-networks.example".into()))),
    ]
}

fn ask(what: Asked, name: &str, text: &str, trouble: Option<NoAnswer>) -> Page {
    Page::Ask(Ask { what, name: name.into(), text: text.into(), is_busy: false, trouble })
}

fn busy(page: Page) -> Page {
    match page {
        Page::Ask(it) => Page::Ask(Ask { is_busy: true, ..it }),
        other => other,
    }
}

fn questions() -> Vec<(&'static str, Page)> {
    let (number, mail) = ("+46 70 174 06 12", "mara@halden.example");
    let owner = |trouble| ask(Asked::Number, "", number, trouble);
    let code = |trouble| ask(Asked::Code, number, "123456", trouble);
    vec![
        ("ask-password", ask(Asked::Password, "Exhibitors-5GHz-Hall-4-North-West", "s3cret", None)),
        ("start-3-number", ask(Asked::Number, "", "", None)),
        ("start-3-number-busy", busy(owner(None))),
        ("start-3-number-unreadable", owner(Some(NoAnswer::Unreadable))),
        ("start-3-number-unreached", owner(Some(NoAnswer::Unreached))),
        ("start-3-number-too-many", owner(Some(NoAnswer::TooMany))),
        ("start-3-number-away", owner(Some(NoAnswer::Away))),
        ("start-3-mail", ask(Asked::Mail, "", mail, Some(NoAnswer::Unreadable))),
        ("start-3-code", code(None)),
        ("start-3-code-busy", busy(code(None))),
        ("start-3-code-wrong", code(Some(NoAnswer::NotTheCode))),
        ("start-3-code-slept", code(Some(NoAnswer::Slept))),
    ]
}

fn unset(fault: &str, can_go_on: bool) -> Page {
    Page::Unset(Unset { fault: fault.to_owned(), can_go_on })
}

fn enrol(words: Option<[&'static str; 4]>, is_waiting: bool) -> Page {
    let host = "cards.example.org".into();
    Page::Enrol(Enrol { words, host, has_staff: false, is_waiting, can_wait: true })
}

fn pin(n_typed: usize, is_again: bool, differs: bool) -> Page {
    Page::NewPin { n_typed, is_again, differs, is_enough: n_typed >= 4 }
}

fn steps() -> Vec<(&'static str, Page)> {
    let draft = Draft::of(Edition(0), &Card::named("Mara Lindqvist"));
    let card = Page::Editor(Editor {
        is_visitors: false,
        draft,
        line: Line::Name,
        place: (0, Line::ALL.len()),
        face: mara(),
        conflict: false,
        is_nameless: false,
        by_phone: true,
    });
    let trial = |is_felt, rests| Page::Trial { is_felt, rests };
    vec![
        ("start-1-welcome", Page::Welcome),
        ("unset", unset("tapcard.toml: there is none on the card's first partition", false)),
        ("unset-line", unset("tapcard.toml: line 12, `rotation`: must be 0, 90, 180 or 270", true)),
        ("start-3-compare", enrol(Some(["scissors", "umbrella", "mountain", "aware"]), false)),
        ("start-3-waiting", enrol(None, true)),
        ("start-4-card", card),
        ("start-5-mode", Page::Mode),
        ("start-6-pin", pin(2, false, false)),
        ("start-6-pin-again", pin(4, true, false)),
        ("start-6-pin-differs", pin(0, false, true)),
        ("start-7-trial", trial(false, false)),
        ("start-7-trial-felt", trial(true, false)),
        ("start-7-trial-resting", trial(false, true)),
    ]
}

pub(super) fn starts() -> Vec<(String, Mode, Page)> {
    let all = networks().into_iter().chain(questions()).chain(steps());
    all.map(|(name, page)| (name.to_owned(), Mode::Both, page)).collect()
}

/// Which step of the first start a page of this name is.
#[cfg(test)]
pub(in crate::headless) fn step(name: &str) -> usize {
    let step = name.strip_prefix("start-").and_then(|it| it.split('-').next()?.parse().ok());
    step.unwrap_or_default()
}
