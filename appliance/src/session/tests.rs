use expect_test::{Expect, expect};
use tapcard_protocol::{Card, Edition, Identifier};

use super::*;
use crate::badge::{Refusal, Written};
use crate::meeting::Meeting;
use crate::visitor::Visitor;

mod keeping;
mod modes;
mod network;
mod office;
mod pairing;
mod staff;
mod start;
mod trace;
mod upkeep;

use trace::{said, seen};

pub(super) fn bo() -> Input {
    let card = Card::named("Bo");
    let meeting = Meeting::BADGE;
    Input::Read(Box::new(Visitor { card, photo: None, number: None, meeting, note: String::new() }))
}

fn typed(text: &str) -> Input {
    Input::Typed(text.into())
}

fn word(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

fn pin(at: u64, digits: &str) -> impl Iterator<Item = (u64, Input)> {
    digits.chars().map(move |it| (at, Input::Digit(it)))
}

/// A kiosk with this card, whose staff has just come to the contacts.
fn at_the_contacts(mode: Mode, own: Draft) -> Session {
    let mut session = Session::new(mode, Some("2468".into()));
    let script = [(0, Input::Own(own, false)), (0, Input::Staff)].into_iter().chain(pin(1, "2468"));
    for (second, input) in script {
        session.handle(Duration::from_secs(second), input);
    }
    assert_eq!(session.screen(), Screen::Contacts(&Lookup::All));
    session
}

/// A card with nothing but a name.
fn ada() -> Draft {
    Draft::default().with(Line::Name, "Ada")
}

/// Plays a script of `seconds, input` and compares what can be seen outside.
#[track_caller]
fn check(mode: Mode, script: Vec<(u64, Input)>, trace: &Expect) {
    check_at(Session::new(mode, Some("2468".into())), script, trace);
}

/// The same at a kiosk of another kind.
#[track_caller]
fn check_at(mut session: Session, script: Vec<(u64, Input)>, trace: &Expect) {
    let mut lines = String::new();
    for (second, input) in script {
        let name = word(&input);
        let decision = session.handle(Duration::from_secs(second), input);
        let (screen, radio) = (seen(&session), word(&session.radio()));
        let said = decision.map_or_else(String::new, said);
        let line = format!("{second:<3} {name:<11} -> {screen:<16} {radio:<9} {said}");
        lines += line.trim_end();
        lines.push('\n');
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
            (13, Input::Tick),
            (14, Input::Tick),
        ],
        &expect![[r#"
            0   Felt        -> Hold             Alternate
            1   Read        -> Confirm          Off
            3   Felt        -> Confirm          Off
            4   Accept      -> Done             Alternate keep, Cloud
            13  Tick        -> Done             Alternate
            14  Tick        -> Attract          Alternate
        "#]],
    );
}

#[test]
fn a_yes_is_taken_back_while_the_thanks_stand() {
    check(
        Mode::Both,
        vec![
            (0, Input::Undo),
            (0, bo()),
            (1, Input::Undo),
            (2, Input::Accept),
            (11, Input::Undo),
            (12, Input::Undo),
            (16, bo()),
            (17, Input::KeepHere),
            (18, Input::Undo),
            (18, Input::StoreFailed),
            (30, bo()),
            (31, Input::Accept),
            (41, Input::Undo),
        ],
        &expect![[r#"
            0   Undo        -> Attract          Alternate
            0   Read        -> Confirm          Off
            1   Undo        -> Confirm          Off
            2   Accept      -> Done             Alternate keep, Cloud
            11  Undo        -> Undone           Alternate undo
            12  Undo        -> Undone           Alternate
            16  Read        -> Confirm          Off
            17  KeepHere    -> Done             Alternate keep, Here
            18  Undo        -> Undone           Alternate undo
            18  StoreFailed -> Attract NotKept  Alternate
            30  Read        -> Confirm          Off
            31  Accept      -> Done             Alternate keep, Cloud
            41  Undo        -> Attract          Alternate
        "#]],
    );
}

#[test]
fn a_note_goes_with_the_card_and_silence_is_a_no() {
    let typed = |text: &str| Input::Typed(text.into());
    check(
        Mode::Both,
        vec![
            (0, Input::AddNote),
            (0, bo()),
            (1, Input::AddNote),
            (2, typed(" price list ")),
            (3, bo()),
            (4, Input::Save),
            (5, Input::AddNote),
            (6, typed("nothing")),
            (7, Input::Back),
            (8, Input::Accept),
            (20, bo()),
            (21, Input::AddNote),
            (71, Input::Tick),
            (75, Input::Stir),
            (125, Input::Tick),
            (135, Input::Tick),
        ],
        &expect![[r#"
            0   AddNote     -> Attract          Alternate
            0   Read        -> Confirm          Off
            1   AddNote     -> Note             Off
            2   Typed       -> Note             Off
            3   Read        -> Note             Off
            4   Save        -> Confirm          Off
            5   AddNote     -> Note             Off
            6   Typed       -> Note             Off
            7   Back        -> Confirm          Off
            8   Accept      -> Done             Alternate keep, Cloud
            20  Read        -> Confirm          Off
            21  AddNote     -> Note             Off
            71  Tick        -> StillThere       Off
            75  Stir        -> Note             Off
            125 Tick        -> StillThere       Off
            135 Tick        -> Refused          Alternate
        "#]],
    );
    let mut session = Session::new(Mode::Both, None);
    for (at, input) in
        [bo(), Input::AddNote, typed(" price list "), Input::Save].into_iter().enumerate()
    {
        session.handle(Duration::from_secs(at as u64), input);
    }
    let Some(Decision::Keep { visitor, .. }) =
        session.handle(Duration::from_secs(9), Input::Accept)
    else {
        panic!("nothing was kept");
    };
    assert_eq!(visitor.note, "price list");
}

#[test]
fn a_language_stays_as_long_as_something_is_done() {
    let mut session = Session::new(Mode::Both, None).speaking(Language::German);
    let at = Duration::from_secs;
    assert_eq!(session.language(), Language::German);
    session.handle(at(0), Input::Speak(Language::Chinese));
    assert_eq!(session.language(), Language::Chinese);
    session.handle(at(50), Input::Felt);
    session.handle(at(51), bo());
    // No language is chosen over a question.
    session.handle(at(52), Input::Speak(Language::French));
    session.handle(at(60), Input::Accept);
    assert_eq!(session.language(), Language::Chinese);
    session.handle(at(119), Input::Tick);
    assert_eq!(session.language(), Language::Chinese);
    assert_eq!(session.deadline(), Some(at(120)));
    session.handle(at(120), Input::Tick);
    let dims = Some(at(60) + DIM);
    assert_eq!((session.language(), session.deadline()), (Language::German, dims));
    session.handle(at(121), Input::Speak(Language::Chinese));
    session.handle(at(122), Input::Speak(Language::German));
    assert_eq!(session.deadline(), Some(at(122) + DIM), "the kiosk's own needs no end");
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
            1   Accept      -> Done             Alternate keep, Cloud
            1   StoreFailed -> Attract NotKept  Alternate
            2   StoreFailed -> Attract NotKept  Alternate
        "#]],
    );
}
