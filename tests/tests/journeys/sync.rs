//! Nothing missed: a phone that was away has everything when it is back.

use anyhow::Context;
use jiff::Timestamp;
use tapcard_protocol::message::{CardUpdate, Outcome, Refusal, Sync, Task, TaskId, up};
use tapcard_protocol::touch::TouchKey;
use tapcard_protocol::{Card, Edition};
use tapcard_tests::World;
use tapcard_tests::broker::Make;
use tapcard_tests::people::{ADA, BO, CY, touch};

#[test]
fn a_phone_that_was_away_has_all_fifty_changes_though_the_broker_lost_everything()
-> anyhow::Result<()> {
    be_away(Make::Tapcard, 50)
}

/// Ada's phone is away while so many partners change their cards and the broker is killed twice.
pub(crate) fn be_away(make: Make, n_partners: usize) -> anyhow::Result<()> {
    let mut world = World::start_on(make)?;
    let ada = world.account(ADA, None)?;
    let mut phone = world.phone(ada)?;
    let mut partners = Vec::new();
    for number in 0..n_partners {
        let partner = world.account(&format!("+4917139201{number:02}"), None)?;
        let mut its_phone = world.phone(partner)?;
        its_phone.update_card(Edition(0), Card::named(&format!("Partner {number}")))?;
        its_phone.ask(&touch(ADA, "Ada", &format!("t{number}"))?)?;
        phone.offer(partner)?;
        phone.accept(partner)?;
        phone.card_of(partner, Edition(1))?;
        partners.push(its_phone);
    }

    phone.leave()?;
    for (number, partner) in partners.iter_mut().enumerate() {
        // Half of them before the broker loses everything, half after it.
        if number == n_partners / 2 {
            world.kill_broker();
            world.start_broker()?;
        }
        if number >= n_partners / 2 {
            *partner = world.reconnect(partner)?;
        }
        partner.update_card(Edition(1), Card::named(&format!("Partner {number}, moved")))?;
    }
    world.kill_broker();
    world.start_broker()?;

    let mut phone = world.reconnect(&phone)?;
    phone.sync()?;
    for (number, partner) in partners.iter().enumerate() {
        let (edition, card) = &phone.book[&partner.account];
        assert_eq!((*edition, card.name()), (Edition(2), format!("Partner {number}, moved")));
    }
    assert_eq!(phone.book.len(), n_partners);
    Ok(())
}

#[test]
fn a_kiosk_gets_a_key_for_its_touches_each_day_and_a_phone_none() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, None)?;
    assert_eq!(world.phone(ada)?.page(&Sync::default())?.touch_key, None);

    let mut kiosk = world.bare_kiosk(ada)?;
    let mut key = || -> anyhow::Result<TouchKey> {
        kiosk.page(&Sync::default())?.touch_key.context("a kiosk without a key")
    };
    let first = key()?;
    assert_eq!(key()?, first, "a key is good for a day");
    let mut db = world.postgres.client()?;
    db.execute("update touch_key set made_at = made_at - interval '1 day'", &[])?;
    let second = key()?;
    assert_eq!(second.epoch, first.epoch + 1);
    assert_ne!(second.key, first.key);

    // Long after, no token of the old keys can still be good.
    db.execute("update touch_key set epoch = 65535 where epoch = 1", &[])?;
    db.execute("update touch_key set made_at = made_at - interval '9 days'", &[])?;
    assert_eq!(key()?.epoch, 0, "epochs begin anew");
    assert_eq!(db.query_one("select count(*) from touch_key", &[])?.get::<_, i64>(0), 1);

    let other = world.bare_kiosk(ada)?.page(&Sync::default())?.touch_key;
    assert_ne!(other.context("a kiosk without a key")?.key, first.key);
    Ok(())
}

#[test]
fn outcomes_are_forgotten_once_their_receipts_are_there_and_take_no_effect_again()
-> anyhow::Result<()> {
    let world = World::start()?;
    let mut phone = world.phone(world.account(ADA, None)?)?;
    let update =
        |base| Task::CardUpdate(CardUpdate { base, card: Card::named("Ada"), notify: true });
    let tasks = [touch(BO, "Bo", "first")?, update(Edition(0)), touch(CY, "Cy", "second")?];
    for task in &tasks {
        assert!(matches!(phone.ask(task)?, Outcome::Done { .. }));
    }
    let mut db = world.postgres.client()?;
    let mut remembered =
        || -> anyhow::Result<i64> { Ok(db.query_one("select count(*) from outcome", &[])?.get(0)) };
    assert_eq!(remembered()?, 3);
    phone.page(&Sync { receipted: 2, ..Sync::default() })?;
    assert_eq!(remembered()?, 1);

    let epoch = phone.terminal.as_u64();
    let mut again = |seq: u64, task: &Task| {
        let id = TaskId { epoch, seq };
        let payload = up(id, phone.terminal, Timestamp::now(), task);
        phone.ask_raw(id, &payload)
    };
    for (seq, task) in [(1, &touch(BO, "Bo", "third")?), (2, &update(Edition(1)))] {
        let refused = again(seq, task)?;
        let Outcome::Refused { reason, .. } = refused else { anyhow::bail!("{seq}: {refused:?}") };
        assert_eq!(reason, Refusal::AlreadyReceipted, "{seq}");
    }
    assert!(matches!(again(3, &tasks[2])?, Outcome::Done { .. }), "its outcome was forgotten");
    let row = world.postgres.client()?.query_one(
        "select (select count(*) from exchange), (select max(edition) from account)",
        &[],
    )?;
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i32>(1)), (2, 1));
    Ok(())
}
