use expect_test::{Expect, expect};
use tapcard_protocol::{Card, Edition};

use super::*;
use crate::badge::{Refusal, Written};
use crate::meeting::Meeting;

pub(super) fn bo() -> Input {
    let card = Card::named("Bo");
    let meeting = Meeting::BADGE;
    Input::Read(Box::new(Visitor { card, photo: None, number: None, meeting }))
}

fn word(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
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

fn pin(at: u64, digits: &str) -> impl Iterator<Item = (u64, Input)> {
    digits.chars().map(move |it| (at, Input::Digit(it)))
}

#[test]
fn the_staff_edits_the_card() {
    let own = Draft { base: Edition(3), name: "Ada".into(), ..Draft::default() };
    let mut script = vec![(0, Input::Own(own, false)), (0, Input::Staff)];
    script.extend(pin(1, "2468"));
    script.extend([
        (2, Input::EditCard),
        (2, bo()),
        (3, Input::Typed(Line::Name, " ".into())),
        (4, Input::Save),
        (5, Input::Typed(Line::Name, "Ada Lind ".into())),
        (6, Input::Save),
        (7, Input::Tell(true)),
        (8, Input::EditCard),
        (9, Input::Save),
        (70, Input::Tick),
    ]);
    check(
        Mode::Both,
        script,
        &expect![[r#"
            0   Own         -> Attract          Alternate
            0   Staff       -> Lock 0 false     Off
            1   Digit       -> Lock 1 false     Off
            1   Digit       -> Lock 2 false     Off
            1   Digit       -> Lock 3 false     Off
            1   Digit       -> Contacts         Off
            2   EditCard    -> Editor Ada       Off
            2   Read        -> Editor Ada       Off
            3   Typed       -> Editor           Off
            4   Save        -> Editor           Off
            5   Typed       -> Editor Ada Lind  Off
            6   Save        -> Tell             Off       draft Ada Lind on 3
            7   Tell        -> Contacts         Off       send, notify=true
            8   EditCard    -> Editor Ada       Off
            9   Save        -> Contacts         Off
            70  Tick        -> Attract          Alternate
        "#]],
    );
}

#[test]
fn the_staff_writes_badges_and_the_radio_does_nothing_else_meanwhile() {
    let own = Draft { name: "Ada".into(), ..Draft::default() };
    let written = || Input::Wrote(Ok(Written { left_out: Vec::new(), is_locked: true }));
    let refused = Input::Wrote(Err(Refusal::Holds));
    let mut script = vec![(0, written()), (0, Input::Staff)];
    script.extend(pin(1, "2468"));
    script.extend([
        (2, Input::WriteBadges(Whose::Own)),
        (3, Input::Own(own, false)),
        (3, Input::WriteBadges(Whose::Own)),
        (4, bo()),
        (5, Input::Writing),
        (5, Input::LockBadges(true)),
        (5, Input::Back),
        (6, refused),
        (7, Input::LockBadges(true)),
        (8, Input::Writing),
        (9, written()),
        (10, Input::Back),
        (11, Input::Writing),
        (12, Input::WriteBadges(Whose::Contact(ContactId(7)))),
        (71, Input::Tick),
        (72, Input::Tick),
    ]);
    check(
        Mode::Give,
        script,
        &expect![[r#"
        0   Wrote       -> Attract          Emulate
        0   Staff       -> Lock 0 false     Off
        1   Digit       -> Lock 1 false     Off
        1   Digit       -> Lock 2 false     Off
        1   Digit       -> Lock 3 false     Off
        1   Digit       -> Contacts         Off
        2   WriteBadges -> Contacts         Off
        3   Own         -> Contacts         Off
        3   WriteBadges -> Badges Waiting   Write
        4   Read        -> Badges Waiting   Write
        5   Writing     -> Badges Writing   Write
        5   LockBadges  -> Badges Writing   Write
        5   Back        -> Badges Writing   Write
        6   Wrote       -> Badges Refused   Write
        7   LockBadges  -> Badges lock Refused Write
        8   Writing     -> Badges lock Writing Write
        9   Wrote       -> Badges lock Written Write
        10  Back        -> Contacts         Off
        11  Writing     -> Contacts         Off
        12  WriteBadges -> Badges Waiting   Write
        71  Tick        -> Badges Waiting   Write
        72  Tick        -> Attract          Emulate
    "#]],
    );
}

#[test]
fn five_wrong_pins_close_the_pad_and_leaving_does_not_open_it() {
    let mut script = vec![(0, Input::Staff)];
    (0..4).for_each(|_| script.extend(pin(1, "1111")));
    script.extend(pin(2, "1111"));
    script.extend([(3, Input::Back), (4, Input::Staff)]);
    script.extend(pin(5, "2468"));
    script.extend(pin(32, "2468"));
    let mut session = Session::new(Mode::Both, Some("2468".into()));
    let closed = |session: &Session| match session.screen() {
        Screen::Lock { closed_until, .. } => closed_until,
        _ => None,
    };
    for (second, input) in script {
        session.handle(Duration::from_secs(second), input);
        let expected = (2..32).contains(&second) && session.screen() != Screen::Attract(None);
        if second != 2 {
            assert_eq!(closed(&session).is_some(), expected, "at {second}");
        }
    }
    assert_eq!(session.screen(), Screen::Contacts);
}

#[test]
fn without_a_pin_there_is_no_way_to_the_staffs_pages() {
    let mut session = Session::new(Mode::Both, None);
    session.handle(Duration::ZERO, Input::Staff);
    assert_eq!(session.screen(), Screen::Attract(None));
}
