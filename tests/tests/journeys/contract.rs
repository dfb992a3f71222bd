//! The published contract: a phone that was written from it alone, and all that really passes held against it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use serde_json::json;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::{
    CardUpdate, CheckBook, ContactAdd, ContactDelete, ContactUpdate, Down, Introduce, Link,
    LinkVerb, Notice, Register, Task, TaskId, Undo, Withdraw, up,
};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::{Card, Edition, Identifier, TerminalId};
use tapcard_tests::World;
use tapcard_tests::broker::Make;
use tapcard_tests::people::{ADA, BO, CY, card_file, touch};
use tapcard_tests::phone::Phone;
use tapcard_tests::program::Program;

use crate::cloud::linked;

/// How long news may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file of this project.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a program in Python with the document; what it prints.
fn python(script: &str, input: &str) -> anyhow::Result<String> {
    let mut child = tapcard_tests::python::script(&format!("contract/{script}"))?
        .arg(file("../docs/asyncapi.yaml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    child.stdin.take().context("no input")?.write_all(input.as_bytes())?;
    let done = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let why = String::from_utf8_lossy(&done.stderr);
    anyhow::ensure!(done.status.success(), "{script} says {said}\n{why}");
    Ok(said)
}

#[test]
fn the_document_is_as_the_types_are() -> anyhow::Result<()> {
    let written = std::fs::read_to_string(file("../docs/asyncapi.yaml"))?;
    assert!(written == tapcard_tests::contract::text()?, "run `make contract`");
    Ok(())
}

#[test]
fn a_phone_written_from_the_document_alone_exchanges_cards() -> anyhow::Result<()> {
    let world = World::start()?;
    let mut phones = Vec::new();
    for (number, card) in [(ADA, "ada.vcf"), (BO, "ios.vcf")] {
        let account = world.account(number, Some(&card_file(card)))?;
        let terminal = world.terminal(account, Kind::Phone)?;
        let dense: String = number.split_whitespace().collect();
        let token = world.token(terminal)?;
        phones.push(
            json!({ "account": account, "terminal": terminal, "number": dense, "token": token }),
        );
    }
    let cast = json!({ "port": world.broker_port(), "phones": phones }).to_string();
    let said = python("client.py", &cast)?;
    assert!(said.ends_with("done\n"), "{said}");
    assert_eq!(said.matches("notice card\n").count(), 2, "{said}");
    Ok(())
}

/// Ada, Bo and an organiser's kiosk, and somebody who listens to all that passes.
struct Stage {
    world: World,
    listener: Program,
    a: Phone,
    b: Phone,
    kiosk: Phone,
}

impl Stage {
    fn set() -> anyhow::Result<Stage> {
        let world = World::start_on(Make::Mosquitto)?;
        let listener = world.broker.listen_to_all(&world.path("listener.log"))?;
        let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
        let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
        let cy = world.account(CY, None)?;
        let a = world.phone(ada)?;
        // What a phone asked was heard, or it is asked again: from here on nothing is missed.
        listener.line(PATIENCE)?;
        let kiosk = world.bare_terminal(cy, Kind::OrganiserKiosk)?;
        let b = world.phone(bo)?;
        Ok(Stage { world, listener, a, b, kiosk })
    }

    /// Everything that a terminal may ask, and all that comes of it.
    fn play(&mut self) -> anyhow::Result<()> {
        let (ada, bo) = (self.a.account, self.b.account);
        let mut second = self.world.phone(ada)?;
        self.a.ask(&Task::Register(Register::default()))?;
        linked(&self.a.ask(&touch(BO, "Bo", "t1")?)?)?;
        self.b.until("an offer", PATIENCE, |_, it| {
            matches!(it, Down::Notice(Notice::Offer(_))).then_some(())
        })?;
        self.b.ask(&Task::Link(Link {
            owner: ada,
            verb: LinkVerb::Accept,
            gives: true,
            takes: true,
        }))?;
        self.a.card_of(bo, Edition(1))?;
        for name in ["Bo O.", "Bo"] {
            let update = CardUpdate { base: Edition(1), card: Card::named(name), notify: true };
            self.b.ask(&Task::CardUpdate(update))?;
        }
        self.a.card_of(bo, Edition(2))?;
        self.a.ask(&Task::CardUpdate(CardUpdate {
            base: Edition(1),
            card: Card::named("Ada"),
            notify: false,
        }))?;
        second.until("the own card", PATIENCE, |_, it| {
            matches!(it, Down::Notice(Notice::OwnCard { .. })).then_some(())
        })?;
        self.change_the_book()?;
        self.plan_an_end()?;
        self.ask_in_vain()
    }

    /// Every terminal hears what is ahead of its account.
    fn plan_an_end(&mut self) -> anyhow::Result<()> {
        let account = self.a.account.to_string();
        for word in ["cancel", "keep"] {
            self.world.operate(&["account", word, &account])?;
            let is_ahead = word == "cancel";
            self.a.until("the account's state", PATIENCE, |_, it| match it {
                Down::Notice(Notice::AccountState { closes, .. }) => {
                    (closes.is_some() == is_ahead).then_some(())
                }
                _ => None,
            })?;
        }
        Ok(())
    }

    fn change_the_book(&mut self) -> anyhow::Result<()> {
        let (ada, bo) = (self.a.account, self.b.account);
        let update = ContactUpdate {
            owner: bo,
            note: Some("call".to_owned()),
            tags: Some(vec!["buyer".to_owned()]),
            rating: Some(4),
            card: None,
        };
        self.a.ask(&Task::ContactUpdate(Box::new(update)))?;
        let typed = ContactAdd { partner: None, card: Card::named("Eve"), note: String::new() };
        self.a.ask(&Task::ContactAdd(Box::new(typed)))?;
        self.b.ask(&Task::Withdraw(Withdraw::Partner(ada)))?;
        self.a.until("the end", PATIENCE, |_, it| {
            matches!(it, Down::Notice(Notice::Ended { .. })).then_some(())
        })?;
        self.a.ask(&Task::CheckBook(CheckBook {}))?;
        self.a.ask(&Task::Undo(Undo { task: TaskId { epoch: 8, seq: 1 } }))?;
        self.a.ask(&Task::ContactDelete(ContactDelete { owner: bo }))?;
        let introduce = Introduce {
            one: Identifier::phone(ADA, None)?,
            other: Identifier::phone(BO, None)?,
            touch: "t2".to_owned(),
            at: Timestamp::now(),
            clock_synced: true,
            place: "Hall 3".to_owned(),
        };
        self.kiosk.ask(&Task::Introduce(introduce))?;
        Ok(())
    }

    /// What is refused is answered as the document says, too.
    fn ask_in_vain(&mut self) -> anyhow::Result<()> {
        let nobody = ContactDelete { owner: tapcard_protocol::AccountId::new(1) };
        self.a.ask(&Task::ContactDelete(nobody))?;
        self.a.ask(&Task::Withdraw(Withdraw::Partner(nobody.owner)))?;
        self.kiosk.ask(&touch(BO, "Bo", "t3")?)?;
        let id = TaskId { epoch: 7, seq: 1 };
        let foreign = up(id, TerminalId::new(5), Timestamp::now(), &touch(BO, "Bo", "t4")?);
        self.a.ask_raw(id, &foreign)?;
        Ok(())
    }

    /// All that was heard until a message that comes last, and a summary, which no phone waits for.
    fn heard(self) -> anyhow::Result<String> {
        let last = Topic::State(self.a.terminal).to_string();
        self.a.publish(&last, b"offline".to_vec())?;
        let summary = hex("\"kind\":\"summary\"");
        let (mut lines, mut has_ended) = (String::new(), false);
        while !has_ended || !lines.contains(&summary) {
            let line = self.listener.line(PATIENCE)?;
            has_ended |= line.starts_with(&last);
            lines += &line;
            lines.push('\n');
        }
        Ok(lines)
    }
}

#[test]
fn all_that_passes_is_as_the_document_says() -> anyhow::Result<()> {
    let mut stage = Stage::set()?;
    stage.play()?;
    let mut lines = stage.heard()?;
    let said = python("validate.py", &lines)?;
    let counts: BTreeMap<String, u32> = serde_json::from_str(&said)?;
    let tasks = [
        "applied",
        "card-update",
        "check-book",
        "contact-add",
        "contact-delete",
        "contact-update",
        "exchange",
        "introduce",
        "link",
        "register",
        "sync",
        "undo",
        "withdraw",
    ];
    let notices = ["account-state", "card", "ended", "gone", "offer", "own-card", "summary"];
    let receipts = ["conflict", "done", "forbidden", "no-contact", "not-yours"];
    let wanted = [("task.", &tasks[..]), ("notice ", &notices), ("receipt ", &receipts)];
    for (kind, names) in wanted {
        for name in names {
            assert!(counts.contains_key(&format!("{kind}{name}")), "no {kind}{name} in {counts:?}");
        }
    }
    // A message that is not as the document says is found.
    lines = lines.replace(&hex("\"outcome\":\"done\""), &hex("\"outcome\":\"dune\""));
    let found = python("validate.py", &lines).unwrap_err().to_string();
    assert!(found.contains("no message of the channel"), "{found}");
    Ok(())
}

fn hex(text: &str) -> String {
    text.bytes().map(|it| format!("{it:02x}")).collect()
}
