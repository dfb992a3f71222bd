//! The holder's own words, taking contacts out, and how owners end what they gave.

use anyhow::Context;
use jiff::Timestamp;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{
    CheckBook, ContactAdd, ContactDelete, ContactUpdate, Counts, Direction, Down, Ended, Introduce,
    Link, LinkState, LinkVerb, Notice, Outcome, Refusal, Remarks, Settled, Sync, Task, TaskId,
    Undo, Withdraw, up,
};
use tapcard_protocol::{AccountId, Card, Edition, Identifier};
use tapcard_tests::World;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};
use tapcard_tests::phone::Phone;

use crate::cloud::{again, linked};

/// How long news may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Ada and Bo with their cards, each with a phone.
struct Pair {
    world: World,
    ada: AccountId,
    bo: AccountId,
    a: Phone,
    b: Phone,
}

impl Pair {
    fn start() -> anyhow::Result<Pair> {
        let world = World::start()?;
        let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
        let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
        let (a, b) = (world.phone(ada)?, world.phone(bo)?);
        Ok(Pair { world, ada, bo, a, b })
    }

    /// Both phones name the other.
    fn meet(&mut self) -> anyhow::Result<()> {
        linked(&self.a.ask(&touch(BO, "Bo", "t1")?)?)?;
        linked(&self.b.ask(&touch(ADA, "Ada", "t1")?)?)?;
        Ok(())
    }
}

fn remarks(note: &str) -> Remarks {
    Remarks { note: note.to_owned(), tags: vec!["buyer".to_owned()], rating: 4 }
}

fn update(owner: AccountId, it: &Remarks) -> Task {
    Task::ContactUpdate(Box::new(ContactUpdate {
        owner,
        note: Some(it.note.clone()),
        tags: Some(it.tags.clone()),
        rating: Some(it.rating),
        card: None,
    }))
}

/// Waits until a phone's book is as wanted.
fn until(phone: &mut Phone, what: &str, is: impl Fn(&Phone) -> bool) -> anyhow::Result<()> {
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

#[test]
fn a_check_of_the_book_says_whom_the_card_reaches_and_what_follows_no_more() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    pair.meet()?;
    let check = |phone: &mut Phone| match phone.ask(&Task::CheckBook(CheckBook {}))? {
        Outcome::Done { result: Some(Settled::Checked { counts, following, ended }) } => {
            anyhow::Ok((counts, following, ended))
        }
        other => anyhow::bail!("the receipt says {other:?}"),
    };
    let one = Counts { active: 1, ..Counts::default() };
    assert_eq!(check(&mut pair.a)?, (one, 1, vec![]));
    // A number that Ada has only read, and whose account is closed: nothing is told of it.
    let cy = linked(&pair.a.ask(&touch(CY, "Cy", "t9")?)?)?.0;
    pair.world.operate(&["account", "cancel", &cy.to_string(), "--now"])?;
    assert_eq!(check(&mut pair.a)?, (one, 1, vec![]));

    pair.world.operate(&["account", "cancel", &pair.bo.to_string(), "--now"])?;
    let (counts, following, ended) = check(&mut pair.a)?;
    assert_eq!((counts, following), (Counts::default(), 0));
    assert_eq!(ended, [(pair.bo, Ended::Cancelled)]);
    Ok(())
}

#[test]
fn who_has_ended_a_link_is_not_known_to_close_the_account() -> anyhow::Result<()> {
    let mut pair = Pair::start()?;
    pair.meet()?;
    pair.b.ask(&Task::Withdraw(Withdraw::Partner(pair.ada)))?;
    let ended = |phone: &mut Phone| match phone.ask(&Task::CheckBook(CheckBook {}))? {
        Outcome::Done { result: Some(Settled::Checked { ended, .. }) } => anyhow::Ok(ended),
        other => anyhow::bail!("the receipt says {other:?}"),
    };
    assert_eq!(ended(&mut pair.a)?, [(pair.bo, Ended::Withdrawn)]);
    pair.world.operate(&["account", "cancel", &pair.bo.to_string(), "--now"])?;
    assert_eq!(ended(&mut pair.a)?, [(pair.bo, Ended::Withdrawn)]);
    Ok(())
}

#[test]
fn a_terminal_that_comes_back_hears_what_is_ahead_and_what_it_should_run() -> anyhow::Result<()> {
    let pair = Pair::start()?;
    let offer = ["client", "offer", "--kind", "phone", "--version", "9.0.0", "--url"];
    let refused = pair.world.operate(&[&offer[..], &["http://cards.example.org"]].concat());
    assert!(format!("{:#}", refused.unwrap_err()).contains("must begin with https://"));
    pair.world.operate(&[&offer[..], &["https://cards.example.org/"]].concat())?;
    assert!(pair.world.operate(&["client", "list"])?.contains("phone\t9.0.0\thttps://cards"));
    pair.world.operate(&["account", "cancel", &pair.ada.to_string()])?;

    let mut back = pair.world.phone(pair.ada)?;
    let ask = |phone: &mut Phone, client: &str| {
        let client = client.to_owned();
        phone.send(&Task::Sync(Sync { client, ..Sync::default() }))
    };
    ask(&mut back, "tapcard-page 0.1.0 browser")?;
    let mut closes = false;
    let version = back.until("what it should run", PATIENCE, |_, it| match it {
        Down::Notice(Notice::AccountState { closes: Some(_), .. }) => {
            closes = true;
            None
        }
        Down::Notice(Notice::ClientOffer { version, .. }) => Some(version.clone()),
        _ => None,
    })?;
    assert!(closes && version == "9.0.0");
    let devices = pair.world.postgres.client()?.query("select client from terminal", &[])?;
    assert!(devices.iter().any(|it| it.get::<_, &str>(0) == "tapcard-page 0.1.0 browser"));
    // Who runs it already is offered nothing; the answer to a later question comes first.
    pair.world.operate(&["account", "keep", &pair.ada.to_string()])?;
    for _ in 0..2 {
        ask(&mut back, "tapcard-page 9.0.0 browser")?;
        let is_answer = |it: &Down| matches!(it, Down::Receipt(it) if matches!(&it.outcome, Outcome::Done { result: Some(Settled::Page(_)) }));
        let heard = back.until("an answer", PATIENCE, |_, it| match it {
            Down::Notice(Notice::ClientOffer { .. }) => Some(false),
            it => is_answer(it).then_some(true),
        })?;
        assert!(heard, "a version is offered that runs already");
    }
    pair.world.operate(&["client", "withdraw", "--kind", "phone"])?;
    assert!(pair.world.operate(&["client", "withdraw", "--kind", "phone"]).is_err());
    Ok(())
}

#[test]
fn a_touch_is_taken_back_with_what_it_alone_has_made() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
    let (mut kiosk, mut phone) = (world.bare_kiosk(ada)?, world.phone(ada)?);
    let mut his = world.phone(bo)?;
    let undo = |kiosk: &mut Phone, task: TaskId| {
        let outcome = kiosk.ask(&Task::Undo(Undo { task }))?;
        anyhow::ensure!(outcome == Outcome::Done { result: None }, "{outcome:?}");
        Ok(())
    };
    let meet = |kiosk: &mut Phone, id: TaskId, name: &str| {
        let task = touch(BO, "Bo", name)?;
        kiosk.ask_raw(id, &up(id, kiosk.terminal, Timestamp::now(), &task))
    };
    let (first, second) = (TaskId { epoch: 9, seq: 1 }, TaskId { epoch: 9, seq: 2 });
    linked(&meet(&mut kiosk, first, "t1")?)?;
    his.offer(ada)?;
    phone.card_of(bo, Edition(0))?;
    // Of two touches one is taken back: what the other made stays.
    linked(&meet(&mut kiosk, second, "t2")?)?;
    undo(&mut kiosk, second)?;
    phone.sync()?;
    assert!(phone.book.contains_key(&bo));
    undo(&mut kiosk, first)?;
    undo(&mut kiosk, first)?;
    phone.sync()?;
    assert!(phone.book.is_empty(), "{:?}", phone.book.len());
    assert_eq!(his.sync()?, [], "the offer stands");
    // One whose message was lost comes later, and takes no effect any more.
    let lost = TaskId { epoch: 9, seq: 3 };
    undo(&mut kiosk, lost)?;
    let late = meet(&mut kiosk, lost, "t3")?;
    assert!(matches!(late, Outcome::Refused { reason: Refusal::Undone, .. }), "{late:?}");
    let mut db = world.postgres.client()?;
    let left: i64 = db.query_one("select count(*) from exchange", &[])?.get(0);
    assert_eq!(left, 0);
    // Nobody takes back what another terminal did.
    let mine = TaskId { epoch: 9, seq: 4 };
    linked(&meet(&mut kiosk, mine, "t4")?)?;
    undo(&mut phone, mine)?;
    let left: i64 = db.query_one("select count(*) from exchange", &[])?.get(0);
    assert_eq!(left, 1);
    Ok(())
}
