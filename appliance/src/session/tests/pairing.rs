//! Two visitors who meet at an organiser's kiosk.

use super::*;

fn badge(name: &str, number: &str) -> Input {
    let (card, meeting, note) = (Card::named(name), Meeting::BADGE, String::new());
    let number = Identifier::phone(number, None).ok();
    Input::Read(Box::new(Visitor { card, photo: None, number, meeting, note }))
}

fn ada() -> Input {
    badge("Ada", "+447700900001")
}

fn ben() -> Input {
    badge("Ben", "+447700900002")
}

fn cleo() -> Input {
    badge("Cleo", "+447700900003")
}

#[track_caller]
fn check_organisers(script: &[(u64, Input)], trace: &Expect) {
    for mode in [Mode::Both, Mode::Give, Mode::Take] {
        check_at(Session::new(mode, None).introducing(true), script.to_vec(), trace);
    }
}

#[test]
fn one_the_other_and_the_first_again_are_introduced() {
    check_organisers(
        &[
            (0, Input::Felt),
            (1, ada()),
            (2, Input::Felt),
            (2, ada()),
            (20, Input::Felt),
            (20, ben()),
            (21, ben()),
            (30, Input::Unreadable(Trouble::PulledAway)),
            (39, ada()),
            (40, Input::Felt),
            (41, cleo()),
        ],
        &expect![[r#"
            0   Felt        -> Hold             Read
            1   Read        -> Pair Ada ?       Read
            2   Felt        -> Pair Ada ?       Read
            2   Read        -> Pair Ada ?       Read
            20  Felt        -> Pair Ada ?       Read
            20  Read        -> Pair Ada Ben     Read
            21  Read        -> Pair Ada Ben     Read
            30  Unreadable  -> Pair Ada Ben     Read
            39  Read        -> Introduced       Read      introduce +447700900001 +447700900002
            40  Felt        -> Hold             Read
            41  Read        -> Pair Cleo ?      Read
        "#]],
    );
}

#[test]
fn a_third_badge_or_silence_ends_it() {
    check_organisers(
        &[
            (0, ada()),
            (1, ben()),
            (2, cleo()),
            // Three in a row do not mix: the next pair begins anew.
            (7, cleo()),
            (8, ada()),
            (9, Input::Unreadable(Trouble::Empty)),
            (20, ada()),
            (40, ben()),
            (45, ben()),
            (46, Input::Onward),
            (47, badge("Di", "")),
            (60, ada()),
            (61, ben()),
            (81, ada()),
        ],
        &expect![[r#"
            0   Read        -> Pair Ada ?       Read
            1   Read        -> Pair Ada Ben     Read
            2   Read        -> Refused          Read
            7   Read        -> Pair Cleo ?      Read
            8   Read        -> Pair Cleo Ada    Read
            9   Unreadable  -> Attract Empty    Read
            20  Read        -> Pair Ada ?       Read
            40  Read        -> Pair Ben ?       Read
            45  Read        -> Pair Ben ?       Read
            46  Onward      -> Attract          Read
            47  Read        -> Attract NoNumber Read
            60  Read        -> Pair Ada ?       Read
            61  Read        -> Pair Ada Ben     Read
            81  Read        -> Pair Ada ?       Read
        "#]],
    );
}

#[test]
fn nothing_of_an_organiser_is_given_or_typed() {
    check_organisers(
        &[
            (0, Input::WriteCard),
            (1, Input::Met),
            (2, Input::Parted { read: true }),
            (3, ada()),
            (4, Input::Accept),
            (5, Input::KeepHere),
        ],
        &expect![[r#"
            0   WriteCard   -> Attract          Read
            1   Met         -> Attract          Read
            2   Parted      -> Attract          Read
            3   Read        -> Pair Ada ?       Read
            4   Accept      -> Pair Ada ?       Read
            5   KeepHere    -> Pair Ada ?       Read
        "#]],
    );
}
