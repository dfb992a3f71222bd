//! What the worker makes of tasks, asked by phones without a screen.

use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tapcard_protocol::message::{
    Direction, Down, LinkState, Outcome, Refusal, Settled, Task, TaskId, up,
};
use tapcard_protocol::{AccountId, Card};
use tapcard_tests::World;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, CY, touch};
use tapcard_tests::phone::Phone;

/// How long a row may take to arrive on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who the partner of an exchange is, and whether the own contact follows it.
pub(crate) fn linked(outcome: &Outcome) -> anyhow::Result<(AccountId, LinkState)> {
    match outcome {
        Outcome::Done { result: Some(Settled::Linked { owner: Some(owner), state }) } => {
            Ok((*owner, *state))
        }
        other => anyhow::bail!("the receipt says {other:?}"),
    }
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
pub(crate) fn again(
    card: Option<Card>,
    note: &str,
    direction: Direction,
    name: &str,
) -> anyhow::Result<Task> {
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
fn what_postgres_refuses_is_set_aside_alone() -> anyhow::Result<()> {
    let world = World::start()?;
    let mut phone = world.phone(world.account(ADA, None)?)?;
    let mut db = world.postgres.client()?;
    // Stands for whatever a later version lets through that the database does not take.
    db.batch_execute("alter table exchange add constraint tested check (touch <> 'poison')")?;
    linked(&phone.ask(&touch(BO, "Bo", "t1")?)?)?;
    phone.send(&touch(CY, "Poison", "poison")?)?;
    linked(&phone.ask(&touch(CY, "Cy", "t2")?)?)?;
    let touches = db.query("select touch from exchange order by touch", &[])?;
    assert_eq!(touches.iter().map(|it| it.get::<_, String>(0)).collect::<Vec<_>>(), ["t1", "t2"]);
    let dead = db.query("select reason from dead_letter", &[])?;
    assert_eq!(
        dead.iter().map(|it| it.get::<_, String>(0)).collect::<Vec<_>>(),
        ["writing exchanges: Postgres refuses the content (SQLSTATE 23514)"]
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
fn a_task_under_a_number_that_is_taken_elsewhere_is_ones_own() -> anyhow::Result<()> {
    let world = World::start()?;
    let (ada, bo) = (world.account(ADA, None)?, world.account(BO, None)?);
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
    let id = TaskId { epoch: 77, seq: 1 };
    // Bo's phone comes first, under the number that Ada's phone will use.
    for (phone, name) in [(&mut b, "as Bo met"), (&mut a, "as Ada met")] {
        let payload = up(id, phone.terminal, Timestamp::now(), &touch(CY, name, "t1")?);
        linked(&phone.ask_raw(id, &payload)?)?;
        linked(&phone.ask_raw(id, &payload)?)?;
        phone.sync()?;
        assert_eq!(phone.book.values().map(|it| it.1.name()).collect::<Vec<_>>(), [name]);
    }
    let rows: i64 =
        world.postgres.client()?.query_one("select count(*) from exchange", &[])?.get(0);
    assert_eq!(rows, 2);
    Ok(())
}

#[test]
fn what_was_set_aside_can_be_tried_again() -> anyhow::Result<()> {
    let world = World::start()?;
    let mut phone = world.phone(world.account(ADA, None)?)?;
    let mut db = world.postgres.client()?;
    db.batch_execute("alter table exchange add constraint tested check (touch <> 'poison')")?;
    let Outcome::Refused { .. } = phone.ask(&touch(CY, "Cy", "poison")?)? else {
        anyhow::bail!("it was stored")
    };
    let listed = world.operate(&["dead-letter", "list"])?;
    assert!(listed.contains("SQLSTATE 23514") && listed.contains(&phone.terminal.to_string()));
    assert!(!listed.contains("Cy") && !listed.contains("8613800138000"), "{listed}");
    let why = world.operate(&["dead-letter", "replay"]).expect_err("it still cannot be stored");
    assert!(format!("{why:#}").contains("SQLSTATE 23514"), "{why:#}");

    db.batch_execute("alter table exchange drop constraint tested")?;
    world.operate(&["dead-letter", "replay"])?;
    let done = phone.until("the receipt", PATIENCE, |_, it| match it {
        Down::Receipt(it) => matches!(it.outcome, Outcome::Done { .. }).then_some(()),
        Down::Notice(_) => None,
    });
    done.context("the terminal was not told")?;
    let touches: String = db.query_one("select touch from exchange", &[])?.get(0);
    assert_eq!(touches, "poison");
    assert_eq!(world.operate(&["dead-letter", "list"])?, "");
    let missing = world.operate(&["dead-letter", "drop", "1"]).expect_err("it is gone");
    assert!(format!("{missing:#}").contains("there is no dead letter 1"));
    Ok(())
}

#[test]
fn who_sends_much_that_cannot_be_stored_slows_nobody_else_down() -> anyhow::Result<()> {
    let world = World::start()?;
    let mut phone = world.phone(world.account(ADA, None)?)?;
    let mut db = world.postgres.client()?;
    db.batch_execute(
        "alter table exchange add constraint tested check (touch not like 'poison%')",
    )?;
    let Outcome::Refused { .. } = phone.ask(&touch(CY, "Cy", "poison")?)? else {
        anyhow::bail!("it was stored")
    };
    for number in 1..60 {
        phone.send(&touch(CY, "Cy", &format!("poison {number}"))?)?;
    }
    linked(&phone.ask(&touch(CY, "Cy", "fine")?)?)?;
    let row = db.query_one("select count(*) from dead_letter", &[])?;
    assert_eq!(row.get::<_, i64>(0), 60);
    // Once its first message was set aside, all others of it are written alone.
    let log = std::fs::read_to_string(world.path("worker.log"))?;
    assert!(!log.contains("writing a batch in halves"), "a batch was taken apart");
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
