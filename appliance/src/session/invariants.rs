//! What holds after any script, tried on all short ones.

use super::tests::bo;
use super::*;
use crate::badge::Refusal;

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

/// The mode binds what visitors meet; badges are the staff's own affair.
fn can(mode: Mode, radio: Radio) -> bool {
    match radio {
        Radio::Off | Radio::Write => true,
        Radio::Read => mode == Mode::Take,
        Radio::Emulate => mode == Mode::Give,
        Radio::Alternate => mode == Mode::Both,
    }
}

fn obeys(before: &Session, after: &Session, input: &Input, decision: Option<&Decision>) {
    if let Some(Decision::Keep { fate, is_asked, .. }) = decision {
        assert!(is_asked);
        assert!(matches!(before.screen(), Screen::Confirm(_)), "kept without a question");
        let said = if *input == Input::Accept { Fate::Cloud } else { Fate::Here };
        assert_eq!(*fate, said, "sent without consent");
        assert!(matches!(input, Input::Accept | Input::KeepHere));
        assert_ne!(after.mode(), Mode::Give, "giving took");
    }
    if let Some(Decision::Undo) = decision {
        assert!(matches!(before.screen(), Screen::Done(..)), "took back what was not just kept");
    }
    if matches!(after.screen(), Screen::Confirm(_) | Screen::Hold) {
        assert_ne!(after.mode(), Mode::Give, "giving read");
    }
    if matches!(input, Input::Felt | Input::Read(_)) && before.radio() == Radio::Off {
        let same = before.screen() == after.screen() || before.deadline().is_some();
        assert!(same, "the radio was off");
    }
    if after.screen() == Screen::Phone {
        assert_ne!(after.mode(), Mode::Take, "taking gave");
    }
    assert!(can(after.mode(), after.radio()), "the mode binds the radio");
    let private = |it: &Session| {
        let screen = it.screen();
        matches!(
            screen,
            Screen::Contacts(_)
                | Screen::Contact(_)
                | Screen::Remark(..)
                | Screen::Menu
                | Screen::Settings
                | Screen::Condition
                | Screen::Wipe
                | Screen::SignOut
                | Screen::NewPin(_)
                | Screen::Stick(_)
                | Screen::Upkeep(_)
                | Screen::Editor(_)
                | Screen::ByPhone
                | Screen::Tell
                | Screen::Mode
        ) || matches!(screen, Screen::Badges(_))
    };
    if private(after) && !private(before) {
        assert!(matches!(before.screen(), Screen::Lock { .. }), "staff's pages without a PIN");
        assert_eq!(*input, Input::Digit('1'));
    }
    let writes = matches!(after.screen(), Screen::Badges(_));
    assert_eq!(after.radio() == Radio::Write, writes, "only there is anything written");
    if private(after) && !writes {
        assert_eq!(after.radio(), Radio::Off);
    }
    let lock = |it: &Session| matches!(it.screen(), Screen::Badges(Badging { lock: true, .. }));
    if lock(after) && !lock(before) {
        assert_eq!(*input, Input::LockBadges(true), "locked without being told to");
    }
    let rests = after.screen() == Screen::Attract(None) && after.is_dim();
    assert_eq!(rests, after.deadline().is_none(), "only rest may last for ever");
}

#[test]
fn no_script_breaks_the_rules() {
    let visit = [
        Input::Felt,
        bo(),
        Input::Unreadable(Trouble::Two),
        Input::Parted { read: true },
        Input::Accept,
        Input::KeepHere,
        Input::Reject,
        Input::Onward,
        Input::Undo,
        Input::Staff,
        Input::Tick,
    ];
    let staff = [
        Input::Staff,
        Input::Digit('1'),
        Input::Digit('2'),
        Input::Menu,
        Input::EditCard,
        Input::Typed("A".into()),
        Input::Next,
        Input::Save,
        Input::Tell(true),
        Input::Back,
        bo(),
        Input::Accept,
        Input::Pick(Mode::Give),
    ];
    let badges = [
        Input::Menu,
        Input::WriteBadges(Whose::Own),
        Input::LockBadges(true),
        Input::Writing,
        Input::Wrote(Err(Refusal::PulledAway)),
        bo(),
        Input::Back,
        Input::Staff,
        Input::Digit('1'),
    ];
    for mode in [Mode::Both, Mode::Give, Mode::Take] {
        let mut session = Session::new(mode, Some("1".into()));
        play(&session, &visit, 0);
        play(&session, &staff, 0);
        let own = Draft::default().with(Line::Name, "Ada");
        session.handle(Duration::ZERO, Input::Own(own, false));
        play(&session, &badges, 0);
    }
}
