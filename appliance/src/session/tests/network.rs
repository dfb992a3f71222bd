//! The network's page, of the staff and of the first start.

use super::*;
use crate::network::{Air, Around, Spot, Unjoined};

/// An open network, one that wants a password, and the one that is used.
fn air() -> Input {
    let spot =
        |name: &str, is_locked, is_used| Spot { name: name.into(), signal: 50, is_locked, is_used };
    let spots =
        vec![spot("own", true, true), spot("locked", true, false), spot("open", false, false)];
    Input::Around(Around::Air(Air { has_cable: false, spots: Some(spots) }))
}

#[test]
fn a_wireless_network_is_joined_with_its_password() {
    let script = vec![
        (1, Input::Condition),
        (2, Input::Network),
        (3, air()),
        (4, Input::Choose(0)),
        (5, Input::Choose(9)),
        (6, Input::Choose(1)),
        (7, Input::Next),
        (8, typed("s3cret")),
        (9, Input::Back),
        (10, Input::Choose(1)),
        (11, typed("s3cret")),
        (12, Input::Save),
        (13, Input::Choose(2)),
        (14, Input::Around(Around::Joined(Err(Unjoined::Password)))),
        (15, air()),
        (16, Input::Choose(2)),
        (17, Input::Around(Around::Joined(Ok(())))),
        (18, Input::LookAround),
        (67, Input::Stir),
        (68, air()),
        (128, Input::Tick),
    ];
    let mut session = at_the_contacts(Mode::Both, Draft::default());
    session.handle(Duration::from_secs(1), Input::Menu);
    check_at(
        session.clone(),
        script.clone(),
        &expect![[r#"
        1   Condition   -> Condition        Off
        2   Network     -> Network          Off       look around
        3   Around      -> Network          Off
        4   Choose      -> Network          Off
        5   Choose      -> Network          Off
        6   Choose      -> Password         Off
        7   Next        -> Password         Off
        8   Typed       -> Password         Off
        9   Back        -> Network          Off
        10  Choose      -> Password         Off
        11  Typed       -> Password         Off
        12  Save        -> Network          Off       join locked with "s3cret"
        13  Choose      -> Network          Off
        14  Around      -> Network          Off
        15  Around      -> Network          Off
        16  Choose      -> Network          Off       join open with ""
        17  Around      -> Network          Off
        18  LookAround  -> Network          Off       look around
        67  Stir        -> Network          Off
        68  Around      -> Network          Off
        128 Tick        -> Attract          Alternate
    "#]],
    );
    for (second, input) in script.into_iter().take_while(|it| it.0 < 15) {
        session.handle(Duration::from_secs(second), input);
    }
    let Screen::Network(it) = session.screen() else { panic!("{:?}", session.screen()) };
    assert_eq!((it.trouble, it.is_joining), (Some(Unjoined::Password), false));
}
