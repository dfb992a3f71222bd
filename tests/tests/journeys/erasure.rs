//! What is left of people who leave: the database is dumped and searched.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{
    Down, Ended, Introduce, LinkState, Notice, Outcome, Refusal, Sync, Task, Withdraw,
};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::touch::{Mode, Surface, TouchToken};
use tapcard_protocol::{AccountId, Identifier};
use tapcard_tests::World;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};
use tapcard_tests::phone::Phone;
use tapcard_tests::visitor::Visitor;

use crate::cloud::linked;

/// How long news may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Ada and Bo follow each other; Cy's terminal has read Ada's badge, and hers Cy's.
struct Fair {
    world: World,
    ada: AccountId,
    a: Phone,
    b: Phone,
    c: Phone,
}

impl Fair {
    fn open() -> anyhow::Result<Fair> {
        let world = World::start()?;
        let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
        let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
        let cy = world.account(CY, None)?;
        let (mut a, mut b, mut c) = (world.phone(ada)?, world.phone(bo)?, world.phone(cy)?);
        linked(&a.ask(&touch(BO, "Bo", "t1")?)?)?;
        linked(&b.ask(&touch(ADA, "Ada Lindqvist", "t1")?)?)?;
        // What nobody can read, with her number in it.
        let broken = format!("{{\"n\":\"{}\"", dense(ADA));
        c.publish(&Topic::Task(c.terminal).to_string(), broken.into())?;
        linked(&c.ask(&touch(ADA, "Ada Lindqvist", "t2")?)?)?;
        Ok(Fair { world, ada, a, b, c })
    }

    fn operate(&self, words: &[&str]) -> anyhow::Result<String> {
        self.world.operate(words)
    }

    fn count(&self, what: &str) -> anyhow::Result<i64> {
        let text = format!("select count(*) from {what}");
        Ok(self.world.postgres.client()?.query_one(&text, &[])?.get(0))
    }

    /// In which tables a text stands, and in how many rows.
    fn traces(&self, text: &str) -> anyhow::Result<BTreeMap<String, usize>> {
        let mut found = BTreeMap::new();
        // Columns of bytes are written in hexadecimal.
        let bytes: String = text.bytes().map(|it| format!("{it:02x}")).collect();
        let is_in = |line: &&str| line.contains(text) || line.contains(&bytes);
        for line in self.world.postgres.dump()?.lines().filter(is_in) {
            let table = line.strip_prefix("INSERT INTO public.").context("not a row")?;
            let table = table.split(' ').next().unwrap_or_default();
            *found.entry(table.to_owned()).or_default() += 1;
        }
        Ok(found)
    }
}

fn dense(number: &str) -> String {
    number.split_whitespace().collect()
}

fn tables(rows: &[(&str, usize)]) -> BTreeMap<String, usize> {
    rows.iter().map(|(table, n_rows)| ((*table).to_owned(), *n_rows)).collect()
}

#[test]
fn a_cancelled_account_is_found_in_its_partners_books_alone() -> anyhow::Result<()> {
    let mut fair = Fair::open()?;
    let number = [("dead_letter", 1), ("exchange", 2), ("identifier", 1)];
    assert_eq!(fair.traces(&dense(ADA))?, tables(&number));
    assert_eq!(fair.traces(ADA)?, tables(&[("account", 1), ("card_edition", 1)]));
    let ada = fair.ada.to_string();
    fair.operate(&["account", "cancel", &ada])?;
    fair.operate(&["housekeep"])?;
    assert!(fair.operate(&["account", "show", &ada])?.contains("\tactive\tedition 1\tends "));
    fair.operate(&["account", "keep", &ada])?;
    assert!(!fair.operate(&["account", "show", &ada])?.contains("ends"));

    fair.operate(&["account", "cancel", &ada])?;
    let mut db = fair.world.postgres.client()?;
    // The seven days are over.
    db.execute("update account set cancel_at = now() where cancel_at is not null", &[])?;
    fair.operate(&["housekeep"])?;
    let owner = fair.ada;
    fair.b.until("the end", PATIENCE, |_, it| match it {
        Down::Notice(Notice::Ended { owner: it, ended: Ended::Cancelled }) if *it == owner => {
            Some(())
        }
        _ => None,
    })?;
    assert!(fair.a.is_closed(PATIENCE), "her phone is still connected");

    // What Bo and Cy read of her is theirs; the numbers stand in nothing but what they read.
    assert_eq!(fair.traces("Ada Lindqvist")?, tables(&[("contact", 2)]));
    for text in ["ada@halden.example", ADA, &dense(ADA)] {
        assert_eq!(fair.traces(text)?, tables(&[]));
    }
    let log = std::fs::read_to_string(fair.world.path("erasures.jsonl"))?;
    assert!(log.contains(&ada) && !log.contains(dense(ADA).trim_start_matches("+49")), "{log}");
    assert!(!fair.world.logs().contains(&dense(ADA)));

    // Doing it again changes nothing, and her own terminals are told that it is over.
    fair.operate(&["housekeep"])?;
    let refused = fair.operate(&["account", "cancel", &ada, "--now"]);
    assert!(refused.unwrap_err().to_string().contains("or it is closed"));
    Ok(())
}

#[test]
fn what_a_batch_wrote_behind_an_erasure_goes_too() -> anyhow::Result<()> {
    let fair = Fair::open()?;
    fair.operate(&["account", "cancel", &fair.ada.to_string(), "--now"])?;
    let mut db = fair.world.postgres.client()?;
    let late =
        "insert into contact (account_id, owner_id, note) values ($1, 7, 'Eve of the late batch')";
    db.execute(late, &[&fair.ada.as_i64()])?;
    db.execute("update account set cancel_at = cancel_at - interval '2 minutes'", &[])?;
    fair.operate(&["housekeep"])?;
    assert_eq!(fair.traces("Eve of the late batch")?, tables(&[]));
    assert_eq!(fair.count("account where state = 'cancelled' and erased_at is null")?, 0);
    Ok(())
}

#[test]
fn what_comes_late_opens_no_account_and_nobody_can_tell() -> anyhow::Result<()> {
    let mut fair = Fair::open()?;
    fair.operate(&["account", "cancel", &fair.ada.to_string(), "--now"])?;
    let n_accounts = fair.count("account")?;
    let (first, state) = linked(&fair.c.ask(&touch(ADA, "Ada", "t9")?)?)?;
    let unknown = linked(&fair.c.ask(&touch("+44 7700 900999", "Ed", "t10")?)?)?;
    assert_eq!((state, unknown.1), (LinkState::Offered, LinkState::Offered));
    // Everybody finds the same, as with an unclaimed account, and the same contact again.
    let (again, _) = linked(&fair.c.ask(&touch(ADA, "Ada", "t11")?)?)?;
    let (others, _) = linked(&fair.b.ask(&touch(ADA, "Ada", "t12")?)?)?;
    assert_eq!((again, others), (first, first));
    assert_ne!(first, fair.ada);
    assert_eq!(fair.count("account")?, n_accounts + 1, "only the unknown number has one");
    let page = fair.c.page(&Sync::default())?;
    let edition = |owner| page.cards.iter().find(|it| it.owner == owner).map(|it| it.edition);
    assert_eq!(edition(first), edition(unknown.0));
    assert!(page.ended.iter().all(|(owner, _)| *owner != first));

    // Whoever proves the number has a new account, that knows nothing of the old one.
    let mut kiosk = fair.world.bare_terminal(fair.c.account, Kind::Kiosk)?;
    let key = kiosk.page(&Sync::default())?.touch_key.context("no key")?;
    let token = TouchToken::new(&key, kiosk.terminal, 1, (Mode::Both, Surface::Code));
    let visitor = Visitor::new(&fair.world, token)?;
    assert!(visitor.sign_in(ADA)?.text.contains("Write your card"));
    let row = fair.world.postgres.client()?.query_one(
        "select account_id, (select count(*) from contact c where c.account_id = i.account_id)
         from identifier i where identifier = $1",
        &[&dense(ADA)],
    )?;
    let id = AccountId::from(row.get::<_, i64>(0));
    assert!(id != fair.ada && id != first && row.get::<_, i64>(1) == 0);
    let (named, _) = linked(&fair.c.ask(&touch(ADA, "Ada", "t13")?)?)?;
    assert_eq!(named, id, "the number is known again");
    Ok(())
}

#[test]
fn who_wants_to_be_left_alone_is() -> anyhow::Result<()> {
    let mut fair = Fair::open()?;
    let number = "+44 7700 900777";
    let (stranger, _) = linked(&fair.a.ask(&touch(number, "Eve", "t5")?)?)?;
    fair.operate(&["account", "cancel", &stranger.to_string(), "--opt-out"])?;
    let (stand_in, _) = linked(&fair.b.ask(&touch(number, "Eve", "t6")?)?)?;
    assert_ne!(stand_in, stranger);
    // An organiser who introduces them to somebody leaves nothing with them.
    let mut kiosk = fair.world.bare_terminal(fair.c.account, Kind::OrganiserKiosk)?;
    kiosk.ask(&Task::Introduce(Introduce {
        one: Identifier::phone(number, None)?,
        other: Identifier::phone(BO, None)?,
        touch: "t7".to_owned(),
        at: Timestamp::now(),
        clock_synced: true,
        place: "Hall 3".to_owned(),
    }))?;
    assert_eq!(fair.count(&format!("exchange where account_id = {}", stand_in.as_i64()))?, 0);
    assert_eq!(fair.count(&format!("identifier where identifier = '{}'", dense(number)))?, 0);
    assert_eq!(fair.count("barred_number where reason = 'opt-out' and until = 'infinity'")?, 1);
    Ok(())
}

#[test]
fn an_account_that_nobody_claims_is_dropped() -> anyhow::Result<()> {
    let mut fair = Fair::open()?;
    let (stranger, _) = linked(&fair.a.ask(&touch("+44 7700 900777", "Eve", "t5")?)?)?;
    let is_there = format!("account where account_id = {}", stranger.as_i64());
    fair.operate(&["housekeep"])?;
    assert_eq!(fair.count(&is_there)?, 1);
    let mut db = fair.world.postgres.client()?;
    db.execute("update account set created_at = now() - interval '401 days'", &[])?;
    fair.operate(&["housekeep"])?;
    assert_eq!(fair.count(&is_there)?, 0);
    assert_eq!(
        fair.count("account where state = 'active'")?,
        3,
        "only what nobody claims is dropped"
    );
    assert_eq!(fair.traces("Eve")?, tables(&[("contact", 1)]), "Ada keeps what she read");
    Ok(())
}

#[test]
fn who_is_withdrawn_from_keeps_what_was_read_and_no_more() -> anyhow::Result<()> {
    let mut fair = Fair::open()?;
    let partner = Task::Withdraw(Withdraw::Partner(fair.b.account));
    fair.a.ask(&partner)?;
    // Her own card and its edition, her partners' logs, and what they read at the touch.
    let mail = fair.traces("ada@halden.example")?;
    assert_eq!(mail, tables(&[("account", 1), ("card_edition", 1)]));
    let mut number = fair.traces(&dense(ADA))?;
    number.remove("dead_letter");
    assert_eq!(number, tables(&[("exchange", 2), ("identifier", 1)]));
    Ok(())
}

#[test]
fn a_restored_database_forgets_again() -> anyhow::Result<()> {
    let mut fair = Fair::open()?;
    let before = fair.world.postgres.dump()?;
    fair.operate(&["account", "cancel", &fair.ada.to_string(), "--now"])?;
    fair.world.kill_worker();
    fair.world.postgres.restore(&before)?;
    assert!(fair.traces("ada@halden.example")?.contains_key("account"));
    assert_eq!(fair.operate(&["replay-erasures"])?, "erased 1 accounts again");
    assert_eq!(fair.traces("Ada Lindqvist")?, tables(&[("contact", 2)]));
    assert_eq!(fair.traces(&dense(ADA))?, tables(&[]));
    assert_eq!(fair.operate(&["replay-erasures"])?, "erased 0 accounts again");
    fair.world.start_worker()?;
    // Her terminals' tokens are void, and an old task of hers is refused even where one gets in.
    let (named, _) = linked(&fair.b.ask(&touch(ADA, "Ada", "t9")?)?)?;
    assert_ne!(named, fair.ada);
    Ok(())
}

#[test]
fn a_closed_accounts_terminals_are_refused() -> anyhow::Result<()> {
    let mut fair = Fair::open()?;
    // Closed, but its terminals are not revoked yet.
    let text = "update account set state = 'cancelled' where account_id = $1";
    fair.world.postgres.client()?.execute(text, &[&fair.ada.as_i64()])?;
    match fair.a.ask(&touch(CY, "Cy", "t20")?)? {
        Outcome::Refused { reason: Refusal::Forbidden, text, .. } => {
            assert_eq!(text, "this account is closed");
        }
        other => anyhow::bail!("{other:?}"),
    }
    let cy = Identifier::phone(CY, None)?;
    assert_eq!(fair.count(&format!("exchange where partner = '{}'", cy.as_str()))?, 0);
    Ok(())
}
