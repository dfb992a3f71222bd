//! How many numbers that nobody knows may be named, and what becomes of those beyond.

use tapcard_protocol::Edition;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::LinkState;
use tapcard_tests::World;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};
use tapcard_tests::visitor::Visitor;

use crate::cloud::linked;

/// As many as the worker of these tests lets anybody name.
const MOST: usize = 3;

/// A world in which little may be named.
fn strict() -> anyhow::Result<World> {
    let mut world = World::start()?;
    let limits =
        format!("[limits]\nnew_numbers_of_a_kiosk = {MOST}\nnew_numbers_of_an_account = {MOST}\n");
    world.configure_worker("worker", &limits)?;
    world.start_worker()?;
    Ok(world)
}

/// A number that is kept free for fiction.
fn stranger(n: usize) -> String {
    format!("+4477009006{n:02}")
}

#[test]
fn what_is_named_beyond_the_limit_opens_no_account_and_looks_the_same() -> anyhow::Result<()> {
    let world = strict()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    world.account(BO, Some(&card_file("ios.vcf")))?;
    let mut kiosk = world.bare_terminal(ada, Kind::Kiosk)?;
    let mut db = world.postgres.client()?;
    let mut n_unclaimed = || -> anyhow::Result<i64> {
        Ok(db.query_one("select count(*) from account where state = 'unclaimed'", &[])?.get(0))
    };
    for n in 0..MOST + 2 {
        let (_, state) = linked(&kiosk.ask(&touch(&stranger(n), "S", &format!("k{n}"))?)?)?;
        assert_eq!(state, LinkState::Offered, "{n}");
    }
    assert_eq!(n_unclaimed()?, 3);
    // Who is known already is not counted, and each kiosk counts for itself.
    assert_eq!(linked(&kiosk.ask(&touch(BO, "Bo", "bo")?)?)?.1, LinkState::Offered);
    let mut other = world.bare_terminal(ada, Kind::Kiosk)?;
    linked(&other.ask(&touch(&stranger(50), "S", "o1")?)?)?;
    assert_eq!(n_unclaimed()?, 4);
    // All phones of an account count together.
    let (mut one, mut two) = (world.phone(ada)?, world.phone(ada)?);
    for n in 60..63 {
        linked(&one.ask(&touch(&stranger(n), "S", &format!("p{n}"))?)?)?;
        linked(&two.ask(&touch(&stranger(n + 10), "S", &format!("q{n}"))?)?)?;
    }
    assert_eq!(n_unclaimed()?, 7);
    Ok(())
}

#[test]
fn who_was_named_beyond_the_limit_is_found_after_signing_in() -> anyhow::Result<()> {
    let world = strict()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let mut kiosk = world.bare_terminal(ada, Kind::Kiosk)?;
    let mut phone = world.phone(ada)?;
    for n in 0..MOST {
        linked(&kiosk.ask(&touch(&stranger(n), "S", &format!("k{n}"))?)?)?;
    }
    let (waiting, _) = linked(&kiosk.ask(&touch(CY, "Cy", "cy")?)?)?;
    phone.card_of(waiting, Edition(0))?;

    let browser = Visitor::at_front(&world)?;
    browser.sign_in_at("/sign-in", CY)?;
    let mut db = world.postgres.client()?;
    let number = CY.replace(' ', "");
    let cy: i64 =
        db.query_one("select account_id from identifier where identifier = $1", &[&number])?.get(0);
    assert_ne!(cy, waiting.as_i64());
    // What Ada has of him stands under his account now, on her devices too.
    phone.card_of(cy.into(), Edition(0))?;
    phone.sync()?;
    assert!(!phone.book.contains_key(&waiting), "he stands there twice");
    let logged = db.query_one("select peer_id from exchange where touch = 'cy'", &[])?;
    assert_eq!(logged.get::<_, i64>(0), cy);
    // And he is asked whether she gets his card.
    let mut his = world.phone(cy.into())?;
    let offers = his.sync()?;
    assert_eq!(offers.iter().map(|it| it.owner).collect::<Vec<_>>(), [ada]);
    his.update_card(Edition(0), tapcard_protocol::Card::named("Cy Chen"))?;
    his.accept(ada)?;
    assert_eq!(phone.card_of(cy.into(), Edition(1))?.name(), "Cy Chen");
    Ok(())
}

#[test]
fn what_is_kept_for_a_time_goes_after_it() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let mut phone = world.phone(ada)?;
    linked(&phone.ask(&touch(BO, "Bo", "t1")?)?)?;
    phone.update_card(Edition(1), tapcard_protocol::Card::named("Ada L"))?;
    phone
        .publish(&tapcard_protocol::topic::Topic::Task(phone.terminal).to_string(), b"?".into())?;
    linked(&phone.ask(&touch(BO, "Bo", "t2")?)?)?;
    let count = |table: &str| -> anyhow::Result<i64> {
        let mut db = world.postgres.client()?;
        Ok(db.query_one(&format!("select count(*) from {table}"), &[])?.get(0))
    };
    let kept = || anyhow::Ok([count("offer")?, count("dead_letter")?, count("card_edition")?]);
    world.operate(&["housekeep"])?;
    assert_eq!(kept()?, [1, 1, 2]);
    world.postgres.client()?.batch_execute(
        "update offer set made_at = now() - interval '401 days';
         update dead_letter set received_at = now() - interval '91 days';
         update card_edition set made_at = now() - interval '401 days'",
    )?;
    world.operate(&["housekeep"])?;
    assert_eq!(kept()?, [0, 0, 1], "the current edition stays");
    Ok(())
}
