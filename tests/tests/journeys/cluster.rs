//! A cluster of brokers loses a node, the worker's or the kiosk's, while people meet and edit; then worker and kiosk are
//! killed as well. Nothing is lost, nothing is doubled, and every holder has the newest card, those that were away
//! included.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use rusqlite::OpenFlags;
use tapcard_protocol::message::{CardUpdate, Outcome, Settled, Task, TaskId, up};
use tapcard_protocol::{AccountId, Card, Edition};
use tapcard_tests::World;
use tapcard_tests::broker::Make;
use tapcard_tests::kiosk::{Kiosk, KioskPlan};
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, card, card_file, touch};
use tapcard_tests::phone::Phone;
use tapcard_tests::radio::{Field, Radio};
use tapcard_tests::world::{KIOSK_NODE, WORKER_NODE};

use crate::kills::{rows, swap};

/// Visitors of the kiosk; after each of them Bo changes his card.
const VISITORS: usize = 24;
/// After which visitor the node dies, for good.
const NODE_DIES: usize = 5;
/// After which the worker is killed and started again.
const WORKER_DIES: usize = 12;
/// After which the kiosk is killed and started again.
const KIOSK_DIES: usize = 17;
/// The node that nobody kills.
const QUIET_NODE: usize = 2;
/// How long until everything is where it belongs: a task is sent again after 10 s, 20 s, 40 s.
const PATIENCE: Duration = Duration::from_secs(120);
/// The chip under the kiosk's antenna.
const CHIP: &str = "K";

#[test]
fn a_cluster_that_loses_the_workers_node_loses_and_doubles_nothing() -> anyhow::Result<()> {
    lose(WORKER_NODE)
}

#[test]
fn a_cluster_that_loses_the_kiosks_node_loses_and_doubles_nothing() -> anyhow::Result<()> {
    lose(KIOSK_NODE)
}

fn lose(victim: usize) -> anyhow::Result<()> {
    let mut world = World::start_on(Make::Nats)?;
    let (ada, bo) = (
        world.account(ADA, Some(&card_file("ada.vcf")))?,
        world.account(BO, Some(&card_file("ios.vcf")))?,
    );
    let mut editor = world.phone_at(QUIET_NODE, bo)?;
    let mut holders = Vec::new();
    for node in [WORKER_NODE, KIOSK_NODE, QUIET_NODE] {
        let account = world.account(&format!("+4917139203{node:02}"), None)?;
        let mut holder = world.phone_at(node, account)?;
        holder.ask(&touch(BO, "Bo", "holds")?)?;
        editor.offer(account)?;
        editor.accept(account)?;
        holder.card_of(bo, Edition(1))?;
        holders.push(holder);
    }
    let radio = Radio::quick(&world.path(""), &[CHIP])?;
    let plan = world.kiosk_plan(ada, &radio, CHIP)?;
    let mut kiosk = plan.start()?;
    radio.lay(CHIP, &card("ios.vcf")?)?;
    swap(&mut kiosk)?;
    editor.offer(ada)?;
    editor.accept(ada)?;

    let (tell, visits) = channel();
    let field = radio.field();
    let meetings = thread::spawn(move || receive(kiosk, &field, &tell));
    let mut edition = Edition(1);
    for n_visitors in visits {
        match n_visitors {
            NODE_DIES => world.kill_node(victim),
            WORKER_DIES => {
                world.kill_worker();
                world.start_worker()?;
            }
            _ => {}
        }
        edition = edit(&world, &mut editor, edition)
            .with_context(|| format!("the edit after visitor {n_visitors}"))?;
    }
    let (mut kiosk, met) =
        meetings.join().map_err(|_| anyhow::anyhow!("the kiosk's thread panicked"))??;
    assert_eq!(edition, Edition(1 + VISITORS as u32));

    check_exchanges(&world, &plan, &met)
        .with_context(|| format!("the kiosk logged:\n{}", plan.log()))?;
    check_holders(&world, holders, bo, edition)?;
    wait("the newest card on the kiosk", PATIENCE, || {
        Ok((held(&plan.store(), bo)? == edition.0).then_some(()))
    })?;
    // A report may have been lost with a node or a worker; with the next connection comes another.
    kiosk.kill()?;
    let _kiosk = plan.start()?;
    let newest = "select count(*) from delivery where account_id = $1 and edition = $2 and outcome = 'applied'";
    let mut db = world.postgres.client()?;
    wait("the reports of three phones and a kiosk", PATIENCE, || {
        let reports: i64 = db.query_one(newest, &[&bo.as_i64(), &(edition.0 as i32)])?.get(0);
        Ok((reports == 4).then_some(()))
    })
}

/// Visitors swap cards at the kiosk, one after the other; returns the kiosk and their numbers.
fn receive(
    mut kiosk: Kiosk,
    field: &Field,
    tell: &Sender<usize>,
) -> anyhow::Result<(Kiosk, Vec<String>)> {
    let mut met = Vec::new();
    for visitor in 0..VISITORS {
        let number = format!("+4917139205{visitor:02}");
        let card = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Visitor {visitor}\r\nTEL;TYPE=CELL:{number}\r\nEND:VCARD\r\n"
        );
        field.lay(CHIP, card.as_bytes())?;
        swap(&mut kiosk).with_context(|| format!("visitor {visitor}"))?;
        met.push(number);
        if visitor == KIOSK_DIES {
            kiosk.kill()?;
            field.clear(CHIP)?;
            kiosk = kiosk.plan.start()?;
        }
        // Nobody listens any more when an edit has failed, and that says why.
        let _ = tell.send(visitor);
    }
    field.clear(CHIP)?;
    Ok((kiosk, met))
}

/// Changes Bo's card, with one and the same task until its receipt is here, over whatever node lives.
fn edit(world: &World, phone: &mut Phone, base: Edition) -> anyhow::Result<Edition> {
    let next = Edition(base.0 + 1);
    let card = Card::named(&format!("Bo, edition {}", next.0));
    let id = TaskId { epoch: 1, seq: u64::from(next.0) };
    let task = Task::CardUpdate(CardUpdate { base, card, notify: true });
    let payload = up(id, phone.terminal, Timestamp::now(), &task);
    let outcome = wait("the edit's receipt", PATIENCE, || match phone.ask_raw(id, &payload) {
        Ok(outcome) => Ok(Some(outcome)),
        Err(why) => {
            *phone = world.reconnect(phone)?;
            Err(why)
        }
    })?;
    match outcome {
        Outcome::Done { result: Some(Settled::Updated { edition, .. }) } if edition == next => {
            Ok(next)
        }
        other => anyhow::bail!("the edit was answered with {other:?}"),
    }
}

/// Everybody who was shown `done` is in the cloud once, and nobody waits.
fn check_exchanges(world: &World, plan: &KioskPlan, met: &[String]) -> anyhow::Result<()> {
    let store: PathBuf = plan.store();
    wait("the kiosk's empty outbox", PATIENCE, || Ok((rows(&store)? == 0).then_some(())))?;
    let mut db = world.postgres.client()?;
    wait("the cloud's empty outbox", PATIENCE, || {
        let waiting = "select (select count(*) from outbox) + (select count(*) from fanout)";
        Ok((db.query_one(waiting, &[])?.get::<_, i64>(0) == 0).then_some(()))
    })?;
    let once = "select count(*) from unnest($1::text[]) as met (number)
        where (select count(*) from exchange where partner = number) = 1
            and exists (select from contact c join identifier i on i.account_id = c.owner_id where identifier = number)";
    let once: i64 = db.query_one(once, &[&met])?.get(0);
    let all: i64 = db
        .query_one(
            "select count(*) from exchange where terminal_id = $1",
            &[&plan.terminal.as_i64()],
        )?
        .get(0);
    // Bo's badge was the first.
    assert_eq!((met.len(), once, all), (VISITORS, VISITORS as i64, 1 + VISITORS as i64));
    Ok(())
}

/// Who kept a connection has heard the newest card; who lost it comes back and asks.
fn check_holders(
    world: &World,
    holders: Vec<Phone>,
    owner: AccountId,
    edition: Edition,
) -> anyhow::Result<()> {
    for (node, mut holder) in holders.into_iter().enumerate() {
        if node == QUIET_NODE {
            let card =
                holder.card_of(owner, edition).context("the phone that nothing happened to")?;
            assert_eq!(card.name(), format!("Bo, edition {}", edition.0));
        } else {
            // While a node is down, NATS 2.9 refuses a third of all subscriptions after four seconds.
            let mut holder =
                wait("the phone's return", PATIENCE, || world.reconnect(&holder).map(Some))?;
            holder.sync()?;
            assert_eq!(holder.book[&owner].0, edition, "the phone at node {node}");
            // What it has now is reported with the next question.
            holder.sync()?;
        }
    }
    Ok(())
}

/// Which edition of a contact's card a kiosk holds.
fn held(store: &Path, owner: AccountId) -> anyhow::Result<u32> {
    let db = rusqlite::Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.busy_timeout(Duration::from_secs(5))?;
    let text = "select max(link_edition) from contact where owner = ?1";
    Ok(db.query_row(text, [owner.as_i64()], |row| row.get(0))?)
}
