//! Which way cards travel.

use super::*;

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
    let script = vec![
        (2, Input::Menu),
        (2, Input::ChooseMode),
        (3, Input::Pick(Mode::Give)),
        (4, Input::Parted { read: true }),
        (5, Input::Back),
        (5, Input::Back),
        (6, bo()),
        (7, Input::Parted { read: true }),
    ];
    check_at(
        at_the_contacts(Mode::Both, Draft::default()),
        script,
        &expect![[r#"
            2   Menu        -> Menu             Off
            2   ChooseMode  -> Mode             Off
            3   Pick        -> Menu             Off       Give
            4   Parted      -> Menu             Off
            5   Back        -> Contacts         Off
            5   Back        -> Attract          Emulate
            6   Read        -> Attract          Emulate
            7   Parted      -> Phone            Emulate
        "#]],
    );
}

#[test]
fn a_phone_that_took_the_card_up_is_thanked_unless_somebody_else_is_there() {
    let claimed = || Input::Claimed { gave: true, got: true };
    let script = vec![
        (0, Input::Met),
        (1, Input::Parted { read: true }),
        (2, claimed()),
        (3, claimed()),
        (4, Input::Unreadable(Trouble::Two)),
        (8, Input::Tick),
        (9, claimed()),
        (10, Input::Felt),
        (11, claimed()),
        (12, bo()),
        (13, claimed()),
        (14, Input::Accept),
        (15, claimed()),
    ];
    check(
        Mode::Both,
        script,
        &expect![[r#"
        0   Met         -> Attract          Alternate
        1   Parted      -> Phone            Alternate
        2   Claimed     -> Claimed          Alternate
        3   Claimed     -> Claimed          Alternate
        4   Unreadable  -> Claimed          Alternate
        8   Tick        -> Attract          Alternate
        9   Claimed     -> Claimed          Alternate
        10  Felt        -> Hold             Alternate
        11  Claimed     -> Hold             Alternate
        12  Read        -> Confirm          Off
        13  Claimed     -> Confirm          Off
        14  Accept      -> Done             Alternate keep, Cloud
        15  Claimed     -> Done             Alternate
    "#]],
    );
}

#[test]
fn whoever_may_have_the_card_may_look_at_all_of_it() {
    let own = || Input::Own(ada(), false);
    let script = |own: Input| {
        vec![
            (0, Input::ShowCard),
            (0, own),
            (1, Input::ShowCard),
            (2, Input::ShowLine(3)),
            (3, Input::ShowLine(3)),
            (4, Input::Back),
            (5, Input::ShowCard),
            (6, Input::Felt),
            (9, Input::Tick),
            (13, Input::Tick),
            (14, Input::ShowCard),
            (74, Input::Tick),
        ]
    };
    check(
        Mode::Both,
        script(own()),
        &expect![[r#"
        0   ShowCard    -> Attract          Alternate
        0   Own         -> Attract          Alternate
        1   ShowCard    -> Card             Alternate
        2   ShowLine    -> Card             Alternate
        3   ShowLine    -> Card             Alternate
        4   Back        -> Attract          Alternate
        5   ShowCard    -> Card             Alternate
        6   Felt        -> Hold             Alternate
        9   Tick        -> Late             Alternate
        13  Tick        -> Attract          Alternate
        14  ShowCard    -> Card             Alternate
        74  Tick        -> Attract          Alternate
    "#]],
    );
    let mut session = Session::new(Mode::Take, None);
    session.handle(Duration::ZERO, own());
    session.handle(Duration::ZERO, Input::ShowCard);
    assert_eq!(session.screen(), Screen::Attract(None), "taking gives nothing");
}

#[test]
fn a_phone_far_away_disturbs_nobody_who_writes_here() {
    let claimed = || Input::Claimed { gave: true, got: true };
    let script = vec![
        (0, Input::WriteCard),
        (50, Input::Tick),
        (51, claimed()),
        (60, Input::Tick),
        (64, Input::Tick),
        (363, Input::Tick),
        (364, claimed()),
        (370, Input::Tick),
        (371, Input::Stir),
    ];
    check(
        Mode::Both,
        script,
        &expect![[r#"
            0   WriteCard   -> Form  Name       Off
            50  Tick        -> StillThere       Off
            51  Claimed     -> StillThere       Off
            60  Tick        -> Refused          Alternate
            64  Tick        -> Attract          Alternate
            363 Tick        -> Attract, dim     Alternate
            364 Claimed     -> Claimed          Alternate
            370 Tick        -> Attract, dim     Alternate
            371 Stir        -> Attract          Alternate
        "#]],
    );
}

#[test]
fn a_number_alone_is_a_card() {
    let digits =
        |at, digits: &str| digits.chars().map(move |it| (at, Input::Digit(it))).collect::<Vec<_>>();
    let script = [
        vec![(0, Input::ShowCode), (1, Input::Next)],
        digits(2, "+4x+"),
        vec![(3, Input::Next), (4, Input::Erase)],
        digits(5, "9171392000"),
        vec![(6, Input::Next), (7, Input::Accept), (8, Input::ShowCode), (30, Input::ShowCode)],
        digits(31, "1"),
        vec![(81, Input::Tick), (82, Input::Stir), (91, bo()), (92, Input::Erase), (93, bo())],
    ];
    check(
        Mode::Both,
        script.concat(),
        &expect![[r#"
            0   ShowCode    -> Scan             Alternate
            1   Next        -> Scan             Alternate
            2   Digit       -> Scan +           Off
            2   Digit       -> Scan +4          Off
            2   Digit       -> Scan +4          Off
            2   Digit       -> Scan +4          Off
            3   Next        -> Scan +4, wrong   Off
            4   Erase       -> Scan +           Off
            5   Digit       -> Scan +9          Off
            5   Digit       -> Scan +91         Off
            5   Digit       -> Scan +917        Off
            5   Digit       -> Scan +9171       Off
            5   Digit       -> Scan +91713      Off
            5   Digit       -> Scan +917139     Off
            5   Digit       -> Scan +9171392    Off
            5   Digit       -> Scan +91713920   Off
            5   Digit       -> Scan +917139200  Off
            5   Digit       -> Scan +9171392000 Off
            6   Next        -> Confirm          Off
            7   Accept      -> Done             Alternate keep, Cloud
            8   ShowCode    -> Done             Alternate
            30  ShowCode    -> Scan             Alternate
            31  Digit       -> Scan 1           Off
            81  Tick        -> StillThere       Off
            82  Stir        -> Scan 1           Off
            91  Read        -> Scan 1           Off
            92  Erase       -> Scan             Alternate
            93  Read        -> Confirm          Off
        "#]],
    );
}

#[test]
fn where_nothing_is_taken_no_number_is_typed() {
    let script = vec![(0, Input::ShowCode), (1, Input::Digit('1')), (2, Input::Next)];
    for session in
        [Session::new(Mode::Give, None), Session::new(Mode::Both, None).introducing(true)]
    {
        let mut session = session;
        for (second, input) in script.clone() {
            session.handle(Duration::from_secs(second), input);
        }
        assert_eq!(session.screen(), Screen::Scan(&Scan::default()));
    }
}
