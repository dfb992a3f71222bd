//! The first start.

use tapcard_protocol::enrolment::NoOwner;

use super::*;
use crate::language::Language;

const NUMBER: &str = "+491715550107";

fn fresh() -> Session {
    Session::new(Mode::Both, None).standing_in("DE".parse().ok())
}

#[test]
fn nothing_of_the_first_start_ends_by_itself() {
    let script = vec![
        (0, Input::Staff),
        (0, bo()),
        (1, Input::Speak(Language::German)),
        (2, Input::Onward),
        (3, Input::Back),
        (4, Input::Onward),
        (99_999, Input::Tick),
    ];
    let mut session = fresh().starting(false);
    check_at(
        session.clone(),
        script,
        &expect![[r#"
        0   Staff       -> Start Language   Off
        0   Read        -> Start Language   Off
        1   Speak       -> Start Language   Off
        2   Onward      -> Start Network    Off       look around
        3   Back        -> Start Language   Off
        4   Onward      -> Start Network    Off       look around
        99999 Tick        -> Start Network    Off
    "#]],
    );
    session.handle(Duration::ZERO, Input::Speak(Language::German));
    assert_eq!((session.home(), session.language()), (Language::German, Language::German));
    assert_eq!(session.deadline(), None);
}

#[test]
fn a_kiosk_that_is_nobodys_finds_its_owner() {
    let refused = |why| Err(Unfound::Refused(why));
    let script = vec![
        (4, Input::Onward),
        (5, Input::Onward),
        (6, Input::Save),
        (7, typed("0171 5550107")),
        (8, Input::Save),
        (9, Input::Save),
        (10, Input::Asked(refused(NoOwner::TooMany))),
        (11, Input::ByMail),
        (12, typed("ada@example.org")),
        (13, Input::Next),
        (14, Input::Asked(Err(Unfound::Away))),
        (15, Input::Next),
        (16, Input::Asked(Ok(()))),
        (17, typed("123 456")),
        (18, Input::Next),
        (19, Input::Unowned(Unfound::Refused(NoOwner::NotTheCode))),
        (20, Input::Back),
        (21, Input::Back),
    ];
    check_at(
        fresh().starting(false),
        script,
        &expect![[r#"
        4   Onward      -> Start Network    Off       look around
        5   Onward      -> Start Owner      Off
        6   Save        -> Start Owner      Off
        7   Typed       -> Start Owner      Off
        8   Save        -> Start, busy      Off       ask +491715550107
        9   Save        -> Start, busy      Off
        10  Asked       -> Start, Some(Refused(TooMany)) Off
        11  ByMail      -> Start Owner      Off
        12  Typed       -> Start Owner      Off
        13  Next        -> Start, busy      Off       ask ada@example.org
        14  Asked       -> Start, Some(Away) Off
        15  Next        -> Start, busy      Off       ask ada@example.org
        16  Asked       -> Start Code       Off
        17  Typed       -> Start Code       Off
        18  Next        -> Start, busy      Off       prove 123 456
        19  Unowned     -> Start, Some(Refused(NotTheCode)) Off
        20  Back        -> Start Owner      Off
        21  Back        -> Start Network    Off       look around
    "#]],
    );
}

#[test]
fn who_is_found_writes_a_card_and_tries_the_reader() {
    let script = vec![
        (1, typed("Ada")),
        (2, Input::ByPhone),
        (3, Input::Back),
        (4, Input::Own(Draft::default().with(Line::Name, "Ada L."), false)),
        (5, Input::Save),
        (6, Input::Back),
        (7, Input::Back),
        (8, Input::Pick(Mode::Take)),
        (22, Input::Next),
        (23, Input::Met),
        (24, Input::Reader(true)),
        (25, Input::Felt),
        (26, Input::Back),
        (27, Input::Pick(Mode::Both)),
        (28, bo()),
        (29, Input::Onward),
        (30, bo()),
    ];
    let locked = Session::new(Mode::Both, Some("2468".into())).starting(false).owned();
    check_at(
        locked,
        script,
        &expect![[r#"
        1   Typed       -> Start Card       Off
        2   ByPhone     -> Start ByPhone    Off
        3   Back        -> Start Card       Off
        4   Own         -> Start Card       Off
        5   Save        -> Start Mode       Off       first card Ada
        6   Back        -> Start Card       Off
        7   Back        -> Start Mode       Off
        8   Pick        -> Start Trial      Read      Take
        22  Next        -> Start Trial      Read
        23  Met         -> Start Trial      Read
        24  Reader      -> Start Trial      Read
        25  Felt        -> Start Trial      Read
        26  Back        -> Start Mode       Off
        27  Pick        -> Start Trial      Alternate Both
        28  Read        -> Start Trial      Alternate
        29  Onward      -> Attract          Alternate begun
        30  Read        -> Confirm          Off
    "#]],
    );
}

#[test]
fn a_pin_is_typed_twice() {
    let digits = |digits: &str| digits.chars().map(|it| (2, Input::Digit(it))).collect::<Vec<_>>();
    let script = [
        vec![(0, Input::Back), (1, Input::Pick(Mode::Take))],
        digits("135"),
        vec![(3, Input::Next)],
        digits("7"),
        vec![(4, Input::Next)],
        digits("1358"),
        vec![(5, Input::Next)],
        digits("1357"),
        vec![(6, Input::Next)],
        digits("1357"),
        vec![(7, Input::Next)],
    ];
    let last: Vec<_> = script.concat();
    let (typed, last) = last.split_at(last.len() - 1);
    let mut session = fresh().starting(false).owned();
    for (second, input) in typed {
        session.handle(Duration::from_secs(*second), input.clone());
    }
    check_at(
        session,
        last.to_vec(),
        &expect![[r#"
        7   Next        -> Start Trial      Read      PIN 1357
    "#]],
    );
    let differs = script[..7].concat();
    let mut session = fresh().starting(false).owned();
    for (second, input) in differs {
        session.handle(Duration::from_secs(second), input);
    }
    let Screen::Start(Start::Pin(it)) = session.screen() else { panic!("no PIN is chosen") };
    assert_eq!((it.differs, it.is_again(), it.n_typed()), (true, false, 0));
}

#[test]
fn a_card_that_comes_from_the_cloud_is_taken_until_somebody_writes() {
    let card = |name: &str| Input::Own(Draft::default().with(Line::Name, name), false);
    let mut session = fresh().starting(false).owned();
    let name = |session: &Session| match session.screen() {
        Screen::Start(Start::Card(it)) => it.draft.name().to_owned(),
        other => panic!("{other:?}"),
    };
    session.handle(Duration::ZERO, card("Ada"));
    assert_eq!(name(&session), "Ada");
    session.handle(Duration::ZERO, typed("Ada Lind"));
    session.handle(Duration::ZERO, card("Ada L."));
    assert_eq!(name(&session), "Ada Lind");
}

#[test]
fn who_has_its_settings_from_a_file_compares_words_or_does_so_later() {
    let to_words = [(0, Input::Onward), (1, Input::Onward)];
    let confirmed =
        [to_words.to_vec(), vec![(2, Input::Back), (3, Input::Onward), (4, Input::Enrolled)]];
    check_at(
        fresh().starting(true),
        confirmed.concat(),
        &expect![[r#"
        0   Onward      -> Start Network    Off       look around
        1   Onward      -> Start Compare    Off
        2   Back        -> Start Network    Off       look around
        3   Onward      -> Start Compare    Off
        4   Enrolled    -> Start Card       Off
    "#]],
    );
    let later = [to_words.to_vec(), vec![(2, Input::Onward), (3, Input::Save)]];
    check_at(
        fresh().starting(true),
        later.concat(),
        &expect![[r#"
        0   Onward      -> Start Network    Off       look around
        1   Onward      -> Start Compare    Off
        2   Onward      -> Start Card       Off
        3   Save        -> Start Card       Off
    "#]],
    );
    // Who was known before it came so far, and has a PIN.
    let known = vec![
        (0, Input::Enrolled),
        (1, Input::Onward),
        (2, Input::Onward),
        (3, Input::Back),
        (4, Input::Pick(Mode::Give)),
        (5, bo()),
        (6, Input::Met),
        (7, Input::Onward),
    ];
    let locked = Session::new(Mode::Both, Some("2468".into())).starting(true);
    check_at(
        locked,
        known,
        &expect![[r#"
        0   Enrolled    -> Start Language   Off
        1   Onward      -> Start Network    Off       look around
        2   Onward      -> Start Card       Off
        3   Back        -> Start Mode       Off
        4   Pick        -> Start Trial      Emulate   Give
        5   Read        -> Start Trial      Emulate
        6   Met         -> Start Trial      Emulate
        7   Onward      -> Attract          Emulate   begun
    "#]],
    );
}

#[test]
fn what_is_secret_is_in_no_debug_text() {
    let mut session = fresh().starting(false);
    for input in [Input::Onward, Input::Onward, typed(NUMBER)] {
        session.handle(Duration::ZERO, input);
    }
    assert!(!format!("{:?}", session.screen()).contains(NUMBER));
    let mut session = fresh().starting(false).owned();
    for input in [Input::Back, Input::Pick(Mode::Both), Input::Digit('7')] {
        session.handle(Duration::ZERO, input);
    }
    assert!(!format!("{:?}", session.screen()).contains('7'));
}

#[test]
fn what_is_typed_while_the_cloud_is_asked_changes_not_where_the_code_went() {
    let mut session = fresh().starting(false);
    let script = [
        Input::Onward,
        Input::Onward,
        typed(NUMBER),
        Input::Save,
        typed("9"),
        Input::Asked(Ok(())),
    ];
    for input in script {
        session.handle(Duration::ZERO, input);
    }
    let Screen::Start(Start::Code(it)) = session.screen() else { panic!("no code is asked for") };
    assert_eq!(it.sent_to, NUMBER);
}
