//! What the worker makes of tasks, asked by phones without a screen.

use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tapcard_protocol::message::{
    Counts, LinkState, Outcome, Refusal, Register, Settled, Task, TaskId,
};
use tapcard_protocol::{AccountId, Card, Edition};
use tapcard_tests::World;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};

/// How long a row may take to arrive on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who the partner of an exchange is, and whether the own contact follows it.
fn linked(outcome: &Outcome) -> anyhow::Result<(AccountId, LinkState)> {
    match outcome {
        Outcome::Done { result: Some(Settled::Linked { owner: Some(owner), state }) } => {
            Ok((*owner, *state))
        }
        other => anyhow::bail!("the receipt says {other:?}"),
    }
}

#[test]
fn an_accepted_offer_makes_both_links_live_and_edits_follow() -> anyhow::Result<()> {
    let mut world = World::start()?;
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
    let updated = Outcome::Done { result: Some(Settled::Updated { edition: Edition(2), counts }) };
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
fn a_repeated_task_has_one_effect_and_the_same_receipt() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, None)?;
    let mut phone = world.phone(ada)?;
    let task = touch(CY, "Cy", "t1")?;
    let id = TaskId { epoch: 77, seq: 1 };
    let payload = tapcard_protocol::message::up(id, phone.terminal, Timestamp::now(), &task);
    let first = phone.ask_raw(id, &payload)?;
    for _ in 0..3 {
        assert_eq!(phone.ask_raw(id, &payload)?, first);
    }
    let mut db = world.postgres.client()?;
    for table in ["exchange", "contact", "offer", "outcome"] {
        let rows: i64 = db.query_one(&format!("select count(*) from {table}"), &[])?.get(0);
        assert_eq!(rows, 1, "{table}");
    }
    let state: String = db
        .query_one(
            "select state from account join identifier using (account_id) where identifier = $1",
            &[&CY],
        )?
        .get(0);
    assert_eq!(state, "unclaimed");
    Ok(())
}

#[test]
fn a_card_without_a_number_is_kept_and_opens_no_account() -> anyhow::Result<()> {
    let world = World::start()?;
    let mut phone = world.phone(world.account(ADA, None)?)?;
    let Task::Exchange(mut it) = touch(BO, "Dee", "t1")? else {
        unreachable!("an exchange was made")
    };
    it.partner = None;
    let outcome = phone.ask(&Task::Exchange(it))?;
    let kept = Settled::Linked { owner: None, state: LinkState::None };
    assert_eq!(outcome, Outcome::Done { result: Some(kept) });
    let mut db = world.postgres.client()?;
    let count = |db: &mut postgres::Client, table: &str| -> anyhow::Result<i64> {
        Ok(db.query_one(&format!("select count(*) from {table}"), &[])?.get(0))
    };
    assert_eq!(
        (count(&mut db, "account")?, count(&mut db, "contact")?, count(&mut db, "offer")?),
        (1, 1, 0)
    );
    phone.sync()?;
    assert_eq!(phone.book.values().map(|it| it.1.name()).collect::<Vec<_>>(), ["Dee"]);
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
fn what_is_no_task_is_refused_or_set_aside_and_stops_nothing() -> anyhow::Result<()> {
    let world = World::start()?;
    let mut phone = world.phone(world.account(ADA, None)?)?;
    let topic = tapcard_protocol::topic::Topic::Task(phone.terminal).to_string();
    phone.publish(&topic, b"\xff\xfe no JSON".to_vec())?;
    let refusals = [
        (r#"{"id":"000000000000000a-1"}"#, Refusal::Undecodable),
        (
            r#"{"id":"000000000000000a-2","specversion":"1.0","type":"org.tapcard.task.dance","source":"SELF"}"#,
            Refusal::UnknownTask,
        ),
        (
            r#"{"id":"000000000000000a-3","specversion":"1.0","type":"org.tapcard.task.link","source":"else"}"#,
            Refusal::NotYours,
        ),
        (
            r#"{"id":"000000000000000a-4","specversion":"1.0","type":"org.tapcard.task.register","source":"SELF",
                "data":{"card":{"@type":"Card","name":{"full":"A\u0000da"}}}}"#,
            Refusal::Undecodable,
        ),
    ];
    for (seq, (text, wanted)) in (1..).zip(refusals) {
        let text = text.replace("SELF", &format!("tapcard/terminal/{}", phone.terminal));
        let outcome = phone.ask_raw(TaskId { epoch: 10, seq }, text.as_bytes())?;
        let Outcome::Refused { reason, text, .. } = outcome else {
            anyhow::bail!("task {seq} was taken")
        };
        assert_eq!(reason, wanted);
        assert!(!text.is_empty());
    }
    let mut db = world.postgres.client()?;
    let row = db.query_one("select count(*), min(reason) from dead_letter", &[])?;
    assert_eq!((row.get::<_, i64>(0), row.get::<_, &str>(1)), (1, "the message is not JSON"));
    linked(&phone.ask(&touch(CY, "Cy", "t9")?)?).context("the next task")?;
    Ok(())
}

#[test]
fn a_database_that_is_down_at_start_only_delays() -> anyhow::Result<()> {
    let mut world = World::start()?;
    let ada = world.account(ADA, None)?;
    let mut phone = world.phone(ada)?;
    world.kill_worker();
    world.postgres.kill()?;
    world.start_worker_without_page()?;
    let log = world.path("worker.log");
    wait("the worker's word", PATIENCE, || {
        Ok(std::fs::read_to_string(&log)?.contains("no database yet, trying again").then_some(()))
    })?;
    world.postgres.restart()?;
    world.wait_for_page()?;
    linked(&phone.ask(&touch(CY, "Cy", "t1")?)?)?;
    Ok(())
}
