//! Offers, links and updates: what one account sees of another.

use std::time::Duration;

use tapcard_protocol::message::{
    Applied, ApplyOutcome, Counts, Direction, Down, Link, LinkState, LinkVerb, Notice, Outcome,
    Refusal, Register, Settled, Task,
};
use tapcard_protocol::{Card, Edition};
use tapcard_tests::World;
use tapcard_tests::broker::Make;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};

use crate::cloud::{again, linked};

/// How long a row may take to arrive on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn an_accepted_offer_makes_both_links_live_and_edits_follow() -> anyhow::Result<()> {
    follow_an_accepted_offer(Make::Tapcard)
}

pub(crate) fn follow_an_accepted_offer(make: Make) -> anyhow::Result<()> {
    let mut world = World::start_on(make)?;
    let (ada, bo) = (
        world.account(ADA, Some(&card_file("ada.vcf")))?,
        world.account(BO, Some(&card_file("ios.vcf")))?,
    );
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);

    let (owner, state) = linked(&a.ask(&touch(BO, "Bo on a badge", "t1")?)?)?;
    assert_eq!((owner, state), (bo, LinkState::Offered));
    let offer = b.offer(ada)?;
    assert_eq!((offer.name.as_str(), offer.place.as_str()), ("Ada Lindqvist", "Hall 3"));
    assert_eq!(linked(&b.accept(ada)?)?, (ada, LinkState::Live));

    assert_eq!(b.card_of(ada, Edition(1))?.name(), "Ada Lindqvist");
    let mut card = a.card_of(bo, Edition(1))?;
    assert_eq!(card.title(), "Supply Chain Lead");

    card.set_title("Managing Director");
    let counts = Counts { active: 1, ..Counts::default() };
    let updated = Outcome::Done {
        result: Some(Settled::Updated { edition: Edition(2), counts, card: None }),
    };
    assert_eq!(b.update_card(Edition(1), card)?, updated);
    assert_eq!(a.card_of(bo, Edition(2))?.title(), "Managing Director");

    // What was read from the badge stays what it was.
    let mut db = world.postgres.client()?;
    let snapshot =
        "select snapshot #>> '{name,full}' from contact where account_id = $1 and owner_id = $2";
    let kept: String = db.query_one(snapshot, &[&ada.as_i64(), &bo.as_i64()])?.get(0);
    assert_eq!(kept, "Bo on a badge");
    wait("the report of Ada's phone", PATIENCE, || {
        let row = db.query_opt(
            "select 1 from delivery where account_id = $1 and holder_id = $2 and edition = 2 and outcome = 'applied'",
            &[&bo.as_i64(), &ada.as_i64()],
        )?;
        Ok(row.map(drop))
    })?;
    assert!(world.is_whole());
    Ok(())
}

#[test]
fn a_lost_report_is_made_up_for_and_a_false_one_is_cut() -> anyhow::Result<()> {
    let world = World::start()?;
    let (ada, bo) = (world.account(ADA, None)?, world.account(BO, Some(&card_file("ios.vcf")))?);
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
    a.ask(&touch(BO, "Bo", "t1")?)?;
    b.offer(ada)?;
    b.accept(ada)?;
    let mut db = world.postgres.client()?;
    let mut reported = |terminal: i64| -> anyhow::Result<Option<i32>> {
        let row =
            db.query_opt("select edition from delivery where terminal_id = $1", &[&terminal])?;
        Ok(row.map(|it| it.get(0)))
    };
    let false_report = Applied {
        owner: bo,
        edition: Edition(i32::MAX as u32),
        outcome: ApplyOutcome::Applied,
        reason: None,
    };
    a.send(&Task::Applied(vec![false_report]))?;
    let mut second = world.phone(ada)?;
    second.book.insert(bo, (Edition(1), Card::named("Bo")));
    second.sync()?;
    assert_eq!(reported(a.terminal.as_i64())?, Some(1));
    assert_eq!(reported(second.terminal.as_i64())?, Some(1));
    Ok(())
}

#[test]
fn a_new_contact_shows_on_the_owners_other_phone_by_itself() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, None)?;
    let (mut one, mut two) = (world.phone(ada)?, world.phone(ada)?);
    let cy = linked(&one.ask(&touch(CY, "Cy", "t1")?)?)?.0;
    assert_eq!(two.card_of(cy, Edition(0))?.name(), "Cy");
    Ok(())
}

#[test]
fn an_offer_grants_only_what_was_shown() -> anyhow::Result<()> {
    let world = World::start()?;
    let (ada, bo) = (world.account(ADA, None)?, world.account(BO, Some(&card_file("ios.vcf")))?);
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
    a.ask(&again(None, "", Direction::Given, "t1")?)?;
    let offer = b.offer(ada)?;
    assert_eq!((offer.gives, offer.takes), (true, false));
    // Meanwhile the offer grows; Bo's yes is to what he saw.
    a.ask(&again(None, "", Direction::Received, "t2")?)?;
    b.ask(&Task::Link(Link {
        owner: ada,
        verb: LinkVerb::Accept,
        gives: offer.gives,
        takes: offer.takes,
    }))?;
    let mut db = world.postgres.client()?;
    let live = db.query("select account_id from contact where link = 'live'", &[])?;
    assert_eq!(live.iter().map(|it| it.get::<_, i64>(0)).collect::<Vec<_>>(), [bo.as_i64()]);
    Ok(())
}

#[test]
fn a_stale_edit_is_refused_with_the_current_card() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let (mut one, mut two) = (world.phone(ada)?, world.phone(ada)?);
    one.update_card(Edition(1), Card::named("Ada One"))?;
    let outcome = two.update_card(Edition(1), Card::named("Ada Two"))?;
    let Outcome::Refused { reason, result, .. } = outcome else {
        anyhow::bail!("a stale edit was taken")
    };
    assert_eq!(reason, Refusal::Conflict);
    assert_eq!(
        result,
        Some(Settled::Conflict { edition: Edition(2), card: Card::named("Ada One") })
    );
    Ok(())
}

#[test]
fn edits_of_different_fields_from_two_doors_become_one_card() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let (mut one, mut two) = (world.phone(ada)?, world.phone(ada)?);
    let base = one.own_card()?;
    let (mut retitled, mut moved) = (base.clone(), base.clone());
    retitled.set_title("Director");
    moved.set_organisation("Elsewhere");
    one.update_card(Edition(1), retitled.clone())?;
    let Outcome::Done { result: Some(Settled::Updated { edition, card: Some(both), .. }) } =
        two.update_card(Edition(1), moved)?
    else {
        anyhow::bail!("the edits were not put together")
    };
    assert_eq!(edition, Edition(3));
    assert_eq!((both.title(), both.organisation()), ("Director", "Elsewhere"));
    assert_eq!(one.own_card()?, both);
    Ok(())
}

#[test]
fn a_first_word_makes_the_account_usable() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, None)?;
    let cy = linked(&world.phone(ada)?.ask(&touch(CY, "Cy", "t1")?)?)?.0;
    let mut phone = world.phone(cy)?;
    let card = Some(Card::named("Cy Zhang"));
    let registered = Settled::Registered { account: cy, edition: Edition(1) };
    assert_eq!(
        phone.ask(&Task::Register(Register { card }))?,
        Outcome::Done { result: Some(registered) }
    );
    let offers = phone.sync()?;
    assert_eq!(offers.iter().map(|it| it.owner).collect::<Vec<_>>(), [ada]);
    Ok(())
}

#[test]
fn edits_that_follow_closely_are_told_together() -> anyhow::Result<()> {
    let mut world = World::start()?;
    world.kill_worker();
    world.configure_worker("worker", "[work]\nfanout_seconds = 8\n")?;
    world.start_worker()?;
    let (ada, bo) = (world.account(ADA, None)?, world.account(BO, None)?);
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
    b.update_card(Edition(0), Card::named("Bo 1"))?;
    linked(&a.ask(&touch(BO, "Bo", "t1")?)?)?;
    linked(&b.ask(&touch(ADA, "Ada", "t1")?)?)?;
    a.card_of(bo, Edition(1))?;
    // The first may still be told on its own, the second and third come while the partners are left in peace.
    for edition in 1..4 {
        b.update_card(Edition(edition), Card::named(&format!("Bo {}", edition + 1)))?;
    }
    let mut told = Vec::new();
    a.until("the newest card", PATIENCE, |_, it| match it {
        Down::Notice(Notice::Card { edition, .. }) => {
            told.push(*edition);
            (*edition == Edition(4)).then_some(())
        }
        _ => None,
    })?;
    assert!(told.len() <= 2, "each was told on its own: {told:?}");
    Ok(())
}
