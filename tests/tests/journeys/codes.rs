//! One-time codes that sign people in.

use tapcard_protocol::touch::{Mode, Surface};
use tapcard_tests::people::{ADA, BO, card_file};
use tapcard_tests::visitor::Visitor;

use crate::visit::Booth;

#[test]
fn a_code_is_good_for_its_browser_five_tries_and_once() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let (visitor, thief) = (booth.visitor(1, Mode::Both)?, booth.visitor(1, Mode::Both)?);
    visitor.send("/code", &[("to", BO)])?;
    let code = visitor.code(BO, 0)?;
    assert!(thief.send("/enter", &[("code", &code)])?.text.contains("did not ask for a code"));
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert!(visitor.send("/enter", &[("code", wrong)])?.text.contains("not the code"));
    }
    assert!(visitor.send("/enter", &[("code", &code)])?.text.contains("used up"), "a sixth try");

    visitor.send("/code", &[("to", BO)])?;
    let code = visitor.code(BO, 1)?;
    let mut db = booth.world.postgres.client()?;
    db.batch_execute("update one_time_code set asked_at = asked_at - interval '6 minutes'")?;
    assert!(visitor.send("/enter", &[("code", &code)])?.text.contains("not the code"), "too late");

    assert!(visitor.sign_in(BO)?.text.contains("Write your card"));
    let code = visitor.code(BO, 2)?;
    let again = visitor.send("/enter", &[("code", &code)])?;
    assert!(!again.text.contains("Write your card"), "a code was used twice");
    let stored = db.query("select code from one_time_code", &[])?;
    assert!(stored.iter().all(|it| it.get::<_, &[u8]>(0) != code.as_bytes()));
    Ok(())
}

#[test]
fn nobody_is_flooded_with_codes_and_nobody_learns_whose_numbers_are_known() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let asked = |counter: u32, number: &str| -> anyhow::Result<String> {
        let visitor = booth.visitor(counter, Mode::Both)?;
        let text = visitor.send("/code", &[("to", number)])?.text;
        Ok(text.replace(&format!("/T/{}", booth.token(counter, Mode::Both, Surface::Code)), "/T"))
    };
    // Ada's account is active, Bo's number is nobody's.
    let (known, unknown) = (asked(1, ADA)?, asked(2, BO)?);
    assert_eq!(known, unknown);
    assert!(known.contains("Your code"));
    for _ in 0..2 {
        asked(3, BO)?;
    }
    assert!(asked(4, BO)?.contains("Too many codes"), "a fourth code in an hour");
    assert_eq!(booth.visitor(1, Mode::Both)?.messages(BO)?.len(), 3);
    // Many numbers at one touch.
    for number in 0..3 {
        asked(3, &format!("+4917139300{number:02}"))?;
    }
    assert!(asked(3, "+491713930099")?.contains("Too many codes"), "a sixth code at one touch");
    assert!(asked(5, "+491713930099")?.contains("Your code"), "the hall goes on");
    assert!(asked(6, "0171 3930099")?.contains("country code"));
    Ok(())
}

#[test]
fn a_whole_hall_behind_one_address_signs_in_and_a_flood_ends() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let asked = |visitor: &Visitor, door: &str, number: u32| -> anyhow::Result<bool> {
        let number = format!("+4917139{number:05}");
        let text = visitor.send(&format!("{door}/code"), &[("to", &number)])?.text;
        assert!(text.contains("Your code") || text.contains("Too many codes"), "{text}");
        Ok(text.contains("Your code"))
    };
    // Everybody comes from 127.0.0.1; two at each touch.
    for visitor in 0..120 {
        assert!(asked(&booth.visitor(100 + visitor / 2, Mode::Both)?, "", visitor)?, "{visitor}");
    }
    assert!(!asked(&booth.visitor(200, Mode::Both)?, "", 200)?, "a kiosk sends codes without end");
    // The front door is a place of its own, and a flood there ends as well.
    let front = Visitor::at_front(&booth.world)?;
    for number in 0..120 {
        assert!(asked(&front, "/sign-in", 300 + number)?, "{number}");
    }
    assert!(!asked(&front, "/sign-in", 500)?);
    // An hour later it goes on, until the day's messages are used up.
    let mut db = booth.world.postgres.client()?;
    db.batch_execute("update one_time_code set asked_at = asked_at - interval '61 minutes'")?;
    assert!(asked(&front, "/sign-in", 501)?);
    db.batch_execute(
        "insert into one_time_code (browser, identifier, kiosk_id, touch, code, asked_at)
         select int4send(n), 'n' || n, n, '', '', now() from generate_series(1, 2000) as n",
    )?;
    assert!(!asked(&front, "/sign-in", 502)?, "the budget of a day is passed");
    assert!(!asked(&booth.visitor(201, Mode::Both)?, "", 503)?);
    Ok(())
}

#[test]
fn a_number_whose_account_slept_long_is_not_opened_by_a_code_alone() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let bo = booth.world.account(BO, Some(&card_file("ios.vcf")))?;
    booth.world.phone(bo)?;
    let mut db = booth.world.postgres.client()?;
    let long_ago = "update terminal set created_at = now() - interval '91 days',
        seen_at = now() - interval '91 days' where account_id = $1";
    db.execute(long_ago, &[&bo.as_i64()])?;
    let visitor = booth.visitor(1, Mode::Both)?;
    assert!(visitor.sign_in(BO)?.text.contains("This number was used before"));
    assert_eq!(booth.count("web_session")?, 0);
    Ok(())
}
