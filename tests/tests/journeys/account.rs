//! The account's page: who is signed in, closing the account, signing out.

use tapcard_tests::World;
use tapcard_tests::browser::Browser;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};
use tapcard_tests::visitor::Visitor;

/// Ada's and Bo's accounts, and Bo's browser.
fn desk() -> anyhow::Result<(World, Visitor)> {
    let world = World::start()?;
    world.account(ADA, Some(&card_file("ada.vcf")))?;
    world.account(BO, Some(&card_file("ios.vcf")))?;
    let browser = Visitor::at_front(&world)?;
    Ok((world, browser))
}

/// Asks to close the account and enters the code that comes.
fn close(browser: &Visitor, fields: &[(&str, &str)]) -> anyhow::Result<String> {
    let before = browser.messages(BO)?.len();
    assert!(browser.send("/account/close", &[])?.text.contains("Close your account?"));
    let code = browser.code(BO, before)?;
    let fields = [fields, &[("code", code.as_str())]].concat();
    Ok(browser.send("/account/closed", &fields)?.text)
}

#[test]
fn who_brings_no_touch_signs_in_at_the_front_door() -> anyhow::Result<()> {
    let (world, browser) = desk()?;
    assert!(browser.open("/account")?.text.contains("Send me a code"), "nobody is signed in");
    let page = browser.sign_in_at("/sign-in", BO)?.text;
    assert!(page.contains("Bo Okafor") && page.contains("+447700900142"), "{page}");
    assert!(browser.send("/account/sign-out", &[])?.text.contains("Send me a code"));
    assert!(browser.open("/account")?.text.contains("Send me a code"));
    let mut db = world.postgres.client()?;
    let revoked = db.query("select from terminal where not_before is not null", &[])?;
    assert_eq!(revoked.len(), 1, "the browser's tokens are still good");
    Ok(())
}

#[test]
fn closing_an_account_takes_a_second_proof_and_seven_days() -> anyhow::Result<()> {
    let (world, browser) = desk()?;
    browser.sign_in_at("/sign-in", BO)?;
    let mut db = world.postgres.client()?;
    let mut ends = || {
        let text =
            "select count(*) from account where cancel_at > now() + interval '6 days 23 hours'";
        anyhow::Ok(db.query_one(text, &[])?.get::<_, i64>(0))
    };
    let before = browser.messages(BO)?.len();
    browser.send("/account/close", &[])?;
    let code = browser.code(BO, before)?;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = browser.send("/account/closed", &[("code", wrong)])?.text;
    assert!(refused.contains("This is not the code") && ends()? == 0, "{refused}");
    // A code proves its own number and no other.
    let before = browser.messages(CY)?.len();
    browser.send("/sign-in/code", &[("to", CY)])?;
    let other = browser.code(CY, before)?;
    let refused = browser.send("/account/closed", &[("code", &other)])?.text;
    assert!(refused.contains("This is not the code") && ends()? == 0, "{refused}");

    let page = close(&browser, &[])?;
    assert!(page.contains("This account closes on") && ends()? == 1, "{page}");
    let page = browser.send("/account/keep", &[])?.text;
    assert!(page.contains("Close my account") && ends()? == 0, "{page}");
    Ok(())
}

#[test]
fn who_leaves_can_bar_the_number_for_good() -> anyhow::Result<()> {
    let (world, browser) = desk()?;
    browser.sign_in_at("/sign-in", BO)?;
    close(&browser, &[("never", "yes")])?;
    let mut db = world.postgres.client()?;
    db.execute("update account set cancel_at = now() where cancel_at is not null", &[])?;
    world.operate(&["housekeep"])?;
    assert!(browser.open("/account")?.text.contains("Send me a code"), "still signed in");
    let barred = db.query_one("select reason from barred_number", &[])?;
    assert_eq!(barred.get::<_, String>(0), "opt-out");
    Ok(())
}

#[test]
fn what_is_taken_along_asks_for_a_fresh_proof() -> anyhow::Result<()> {
    let (world, browser) = desk()?;
    browser.sign_in_at("/sign-in", BO)?;
    let mut db = world.postgres.client()?;
    let bo: i64 = db
        .query_one("select account_id from identifier where identifier = '+447700900142'", &[])?
        .get(0);
    let mut phone = world.phone(bo.into())?;
    phone.ask(&touch(ADA, "=Ada", "t1")?)?;
    assert!(browser.open("/account/export")?.text.contains("For a spreadsheet"));
    let vcf = browser.open("/account/export/vcf")?.text;
    assert!(vcf.starts_with("BEGIN:VCARD\r\nVERSION:4.0") && vcf.contains("Ada"), "{vcf}");
    let csv = browser.open("/account/export/csv")?.text;
    assert!(csv.contains("'=Ada") && csv.contains("Hall 3"), "{csv}");
    let json: serde_json::Value =
        serde_json::from_str(&browser.open("/account/export/json")?.text)?;
    assert_eq!(json["exchanges"][0]["consent"], true);
    assert_eq!(json["exchanges"][0]["asserted_by"], "phone");
    assert_eq!(json["exchanges"][0]["agreed"], "", "a phone's own");
    assert_eq!(json["numbers"][0], "+447700900142");
    let account = phone.account.to_string();
    let printed: serde_json::Value =
        serde_json::from_str(&world.operate(&["account", "export", &account])?)?;
    assert_eq!(printed, json, "the operator's is another");

    db.batch_execute("update web_session set proved_at = now() - interval '16 minutes'")?;
    for path in ["/account/export", "/account/export/csv", "/account/export/json"] {
        let page = browser.open(path)?.text;
        assert!(page.contains("so we send you a code first") && !page.contains("Hall 3"), "{page}");
    }
    let before = browser.messages(BO)?.len();
    browser.send("/account/prove", &[])?;
    let code = browser.code(BO, before)?;
    assert!(
        browser.send("/account/proved", &[("code", "1")])?.text.contains("This is not the code")
    );
    assert!(
        browser.send("/account/proved", &[("code", &code)])?.text.contains("For a spreadsheet")
    );
    let stranger = Visitor::at_front(&world)?;
    assert!(stranger.open("/account/export/vcf")?.text.contains("Send me a code"));
    Ok(())
}

#[test]
fn the_phones_page_says_what_is_ahead_of_the_account() -> anyhow::Result<()> {
    let world = World::start()?;
    let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
    let mut browser = Browser::start(&world.path("browser.log"))?;
    browser.open("B", &world.page(bo)?)?;
    browser.see("B", "Bo Okafor")?;
    world.operate(&["account", "cancel", &bo.to_string()])?;
    browser.see("B", "Your account closes on")?;
    world.operate(&["account", "keep", &bo.to_string()])?;
    Visitor::at_front(&world)?.sign_in_at("/sign-in", BO)?;
    browser.see("B", "A browser signed in to your account on")?;
    browser.see("B", "Look")
}

#[test]
fn the_phones_page_checks_the_book_and_offers_its_newer_version() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
    a.ask(&touch(BO, "Bo", "t1")?)?;
    b.ask(&touch(ADA, "Ada", "t1")?)?;
    let offer = ["client", "offer", "--kind", "phone", "--version", "9.0.0", "--url"];
    world.operate(&[&offer[..], &["https://cards.example.org/"]].concat())?;
    let mut browser = Browser::start(&world.path("browser.log"))?;
    browser.open("A", &world.page(ada)?)?;
    browser.see("A", "A newer version of this page is ready.")?;
    browser.see("A", "Bo Okafor")?;
    browser.press("A", "Check")?;
    browser.see("A", "1 person has your card. 1 card here stays up to date.")?;
    world.operate(&["account", "cancel", &bo.to_string(), "--now"])?;
    browser.see("A", "Account closed")?;
    browser.press("A", "Check")?;
    browser.see("A", "0 people have your card. 0 cards here stay up to date, 1 does no more.")?;
    if let Some(folder) = std::env::var_os("TAPCARD_SHOTS") {
        browser.shot("A", &std::path::Path::new(&folder).join("check.png"))?;
    }
    browser.press("A", "Load it")?;
    browser.see("A", "Account closed")?;
    Ok(())
}
