//! What the worker makes of tasks, asked by phones without a screen.

use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tapcard_protocol::message::{
    Applied, ApplyOutcome, Counts, Direction, Link, LinkState, LinkVerb, Outcome, Refusal,
    Register, Settled, Task, TaskId,
};
use tapcard_protocol::{AccountId, Card, Edition};
use tapcard_tests::World;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};
use tapcard_tests::phone::Phone;

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

/// Sends tasks without waiting between them, so that they come to the worker as one batch.
fn at_once(phone: &mut Phone, tasks: &[Task]) -> anyhow::Result<()> {
    let (last, first) = tasks.split_last().context("no tasks")?;
    for task in first {
        phone.send(task)?;
    }
    phone.ask(last).map(drop)
}

/// A touch of the same person, with another card, note and direction.
fn again(card: Option<Card>, note: &str, direction: Direction, name: &str) -> anyhow::Result<Task> {
    let Task::Exchange(mut it) = touch(BO, "Bo", name)? else {
        unreachable!("a touch is an exchange")
    };
    (it.card, it.note, it.direction) = (card, note.to_owned(), direction);
    Ok(Task::Exchange(it))
}

#[test]
fn what_comes_in_one_batch_is_kept_as_if_it_came_one_by_one() -> anyhow::Result<()> {
    let world = World::start()?;
    let (ada, bo) = (world.account(ADA, None)?, world.account(BO, None)?);
    let mut phone = world.phone(ada)?;
    let tasks = [
        again(Some(Card::named("First")), "wants 500 units", Direction::Received, "t1")?,
        again(Some(Card::named("Second")), "", Direction::Received, "t2")?,
        again(None, "", Direction::Received, "t3")?,
        again(None, "", Direction::Given, "t4")?,
    ];
    at_once(&mut phone, &tasks)?;
    let mut db = world.postgres.client()?;
    let row = db.query_one(
        "select snapshot #>> '{name,full}', note from contact where account_id = $1 and owner_id = $2",
        &[&ada.as_i64(), &bo.as_i64()],
    )?;
    assert_eq!((row.get(0), row.get(1)), ("Second", "wants 500 units"));
    let row =
        db.query_one("select gives, takes from offer where account_id = $1", &[&bo.as_i64()])?;
    assert_eq!((row.get(0), row.get(1)), (true, true));
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
fn what_postgres_refuses_is_set_aside_alone() -> anyhow::Result<()> {
    let world = World::start()?;
    let mut phone = world.phone(world.account(ADA, None)?)?;
    let mut db = world.postgres.client()?;
    // Stands for whatever a later version lets through that the database does not take.
    db.batch_execute("alter table exchange add constraint tested check (touch <> 'poison')")?;
    phone.send(&touch(BO, "Bo", "t1")?)?;
    phone.send(&touch(CY, "Poison", "poison")?)?;
    linked(&phone.ask(&touch(CY, "Cy", "t2")?)?)?;
    let touches = db.query("select touch from exchange order by touch", &[])?;
    assert_eq!(touches.iter().map(|it| it.get::<_, String>(0)).collect::<Vec<_>>(), ["t1", "t2"]);
    let dead = db.query("select reason from dead_letter", &[])?;
    assert_eq!(
        dead.iter().map(|it| it.get::<_, String>(0)).collect::<Vec<_>>(),
        ["the database refuses it"]
    );
    let Outcome::Refused { .. } = phone.ask(&touch(CY, "Poison", "poison")?)? else {
        anyhow::bail!("it was stored")
    };
    // Postgres' own message quotes the row.
    let log = std::fs::read_to_string(world.path("worker.log"))?;
    assert!(log.contains("SQLSTATE 23514"), "the failure is not logged");
    assert!(!log.contains("8613800138000") && !log.contains("Poison"), "the log quotes the row");
    Ok(())
}

#[test]
fn a_card_with_the_owners_own_number_is_kept_like_one_without() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, None)?;
    let mut phone = world.phone(ada)?;
    let kept = Settled::Linked { owner: None, state: LinkState::None };
    assert_eq!(phone.ask(&touch(ADA, "A colleague", "t1")?)?, Outcome::Done { result: Some(kept) });
    phone.sync()?;
    assert_eq!(phone.book.values().map(|it| it.1.name()).collect::<Vec<_>>(), ["A colleague"]);
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
fn a_terminal_is_refused_what_its_kind_may_not_ask() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, None)?;
    let mut phone = world.phone(ada)?;
    let Task::Exchange(mut it) = touch(CY, "Cy", "t1")? else {
        unreachable!("a touch is an exchange")
    };
    it.consent = false;
    let Outcome::Refused { reason, .. } = phone.ask(&Task::Exchange(it))? else {
        anyhow::bail!("it was stored")
    };
    assert_eq!(reason, Refusal::Forbidden);
    let rows: i64 = world.postgres.client()?.query_one("select count(*) from contact", &[])?.get(0);
    assert_eq!(rows, 0);
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
