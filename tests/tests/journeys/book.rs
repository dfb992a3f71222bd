//! The holder's own words, taking contacts out, and how owners end what they gave.

use anyhow::Context;
use jiff::Timestamp;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{
    ContactAdd, ContactDelete, ContactUpdate, Direction, Down, Introduce, Link, LinkState,
    LinkVerb, Outcome, Refusal, Remarks, Settled, Task, Withdraw,
};
use tapcard_protocol::{AccountId, Card, Edition, Identifier};
use tapcard_tests::World;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};
use tapcard_tests::phone::Phone;

use crate::cloud::{again, linked};

/// How long news may take.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Ada and Bo with their cards, each with a phone.
pub(crate) struct Pair {
    pub(crate) world: World,
    pub(crate) ada: AccountId,
    pub(crate) bo: AccountId,
    pub(crate) a: Phone,
    pub(crate) b: Phone,
}

impl Pair {
    pub(crate) fn start() -> anyhow::Result<Pair> {
        let world = World::start()?;
        let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
        let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
        let (a, b) = (world.phone(ada)?, world.phone(bo)?);
        Ok(Pair { world, ada, bo, a, b })
    }

    /// Both phones name the other.
    pub(crate) fn meet(&mut self) -> anyhow::Result<()> {
        linked(&self.a.ask(&touch(BO, "Bo", "t1")?)?)?;
        linked(&self.b.ask(&touch(ADA, "Ada", "t1")?)?)?;
        Ok(())
    }
}

pub(crate) fn remarks(note: &str) -> Remarks {
    Remarks { note: note.to_owned(), tags: vec!["buyer".to_owned()], rating: 4 }
}

pub(crate) fn update(owner: AccountId, it: &Remarks) -> Task {
    Task::ContactUpdate(Box::new(ContactUpdate {
        owner,
        note: Some(it.note.clone()),
        tags: Some(it.tags.clone()),
        rating: Some(it.rating),
        card: None,
    }))
}

/// Waits until a phone's book is as wanted.
pub(crate) fn until(
    phone: &mut Phone,
    what: &str,
    is: impl Fn(&Phone) -> bool,
) -> anyhow::Result<()> {
    if is(phone) {
        return Ok(());
    }
    phone.until(what, PATIENCE, |phone, _: &Down| is(phone).then_some(()))
}

#[test]
fn two_who_name_each_other_follow_each_other() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    assert_eq!(linked(&pair.a.ask(&touch(BO, "Bo", "t1")?)?)?.1, LinkState::Offered);
    assert_eq!(linked(&pair.b.ask(&touch(ADA, "Ada", "t1")?)?)?.1, LinkState::Live);
    pair.a.card_of(pair.bo, Edition(1))?;
    pair.b.card_of(pair.ada, Edition(1))?;
    let open: i64 =
        pair.world.postgres.client()?.query_one("select count(*) from offer", &[])?.get(0);
    assert_eq!(open, 0, "nobody is asked for what both have shown");
    Ok(())
}

#[test]
fn two_who_speak_at_the_same_moment_follow_each_other() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    // Held until both have been sent: in two batches neither sees what the other wrote, in one they are written together.
    let mut db = pair.world.postgres.client()?;
    let mut gate = db.transaction()?;
    gate.batch_execute("lock table outcome in access exclusive mode")?;
    pair.a.send(&touch(BO, "Bo", "t1")?)?;
    pair.b.send(&touch(ADA, "Ada", "t1")?)?;
    let mut watch = pair.world.postgres.client()?;
    wait("a batch", PATIENCE, || {
        let waiting =
            "select count(*) from pg_locks where relation = 'outcome'::regclass and not granted";
        Ok((watch.query_one(waiting, &[])?.get::<_, i64>(0) >= 1).then_some(()))
    })?;
    gate.rollback()?;
    pair.a.card_of(pair.bo, Edition(1))?;
    pair.b.card_of(pair.ada, Edition(1))?;
    let open: i64 = db.query_one("select count(*) from offer", &[])?.get(0);
    assert_eq!(open, 0);
    Ok(())
}

#[test]
fn naming_somebody_takes_no_more_than_was_offered() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    pair.a.ask(&again(None, "", Direction::Received, "t1")?)?;
    let Task::Exchange(mut it) = touch(ADA, "Ada", "t2")? else { anyhow::bail!("no exchange") };
    it.direction = Direction::Received;
    assert_eq!(linked(&pair.b.ask(&Task::Exchange(it))?)?.1, LinkState::Offered);
    let mut db = pair.world.postgres.client()?;
    let live: i64 = db.query_one("select count(*) from contact where link = 'live'", &[])?.get(0);
    assert_eq!(live, 0, "both took, nobody gave");
    Ok(())
}

#[test]
fn words_about_a_contact_follow_to_the_other_phone() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    let mut other = pair.world.phone(pair.ada)?;
    let mut away = pair.world.phone(pair.ada)?;
    pair.meet()?;
    away.sync()?;
    away.leave()?;
    let wanted = remarks("wants 500 units");
    assert_eq!(linked(&pair.a.ask(&update(pair.bo, &wanted))?)?, (pair.bo, LinkState::Live));
    until(&mut other, "the words", |it| it.remarks.get(&pair.bo) == Some(&wanted))?;

    let mut away = pair.world.reconnect(&away)?;
    away.sync()?;
    assert_eq!(away.remarks.get(&pair.bo), Some(&wanted));
    // Bo learns nothing of it.
    pair.b.sync()?;
    assert!(pair.b.remarks.values().all(|it| it.note.is_empty()), "{:?}", pair.b.remarks);
    Ok(())
}

#[test]
fn a_contact_that_was_taken_out_stays_out_until_they_meet_again() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    let mut other = pair.world.phone(pair.ada)?;
    pair.meet()?;
    other.card_of(pair.bo, Edition(1))?;
    let mut away = pair.world.phone(pair.ada)?;
    away.sync()?;
    away.leave()?;
    pair.a.ask(&update(pair.bo, &remarks("private")))?;
    pair.a.ask(&Task::ContactDelete(ContactDelete { owner: pair.bo }))?;
    until(&mut other, "the end", |it| !it.book.contains_key(&pair.bo))?;
    pair.b.update_card(Edition(1), Card::named("Bo Elsewhere"))?;

    let mut away = pair.world.reconnect(&away)?;
    away.sync()?;
    assert_eq!(away.book.get(&pair.bo), None);
    let row = pair.world.postgres.client()?.query_one(
        "select snapshot is null and note = '' and tags = '{}' and link = 'none' from contact where account_id = $1",
        &[&pair.ada.as_i64()],
    )?;
    assert!(row.get::<_, bool>(0), "something of it was kept");
    let again = pair.a.ask(&Task::ContactDelete(ContactDelete { owner: pair.bo }))?;
    assert!(matches!(again, Outcome::Refused { reason: Refusal::NoContact, .. }), "{again:?}");

    linked(&pair.a.ask(&touch(BO, "Bo", "t9")?)?)?;
    until(&mut other, "the card", |it| it.book.contains_key(&pair.bo))
}

#[test]
fn a_typed_contact_gives_no_right_to_anything() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    let partner = Some(Identifier::phone(BO, None)?);
    let add =
        ContactAdd { partner, card: Card::named("Bo, typed"), note: "met on the train".into() };
    let outcome = pair.a.ask(&Task::ContactAdd(Box::new(add)))?;
    assert_eq!(linked(&outcome)?, (pair.bo, LinkState::None));
    pair.a.sync()?;
    let (edition, card) = pair.a.book.get(&pair.bo).context("no contact")?;
    assert_eq!((*edition, card.name()), (Edition(0), "Bo, typed".to_owned()));
    assert_eq!(pair.a.remarks[&pair.bo].note, "met on the train");
    assert!(pair.b.sync()?.is_empty(), "Bo was offered something");
    Ok(())
}

#[test]
fn who_withdraws_is_followed_no_more() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    pair.meet()?;
    pair.b.card_of(pair.ada, Edition(1))?;
    let mut away = pair.world.phone(pair.bo)?;
    away.sync()?;
    away.leave()?;
    let outcome = pair.a.ask(&Task::Withdraw(Withdraw::Partner(pair.bo)))?;
    assert_eq!(outcome, Outcome::Done { result: Some(Settled::Withdrawn { partners: 1 }) });
    // What Bo's own phone read is Bo's.
    let read = |it: &Phone| it.book.get(&pair.ada).is_some_and(|it| it.0 == Edition(0));
    until(&mut pair.b, "what was read", read)?;
    pair.a.update_card(Edition(1), Card::named("Ada Elsewhere"))?;
    let mut away = pair.world.reconnect(&away)?;
    for phone in [&mut pair.b, &mut away] {
        phone.sync()?;
        let (edition, card) = phone.book.get(&pair.ada).context("the contact is gone")?;
        assert_eq!((*edition, card.name()), (Edition(0), "Ada".to_owned()));
    }
    Ok(())
}

#[test]
fn all_of_a_place_are_withdrawn_from_at_once() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    pair.meet()?;
    let outcome = pair.a.ask(&Task::Withdraw(Withdraw::Place("elsewhere".to_owned())))?;
    assert_eq!(outcome, Outcome::Done { result: Some(Settled::Withdrawn { partners: 0 }) });
    let Task::Exchange(it) = touch(BO, "Bo", "t1")? else { anyhow::bail!("no exchange") };
    let outcome = pair.a.ask(&Task::Withdraw(Withdraw::Place(it.place)))?;
    assert_eq!(outcome, Outcome::Done { result: Some(Settled::Withdrawn { partners: 1 }) });
    Ok(())
}

#[test]
fn who_is_blocked_hears_nothing_and_cannot_tell() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    pair.meet()?;
    pair.b.card_of(pair.ada, Edition(1))?;
    let block = Link { owner: pair.bo, verb: LinkVerb::Block, gives: false, takes: false };
    linked(&pair.a.ask(&Task::Link(block))?)?;
    until(&mut pair.b, "the end", |it| it.book.get(&pair.ada).is_none_or(|it| it.0 == Edition(0)))?;
    // The answer is the same as to anybody who was not asked before.
    assert_eq!(linked(&pair.b.ask(&touch(ADA, "Ada", "t2")?)?)?.1, LinkState::Offered);
    assert!(pair.a.sync()?.is_empty(), "a blocked account's offer came through");
    pair.a.ask(&touch(BO, "Bo", "t2")?)?;
    assert!(pair.b.sync()?.is_empty());

    linked(&pair.a.ask(&Task::Link(Link { verb: LinkVerb::Unblock, ..block }))?)?;
    pair.b.ask(&touch(ADA, "Ada", "t3")?)?;
    assert_eq!(pair.a.sync()?.len(), 1);
    Ok(())
}

#[test]
fn an_organiser_introduces_two_visitors_and_gets_nothing() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    let organiser = pair.world.account(CY, None)?;
    let mut kiosk = pair.world.bare_terminal(organiser, Kind::OrganiserKiosk)?;
    let introduce = Introduce {
        one: Identifier::phone(ADA, None)?,
        other: Identifier::phone(BO, None)?,
        touch: "swap".to_owned(),
        at: Timestamp::now(),
        clock_synced: true,
        place: "Hall 1".to_owned(),
    };
    assert_eq!(kiosk.ask(&Task::Introduce(introduce.clone()))?, Outcome::Done { result: None });
    pair.a.accept(pair.bo)?;
    pair.b.card_of(pair.ada, Edition(1))?;
    pair.a.card_of(pair.bo, Edition(1))?;
    assert_eq!(kiosk.page(&tapcard_protocol::message::Sync::default())?.cards.len(), 0);
    let mut db = pair.world.postgres.client()?;
    let logged = db.query("select account_id from exchange order by account_id", &[])?;
    let mut both = [pair.ada.as_i64(), pair.bo.as_i64()];
    both.sort_unstable();
    assert_eq!(logged.iter().map(|it| it.get::<_, i64>(0)).collect::<Vec<_>>(), both);
    let refused = pair.a.ask(&Task::Introduce(introduce))?;
    assert!(matches!(refused, Outcome::Refused { reason: Refusal::Forbidden, .. }), "{refused:?}");
    Ok(())
}

#[test]
fn a_kiosk_writes_about_those_it_met_and_nobody_else() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    pair.meet()?;
    let mut kiosk = pair.world.bare_kiosk(pair.ada)?;
    let asked = update(pair.bo, &remarks("from the booth"));
    let outcome = kiosk.ask(&asked)?;
    assert!(matches!(outcome, Outcome::Refused { reason: Refusal::NoContact, .. }), "{outcome:?}");
    let outcome = kiosk.ask(&Task::Withdraw(Withdraw::Partner(pair.bo)))?;
    assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    linked(&kiosk.ask(&touch(BO, "Bo", "t5")?)?)?;
    linked(&kiosk.ask(&asked)?)?;
    Ok(())
}
