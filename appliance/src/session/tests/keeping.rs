//! Whose word keeps a card, and what is put right before.

use super::*;

#[test]
fn what_is_asked_about_the_cloud_is_the_owners_to_say() {
    let answers = [Input::Accept, Input::KeepHere, Input::Reject];
    let kept = |consent: Consent, script: &[Input]| {
        let mut session = Session::new(Mode::Both, None).asking(consent);
        session.handle(Duration::ZERO, bo());
        let decisions = script.iter().map(|it| session.handle(Duration::from_secs(1), it.clone()));
        let cloud = decisions.flatten().map(|it| match it {
            Decision::Keep { fate, .. } => fate == Fate::Cloud,
            other => panic!("{other:?}"),
        });
        cloud.collect::<Vec<_>>()
    };
    let each = |consent, before: &[Input]| {
        answers.clone().map(|it| kept(consent, &[before, &[it]].concat()))
    };
    assert_eq!(each(Consent::Together, &[]), [vec![true], vec![false], vec![]]);
    assert_eq!(each(Consent::Never, &[]), [vec![false], vec![false], vec![]]);
    assert_eq!(each(Consent::Ask, &[]), [vec![], vec![false], vec![]]);
    assert_eq!(each(Consent::Ask, &[Input::Accept]), [vec![true], vec![false], vec![]]);
    // Silence at the second question is a no as well.
    let mut session = Session::new(Mode::Both, None).asking(Consent::Ask);
    session.handle(Duration::ZERO, bo());
    session.handle(Duration::from_secs(1), Input::Accept);
    session.handle(Duration::from_secs(21), Input::Tick);
    assert_eq!(session.screen(), Screen::Refused);
}

#[test]
fn a_card_is_corrected_before_it_is_kept() {
    let typed = |text: &str| Input::Typed(text.into());
    let script = vec![
        (0, bo()),
        (1, Input::Correct),
        (2, bo()),
        (3, typed(" ")),
        (4, Input::Next),
        (5, Input::Save),
        (6, typed("Bo Ek ")),
        (7, Input::Next),
        (8, typed("0151 12345678")),
        (9, Input::Save),
        (10, Input::Correct),
        (11, typed("nobody")),
        (12, Input::Back),
        (13, Input::Correct),
        (63, Input::Tick),
        (64, Input::Stir),
        (65, Input::Save),
        (66, Input::Accept),
    ];
    let mut session = Session::new(Mode::Both, None).standing_in("DE".parse().ok());
    let kept = script
        .iter()
        .filter_map(|(at, input)| session.handle(Duration::from_secs(*at), input.clone()));
    let Some(Decision::Keep { visitor, .. }) = kept.last() else { panic!("nothing was kept") };
    assert_eq!(visitor.card.name(), "Bo Ek");
    assert_eq!(visitor.number.as_ref().map(Identifier::as_str), Some("+4915112345678"));
    check(
        Mode::Both,
        script,
        &expect![[r#"
        0   Read        -> Confirm          Off
        1   Correct     -> Form Bo Name     Off
        2   Read        -> Form Bo Name     Off
        3   Typed       -> Form   Name      Off
        4   Next        -> Form   Mobile    Off
        5   Save        -> Form   Name      Off
        6   Typed       -> Form Bo Ek  Name Off
        7   Next        -> Form Bo Ek  Mobile Off
        8   Typed       -> Form Bo Ek  Mobile Off
        9   Save        -> Confirm          Off
        10  Correct     -> Form Bo Ek Name  Off
        11  Typed       -> Form nobody Name Off
        12  Back        -> Confirm          Off
        13  Correct     -> Form Bo Ek Name  Off
        63  Tick        -> StillThere       Off
        64  Stir        -> Form Bo Ek Name  Off
        65  Save        -> Confirm          Off
        66  Accept      -> Done             Alternate keep, Cloud
    "#]],
    );
}

#[test]
fn who_has_nothing_to_hold_here_types_a_card() {
    let typed = |text: &str| Input::Typed(text.into());
    let script = || {
        vec![
            (0, Input::WriteCard),
            (1, bo()),
            (2, Input::Save),
            (3, typed("Cy Oh")),
            (4, Input::Save),
            (5, Input::Accept),
            (20, Input::WriteCard),
            (21, Input::Back),
            (22, Input::WriteCard),
            (82, Input::Tick),
        ]
    };
    check(
        Mode::Both,
        script(),
        &expect![[r#"
        0   WriteCard   -> Form  Name       Off
        1   Read        -> Form  Name       Off
        2   Save        -> Form  Name       Off
        3   Typed       -> Form Cy Oh Name  Off
        4   Save        -> Confirm          Off
        5   Accept      -> Done             Alternate keep, Cloud
        20  WriteCard   -> Form  Name       Off
        21  Back        -> Attract          Alternate
        22  WriteCard   -> Form  Name       Off
        82  Tick        -> Refused          Alternate
    "#]],
    );
    check(
        Mode::Give,
        script(),
        &expect![[r#"
        0   WriteCard   -> Attract          Emulate
        1   Read        -> Attract          Emulate
        2   Save        -> Attract          Emulate
        3   Typed       -> Attract          Emulate
        4   Save        -> Attract          Emulate
        5   Accept      -> Attract          Emulate
        20  WriteCard   -> Attract          Emulate
        21  Back        -> Attract          Emulate
        22  WriteCard   -> Attract          Emulate
        82  Tick        -> Attract          Emulate
    "#]],
    );
}

#[test]
fn where_nobody_stands_the_owner_has_said_what_is_done() {
    let kept = |unattended, consent| {
        let mut session = Session::new(Mode::Both, None).asking(consent).unattended(unattended);
        match session.handle(Duration::ZERO, bo()) {
            Some(Decision::Keep { fate, is_asked, .. }) => {
                assert!(!is_asked);
                assert_eq!(word(&session.screen()), "Done");
                assert_eq!(session.radio(), Radio::Alternate, "the next one need not wait");
                assert_eq!(
                    session.handle(Duration::from_secs(9), Input::Undo),
                    Some(Decision::Undo)
                );
                Some(fate)
            }
            _ => None,
        }
    };
    let each = [Consent::Together, Consent::Ask, Consent::Never];
    assert_eq!(each.map(|it| kept(Unattended::Ask, it)), [None, None, None]);
    let accepted = [Fate::Cloud, Fate::Here, Fate::Here].map(Some);
    assert_eq!(each.map(|it| kept(Unattended::Accept, it)), accepted);
    let held = [true, false, false].map(|it| Some(Fate::Held(it)));
    assert_eq!(each.map(|it| kept(Unattended::Hold, it)), held);
}
