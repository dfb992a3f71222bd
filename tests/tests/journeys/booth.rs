//! A kiosk at a booth: a day without a network, and its own card that is changed at another door.

use std::time::{Duration, Instant};

use anyhow::Context;
use data_encoding::HEXLOWER;
use tapcard_nfc::ndef;
use tapcard_protocol::message::{CardUpdate, Outcome, Remarks, Task};
use tapcard_protocol::{Card, Edition};
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, card, card_file};
use tapcard_tests::radio::Radio;
use tapcard_tests::visitor::Visitor;
use tapcard_tests::{World, python};

use crate::book::update;
use crate::kills::{report, rows, swap};

/// How many visitors come; `make day` sends a thousand.
const A_DAY: &str = "TAPCARD_DAY";
/// How long an outbox of a thousand may take.
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn a_day_offline_is_sent_once_when_the_network_is_back() -> anyhow::Result<()> {
    let n_visitors: i64 = std::env::var(A_DAY).map_or(Ok(40), |it| it.parse())?;
    let mut world = World::start()?;
    let radio = Radio::quick(&world.path(""), &["K"])?;
    let ada = world.account(ADA, None)?;
    let plan = world.kiosk_plan(ada, &radio, "K")?.set("unattended = \"accept\"")?;
    let mut kiosk = plan.start()?;
    kiosk.see_cloud()?;
    world.kill_broker();

    let start = Instant::now();
    for visitor in 0..n_visitors {
        let card = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Visitor {visitor:04}\r\nTEL;TYPE=CELL:+491713{visitor:06}\r\nEND:VCARD\r\n"
        );
        radio.lay("K", card.as_bytes())?;
        kiosk.see_text(&format!("Visitor {visitor:04}"))?;
        // The power goes once in the middle of the day.
        if visitor == n_visitors / 2 {
            kiosk.kill()?;
            radio.clear("K")?;
            kiosk = plan.start()?;
        }
    }
    radio.clear("K")?;
    let collected = start.elapsed();
    assert_eq!(rows(&plan.store())?, n_visitors, "each waits in the outbox");

    world.start_broker()?;
    let back = Instant::now();
    let store = plan.store();
    wait("an empty outbox", PATIENCE, || Ok((rows(&store)? == 0).then_some(())))
        .with_context(|| format!("{}\n{}", plan.log(), world.logs()))?;
    let took = back.elapsed();
    report(&format!("{n_visitors} visitors in {collected:.0?}, all sent {took:.1?} after"));
    let mut db = world.postgres.client()?;
    let row = db.query_one(
        "select count(*), count(distinct touch), (select count(*) from contact where account_id = $1),
             (select count(distinct partner) from exchange where account_id = $1)
         from exchange where account_id = $1",
        &[&ada.as_i64()],
    )?;
    let counts: [i64; 4] = [0, 1, 2, 3].map(|it| row.get(it));
    assert_eq!(counts, [n_visitors; 4], "exchanges, touches, contacts, partners");
    Ok(())
}

/// E5: who goes on at the own phone is thanked at the kiosk when it is done.
#[test]
fn a_kiosk_thanks_whoever_took_its_touch_up_on_a_phone() -> anyhow::Result<()> {
    let world = World::start()?;
    let radio = Radio::quick(&world.path(""), &["K"])?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let mut kiosk = world.kiosk(ada, &radio, "K")?;
    kiosk.see_cloud()?;
    let touch = radio.hold_a_phone("K")?;
    kiosk.see("phone")?;
    kiosk.see_text("It shows nothing? Scan this.")?;
    let visitor = Visitor::new(&world, touch)?;
    visitor.open("")?;
    visitor.sign_in(BO)?;
    visitor.send("/card", &[("name", "Bo Okafor")])?;
    visitor.send("/send", &[])?;
    kiosk.see("claimed")?;
    kiosk.see_text("Our card is on your phone, and we have yours.")?;
    // Whatever is on its screen, the kiosk knows nothing of the visitor: the cloud alone has the card.
    let db = rusqlite::Connection::open(kiosk.plan.store())?;
    let n_contacts: i64 = db.query_row("select count(*) from contact", [], |row| row.get(0))?;
    assert_eq!(n_contacts, 0);
    Ok(())
}

/// E8: words about a contact are on the account's other terminals, whichever wrote them.
#[test]
fn what_is_written_about_somebody_is_at_the_kiosk_and_on_the_phone() -> anyhow::Result<()> {
    let world = World::start()?;
    let radio = Radio::quick(&world.path(""), &["K"])?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let mut phone = world.phone(ada)?;
    let mut kiosk = world.kiosk(ada, &radio, "K")?;
    kiosk.see_cloud()?;
    radio.lay("K", &card("ios.vcf")?)?;
    swap(&mut kiosk)?;
    kiosk.see_text("Kept in the cloud too")?;
    kiosk.press("Back")?;
    kiosk.see("attract")?;
    kiosk.unlock()?;
    kiosk.press("Bo Okafor")?;
    kiosk.see("contact")?;
    kiosk.press("Add a note")?;
    kiosk.see("remark")?;
    kiosk.write("wants 500 units")?;
    kiosk.press("Save")?;
    kiosk.see("contact")?;
    kiosk.press("4 of 5 stars")?;
    let bo = phone.until("Bo's card", PATIENCE, |it, _| it.remarks.keys().next().copied())?;
    let is_told = |it: &Remarks| it.note == "wants 500 units" && it.rating == 4;
    if !phone.remarks.get(&bo).is_some_and(is_told) {
        phone.until("the words", PATIENCE, |it, _| {
            it.remarks.get(&bo).is_some_and(is_told).then_some(())
        })?;
    }
    let words = Remarks { note: "wants 700".into(), tags: vec!["buyer".into()], rating: 5 };
    phone.ask(&update(bo, &words))?;
    kiosk.see_text("wants 700")?;
    kiosk.see_text("buyer")?;
    Ok(())
}

/// U7: the next reading has it.
#[test]
fn nfcpy_reads_the_card_as_it_was_edited_at_another_door() -> anyhow::Result<()> {
    let world = World::start()?;
    let radio = Radio::quick(&world.path(""), &["K", "N"])?;
    radio.control("near K N")?;
    let ada = world.account(ADA, None)?;
    let mut phone = world.phone(ada)?;
    let mut kiosk = world.kiosk(ada, &radio, "K")?;
    for (base, name) in ["Ada Lindqvist", "Ada Lindqvist-Bek"].into_iter().enumerate() {
        let card = Card::named(name);
        let base = Edition(u32::try_from(base)?);
        let outcome = phone.ask(&Task::CardUpdate(CardUpdate { base, card, notify: false }))?;
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        kiosk.see_text(name)?;
        let card = read_by_nfcpy(&radio)?;
        assert_eq!(card.name(), name);
    }
    Ok(())
}

/// The card that nfcpy reads on its chip.
fn read_by_nfcpy(radio: &Radio) -> anyhow::Result<Card> {
    let mut command = python::script("../hardware/pn532-simulator/tests/nfcpy_tag.py")?;
    let done = command.arg(radio.port("N")).output()?;
    let said = String::from_utf8_lossy(&done.stdout);
    let why = String::from_utf8_lossy(&done.stderr);
    let message = said.lines().find_map(|it| it.strip_prefix("message "));
    let message = message.with_context(|| format!("nfcpy says {said}\n{why}"))?;
    let records = ndef::decode(&HEXLOWER.decode(message.as_bytes())?)?;
    let vcard = ndef::vcard(&records).context("no card in the message")?;
    Ok(tapcard_protocol::vcard::read(vcard)?.card)
}
