//! How an address book stands, and what is taken back.

use jiff::Timestamp;
use tapcard_protocol::Edition;
use tapcard_protocol::message::{
    CheckBook, Counts, Down, Ended, Notice, Outcome, Refusal, Settled, Sync, Task, TaskId, Undo,
    Withdraw, up,
};
use tapcard_tests::World;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};
use tapcard_tests::phone::Phone;

use crate::book::{PATIENCE, Pair};
use crate::cloud::linked;

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
