//! A kiosk that was stolen: only what the cloud has signed erases it, and nothing that was not sent is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp;
use jsonwebtoken::EncodingKey;
use tapcard_protocol::access::Party;
use tapcard_protocol::enrolment::Base64;
use tapcard_protocol::message::{Down, Notice, down};
use tapcard_protocol::token::{Claims, sign};
use tapcard_protocol::topic::Topic;
use tapcard_protocol::wipe::Order;
use tapcard_protocol::{AccountId, TerminalId};
use tapcard_tests::World;
use tapcard_tests::kiosk::{Kiosk, KioskPlan};
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, card_file};
use tapcard_tests::phone::Phone;
use tapcard_tests::program::Program;
use tapcard_tests::radio::Radio;
use tapcard_tests::visitor::Visitor;
use tapcard_tests::world::free_port;

use crate::kills::{rows, swap};

const PATIENCE: Duration = Duration::from_secs(30);
/// Who comes to the kiosk, with the numbers on their badges.
const VISITORS: [(&str, &str); 3] = [
    ("Beatrix Oduya", "+8613900000001"),
    ("Casimir Young", "+8613900000002"),
    ("Dorothea Adeyemi", "+8613900000003"),
];

/// Ada's kiosk in a hall, and her browser.
struct Hall {
    world: World,
    ada: AccountId,
    browser: Visitor,
    radio: Radio,
    folder: PathBuf,
    terminal: TerminalId,
    kiosk: Kiosk,
}

impl Hall {
    fn open() -> anyhow::Result<Hall> {
        let mut world = World::start()?;
        // The kiosk finds the page again whichever part of the worker is started anew.
        let (file, port) = (world.path("worker.toml"), free_port()?);
        let settings = fs::read_to_string(&file)?;
        let (any, one) = ("127.0.0.1:0".to_owned(), format!("127.0.0.1:{port}"));
        anyhow::ensure!(settings.contains(&any), "the worker listens elsewhere");
        fs::write(file, settings.replace(&any, &one))?;
        world.start_worker()?;
        let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
        let browser = Visitor::at_front(&world)?;
        browser.sign_in_at("/sign-in", ADA)?;
        let radio = Radio::quick(&world.path(""), &["K"])?;
        let broker = format!("mqtt://127.0.0.1:{}", world.broker_port());
        let (owner, cloud) = (ada.to_string(), world.web()?);
        let out = world.path("kiosks").display().to_string();
        let places = ["--broker", &broker, "--cloud", &cloud, "--out", &out];
        let words = ["kiosk", "add", "--owner", &owner, "--name", "Hall 3"];
        let printed = world.operate(&[&words[..], &places].concat())?;
        let mut parts = printed.trim_end().split('\t');
        let terminal: TerminalId = parts.next().unwrap_or_default().parse()?;
        let folder = PathBuf::from(parts.nth(1).context("no folder")?);
        let plan = KioskPlan::ready(&folder, terminal, &radio.port("K"))?;
        let mut kiosk = plan.thanking_for(15)?.start()?;
        kiosk.see("enrol")?;
        confirm(&browser, terminal)?;
        kiosk.see_text("Ada Lindqvist")?;
        Ok(Hall { world, ada, browser, radio, folder, terminal, kiosk })
    }

    /// A visitor's card is kept.
    fn meet(&mut self, visitor: usize) -> anyhow::Result<()> {
        let (name, number) = VISITORS[visitor];
        let badge =
            format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nTEL:{number}\r\nEND:VCARD\r\n");
        self.radio.lay("K", badge.as_bytes())?;
        swap(&mut self.kiosk)?;
        self.radio.clear("K")
    }

    fn ask<T: for<'a> postgres::types::FromSql<'a>>(&self, text: &str) -> anyhow::Result<T> {
        Ok(self.world.postgres.client()?.query_one(text, &[])?.get(0))
    }

    /// The kiosk has handed everything over, is switched off, and holds nothing of anybody.
    fn see_the_end(&mut self) -> anyhow::Result<()> {
        wait("the end of the order", PATIENCE, || {
            let text = "select count(*) from wipe_order join terminal using (terminal_id)
                where done_at is not null and ended_at is not null and not_before is not null";
            Ok((self.ask::<i64>(text)? == 1).then_some(()))
        })
        .with_context(|| self.kiosk.plan.log())?;
        let started = || self.kiosk.plan.log().matches("refuses this kiosk").count();
        wait("the kiosk to start as nobody's", PATIENCE, || Ok((started() > 0).then_some(())))
            .with_context(|| self.kiosk.plan.log())?;
        for text in [VISITORS.map(|it| it.0), VISITORS.map(|it| &it.1[3..])].concat() {
            let found = holding(&self.folder, text)?;
            assert!(found.is_none(), "{text} is still in {found:?}");
        }
        assert!(holding(&self.folder, "Ada Lindqvist")?.is_none());
        Ok(())
    }

    /// Every visitor is in the cloud once.
    fn see_everybody(&self, n_visitors: i64) -> anyhow::Result<()> {
        let text = "select count(*) from exchange";
        let n_exchanges: i64 = self.ask(text)?;
        let n_partners: i64 = self.ask("select count(distinct partner) from exchange")?;
        let n_contacts: i64 = self.ask("select count(*) from contact")?;
        assert_eq!((n_exchanges, n_partners, n_contacts), (n_visitors, n_visitors, n_visitors));
        let n_dead: i64 = self.ask("select count(*) from dead_letter")?;
        assert_eq!(n_dead, 0);
        Ok(())
    }
}

/// Says yes on the account's page to a kiosk.
fn confirm(browser: &Visitor, terminal: TerminalId) -> anyhow::Result<()> {
    let page = browser.open("/account/terminals")?.text;
    let (_, rest) = page.split_once("name=\"key\" value=\"").context("nothing to compare")?;
    let key = rest.split('"').next().unwrap_or_default();
    let terminal = terminal.to_string();
    browser.send("/account/terminals/confirm", &[("terminal", &terminal), ("key", key)]).map(drop)
}

/// A file below a folder in which a text stands.
fn holding(folder: &Path, text: &str) -> anyhow::Result<Option<PathBuf>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let found = if path.is_dir() {
            holding(&path, text)?
        } else {
            // A log of writes may go at any moment.
            let bytes = fs::read(&path).unwrap_or_default();
            bytes.windows(text.len()).any(|it| it == text.as_bytes()).then_some(path)
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

#[test]
fn a_stolen_kiosk_hands_over_what_it_had_not_sent_and_forgets_everybody() -> anyhow::Result<()> {
    let mut hall = Hall::open()?;
    hall.meet(0)?;
    hall.kiosk.see_text("Kept in the cloud too")?;
    hall.world.kill_broker();
    hall.meet(1)?;
    hall.meet(2)?;
    let store = hall.kiosk.plan.store();
    assert_eq!(rows(&store)?, 2);
    for (name, _) in VISITORS {
        assert!(holding(&hall.folder, name)?.is_some(), "the test looks in the wrong place");
    }
    let terminal = hall.terminal.to_string();
    hall.world.operate(&["terminal", "wipe", &terminal])?;
    let list = hall.world.operate(&["kiosk", "list", "--owner", &hall.ada.to_string()])?;
    assert!(list.contains("\tto be erased\t"), "{list}");
    assert_eq!(rows(&store)?, 2, "it cannot have heard of it");
    hall.world.start_broker()?;
    hall.see_the_end()?;
    hall.see_everybody(3)?;
    let again = hall.world.operate(&["terminal", "wipe", &terminal]).unwrap_err().to_string();
    assert!(again.contains("switched off already"), "{again}");
    // What it proves itself by counts no more.
    hall.kiosk.see_text("switched off")?;
    hall.world.operate(&["account", "cancel", &hall.ada.to_string(), "--now"])?;
    assert_eq!(
        hall.ask::<i64>("select count(*) from wipe_order")?,
        0,
        "an order outlives its account"
    );
    Ok(())
}

/// Tasks that never reach the worker by the broker come in the box alone.
#[test]
fn the_box_alone_brings_what_the_broker_never_did() -> anyhow::Result<()> {
    let mut hall = Hall::open()?;
    hall.meet(0)?;
    hall.kiosk.see_text("Kept in the cloud too")?;
    hall.world.kill_worker();
    fs::remove_file(hall.world.path("worker.http"))?;
    let _relay: Program = hall.world.worker_part("relay")?;
    let _http: Program = hall.world.worker_part("http")?;
    hall.world.wait_for_page()?;
    hall.meet(1)?;
    // The power goes and comes back; a kiosk that nobody takes anything from goes on.
    hall.kiosk.kill()?;
    hall.kiosk = hall.kiosk.plan.start()?;
    hall.meet(2)?;
    let store = hall.kiosk.plan.store();
    assert_eq!((rows(&store)?, hall.ask::<i64>("select count(*) from exchange")?), (2, 1));

    // A stranger orders nothing, and nobody without an answer to the question.
    let stranger = Visitor::at_front(&hall.world)?;
    stranger.sign_in_at("/sign-in", BO)?;
    let terminal = hall.terminal.to_string();
    let form = [("terminal", terminal.as_str())];
    for path in ["/account/terminals/stolen", "/account/terminals/erase"] {
        assert!(stranger.send(path, &form)?.text.contains("does not wait for you"));
    }
    let page = hall.browser.send("/account/terminals/stolen", &form)?.text;
    assert!(page.contains("Erase Hall 3?") && page.contains("Yes, erase it"), "{page}");
    assert_eq!(hall.ask::<i64>("select count(*) from wipe_order")?, 0);
    let page = hall.browser.send("/account/terminals/erase", &form)?.text;
    assert!(
        page.contains("Is erased as soon as it is heard") || !page.contains("Hall 3"),
        "{page}"
    );
    hall.see_the_end()?;
    hall.see_everybody(3)
}

#[test]
fn a_forged_order_and_a_refused_login_erase_nothing() -> anyhow::Result<()> {
    let mut hall = Hall::open()?;
    hall.meet(0)?;
    hall.kiosk.see_text("Kept in the cloud too")?;
    forge(&hall)?;
    let log = || hall.kiosk.plan.log();
    wait("a word about the order", PATIENCE, || {
        Ok(log().contains("the cloud has not signed it").then_some(()))
    })
    .with_context(log)?;
    assert!(!log().contains("erased"), "{}", log());

    hall.world.kill_broker();
    hall.meet(1)?;
    let store = hall.kiosk.plan.store();
    assert_eq!(rows(&store)?, 1, "it works as before");
    let terminal = hall.terminal.to_string();
    hall.browser.send("/account/terminals/end", &[("terminal", &terminal)])?;
    hall.world.start_broker()?;
    hall.kiosk.see_text("switched off")?;
    hall.kiosk.kill()?;
    assert_eq!(rows(&store)?, 1, "what was not sent is gone");
    for (name, _) in &VISITORS[..2] {
        assert!(holding(&hall.folder, name)?.is_some(), "{name} is gone");
    }
    Ok(())
}

/// Somebody who may publish what workers may, but has not the key of orders.
fn forge(hall: &Hall) -> anyhow::Result<()> {
    let order =
        Order { terminal: hall.terminal, nonce: Base64([7; 16]), seal_key: Base64([9; 32]) };
    let key = SigningKey::from_bytes(&[1; 32]);
    let signature = Base64(key.sign(&order.signed()).to_bytes());
    let Order { terminal, nonce, seal_key } = order;
    let notice = Notice::Wipe { owner: hall.ada, terminal, nonce, seal_key, signature };
    let worker = EncodingKey::from_ed_pem(&fs::read(hall.world.path("keys/worker.key"))?)?;
    let (name, now) = (TerminalId::new(99), Timestamp::now().as_second().unsigned_abs());
    let claims = Claims::new(&Party::Worker, name.to_string(), now, now + 600);
    let token = sign("worker", &worker, &claims)?;
    let forger = Phone::connect_to(&[], hall.world.broker_port(), hall.ada, name, &token)?;
    let topic = Topic::Terminal(hall.terminal).to_string();
    forger.publish(&topic, down(Timestamp::now(), &Down::Notice(notice)))
}

/// Everything that a kiosk would find again after a power cut.
fn set_aside(hall: &Hall, from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for name in ["kiosk.db", "kiosk.db-wal", "kiosk.db-shm", "terminal.key"] {
        let _ = fs::remove_file(to.join(name));
        match fs::copy(from.join(name), to.join(name)) {
            Err(it) if it.kind() != std::io::ErrorKind::NotFound => return Err(it.into()),
            _ => {}
        }
    }
    anyhow::ensure!(to.join("kiosk.db").exists(), "{}", hall.kiosk.plan.log());
    Ok(())
}

#[test]
fn a_kiosk_that_loses_power_or_an_answer_goes_on_and_ends_as_well() -> anyhow::Result<()> {
    let mut hall = Hall::open()?;
    hall.world.kill_worker();
    fs::remove_file(hall.world.path("worker.http"))?;
    let _relay: Program = hall.world.worker_part("relay")?;
    hall.meet(0)?;
    hall.meet(1)?;
    hall.world.operate(&["terminal", "wipe", &hall.terminal.to_string()])?;
    let plan = hall.kiosk.plan.clone();
    let waits = "what was not sent is still here, sealed";
    wait("the box that nobody takes", PATIENCE, || Ok(plan.log().contains(waits).then_some(())))
        .with_context(|| plan.log())?;
    hall.kiosk.kill()?;
    for text in [VISITORS.map(|it| it.0), VISITORS.map(|it| &it.1[3..])].concat() {
        assert!(holding(&hall.folder, text)?.is_none(), "{text} is still there");
    }
    let (folder, aside) = (hall.folder.clone(), hall.world.path("aside"));
    set_aside(&hall, &folder, &aside)?;

    // Nobody swaps anything at it, whatever lies there.
    hall.kiosk = plan.start_at("enrol", &[])?;
    hall.kiosk.see_text("switched off")?;
    let _http: Program = hall.world.worker_part("http")?;
    hall.see_the_end()?;
    hall.see_everybody(2)?;

    // The answer was lost: the kiosk still has its box, and the cloud has all of it.
    hall.kiosk.kill()?;
    set_aside(&hall, &aside, &folder)?;
    let before = plan.log().matches("refuses this kiosk").count();
    hall.kiosk = plan.start_at("enrol", &[])?;
    wait("the kiosk to start as nobody's again", PATIENCE, || {
        Ok((plan.log().matches("refuses this kiosk").count() > before).then_some(()))
    })
    .with_context(|| plan.log())?;
    let db = rusqlite::Connection::open(plan.store())?;
    let n_boxes: i64 = db.query_row("select count(*) from sealed", [], |it| it.get(0))?;
    assert_eq!(n_boxes, 0, "the box is still there");
    hall.see_everybody(2)
}
