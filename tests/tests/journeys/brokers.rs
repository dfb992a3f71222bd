//! Brokers that nobody here wrote, in place of ours. The journeys are those of the other files; kiosk, worker and page
//! are told nothing but a URL and a password. `cluster.rs` does the same
//! to NATS while its nodes die.

use std::time::Duration;

use jiff::Timestamp;
use tapcard_protocol::message::{Down, Outcome, Receipt, TaskId, down, up};
use tapcard_protocol::topic::Topic;
use tapcard_tests::World;
use tapcard_tests::broker::Make;
use tapcard_tests::cast::Cast;
use tapcard_tests::people::{ADA, BO, CY, touch};

use crate::cloud::linked;
use crate::kills::kill_whatever;
use crate::links::follow_an_accepted_offer;
use crate::sync::be_away;

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn an_accepted_offer_is_followed_over_mosquitto() -> anyhow::Result<()> {
    follow_an_accepted_offer(Make::Mosquitto)
}

#[test]
fn an_accepted_offer_is_followed_over_nats() -> anyhow::Result<()> {
    follow_an_accepted_offer(Make::Nats)
}

#[test]
fn a_phone_that_was_away_has_all_changes_over_mosquitto() -> anyhow::Result<()> {
    be_away(Make::Mosquitto, 10)
}

#[test]
fn every_exchange_is_in_the_cloud_once_over_mosquitto() -> anyhow::Result<()> {
    kill_whatever(Make::Mosquitto, 10)
}

#[test]
fn kiosk_and_pages_meet_over_mosquitto() -> anyhow::Result<()> {
    meet(Make::Mosquitto)
}

#[test]
fn kiosk_and_pages_meet_over_nats() -> anyhow::Result<()> {
    meet(Make::Nats)
}

/// A swap at the kiosk, an offer accepted on a page, an edit at each of both.
fn meet(make: Make) -> anyhow::Result<()> {
    let mut cast = Cast::gather_on(make)?;
    cast.swap("ios.vcf")?;
    cast.kiosk.see_text("Kept in the cloud too")?;
    cast.browser.see("B", "Ada Lindqvist")?;
    cast.browser.press("B", "Accept")?;
    cast.browser.see("B", "Halden Instruments")?;
    cast.kiosk.see("attract")?;
    cast.edit_on_kiosk("Managing Director")?;
    cast.browser.see("B", "Managing Director")?;
    cast.edit_on_page("Head of Procurement")?;
    cast.kiosk.see_text("Head of Procurement")?;
    cast.browser.see("A", "Head of Procurement")
}

#[test]
fn mosquitto_keeps_terminals_apart() -> anyhow::Result<()> {
    keep_apart(Make::Mosquitto)
}

#[test]
fn nats_keeps_terminals_apart() -> anyhow::Result<()> {
    keep_apart(Make::Nats)
}

/// Ada's phone hears nothing of Bo's and speaks as nobody else. Whether it is told that it may not is up to the broker:
/// Mosquitto grants any subscription and delivers nothing, both acknowledge what they throw away.
fn keep_apart(make: Make) -> anyhow::Result<()> {
    let world = World::start_on(make)?;
    let (ada, bo) = (world.account(ADA, None)?, world.account(BO, None)?);
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
    // Until a worker listens, messages are lost; from here on each is sent once.
    linked(&a.ask(&touch(CY, "Cy", "first, Ada")?)?)?;
    linked(&b.ask(&touch(CY, "Cy", "first, Bo")?)?)?;
    for filter in [
        Topic::Notice(bo).to_string(),
        Topic::Terminal(b.terminal).to_string(),
        "tapcard/v1/terminal/+".to_owned(),
        "#".to_owned(),
    ] {
        let granted = a.subscribe(&filter)?;
        assert!(!granted || make == Make::Mosquitto, "{filter} was granted");
    }
    let payload =
        up(TaskId { epoch: 1, seq: 3 }, b.terminal, Timestamp::now(), &touch(CY, "Cy", "forged")?);
    a.publish(&Topic::Task(b.terminal).to_string(), payload)?;
    let forged =
        Receipt { task: TaskId { epoch: 1, seq: 4 }, outcome: Outcome::Done { result: None } };
    let payload = down(Timestamp::now(), &Down::Receipt(forged));
    a.publish(&Topic::Terminal(b.terminal).to_string(), payload)?;

    // Each one's own receipt comes after everything that got through.
    for (phone, name) in [(&mut b, "honest, Bo"), (&mut a, "honest, Ada")] {
        let own = phone.terminal.as_u64();
        phone.send(&touch(CY, "Cy", name)?)?;
        phone.until("a receipt", PATIENCE, |_, it| match it {
            Down::Receipt(it) => {
                assert_eq!(it.task.epoch, own, "somebody else's receipt came");
                (it.task.seq == 2).then_some(())
            }
            Down::Notice(_) => None,
        })?;
    }
    let touches = "select touch from exchange order by touch";
    let touches = world.postgres.client()?.query(touches, &[])?;
    let touches: Vec<String> = touches.iter().map(|it| it.get(0)).collect();
    assert_eq!(touches, ["first, Ada", "first, Bo", "honest, Ada", "honest, Bo"]);
    Ok(())
}
