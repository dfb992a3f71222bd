//! A kiosk that nobody has set up: from the language to the first touch.

use std::time::Duration;

use tapcard_protocol::TerminalId;
use tapcard_tests::World;
use tapcard_tests::hall::Hall;
use tapcard_tests::kiosk::{Kiosk, KioskPlan};
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, card, card_file};
use tapcard_tests::radio::Radio;
use tapcard_tests::visitor::Visitor;

const PATIENCE: Duration = Duration::from_secs(20);

/// A world, and a kiosk in it that is nobody's.
struct Delivery {
    world: World,
    radio: Radio,
    plan: KioskPlan,
}

impl Delivery {
    fn unpack() -> anyhow::Result<Delivery> {
        let world = World::start()?;
        let radio = Radio::quick(&world.path(""), &["K"])?;
        let broker = format!("mqtt://127.0.0.1:{}", world.broker_port());
        let plan =
            KioskPlan::unpacked(&world.path("new"), &broker, &world.web()?, &radio.port("K"))?;
        Ok(Delivery { world, radio, plan })
    }
}

/// From the language to the question whose the kiosk is.
fn to_the_owner(kiosk: &mut Kiosk) -> anyhow::Result<()> {
    kiosk.press("Continue")?;
    kiosk.see("network")?;
    kiosk.see_text("Everything answers.")?;
    kiosk.press("Continue")?;
    kiosk.see("ask")
}

/// On the page where a PIN is chosen.
fn choose_pin(kiosk: &mut Kiosk, pin: &str) -> anyhow::Result<()> {
    kiosk.see("new-pin")?;
    for title in ["Choose a PIN", "Once more"] {
        kiosk.see_text(title)?;
        kiosk.write(pin)?;
        // It can be pressed as soon as the digits have come through.
        wait("enough digits", PATIENCE, || Ok(kiosk.press("OK").ok()))?;
    }
    Ok(())
}

/// From the own card on, which has a name, to the first visitor.
fn from_the_card(kiosk: &mut Kiosk, radio: &Radio) -> anyhow::Result<()> {
    kiosk.press("Save")?;
    kiosk.see("mode")?;
    kiosk.press("Swap")?;
    choose_pin(kiosk, "97531")?;
    kiosk.see("trial")?;
    radio.lay("K", &card("ios.vcf")?)?;
    kiosk.see_text("It works")?;
    radio.clear("K")?;
    kiosk.press("Begin")?;
    kiosk.see("attract")
}

#[test]
fn a_kiosk_that_is_nobodys_becomes_its_owners_by_a_number_and_a_code() -> anyhow::Result<()> {
    let Delivery { world, radio, plan } = Delivery::unpack()?;
    let mut kiosk = plan.start_at("welcome", &[])?;
    to_the_owner(&mut kiosk)?;
    let phone = Visitor::at_front(&world)?;
    kiosk.write("12")?;
    kiosk.press("Send code")?;
    kiosk.see_text("begin with + and the country code")?;
    kiosk.command("clear")?;
    kiosk.write(ADA)?;
    kiosk.press("Send code")?;
    let code = phone.code(ADA, 0)?;
    kiosk.see_text("Six digits, sent to")?;
    kiosk.write(if code == "000000" { "000001" } else { "000000" })?;
    kiosk.press("Done")?;
    kiosk.see_text("That is not the code")?;
    kiosk.command("clear")?;
    kiosk.write(&code)?;
    kiosk.press("Done")?;
    kiosk.see("editor")?;
    kiosk.write("Ada Lind")?;

    // The power goes; whose it is, it knows.
    kiosk.kill()?;
    let mut kiosk = plan.start_at("editor", &[])?;
    kiosk.write("Ada Lind")?;
    from_the_card(&mut kiosk, &radio)?;
    kiosk.see_text("Ada Lind")?;
    kiosk.stop()?;

    // Once it was tried it starts as every kiosk does, with the PIN that was chosen.
    let mut kiosk = plan.start()?;
    radio.lay("K", &card("ios.vcf")?)?;
    kiosk.see("confirm")?;
    kiosk.press("Swap")?;
    kiosk.see_text("Kept in the cloud too")?;
    kiosk.see("attract")?;
    kiosk.press("Staff")?;
    kiosk.see("lock")?;
    kiosk.write("97531")?;
    kiosk.see("contacts")?;
    let mut db = world.postgres.client()?;
    let row = db.query_one(
        "select a.state, t.place, t.kind, t.confirmed_at is not null, i.identifier, c.edition
         from terminal t join account a using (account_id) join identifier i using (account_id)
         join lateral (select max(edition) as edition from card_edition e where e.account_id = t.account_id) c on true",
        &[],
    )?;
    let said: (&str, &str, &str, bool) = (row.get(0), row.get(1), row.get(2), row.get(3));
    assert_eq!(said, ("active", "Hall 3, B12", "kiosk", true));
    let number = ADA.replace(' ', "");
    assert_eq!(row.get::<_, &str>(4), number);
    assert!(row.get::<_, i32>(5) >= 1, "the card was not told");
    let row = db.query_one("select count(*) from exchange", &[])?;
    assert_eq!(row.get::<_, i64>(0), 1, "the trial is no exchange");
    let log = plan.log();
    let digits = &number[1..];
    assert!(!log.contains(digits) && !log.contains(&code) && !log.contains("97531"), "{log}");
    Ok(())
}

/// From the first page to the own card, by number and code.
fn find(kiosk: &mut Kiosk, phone: &Visitor, number: &str) -> anyhow::Result<()> {
    to_the_owner(kiosk)?;
    kiosk.write(number)?;
    kiosk.press("Send code")?;
    let code = phone.code(number, 0)?;
    kiosk.see_text("Six digits")?;
    kiosk.write(&code)?;
    kiosk.press("Done")?;
    kiosk.see("editor")
}

/// From the invitation to the page that tells how the kiosk is.
fn to_the_condition(kiosk: &mut Kiosk, pin: &str) -> anyhow::Result<()> {
    kiosk.press("Staff")?;
    kiosk.see("lock")?;
    kiosk.write(pin)?;
    kiosk.see("contacts")?;
    kiosk.press("Menu")?;
    kiosk.see("menu")?;
    kiosk.press("This kiosk")?;
    kiosk.see("condition")
}

/// Another PIN, from the invitation on.
fn change_pin(kiosk: &mut Kiosk) -> anyhow::Result<()> {
    to_the_condition(kiosk, "97531")?;
    kiosk.press("Back")?;
    kiosk.see("menu")?;
    kiosk.press("Settings")?;
    kiosk.see("settings")?;
    kiosk.press("PIN")?;
    choose_pin(kiosk, "8642")?;
    kiosk.see("settings")
}

/// As soon as nothing waits, from the page that tells how the kiosk is.
fn sign_out(kiosk: &mut Kiosk) -> anyhow::Result<()> {
    wait("nothing waits", PATIENCE, || {
        kiosk.press("Sign out")?;
        kiosk.see("sign-out")?;
        let says = kiosk.read()?;
        let is_free = says.iter().any(|it| it.contains("it asks whose it is"));
        if !is_free {
            kiosk.press("Stay")?;
        }
        Ok(is_free.then_some(()))
    })?;
    kiosk.press("Sign out")
}

#[test]
fn a_kiosk_leaves_its_owner_with_nothing_and_finds_another() -> anyhow::Result<()> {
    let Delivery { mut world, radio, plan } = Delivery::unpack()?;
    let mut kiosk = plan.start_at("welcome", &[])?;
    let phone = Visitor::at_front(&world)?;
    find(&mut kiosk, &phone, ADA)?;
    kiosk.write("Ada Lind")?;
    from_the_card(&mut kiosk, &radio)?;
    // The badge of the trial may have been felt once more.
    kiosk.stop()?;
    let mut kiosk = plan.start()?;

    change_pin(&mut kiosk)?;
    kiosk.stop()?;
    let mut kiosk = plan.start()?;
    kiosk.see_cloud()?;

    // Something that is not sent keeps it here.
    world.kill_broker();
    radio.lay("K", &card("ios.vcf")?)?;
    kiosk.see("confirm")?;
    radio.clear("K")?;
    kiosk.press("Swap")?;
    kiosk.see("attract")?;
    to_the_condition(&mut kiosk, "8642")?;
    kiosk.press("Sign out")?;
    kiosk.see("sign-out")?;
    kiosk.see_text("Send the waiting cards first")?;
    kiosk.press("Stay")?;
    world.start_broker()?;
    let mut db = world.postgres.client()?;
    wait("the exchange", PATIENCE, || {
        let n_exchanges: i64 = db.query_one("select count(*) from exchange", &[])?.get(0);
        Ok((n_exchanges == 1).then_some(()))
    })?;
    sign_out(&mut kiosk)?;
    kiosk.see("welcome")?;
    find(&mut kiosk, &phone, BO)?;
    kiosk.write("Bo Ek")?;
    from_the_card(&mut kiosk, &radio)?;
    let rows = db.query(
        "select i.identifier, t.ended_at is null from terminal t join identifier i using (account_id)
         where t.kind = 'kiosk' order by t.ended_at",
        &[],
    )?;
    let rows: Vec<(String, bool)> = rows.iter().map(|it| (it.get(0), it.get(1))).collect();
    let number = |it: &str| it.replace(' ', "");
    assert_eq!(rows, [(number(ADA), false), (number(BO), true)]);
    let store = rusqlite::Connection::open(plan.store())?;
    let n_contacts: i64 = store.query_row("SELECT count(*) FROM contact", [], |it| it.get(0))?;
    assert_eq!(n_contacts, 0);
    Ok(())
}

#[test]
fn a_lost_answer_makes_no_second_kiosk() -> anyhow::Result<()> {
    let Delivery { world, plan, .. } = Delivery::unpack()?;
    let phone = Visitor::at_front(&world)?;
    for n_asked in 0..2 {
        let mut kiosk = plan.start_at("welcome", &[])?;
        to_the_owner(&mut kiosk)?;
        kiosk.write(BO)?;
        kiosk.press("Send code")?;
        let code = phone.code(BO, n_asked)?;
        kiosk.see_text("Six digits")?;
        kiosk.write(&code)?;
        kiosk.press("Done")?;
        kiosk.see("editor")?;
        kiosk.kill()?;
        // As if the power had gone before it was written down; the key was there before.
        std::fs::remove_file(world.path("new/terminal.owner"))?;
        std::fs::remove_file(plan.store())?;
    }
    let row = world.postgres.client()?.query_one("select count(*) from terminal", &[])?;
    assert_eq!(row.get::<_, i64>(0), 1);
    Ok(())
}

#[test]
fn a_wireless_network_is_joined_before_anything_else() -> anyhow::Result<()> {
    let Delivery { world, plan, .. } = Delivery::unpack()?;
    let hall = Hall::open(&world.path("hall.log"))?;
    let mut kiosk = plan.start_at("welcome", &[hall.environment()])?;
    kiosk.press("Continue")?;
    kiosk.see("network")?;
    kiosk.see_text("Guests")?;
    assert_eq!(hall.joined()?, Vec::<String>::new());
    kiosk.press("Hall: 4")?;
    kiosk.see("ask")?;
    kiosk.write("right horse")?;
    kiosk.press("Join")?;
    kiosk.see("network")?;
    kiosk.see_text("Everything answers.")?;
    assert_eq!(hall.joined()?, ["Hall: 4"]);
    // One that is open is joined at once.
    kiosk.see_text("Guests")?;
    kiosk.press("Guests")?;
    wait("the other network", PATIENCE, || {
        Ok((hall.joined()? == ["Guests", "Hall: 4"]).then_some(()))
    })?;
    kiosk.see_text("Everything answers.")?;
    let log = plan.log();
    assert!(!log.contains("right horse") && !log.contains("Hall: 4"), "{log}");
    Ok(())
}

#[test]
fn who_gets_a_file_is_led_past_the_four_words() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let browser = Visitor::at_front(&world)?;
    browser.sign_in_at("/sign-in", ADA)?;
    let radio = Radio::quick(&world.path(""), &["K"])?;
    let broker = format!("mqtt://127.0.0.1:{}", world.broker_port());
    let (out, web) = (world.path("kiosks").display().to_string(), world.web()?);
    let words = ["kiosk", "add", "--owner", &ada.to_string(), "--name", "Hall 3"];
    let places = ["--broker", &broker, "--cloud", &web, "--out", &out];
    let printed = world.operate(&[&words[..], &places].concat())?;
    let mut parts = printed.trim_end().split('\t');
    let terminal: TerminalId = parts.next().unwrap_or_default().parse()?;
    let folder = parts.nth(1).unwrap_or_default();
    let plan = KioskPlan::ready(folder.as_ref(), terminal, &radio.port("K"))?.guided()?;
    let mut kiosk = plan.start_at("welcome", &[])?;
    kiosk.press("Continue")?;
    kiosk.see("network")?;
    kiosk.see_text("Everything answers.")?;
    kiosk.press("Continue")?;
    kiosk.see("enrol")?;
    kiosk.see_text("Say yes there")?;
    let page = browser.open("/account/terminals")?.text;
    let (_, rest) = page.split_once("name=\"key\" value=\"").unwrap_or_default();
    let key = rest.split('"').next().unwrap_or_default();
    let form = [("terminal", terminal.to_string()), ("key", key.to_owned())];
    browser.send("/account/terminals/confirm", &[("terminal", &form[0].1), ("key", &form[1].1)])?;
    kiosk.see("editor")?;
    // The card that the cloud has is there to be looked over.
    kiosk.see_text("Ada Lindqvist")?;
    from_the_card(&mut kiosk, &radio)?;
    Ok(())
}
