use expect_test::{Expect, expect};
use tapcard_protocol::{Card, Edition};

use super::*;

fn bo() -> Input {
    let card = Card::named("Bo");
    Input::Read(Box::new(Visitor { card, photo: None, number: None }))
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
            other => word(&other),
        };
        lines += &format!("{second:<3} {name:<11} -> {screen:<16} {:<4}", word(&session.radio()));
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
            0   Felt        -> Hold             Read
            1   Read        -> Confirm          Off
            3   Felt        -> Confirm          Off
            4   Accept      -> Done             Read keep, cloud=true
            7   Tick        -> Done             Read
            8   Tick        -> Attract          Read
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
            0   Felt        -> Hold             Read
            3   Tick        -> Late             Read
            4   Read        -> Confirm          Off
            5   Reject      -> Refused          Read
            6   Onward      -> Attract          Read
            7   Felt        -> Hold             Read
            60  Tick        -> Attract          Read
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
            (4, Input::Unreadable(Trouble::Broken)),
            (9, Input::Tick),
        ],
        &expect![[r#"
            0   Unreadable  -> Attract Two      Read
            1   Felt        -> Hold             Read
            2   Unreadable  -> Late             Read
            3   Felt        -> Hold             Read
            4   Unreadable  -> Attract Broken   Read
            9   Tick        -> Attract          Read
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
            1   Accept      -> Done             Read keep, cloud=true
            1   StoreFailed -> Attract NotKept  Read
            2   StoreFailed -> Attract NotKept  Read
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
            0   Own         -> Attract          Read
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
            6   Save        -> Tell             Off  draft Ada Lind on 3
            7   Tell        -> Contacts         Off  send, notify=true
            8   EditCard    -> Editor Ada       Off
            9   Save        -> Contacts         Off
            70  Tick        -> Attract          Read
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

/// Plays every continuation of a script, two seconds between inputs.
fn play(before: &Session, inputs: &[Input], depth: u64) {
    if depth == 6 {
        return;
    }
    for input in inputs {
        let now = Duration::from_secs(depth * 2);
        let mut session = before.clone();
        let decision = session.handle(now, input.clone());
        obeys(before, &session, input, decision.as_ref());
        play(&session, inputs, depth + 1);
    }
}

fn obeys(before: &Session, after: &Session, input: &Input, decision: Option<&Decision>) {
    if let Some(Decision::Keep { cloud, .. }) = decision {
        assert!(matches!(before.screen(), Screen::Confirm(_)), "kept without a question");
        assert_eq!(*cloud, *input == Input::Accept, "sent without consent");
        assert!(matches!(input, Input::Accept | Input::KeepHere));
        assert_ne!(after.mode(), Mode::Give, "giving took");
    }
    if matches!(after.screen(), Screen::Confirm(_) | Screen::Hold) {
        assert_ne!(after.mode(), Mode::Give, "giving read");
    }
    if matches!(input, Input::Felt | Input::Read(_)) && before.radio() == Radio::Off {
        let same = before.screen() == after.screen() || before.deadline().is_some();
        assert!(same, "the radio was off");
    }
    let private = |it: &Session| {
        matches!(it.screen(), Screen::Contacts | Screen::Editor(_) | Screen::Tell | Screen::Mode)
    };
    if private(after) && !private(before) {
        assert!(matches!(before.screen(), Screen::Lock { .. }), "staff's pages without a PIN");
        assert_eq!(*input, Input::Digit('1'));
    }
    if private(after) {
        assert_eq!(after.radio(), Radio::Off);
    }
    let rests = after.screen() == Screen::Attract(None);
    assert_eq!(rests, after.deadline().is_none(), "only rest may last for ever");
}

#[test]
fn no_script_breaks_the_rules() {
    let visit = [
        Input::Felt,
        bo(),
        Input::Unreadable(Trouble::Two),
        Input::Accept,
        Input::KeepHere,
        Input::Reject,
        Input::Onward,
        Input::Staff,
        Input::Tick,
    ];
    let staff = [
        Input::Staff,
        Input::Digit('1'),
        Input::Digit('2'),
        Input::EditCard,
        Input::Typed(Line::Name, "A".into()),
        Input::Save,
        Input::Tell(true),
        Input::Back,
        bo(),
        Input::Accept,
        Input::Pick(Mode::Give),
    ];
    for mode in [Mode::Both, Mode::Give, Mode::Take] {
        let session = Session::new(mode, Some("1".into()));
        play(&session, &visit, 0);
        play(&session, &staff, 0);
    }
}
