use expect_test::{Expect, expect};
use tapcard_protocol::{Card, Edition};

use super::*;
use crate::badge::{Refusal, Written};
use crate::meeting::Meeting;

mod staff;

pub(super) fn bo() -> Input {
    let card = Card::named("Bo");
    let meeting = Meeting::BADGE;
    Input::Read(Box::new(Visitor { card, photo: None, number: None, meeting }))
}

fn word(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

fn pin(at: u64, digits: &str) -> impl Iterator<Item = (u64, Input)> {
    digits.chars().map(move |it| (at, Input::Digit(it)))
}

/// Plays a script of `seconds, input` and compares what can be seen outside.
#[track_caller]
fn check(mode: Mode, script: Vec<(u64, Input)>, trace: &Expect) {
    let mut session = Session::new(mode, Some("2468".into()));
    let mut lines = String::new();
    for (second, input) in script {
        let name = word(&input);
        let decision = session.handle(Duration::from_secs(second), input);
        let screen = match session.screen() {
            Screen::Attract(Some(trouble)) => format!("Attract {trouble:?}"),
            Screen::Lock { n_typed, wrong, .. } => format!("Lock {n_typed} {wrong}"),
            Screen::Editor(draft) => format!("Editor {}", draft.name),
            Screen::Badges(badging) => {
                let lock = if badging.lock { " lock" } else { "" };
                format!("Badges{lock} {}", word(&badging.step))
            }
            other => word(&other),
        };
        lines += &format!("{second:<3} {name:<11} -> {screen:<16} {:<9}", word(&session.radio()));
        match decision {
            Some(Decision::Keep { cloud, .. }) => lines += &format!(" keep, cloud={cloud}"),
            Some(Decision::Draft(draft)) => {
                lines += &format!(" draft {} on {}", draft.name, draft.base.0);
            }
            Some(Decision::Send { notify }) => lines += &format!(" send, notify={notify}"),
            Some(Decision::Mode(mode)) => lines += &format!(" {mode:?}"),
            None => {}
        }
        lines = lines.trim_end().to_owned() + "\n";
    }
    trace.assert_eq(&lines);
}

#[test]
fn a_swap() {
    check(
        Mode::Both,
        vec![
            (0, Input::Felt),
            (1, bo()),
            (3, Input::Felt),
            (4, Input::Accept),
            (7, Input::Tick),
            (8, Input::Tick),
        ],
        &expect![[r#"
            0   Felt        -> Hold             Alternate
            1   Read        -> Confirm          Off
            3   Felt        -> Confirm          Off
            4   Accept      -> Done             Alternate keep, cloud=true
            7   Tick        -> Done             Alternate
            8   Tick        -> Attract          Alternate
        "#]],
    );
}

#[test]
fn the_thanks_stand_as_long_as_is_set() {
    let mut session = Session::new(Mode::Both, None).thanking_for(Duration::from_secs(30));
    session.handle(Duration::ZERO, bo());
    session.handle(Duration::from_secs(1), Input::Accept);
    session.handle(Duration::from_secs(30), Input::Tick);
    assert_eq!(word(&session.screen()), "Done");
    session.handle(Duration::from_secs(31), Input::Tick);
    assert_eq!(word(&session.screen()), "Attract");
}

#[test]
fn silence_is_a_no_and_a_yes_after_it_counts_for_nothing() {
    check(
        Mode::Take,
        vec![(0, bo()), (20, Input::Accept), (24, Input::Accept)],
        &expect![[r#"
            0   Read        -> Confirm          Off
            20  Accept      -> Refused          Read
            24  Accept      -> Attract          Read
        "#]],
    );
}

#[test]
fn a_slow_touch_and_a_late_answer() {
    check(
        Mode::Both,
        vec![
            (0, Input::Felt),
            (3, Input::Tick),
            (4, bo()),
            (5, Input::Reject),
            (6, Input::Onward),
            (7, Input::Felt),
            (60, Input::Tick),
        ],
        &expect![[r#"
            0   Felt        -> Hold             Alternate
            3   Tick        -> Late             Alternate
            4   Read        -> Confirm          Off
            5   Reject      -> Refused          Alternate
            6   Onward      -> Attract          Alternate
            7   Felt        -> Hold             Alternate
            60  Tick        -> Attract          Alternate
        "#]],
    );
}

#[test]
fn what_is_wrong_with_a_badge_is_said_for_a_while() {
    check(
        Mode::Both,
        vec![
            (0, Input::Unreadable(Trouble::Two)),
            (1, Input::Felt),
            (2, Input::Unreadable(Trouble::PulledAway)),
            (3, Input::Felt),
            (4, Input::Unreadable(Trouble::Damaged)),
            (9, Input::Tick),
        ],
        &expect![[r#"
            0   Unreadable  -> Attract Two      Alternate
            1   Felt        -> Hold             Alternate
            2   Unreadable  -> Late             Alternate
            3   Felt        -> Hold             Alternate
            4   Unreadable  -> Attract Damaged  Alternate
            9   Tick        -> Attract          Alternate
        "#]],
    );
}

#[test]
fn a_store_that_fails_is_never_thanked_for() {
    check(
        Mode::Both,
        vec![(0, bo()), (1, Input::Accept), (1, Input::StoreFailed), (2, Input::StoreFailed)],
        &expect![[r#"
            0   Read        -> Confirm          Off
            1   Accept      -> Done             Alternate keep, cloud=true
            1   StoreFailed -> Attract NotKept  Alternate
            2   StoreFailed -> Attract NotKept  Alternate
        "#]],
    );
}

/// The same inputs in every mode: a badge comes, then a phone reads the own card, then a badge again.
fn all_comers() -> Vec<(u64, Input)> {
    let parted = |read| Input::Parted { read };
    vec![
        (0, Input::Felt),
        (0, bo()),
        (1, Input::Met),
        (2, Input::Reject),
        (3, Input::Met),
        (3, parted(false)),
        (4, parted(true)),
        (5, Input::Unreadable(Trouble::Two)),
        (6, Input::Felt),
        (7, Input::Unreadable(Trouble::Empty)),
        (8, parted(true)),
        (9, Input::Onward),
        (10, parted(true)),
        (16, Input::Tick),
    ]
}

#[test]
fn who_swaps_reads_and_is_read() {
    check(
        Mode::Both,
        all_comers(),
        &expect![[r#"
        0   Felt        -> Hold             Alternate
        0   Read        -> Confirm          Off
        1   Met         -> Confirm          Off
        2   Reject      -> Refused          Alternate
        3   Met         -> Refused          Alternate
        3   Parted      -> Refused          Alternate
        4   Parted      -> Phone            Alternate
        5   Unreadable  -> Phone            Alternate
        6   Felt        -> Hold             Alternate
        7   Unreadable  -> Attract Empty    Alternate
        8   Parted      -> Phone            Alternate
        9   Onward      -> Attract          Alternate
        10  Parted      -> Phone            Alternate
        16  Tick        -> Attract          Alternate
    "#]],
    );
}

#[test]
fn who_gives_reads_nobody() {
    check(
        Mode::Give,
        all_comers(),
        &expect![[r#"
        0   Felt        -> Attract          Emulate
        0   Read        -> Attract          Emulate
        1   Met         -> Attract          Emulate
        2   Reject      -> Attract          Emulate
        3   Met         -> Attract          Emulate
        3   Parted      -> Attract          Emulate
        4   Parted      -> Phone            Emulate
        5   Unreadable  -> Phone            Emulate
        6   Felt        -> Phone            Emulate
        7   Unreadable  -> Phone            Emulate
        8   Parted      -> Phone            Emulate
        9   Onward      -> Attract          Emulate
        10  Parted      -> Phone            Emulate
        16  Tick        -> Attract          Emulate
    "#]],
    );
}

#[test]
fn who_takes_is_read_by_nobody() {
    check(
        Mode::Take,
        all_comers(),
        &expect![[r#"
        0   Felt        -> Hold             Read
        0   Read        -> Confirm          Off
        1   Met         -> Confirm          Off
        2   Reject      -> Refused          Read
        3   Met         -> Refused          Read
        3   Parted      -> Refused          Read
        4   Parted      -> Refused          Read
        5   Unreadable  -> Refused          Read
        6   Felt        -> Hold             Read
        7   Unreadable  -> Attract Empty    Read
        8   Parted      -> Attract Empty    Read
        9   Onward      -> Attract Empty    Read
        10  Parted      -> Attract Empty    Read
        16  Tick        -> Attract          Read
    "#]],
    );
}

#[test]
fn a_mode_holds_from_the_moment_it_is_picked() {
    let mut script = vec![(0, Input::Staff)];
    script.extend(pin(1, "2468"));
    script.extend([
        (2, Input::ChooseMode),
        (3, Input::Pick(Mode::Give)),
        (4, Input::Parted { read: true }),
        (5, Input::Back),
        (6, bo()),
        (7, Input::Parted { read: true }),
    ]);
    check(
        Mode::Take,
        script,
        &expect![[r#"
        0   Staff       -> Lock 0 false     Off
        1   Digit       -> Lock 1 false     Off
        1   Digit       -> Lock 2 false     Off
        1   Digit       -> Lock 3 false     Off
        1   Digit       -> Contacts         Off
        2   ChooseMode  -> Mode             Off
        3   Pick        -> Contacts         Off       Give
        4   Parted      -> Contacts         Off
        5   Back        -> Attract          Emulate
        6   Read        -> Attract          Emulate
        7   Parted      -> Phone            Emulate
    "#]],
    );
}
