//! Broker, worker, Postgres and kiosks are killed at random points. Nothing that a screen claimed is lost or doubled.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;
use tapcard_tests::World;
use tapcard_tests::broker::Make;
use tapcard_tests::chance::Chance;
use tapcard_tests::kiosk::{Kiosk, KioskPlan};
use tapcard_tests::patience::wait;
use tapcard_tests::people::ADA;
use tapcard_tests::radio::{Field, Radio};

/// How long the last outbox may take to empty: a task is sent again after 10 s, 20 s, 40 s.
const PATIENCE: Duration = Duration::from_secs(120);

/// One kiosk's day, at least so many visitors long and until all else was hit, however quick the machine;
/// returns the numbers of everybody whose `done` was shown.
fn collect(
    plan: &KioskPlan,
    field: &Field,
    chip: &str,
    n_exchanges: usize,
    all_hit: &AtomicBool,
    mut chance: Chance,
) -> anyhow::Result<Vec<String>> {
    let mut kiosk = plan.start()?;
    let mut done = Vec::new();
    let mut n_kills = 0;
    for attempt in 0.. {
        if done.len() >= n_exchanges && all_hit.load(Ordering::Relaxed) {
            break;
        }
        let number = format!("+4917139{}{attempt:04}", if chip == "A" { 3 } else { 4 });
        let card = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Visitor {attempt} of {chip}\r\nTEL;TYPE=CELL:{number}\r\nEND:VCARD\r\n"
        );
        field.lay(chip, card.as_bytes())?;
        // Every tenth visitor meets a power cut: while reading, while asked, or while the yes is being written.
        match chance.below(30) {
            0 => chance.rest(Duration::from_millis(300)),
            1 => kiosk.see("confirm")?,
            2 => {
                kiosk.see("confirm")?;
                kiosk.press_unheard("Swap")?;
                chance.rest(Duration::from_millis(60));
            }
            _ => {
                swap(&mut kiosk).with_context(|| format!("visitor {attempt} of {chip}"))?;
                done.push(number);
                continue;
            }
        }
        kiosk.kill()?;
        n_kills += 1;
        field.clear(chip)?;
        kiosk = plan.start()?;
    }
    field.clear(chip)?;
    report(&format!("kiosk {chip}: {} exchanges, killed {n_kills} times", done.len()));
    let store = plan.store();
    wait("an empty outbox", PATIENCE, || Ok((rows(&store)? == 0).then_some(())))
        .with_context(|| format!("kiosk {chip} logged:\n{}", plan.log()))?;
    Ok(done)
}

pub(crate) fn swap(kiosk: &mut Kiosk) -> anyhow::Result<()> {
    kiosk.see("confirm")?;
    kiosk.press("Swap")?;
    kiosk.see("done")
}

/// How many tasks wait in a kiosk's outbox.
pub(crate) fn rows(store: &PathBuf) -> anyhow::Result<i64> {
    let db =
        rusqlite::Connection::open_with_flags(store, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.busy_timeout(Duration::from_secs(5))?;
    Ok(db.query_row("select count(*) from outbox", [], |row| row.get(0))?)
}

pub(crate) fn report(line: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
}

/// Kills broker, worker and Postgres, one at a time, until everybody is done or thirty have been killed;
/// says when each was hit, and returns how often.
fn kill_around(
    world: &mut World,
    chance: &mut Chance,
    all_hit: &AtomicBool,
    is_over: impl Fn() -> bool,
) -> anyhow::Result<[u32; 3]> {
    let mut n_kills = [0; 3];
    while !is_over() && n_kills.iter().sum::<u32>() < 30 {
        chance.rest(Duration::from_millis(2500));
        // Each is hit once before chance decides.
        let n_done = n_kills.iter().sum::<u32>() as usize;
        let victim = if n_done < 3 { n_done } else { chance.below(3) as usize };
        n_kills[victim] += 1;
        match victim {
            0 => world.kill_broker(),
            1 => world.kill_worker(),
            _ => world.postgres.kill()?,
        }
        chance.rest(Duration::from_millis(1000));
        match victim {
            0 => world.start_broker()?,
            1 => world.start_worker()?,
            _ => world.postgres.restart()?,
        }
        all_hit.store(n_kills.iter().all(|it| *it > 0), Ordering::Relaxed);
    }
    let [broker, worker, postgres] = n_kills;
    report(&format!("killed: broker {broker}, worker {worker}, Postgres {postgres}"));
    Ok(n_kills)
}

#[test]
fn every_exchange_is_in_the_cloud_once_whatever_dies() -> anyhow::Result<()> {
    kill_whatever(Make::Tapcard, 100)
}

/// Each of two kiosks confirms so many exchanges.
pub(crate) fn kill_whatever(make: Make, n_exchanges: usize) -> anyhow::Result<()> {
    let (mut chance, seed) = Chance::from_environment()?;
    report(&format!("TAPCARD_SEED={seed}"));
    let mut world = World::start_on(make)?;
    let ada = world.account(ADA, None)?;
    let radio = Radio::quick(&world.path(""), &["A", "B"])?;
    let all_hit = Arc::new(AtomicBool::new(false));
    let kiosks = ["A", "B"].map(|chip| {
        let plan = world.kiosk_plan(ada, &radio, chip)?;
        let (field, own_chance) = (radio.field(), chance.fork(chip.as_bytes()[0].into()));
        let all_hit = Arc::clone(&all_hit);
        Ok(thread::spawn(move || collect(&plan, &field, chip, n_exchanges, &all_hit, own_chance)))
    });
    let kiosks: Vec<_> = kiosks.into_iter().collect::<anyhow::Result<_>>()?;

    let killed = kill_around(&mut world, &mut chance, &all_hit, || {
        kiosks.iter().all(JoinHandle::is_finished)
    });
    all_hit.store(true, Ordering::Relaxed);
    let n_kills = killed?;

    let mut done = Vec::new();
    for kiosk in kiosks {
        done.extend(kiosk.join().map_err(|_| anyhow::anyhow!("a kiosk's thread panicked"))??);
    }
    assert!(n_kills.iter().all(|it| *it > 0), "somebody was never killed: {n_kills:?}");
    assert!(done.len() >= 2 * n_exchanges, "only {} were done", done.len());
    let mut db = world.postgres.client()?;
    wait("the cloud's empty outbox", PATIENCE, || {
        let rows: i64 = db.query_one("select count(*) from outbox", &[])?.get(0);
        Ok((rows == 0).then_some(()))
    })?;
    let twice =
        db.query("select partner from exchange group by partner having count(*) > 1", &[])?;
    assert_eq!(twice.len(), 0, "an exchange was doubled");
    let missing = db.query(
        "select number, exists (select from exchange where partner = number),
             exists (select from identifier where identifier = number)
         from unnest($1::text[]) as done (number)
         where not exists (select from exchange where partner = number)
             or not exists (select from contact c join identifier i on i.account_id = c.owner_id where identifier = number)",
        &[&done],
    )?;
    let missing: Vec<(String, bool, bool)> =
        missing.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    assert!(missing.is_empty(), "lost (number, has an exchange, has an account): {missing:?}");
    Ok(())
}
