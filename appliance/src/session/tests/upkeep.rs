//! The page of updates and settings.

use expect_test::expect;

use super::trace::{said, seen};
use super::*;

fn found() -> Input {
    let update = Some("0.2.0".to_owned());
    Input::Upkept(Upkeep::Found(Supplies { has_stick: true, has_settings: true, update }))
}

/// What a kiosk does whose staff is at the page of its condition.
fn play(session: Session, script: &[(u64, Input)]) -> String {
    let mut session = session;
    let way = [Input::Staff, Input::Digit('1'), Input::Menu, Input::Condition];
    for input in way {
        session.handle(Duration::ZERO, input);
    }
    let line = |(at, input): &(u64, Input)| {
        let decision = session.handle(Duration::from_secs(*at), input.clone()).map(said);
        format!("{at} {} {}\n", seen(&session), decision.unwrap_or_default())
    };
    script.iter().map(line).collect()
}

fn kiosk() -> Session {
    Session::new(Mode::Both, Some("1".into()))
}

#[test]
fn an_update_is_found_installed_and_counts_after_a_start() {
    let script = [
        (1, Input::Upkeep),
        (2, Input::Install),
        (3, found()),
        (4, Input::Restart),
        (5, Input::Install),
        (50, Input::Upkept(Upkeep::Working(30))),
        (51, Input::Install),
        (100, Input::Upkept(Upkeep::Working(65))),
        (101, Input::Upkept(Upkeep::Ready)),
        (102, Input::Restart),
        (103, Input::Upkept(Upkeep::Failed(Unfit::Broken))),
        (104, Input::Fetch),
        (105, Input::Upkept(Upkeep::Failed(Unfit::Away))),
        (106, Input::LookAround),
        (107, found()),
        (108, Input::TakeSettings),
        (109, Input::Back),
        (110, Input::Upkept(Upkeep::Ready)),
    ];
    expect![[r#"
        1 Upkeep Looking look at a stick
        2 Upkeep Looking 
        3 Upkeep, found 
        4 Upkeep, found 
        5 Upkeep Working(0) install
        50 Upkeep Working(30) 
        51 Upkeep Working(30) 
        100 Upkeep Working(65) 
        101 Upkeep Ready 
        102 Upkeep Ready start again
        103 Upkeep Failed(Broken) 
        104 Upkeep Working(0) fetch
        105 Upkeep Failed(Away) 
        106 Upkeep Looking look at a stick
        107 Upkeep, found 
        108 Upkeep Working(0) take settings
        109 Condition 
        110 Condition 
    "#]]
    .assert_eq(&play(kiosk().maintained(true), &script));
}

#[test]
fn where_somebody_else_looks_after_the_system_there_is_no_such_page() {
    let script = [(1, Input::Upkeep), (2, found())];
    expect![[r#"
        1 Condition 
        2 Condition 
    "#]]
    .assert_eq(&play(kiosk(), &script));
}
