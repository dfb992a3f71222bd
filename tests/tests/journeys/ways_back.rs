//! Ways back to an account, and numbers that change hands.

use anyhow::Context;
use tapcard_protocol::{AccountId, Edition};
use tapcard_tests::World;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};
use tapcard_tests::visitor::Visitor;

use crate::cloud::linked;

/// Bo and Ada follow each other; Bo sits at a browser.
struct Home {
    world: World,
    ada: AccountId,
    bo: AccountId,
    browser: Visitor,
}

impl Home {
    fn open() -> anyhow::Result<Home> {
        let world = World::start()?;
        let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
        let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
        let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
        linked(&a.ask(&touch(BO, "Bo", "t1")?)?)?;
        linked(&b.ask(&touch(ADA, "Ada", "t1")?)?)?;
        let browser = Visitor::at_front(&world)?;
        browser.sign_in_at("/sign-in", BO)?;
        Ok(Home { world, ada, bo, browser })
    }

    fn stranger(&self) -> anyhow::Result<Visitor> {
        Visitor::at_front(&self.world)
    }

    /// Chooses a name; the code that is shown then.
    fn choose(&self, name: &str) -> anyhow::Result<String> {
        let page = self.browser.send("/account/recovery", &[("name", name)])?.text;
        let shown = page.split("class=\"secret\">").nth(2).context("no code is shown")?;
        Ok(shown.split('<').next().unwrap_or_default().to_owned())
    }

    /// Proves another number; the page that follows.
    fn move_to(&self, browser: &Visitor, number: &str) -> anyhow::Result<String> {
        let before = browser.messages(number)?.len();
        browser.send("/account/number", &[("number", number)])?;
        let code = browser.code(number, before)?;
        Ok(browser.send("/account/number/enter", &[("code", &code)])?.text)
    }

    fn sql(&self, text: &str) -> anyhow::Result<()> {
        Ok(self.world.postgres.client()?.batch_execute(text)?)
    }

    /// Three codes an hour are all that a number gets.
    fn let_an_hour_pass(&self) -> anyhow::Result<()> {
        self.sql("update one_time_code set asked_at = asked_at - interval '1 hour'")
    }

    /// Nobody has heard of Bo's devices for long.
    fn fall_asleep(&self) -> anyhow::Result<()> {
        let bo = self.bo.as_i64();
        self.sql(&format!(
            "update terminal set seen_at = now() - interval '100 days', created_at = now() - interval '200 days'
             where account_id = {bo};
             update web_session set made_at = now() - interval '100 days' where account_id = {bo}"
        ))
    }
}

fn recover(browser: &Visitor, who: &str, code: &str) -> anyhow::Result<String> {
    Ok(browser.send("/sign-in/recover", &[("who", who), ("code", code)])?.text)
}

#[test]
fn a_name_and_a_code_open_the_account_until_its_number_has_changed() -> anyhow::Result<()> {
    let home = Home::open()?;
    assert!(
        home.browser
            .send("/account/recovery", &[("name", "b o")])?
            .text
            .contains("3 to 30 letters")
    );
    let first = home.choose("Bo.Okafor")?;
    let code = home.choose("bo.okafor")?;
    let ada = home.stranger()?;
    ada.sign_in_at("/sign-in", ADA)?;
    assert!(
        ada.send("/account/recovery", &[("name", "bo.okafor")])?.text.contains("name is taken")
    );

    let stranger = home.stranger()?;
    for (who, code) in
        [("bo.okafor", first.as_str()), ("nobody", &code), (CY, &code), ("bo.okafor", "")]
    {
        let page = recover(&stranger, who, code)?;
        assert!(page.contains("Name and code do not fit"), "{who}: {page}");
    }
    let page = recover(&stranger, "BO.Okafor ", &code.to_lowercase())?;
    assert!(page.contains("New mobile number"), "{page}");
    assert!(stranger.open("/account")?.text.contains("Bo Okafor"));
    // Until the number has changed, the tab may be closed or a code be late.
    assert!(recover(&home.stranger()?, "bo.okafor", &code)?.contains("New mobile number"));
    home.move_to(&stranger, CY)?;
    home.sql("update number_change set due_at = now()")?;
    home.world.operate(&["housekeep"])?;
    assert!(stranger.open("/account")?.text.contains("+8613800138000"));
    assert!(recover(&home.stranger()?, "bo.okafor", &code)?.contains("do not fit"), "it is spent");
    // The code stands nowhere: neither in the database nor in a log.
    let plain = code.replace('-', "");
    assert!(!home.world.postgres.dump()?.contains(&plain) && !home.world.logs().contains(&code));
    Ok(())
}

#[test]
fn who_guesses_recovery_codes_keeps_nobody_out() -> anyhow::Result<()> {
    let home = Home::open()?;
    let code = home.choose("bo.okafor")?;
    let stranger = home.stranger()?;
    for _ in 0..12 {
        assert!(recover(&stranger, BO, "AAAAA-AAAAA-AAAAA-AAAAA")?.contains("do not fit"));
    }
    assert!(recover(&home.stranger()?, BO, &code)?.contains("New mobile number"));
    Ok(())
}

#[test]
fn waking_an_account_by_its_code_opens_it_to_nobody_else() -> anyhow::Result<()> {
    let home = Home::open()?;
    let code = home.choose("bo.okafor")?;
    home.fall_asleep()?;
    let owner = home.stranger()?;
    assert!(recover(&owner, "bo.okafor", &code)?.contains("New mobile number"));
    // His old number is another person's by now.
    let stranger = home.stranger()?;
    let page = stranger.sign_in_at("/sign-in", BO)?.text;
    assert!(page.contains("This number was used before") && !page.contains("Okafor"), "{page}");
    home.move_to(&owner, CY)?;
    home.sql("update number_change set due_at = now()")?;
    home.world.operate(&["housekeep"])?;
    // It is a number like any other then, at once.
    let page = stranger.sign_in_at("/sign-in", BO)?.text;
    assert!(page.contains("+447700900142") && !page.contains("Okafor"), "{page}");
    assert!(owner.open("/account")?.text.contains("+8613800138000"));
    Ok(())
}

#[test]
fn a_new_number_takes_the_old_ones_place_and_partners_get_it() -> anyhow::Result<()> {
    let home = Home::open()?;
    assert!(home.move_to(&home.browser, ADA)?.contains("another account is in use under it"));
    let before = home.browser.messages(BO)?.len();
    let page = home.move_to(&home.browser, CY)?;
    assert!(page.contains("Your number becomes +8613800138000"), "{page}");
    let told = home.browser.messages(BO)?;
    assert!(
        told.len() == before + 1 && told[before].contains("moves to another number"),
        "{told:?}"
    );
    let page = home.browser.send("/account/number/keep", &[])?.text;
    assert!(page.contains("Bo Okafor"), "{page}");
    home.sql("update number_change set due_at = now()")?;
    home.world.operate(&["housekeep"])?;
    assert!(home.browser.open("/account")?.text.contains("+447700900142"), "it was called off");

    home.move_to(&home.browser, CY)?;
    home.world.operate(&["housekeep"])?;
    assert!(
        home.browser.open("/account")?.text.contains("+447700900142"),
        "three days are not over"
    );
    let mut ada = home.world.phone(home.ada)?;
    home.sql("update number_change set due_at = now()")?;
    home.world.operate(&["housekeep"])?;
    let card = ada.card_of(home.bo, Edition(2))?;
    assert!(
        card.phones().any(|it| it.number.replace(' ', "") == "+8613800138000"),
        "{}",
        card.to_json()
    );
    assert!(card.phones().all(|it| it.number.replace(' ', "") != "+447700900142"));
    home.let_an_hour_pass()?;
    let page = home.stranger()?.sign_in_at("/sign-in", CY)?.text;
    assert!(page.contains("Bo Okafor") && page.contains("+8613800138000"), "{page}");
    let page = home.stranger()?.sign_in_at("/sign-in", BO)?.text;
    assert!(!page.contains("Bo Okafor"), "the old number opens the account: {page}");
    Ok(())
}

#[test]
fn what_others_have_of_the_new_number_is_the_accounts() -> anyhow::Result<()> {
    let home = Home::open()?;
    let eve = home.world.account("+447700900777", Some(&card_file("ada.vcf")))?;
    let (mut ada, mut eve) = (home.world.phone(home.ada)?, home.world.phone(eve)?);
    let (unclaimed, _) = linked(&ada.ask(&touch(CY, "Bo, new number", "t7")?)?)?;
    linked(&eve.ask(&touch(CY, "Somebody", "t8")?)?)?;
    home.move_to(&home.browser, CY)?;
    home.sql("update number_change set due_at = now()")?;
    home.world.operate(&["housekeep"])?;
    // Ada follows Bo already, and has him once; Eve has met him and waits for his yes.
    ada.card_of(home.bo, Edition(2))?;
    eve.card_of(home.bo, Edition(0))?;
    for it in [&mut ada, &mut eve] {
        it.sync()?;
        assert_eq!(it.book.keys().copied().collect::<Vec<_>>(), [home.bo]);
        assert_ne!(home.bo, unclaimed);
    }
    let mut bo = home.world.phone(home.bo)?;
    let offers = bo.sync()?;
    assert_eq!(offers.iter().map(|it| it.owner).collect::<Vec<_>>(), [eve.account]);
    Ok(())
}

#[test]
fn a_number_that_was_given_to_somebody_else_opens_an_empty_account() -> anyhow::Result<()> {
    let home = Home::open()?;
    let code = home.choose("bo.okafor")?;
    home.fall_asleep()?;
    let stranger = home.stranger()?;
    for _ in 0..2 {
        let page = stranger.sign_in_at("/sign-in", BO)?.text;
        assert!(page.contains("This number was used before") && !page.contains("Okafor"), "{page}");
    }
    // That a device wakes up does not open the account to whoever proved the number.
    home.sql("update terminal set seen_at = now()")?;
    home.let_an_hour_pass()?;
    assert!(stranger.sign_in_at("/sign-in", BO)?.text.contains("This number was used before"));
    home.sql("update dispute set opened_at = now() - interval '7 days'")?;
    let page = stranger.sign_in_at("/sign-in", BO)?.text;
    assert!(page.contains("+447700900142") && !page.contains("Okafor"), "{page}");
    // The sleeper has everything but the number.
    recover(&home.browser, "bo.okafor", &code)?;
    let page = home.browser.open("/account")?.text;
    assert!(page.contains("Bo Okafor") && !page.contains("+447700900142"), "{page}");
    Ok(())
}

#[test]
fn who_slept_long_is_known_by_the_browser_of_old() -> anyhow::Result<()> {
    let home = Home::open()?;
    home.fall_asleep()?;
    let other = home.stranger()?;
    assert!(other.sign_in_at("/sign-in", BO)?.text.contains("This number was used before"));
    assert!(home.browser.open("/account")?.text.contains("Send me a code"), "its session is over");
    assert!(home.browser.sign_in_at("/sign-in", BO)?.text.contains("Bo Okafor"));
    home.let_an_hour_pass()?;
    assert!(other.sign_in_at("/sign-in", BO)?.text.contains("Bo Okafor"), "it was the same person");
    Ok(())
}

#[test]
fn who_came_back_by_the_code_says_that_the_number_stays() -> anyhow::Result<()> {
    let home = Home::open()?;
    let code = home.choose("bo.okafor")?;
    home.fall_asleep()?;
    let owner = home.stranger()?;
    recover(&owner, "bo.okafor", &code)?;
    assert!(owner.open("/account")?.text.contains("Is +447700900142 still yours?"));
    let page = owner.send("/account/number/mine", &[("number", BO)])?.text;
    assert!(page.contains("Bo Okafor") && !page.contains("still yours?"), "{page}");
    assert!(home.stranger()?.sign_in_at("/sign-in", BO)?.text.contains("Bo Okafor"));
    Ok(())
}
