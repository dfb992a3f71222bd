//! The staff's pages: the pad before them, the card, the badges.

use super::*;

#[test]
fn the_staff_edits_the_card() {
    let own = Draft::of(Edition(3), &Card::named("")).with(Line::Name, "Ada");
    let mut script = vec![(0, Input::Own(own, false)), (0, Input::Staff)];
    script.extend(pin(1, "2468"));
    script.extend([
        (2, Input::Menu),
        (2, Input::EditCard),
        (2, bo()),
        (3, Input::Typed(" ".into())),
        (4, Input::Save),
        (5, Input::Typed("Ada Lind ".into())),
        (6, Input::Save),
        (7, Input::Tell(true)),
        (8, Input::Menu),
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
            2   Menu        -> Menu             Off
            2   EditCard    -> Editor Ada       Off
            2   Read        -> Editor Ada       Off
            3   Typed       -> Editor           Off
            4   Save        -> Editor           Off
            5   Typed       -> Editor Ada Lind  Off
            6   Save        -> Tell             Off       draft Ada Lind on 3
            7   Tell        -> Contacts         Off       send, notify=true
            8   Menu        -> Menu             Off
            8   EditCard    -> Editor Ada       Off
            9   Save        -> Menu             Off
            70  Tick        -> Attract          Alternate
        "#]],
    );
}

#[test]
fn what_was_written_is_there_again_after_a_look_at_the_phone() {
    let script = vec![
        (2, Input::ByPhone),
        (2, Input::Menu),
        (2, Input::EditCard),
        (3, Input::Typed("Ada Lind".into())),
        (4, Input::ByPhone),
        (5, Input::Save),
        (6, Input::Back),
        (7, Input::Save),
    ];
    check_at(
        at_the_contacts(Mode::Both, ada()),
        script,
        &expect![[r#"
            2   ByPhone     -> Contacts         Off
            2   Menu        -> Menu             Off
            2   EditCard    -> Editor Ada       Off
            3   Typed       -> Editor Ada Lind  Off
            4   ByPhone     -> ByPhone          Off
            5   Save        -> ByPhone          Off
            6   Back        -> Editor Ada Lind  Off
            7   Save        -> Tell             Off       draft Ada Lind on 0
        "#]],
    );
}

#[test]
fn what_was_written_is_there_again_when_it_could_not_be_stored() {
    let script = vec![
        (2, Input::Menu),
        (2, Input::EditCard),
        (3, Input::Typed("Ada Lind".into())),
        (4, Input::Save),
        (4, Input::StoreFailed),
        (5, Input::Save),
    ];
    check_at(
        at_the_contacts(Mode::Both, ada()),
        script,
        &expect![[r#"
            2   Menu        -> Menu             Off
            2   EditCard    -> Editor Ada       Off
            3   Typed       -> Editor Ada Lind  Off
            4   Save        -> Tell             Off       draft Ada Lind on 0
            4   StoreFailed -> Editor Ada Lind  Off
            5   Save        -> Tell             Off       draft Ada Lind on 0
        "#]],
    );
}

#[test]
fn the_staff_writes_badges_and_the_radio_does_nothing_else_meanwhile() {
    let own = ada();
    let written = || Input::Wrote(Ok(Written { left_out: Vec::new(), is_locked: true }));
    let refused = Input::Wrote(Err(Refusal::Holds));
    let mut script = vec![(0, written()), (0, Input::Staff)];
    script.extend(pin(1, "2468"));
    script.extend([
        (2, Input::Menu),
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
        (11, Input::Back),
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
            2   Menu        -> Menu             Off
            2   WriteBadges -> Menu             Off
            3   Own         -> Menu             Off
            3   WriteBadges -> Badges Waiting   Write
            4   Read        -> Badges Waiting   Write
            5   Writing     -> Badges Writing   Write
            5   LockBadges  -> Badges Writing   Write
            5   Back        -> Badges Writing   Write
            6   Wrote       -> Badges Refused   Write
            7   LockBadges  -> Badges lock Refused Write
            8   Writing     -> Badges lock Writing Write
            9   Wrote       -> Badges lock Written Write
            10  Back        -> Menu             Off
            11  Writing     -> Menu             Off
            11  Back        -> Contacts         Off
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
    assert_eq!(session.screen(), Screen::Contacts(&Lookup::All));
}

#[test]
fn without_a_pin_there_is_no_way_to_the_staffs_pages() {
    let mut session = Session::new(Mode::Both, None);
    session.handle(Duration::ZERO, Input::Staff);
    assert_eq!(session.screen(), Screen::Attract(None));
}

#[test]
fn the_staff_finds_somebody_and_takes_a_touch_back() {
    let mut script = vec![(0, Input::Staff), (0, Input::Look(ContactId(7)))];
    script.extend(pin(1, "2468"));
    script.extend([
        (2, Input::Undo),
        (2, Input::Find),
        (3, Input::Typed("bo".into())),
        (4, Input::Next),
        (5, Input::Look(ContactId(7))),
        (6, Input::SendAgain),
        (7, Input::Back),
        (8, Input::Find),
        (9, Input::Back),
        (10, Input::Look(ContactId(7))),
        (11, Input::Undo),
        (12, Input::Back),
        (13, Input::Undo),
    ]);
    check(
        Mode::Both,
        script,
        &expect![[r#"
        0   Staff       -> Lock 0 false     Off
        0   Look        -> Lock 0 false     Off
        1   Digit       -> Lock 1 false     Off
        1   Digit       -> Lock 2 false     Off
        1   Digit       -> Lock 3 false     Off
        1   Digit       -> Contacts         Off
        2   Undo        -> Contacts         Off
        2   Find        -> Contacts         Off
        3   Typed       -> Contacts         Off
        4   Next        -> Contacts         Off
        5   Look        -> Contact          Off
        6   SendAgain   -> Contact          Off       send 7 again
        7   Back        -> Contacts         Off
        8   Find        -> Contacts         Off
        9   Back        -> Contacts         Off
        10  Look        -> Contact          Off
        11  Undo        -> Contacts         Off       take back 7
        12  Back        -> Attract          Alternate
        13  Undo        -> Attract          Alternate
    "#]],
    );
}

#[test]
fn the_staff_is_asked_before_a_page_closes() {
    let script = vec![
        (50, Input::Tick),
        (51, Input::Tick),
        (52, Input::Stir),
        (102, Input::Tick),
        (111, Input::Tick),
        (112, Input::Tick),
    ];
    check_at(
        at_the_contacts(Mode::Both, Draft::default()),
        script,
        &expect![[r#"
            50  Tick        -> Contacts         Off
            51  Tick        -> StillThere       Off
            52  Stir        -> Contacts         Off
            102 Tick        -> StillThere       Off
            111 Tick        -> StillThere       Off
            112 Tick        -> Attract          Alternate
        "#]],
    );
}
