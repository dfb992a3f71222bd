//! The staff's other pages: menu, settings, words about contacts, sticks, the end of all; and a kiosk that nobody looks at.

use super::*;

/// Plays a script from the contacts on.
#[track_caller]
fn check_inside(script: Vec<(u64, Input)>, trace: &Expect) {
    check_at(at_the_contacts(Mode::Both, Draft::default()), script, trace);
}

#[test]
fn words_about_a_contact_are_kept_when_they_are_saved() {
    let note = Input::Write(Words::Note, "old".into());
    let script = vec![
        (2, Input::Rate(3)),
        (2, Input::Look(ContactId(7))),
        (3, note.clone()),
        (4, Input::Typed("call soon ".into())),
        (5, Input::Back),
        (6, note),
        (7, Input::Typed("call soon ".into())),
        (8, Input::Save),
        (9, Input::Write(Words::Tags, String::new())),
        (10, Input::Typed("press, buyer".into())),
        (11, Input::Next),
        (12, Input::Rate(3)),
        (13, Input::Rate(6)),
        (14, Input::Rate(0)),
    ];
    check_inside(
        script,
        &expect![[r#"
            2   Rate        -> Contacts         Off
            2   Look        -> Contact          Off
            3   Write       -> Remark 7 Note old Off
            4   Typed       -> Remark 7 Note call soon  Off
            5   Back        -> Contact          Off
            6   Write       -> Remark 7 Note old Off
            7   Typed       -> Remark 7 Note call soon  Off
            8   Save        -> Contact          Off       of 7: Note("call soon")
            9   Write       -> Remark 7 Tags    Off
            10  Typed       -> Remark 7 Tags press, buyer Off
            11  Next        -> Contact          Off       of 7: Tags(["press", "buyer"])
            12  Rate        -> Contact          Off       of 7: Rating(3)
            13  Rate        -> Contact          Off
            14  Rate        -> Contact          Off       of 7: Rating(0)
        "#]],
    );
}

#[test]
fn the_menu_leads_everywhere_and_back() {
    let script = vec![
        (2, Input::Settings),
        (2, Input::Menu),
        (3, Input::Settings),
        (4, Input::Turn(Setting::Larger)),
        (5, Input::Turn(Setting::Night)),
        (6, Input::Back),
        (7, Input::Condition),
        (8, Input::Accept),
        (9, Input::Back),
        (10, Input::Stick),
        (11, Input::WriteStick),
        (11, Input::WriteStick),
        (11, Input::ReadStick),
        (12, Input::Carried(Stick::Written(3))),
        (13, Input::ReadStick),
        (14, Input::Carried(Stick::Read(2, 1))),
        (14, Input::WriteStick),
        (14, Input::StoreFailed),
        (15, Input::Back),
        (16, Input::Back),
        (17, Input::Carried(Stick::Missing)),
    ];
    check_inside(
        script,
        &expect![[r#"
            2   Settings    -> Contacts         Off
            2   Menu        -> Menu             Off
            3   Settings    -> Settings         Off
            4   Turn        -> Settings         Off       Appearance { night: Never, larger: true, contrast: false, still: false, muted: false }
            5   Turn        -> Settings         Off       Appearance { night: Always, larger: true, contrast: false, still: false, muted: false }
            6   Back        -> Menu             Off
            7   Condition   -> Condition        Off
            8   Accept      -> Condition        Off
            9   Back        -> Menu             Off
            10  Stick       -> Stick Waiting    Off
            11  WriteStick  -> Stick Busy       Off       write a stick
            11  WriteStick  -> Stick Busy       Off
            11  ReadStick   -> Stick Busy       Off
            12  Carried     -> Stick Written(3) Off
            13  ReadStick   -> Stick Busy       Off       read a stick
            14  Carried     -> Stick Read(2, 1) Off
            14  WriteStick  -> Stick Busy       Off       write a stick
            14  StoreFailed -> Stick Full       Off
            15  Back        -> Menu             Off
            16  Back        -> Contacts         Off
            17  Carried     -> Contacts         Off
        "#]],
    );
}

#[test]
fn everything_goes_only_by_a_second_word() {
    let script = vec![
        (2, Input::Wipe),
        (3, Input::Menu),
        (4, Input::Condition),
        (5, Input::Wipe),
        (6, Input::Reject),
        (7, Input::Wipe),
        (8, Input::Back),
        (9, Input::Accept),
    ];
    check_inside(
        script,
        &expect![[r#"
            2   Wipe        -> Contacts         Off
            3   Menu        -> Menu             Off
            4   Condition   -> Condition        Off
            5   Wipe        -> Wipe             Off
            6   Reject      -> Condition        Off
            7   Wipe        -> Wipe             Off
            8   Back        -> Wipe             Off
            9   Accept      -> Condition        Off       wipe
        "#]],
    );
}

#[test]
fn the_same_letters_again_show_all() {
    let script = vec![
        (2, Input::Initials(0)),
        (3, Input::Initials(5)),
        (4, Input::Initials(5)),
        (5, Input::Initials(5)),
        (6, Input::Look(ContactId(7))),
    ];
    check_inside(
        script,
        &expect![[r#"
            2   Initials    -> Contacts ABC     Off
            3   Initials    -> Contacts PQRS    Off
            4   Initials    -> Contacts         Off
            5   Initials    -> Contacts PQRS    Off
            6   Look        -> Contact          Off
        "#]],
    );
}

#[test]
fn an_invitation_that_nobody_looks_at_grows_dim() {
    let script = vec![
        (299, Input::Tick),
        (300, Input::Tick),
        (400, Input::Reader(true)),
        (500, Input::Stir),
        (799, Input::Tick),
        (800, Input::Tick),
        (900, Input::Felt),
        (901, bo()),
        (902, Input::Reject),
        (910, Input::Tick),
        (1201, Input::Tick),
        (1202, Input::Tick),
    ];
    check(
        Mode::Both,
        script,
        &expect![[r#"
        299 Tick        -> Attract          Alternate
        300 Tick        -> Attract, dim     Alternate
        400 Reader      -> Attract, dim     Alternate
        500 Stir        -> Attract          Alternate
        799 Tick        -> Attract          Alternate
        800 Tick        -> Attract, dim     Alternate
        900 Felt        -> Hold             Alternate
        901 Read        -> Confirm          Off
        902 Reject      -> Refused          Alternate
        910 Tick        -> Attract          Alternate
        1201 Tick        -> Attract          Alternate
        1202 Tick        -> Attract, dim     Alternate
    "#]],
    );
}

/// A kiosk whose owner and PIN were chosen at it, with the staff before it.
fn at_a_found_kiosk() -> Session {
    let mut it = Session::new(Mode::Both, None).locked_by(Some("2468".into())).begun();
    it.handle(Duration::ZERO, Input::Staff);
    "2468".chars().for_each(|digit| drop(it.handle(Duration::ZERO, Input::Digit(digit))));
    it.handle(Duration::ZERO, Input::Menu);
    it
}

#[test]
fn another_pin_is_typed_twice_and_opens_from_then_on() {
    let digits = |at, text: &'static str| text.chars().map(move |it| (at, Input::Digit(it)));
    let mut script = vec![(1, Input::Settings), (2, Input::ChangePin)];
    script.extend(digits(3, "135").chain([(3, Input::Next)]));
    script.extend(digits(4, "7").chain([(4, Input::Next)]));
    script.extend(digits(5, "1358").chain([(5, Input::Next)]));
    script.extend([(6, Input::Back), (7, Input::ChangePin)]);
    script.extend(digits(8, "1357").chain([(8, Input::Next)]));
    script.extend(digits(9, "1357").chain([(9, Input::Next)]));
    let mut it = at_a_found_kiosk();
    let said: Vec<Decision> = script
        .into_iter()
        .filter_map(|(at, input)| it.handle(Duration::from_secs(at), input))
        .collect();
    assert_eq!(said, [Decision::Pin("1357".into())]);
    assert_eq!(it.screen(), Screen::Settings);
    let opens = |it: &mut Session, pin: &str| {
        it.handle(Duration::from_secs(200), Input::Tick);
        it.handle(Duration::from_secs(200), Input::Staff);
        for digit in pin.chars() {
            it.handle(Duration::from_secs(201), Input::Digit(digit));
        }
        matches!(it.screen(), Screen::Contacts(_))
    };
    assert!(!opens(&mut it.clone(), "2468") && opens(&mut it, "1357"));
}

#[test]
fn a_pin_of_the_settings_is_changed_there_alone() {
    let script = vec![
        (2, Input::Menu),
        (3, Input::Settings),
        (4, Input::ChangePin),
        (5, Input::NextLanguage),
        (6, Input::Back),
        (7, Input::Condition),
        (8, Input::SignOut),
    ];
    check_inside(
        script,
        &expect![[r#"
            2   Menu        -> Menu             Off
            3   Settings    -> Settings         Off
            4   ChangePin   -> Settings         Off
            5   NextLanguage -> Settings         Off       speak German
            6   Back        -> Menu             Off
            7   Condition   -> Condition        Off
            8   SignOut     -> Condition        Off
        "#]],
    );
}

#[test]
fn a_kiosk_is_nobodys_again_only_by_a_second_word() {
    let script = vec![
        (1, Input::Condition),
        (2, Input::SignOut),
        (3, Input::Reject),
        (4, Input::SignOut),
        (5, Input::Accept),
    ];
    check_at(
        at_a_found_kiosk(),
        script,
        &expect![[r#"
            1   Condition   -> Condition        Off
            2   SignOut     -> SignOut          Off
            3   Reject      -> Condition        Off
            4   SignOut     -> SignOut          Off
            5   Accept      -> Condition        Off       sign out
        "#]],
    );
}
