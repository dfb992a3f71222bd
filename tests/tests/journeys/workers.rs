//! Several workers share the work, and one of them dies or stands still.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use tapcard_protocol::message::Outcome;
use tapcard_tests::World;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, touch};
use tapcard_tests::postgres::Postgres;

/// How long another worker may take for the share of one that is gone.
const TAKE_OVER: Duration = Duration::from_secs(5);
/// How long workers may take to settle on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many parts of the work each owner holds, once all sixteen of both roles are held.
fn shares(postgres: &Postgres) -> anyhow::Result<Option<Vec<i64>>> {
    let rows = postgres.client()?.query(
        "select count(*) from lease where until > clock_timestamp() group by role, owner order by role, owner",
        &[],
    )?;
    let shares: Vec<i64> = rows.iter().map(|it| it.get(0)).collect();
    Ok((shares.iter().sum::<i64>() == 32).then_some(shares))
}

fn until_shared_by(world: &World, n_owners: usize, patience: Duration) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    wait("the work to be shared", patience, || {
        let is_fair = |it: &Vec<i64>| *it == vec![32 / n_owners as i64; n_owners];
        Ok(shares(&world.postgres)?.filter(is_fair))
    })?;
    Ok(begin.elapsed())
}

fn report(line: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
}

#[test]
fn a_worker_that_dies_or_stands_still_is_replaced_and_nothing_is_doubled() -> anyhow::Result<()> {
    let world = World::start()?;
    world.configure_worker("second", "")?;
    let mut ada = world.phone(world.account(ADA, None)?)?;
    let mut ask = |number: u32| -> anyhow::Result<()> {
        let task = touch(&format!("+4917139{number:05}"), "Somebody", &format!("touch {number}"))?;
        assert!(matches!(ada.ask(&task)?, Outcome::Done { .. }));
        Ok(())
    };
    until_shared_by(&world, 4, PATIENCE)?;
    ask(1)?;

    // Two workers with two connections for each of the two roles.
    let mut second = world.worker("second")?;
    until_shared_by(&world, 8, PATIENCE)?;
    ask(2)?;

    second.signal(Signal::STOP)?;
    let still = until_shared_by(&world, 4, TAKE_OVER)?;
    ask(3)?;
    second.signal(Signal::CONT)?;
    until_shared_by(&world, 8, PATIENCE)?;
    ask(4)?;

    second.kill()?;
    let dead = until_shared_by(&world, 4, TAKE_OVER)?;
    ask(5)?;
    report(&format!(
        "taken over after {still:?} from one that stood still, {dead:?} from a dead one"
    ));

    let row = world.postgres.client()?.query_one(
        "select count(*), count(distinct touch), (select count(*) from contact) from exchange",
        &[],
    )?;
    let n = |column| row.get::<_, i64>(column);
    assert_eq!((n(0), n(1), n(2)), (5, 5, 5));
    Ok(())
}

#[test]
fn a_lease_from_a_clock_that_stood_later_holds_nobody_up() -> anyhow::Result<()> {
    let mut world = World::start()?;
    until_shared_by(&world, 4, PATIENCE)?;
    world.kill_worker();
    // As if the database's clock had stood in another year while somebody who is gone held everything.
    let mut db = world.postgres.client()?;
    db.batch_execute(
        "update lease set owner = 1, until = now() + interval '400 days';
         insert into lease_claimant (role, owner, until)
         select role, 1, now() + interval '400 days' from unnest(array['ingest', 'relay']) as role;",
    )?;
    world.start_worker()?;
    until_shared_by(&world, 4, TAKE_OVER)?;
    Ok(())
}

#[test]
fn what_waits_too_long_in_postgres_is_ended_and_tried_again() -> anyhow::Result<()> {
    let world = World::start()?;
    let mut ada = world.phone(world.account(ADA, None)?)?;
    // As two who wait for one another would, if Postgres did not notice.
    let mut db = world.postgres.client()?;
    let mut gate = db.transaction()?;
    gate.batch_execute("lock table outcome in access exclusive mode")?;
    let task = touch("+491713900001", "Somebody", "touch")?;
    ada.send(&task)?;
    let mut watch = world.postgres.client()?;
    let first: i32 = wait("a batch that waits", PATIENCE, || {
        let text = "select pid from pg_locks where relation = 'outcome'::regclass and not granted";
        Ok(watch.query_opt(text, &[])?.map(|row| row.get(0)))
    })?;
    wait("the end of its patience", PATIENCE, || {
        let text = "select from pg_locks where pid = $1 and not granted";
        Ok(watch.query_opt(text, &[&first])?.is_none().then_some(()))
    })?;
    gate.rollback()?;
    // Its message may have been left to another connection, which never had it: its terminal asks again.
    assert!(matches!(ada.ask(&task)?, Outcome::Done { .. }));
    Ok(())
}
