//! Kiosks as the operator gets them: a folder with a code, a key that the device makes, four words that the owner compares.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use tapcard_protocol::Edition;
use tapcard_protocol::enrolment::{Base64, words};
use tapcard_tests::World;
use tapcard_tests::kiosk::{Kiosk, KioskPlan, PIN};
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, BO, CY, card, card_file};
use tapcard_tests::visitor::Visitor;

use crate::office::{self, Office, folder, key};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_kiosk_works_when_its_owner_has_compared_four_words() -> anyhow::Result<()> {
    let office = Office::open()?;
    let made = office.add()?;
    let (terminal, folder) = &made;
    let mode = std::fs::metadata(folder.join("kiosk.toml"))?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "everybody reads the code");
    let page = office.browser.open("/account/terminals")?.text;
    assert!(page.contains("Hall 3") && page.contains("Waits for the kiosk"), "{page}");

    let mut kiosk = office.start(&made)?;
    kiosk.see("enrol")?;
    let page = office.browser.open("/account/terminals")?.text;
    let key_text = key(&page)?;
    let bytes = data_encoding::BASE64URL_NOPAD.decode(key_text.as_bytes())?;
    let shown = words(*terminal, &Base64(bytes.try_into().ok().context("no key")?));
    for word in shown {
        kiosk.see_text(word)?;
        assert!(page.contains(&format!("<li>{word}</li>")), "{page}");
    }
    let other = key_text.chars().rev().collect::<String>();
    office.confirm(*terminal, &other)?;
    assert!(
        office.browser.open("/account/terminals")?.text.contains(&key_text),
        "another key counted"
    );
    assert!(!office.confirm(*terminal, &key_text)?.contains("name=\"key\""));

    kiosk.see_text("Ada Lindqvist")?;
    office.radio.lay("K", &card("ios.vcf")?)?;
    kiosk.see("confirm")?;
    kiosk.press("Swap")?;
    kiosk.see_text("Kept in the cloud too")?;
    let row = office.world.postgres.client()?.query_one("select place from exchange", &[])?;
    assert_eq!(row.get::<_, &str>(0), "Hall 3");
    let list = office.world.operate(&["kiosk", "list", "--owner", &office.owner.to_string()])?;
    assert!(list.contains("\tin use\ttapcard-kiosk ") && list.contains("Hall 3"), "{list}");

    // Switched off, it keeps what it has and says so; another takes its place.
    let printed = office.kiosk(&["replace", &terminal.to_string()])?;
    let new = office::folder(&printed)?;
    assert!(new.0 != *terminal && printed.contains("Hall 3"), "{printed}");
    kiosk.see_text("switched off")?;
    let again = office.kiosk(&["replace", &terminal.to_string()]).unwrap_err().to_string();
    assert!(again.contains("switched off already"), "{again}");
    Ok(())
}

#[test]
fn a_kiosk_is_called_by_its_name_and_stands_at_an_event() -> anyhow::Result<()> {
    let office = Office::open()?;
    let (terminal, folder) = office.add()?;
    let plan = KioskPlan::ready(&folder, terminal, &office.radio.port("K"))?.thanking_for(15)?;
    let plan = plan.set("name = \"Bar, left\"\nevent = \"Spring Fair\"")?;
    let mut kiosk = plan.start()?;
    kiosk.see("enrol")?;
    office.confirm(terminal, &key(&office.browser.open("/account/terminals")?.text)?)?;
    kiosk.see_text("Spring Fair, Hall 3")?;
    let page = office.browser.open("/account/terminals")?.text;
    assert!(page.contains("<p class=\"who\">Bar, left</p>") && page.contains("Hall 3"), "{page}");
    let list = office.world.operate(&["kiosk", "list", "--owner", &office.owner.to_string()])?;
    assert!(list.contains("Bar, left") && list.contains("Hall 3"), "{list}");
    office.radio.lay("K", &card("ios.vcf")?)?;
    kiosk.see("confirm")?;
    kiosk.press("Swap")?;
    kiosk.see_text("Kept in the cloud too")?;
    let row = office.world.postgres.client()?.query_one("select place from exchange", &[])?;
    assert_eq!(row.get::<_, &str>(0), "Spring Fair, Hall 3");
    Ok(())
}

#[test]
fn the_owners_picture_is_on_the_kiosk_and_stays_there_offline() -> anyhow::Result<()> {
    let mut office = Office::open()?;
    let made = office.add()?;
    let mut kiosk = office.start(&made)?;
    kiosk.see("enrol")?;
    let key = key(&office.browser.open("/account/terminals")?.text)?;
    office.confirm(made.0, &key)?;
    kiosk.see_text("Ada Lindqvist")?;
    let letters = |kiosk: &mut Kiosk| anyhow::Ok(kiosk.read()?.contains(&"AL".to_owned()));
    assert!(letters(&mut kiosk)?, "letters until there is a picture");
    let fields = [("base", "1"), ("name", "Ada Lindqvist"), ("notify", "yes")];
    let photo = std::fs::read(card_file("portrait.jpg"))?;
    office.browser.send_file("/account/card", &fields, ("picture", &photo))?;
    wait("the picture", PATIENCE, || Ok((!letters(&mut kiosk)?).then_some(())))?;
    kiosk.stop()?;
    office.world.kill_broker();
    office.world.kill_worker();
    let mut kiosk = kiosk.plan.start()?;
    wait("the picture", PATIENCE, || Ok((!letters(&mut kiosk)?).then_some(())))
}

#[test]
fn what_there_is_to_look_at_hangs_at_the_kiosk_also_offline() -> anyhow::Result<()> {
    let mut office = Office::open()?;
    let made = office.add()?;
    let plan = KioskPlan::ready(&made.1, made.0, &office.radio.port("K"))?;
    let mut kiosk = plan.set("page = \"https://cards.example.org\"")?.start()?;
    kiosk.see("enrol")?;
    let key = key(&office.browser.open("/account/terminals")?.text)?;
    office.confirm(made.0, &key)?;
    kiosk.see_text("Ada Lindqvist")?;
    let card = |base: &'static str| [("base", base), ("name", "Ada Lindqvist"), ("notify", "yes")];
    let file = |name: &str| anyhow::Ok(std::fs::read(card_file(name))?);
    let gif = [card("1").as_slice(), &[("exhibit-label", "The lift")]].concat();
    office.browser.send_file("/account/card", &gif, ("exhibit", &file("lift.gif")?))?;
    office.browser.send_file("/account/card", &card("2"), ("exhibit", &file("lift.mp4")?))?;
    office.browser.send_file("/account/card", &card("3"), ("logo", &file("logo.png")?))?;
    let look = |kiosk: &mut Kiosk| {
        kiosk.press("Look at our card")?;
        kiosk.see_text("Film")?;
        kiosk.press("The lift")?;
        kiosk.see_text("Picture")?;
        kiosk.press("Film")?;
        kiosk.see_text("Scan it: your phone plays it.")?;
        kiosk.press("Back")
    };
    // The last of the three is there: what the card names is fetched by then, or is on its way.
    wait("the logo", PATIENCE, || {
        let kept: i64 = rusqlite::Connection::open(kiosk.plan.store())?.query_row(
            "SELECT count(*) FROM own_media",
            [],
            |row| row.get(0),
        )?;
        Ok((kept == 2).then_some(()))
    })?;
    look(&mut kiosk)?;
    kiosk.stop()?;
    office.world.kill_broker();
    office.world.kill_worker();
    let mut kiosk = kiosk.plan.start()?;
    look(&mut kiosk)
}

#[test]
fn a_code_is_good_for_one_key_and_a_stranger_confirms_nothing() -> anyhow::Result<()> {
    let office = Office::open()?;
    let made = office.add()?;
    let settings = std::fs::read_to_string(made.1.join("kiosk.toml"))?;
    let front = Visitor::at_front(&office.world)?;
    let code = settings
        .lines()
        .find_map(|it| it.strip_prefix("code = "))
        .context("no code")?
        .trim_matches('"');
    let redeem = |code: &str, key: u8| {
        let key = Base64([key; 32]);
        let body = serde_json::json!({ "terminal": made.0, "code": code, "key": key }).to_string();
        let heads = [("content-type", "application/json")];
        front.post("/kiosk/redeem", &heads, body.as_bytes()).map(|it| it.status)
    };
    assert_eq!(redeem("aaaa-aaaa-aaaa-aaaa", 1)?, 403, "a guess");
    assert_eq!(redeem(&code.to_uppercase(), 1)?, 200);
    assert_eq!(redeem(code, 1)?, 200, "an answer may be lost");
    assert_eq!(redeem(code, 2)?, 403, "another key");

    // Nobody but the owner, and not without a fresh proof.
    let key = key(&office.browser.open("/account/terminals")?.text)?;
    let stranger = Visitor::at_front(&office.world)?;
    stranger.sign_in_at("/sign-in", BO)?;
    let terminal = made.0.to_string();
    let form = [("terminal", terminal.as_str()), ("key", key.as_str())];
    for path in ["/account/terminals/confirm", "/account/terminals/end"] {
        assert!(stranger.send(path, &form)?.text.contains("does not wait for you"));
    }
    let mut db = office.world.postgres.client()?;
    db.batch_execute("update web_session set proved_at = now() - interval '16 minutes'")?;
    let page = office.confirm(made.0, &key)?;
    assert!(page.contains("so we send you a code"), "{page}");
    let confirmed = "select confirmed_at is not null or ended_at is not null from terminal where key is not null";
    assert!(!db.query_one(confirmed, &[])?.get::<_, bool>(0));
    // A kiosk that came second is refused, and one that is too late.
    let mut late = office.start(&made)?;
    late.see_text("its code is used up")?;
    Ok(())
}

#[test]
fn kiosks_come_by_the_dozen_with_a_table() -> anyhow::Result<()> {
    let office = Office::open()?;
    let table = office.world.path("kiosks.csv");
    let (owner, path) = (office.owner.to_string(), table.display().to_string());
    let printed = office
        .kiosk(&["add", "--owner", &owner, "--name", "Hall 3", "--count", "2", "--csv", &path])?;
    let lines: Vec<Vec<&str>> = printed.lines().map(|it| it.split('\t').collect()).collect();
    assert_eq!((lines.len(), lines[0][1], lines[1][1]), (2, "Hall 3 1", "Hall 3 2"), "{printed}");
    let written = std::fs::read_to_string(&table)?;
    let settings = std::fs::read_to_string(Path::new(lines[1][2]).join("kiosk.toml"))?;
    let code = written.lines().nth(2).and_then(|it| it.rsplit(',').next()).context("no code")?;
    assert!(settings.contains(&format!("code = \"{code}\"")), "{written}\n{settings}");
    let desk = office.world.operate(&[
        "kiosk",
        "add",
        "--owner",
        &owner,
        "--name",
        "x",
        "--broker",
        "mqtt://a:1",
    ]);
    assert!(desk.unwrap_err().to_string().contains("say --cloud"));
    let wrong = office.kiosk(&["add", "--owner", "0000000000001", "--name", "x"]);
    let why = wrong.err().context("a kiosk of nobody")?.to_string();
    assert!(why.contains("there is no account 0000000000001"), "{why}");
    Ok(())
}

#[test]
fn an_organisers_kiosk_introduces_two_who_then_have_each_other() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
    let cy = world.account(CY, None)?;
    let office = Office::of(world, cy, CY)?;
    let owner = cy.to_string();
    let made =
        folder(&office.kiosk(&["add", "--organiser", "--owner", &owner, "--name", "Foyer"])?)?;
    let mut kiosk = office.start(&made)?;
    kiosk.see("enrol")?;
    let key = key(&office.browser.open("/account/terminals")?.text)?;
    office.confirm(made.0, &key)?;
    kiosk.see_text("both meet")?;
    for (card_of, says) in [
        ("ada.vcf", "Hold the other badge"),
        ("ios.vcf", "hold it at the arrow again"),
        ("ada.vcf", "are asked on their own phones"),
    ] {
        office.radio.lay("K", &card(card_of)?)?;
        kiosk.see_text(says)?;
        office.radio.clear("K")?;
    }
    let (mut a, mut b) = (office.world.phone(ada)?, office.world.phone(bo)?);
    wait("the introduction", PATIENCE, || {
        let n_offers =
            office.world.postgres.client()?.query_one("select count(*) from offer", &[])?;
        Ok((n_offers.get::<_, i64>(0) == 2).then_some(()))
    })?;
    a.accept(bo)?;
    b.accept(ada)?;
    a.card_of(bo, Edition(1))?;
    b.card_of(ada, Edition(1))?;
    let mut db = office.world.postgres.client()?;
    for of_nobody in ["contact", "exchange"] {
        let text = format!("select count(*) from {of_nobody} where account_id = $1");
        assert_eq!(db.query_one(&text, &[&cy.as_i64()])?.get::<_, i64>(0), 0, "{of_nobody}");
    }
    Ok(())
}

#[test]
fn the_owner_gets_the_way_to_the_contacts_by_mail() -> anyhow::Result<()> {
    const MAIL: &str = "ada@example.org";
    let office = Office::open()?;
    let made = office.add()?;
    let plan = KioskPlan::ready(&made.1, made.0, &office.radio.port("K"))?;
    let mut kiosk = plan.set(&format!("staff_pin = \"{PIN}\""))?.start()?;
    kiosk.see("enrol")?;
    let key = key(&office.browser.open("/account/terminals")?.text)?;
    office.confirm(made.0, &key)?;
    kiosk.see_text("Ada Lindqvist")?;
    kiosk.unlock()?;
    kiosk.press("Menu")?;
    kiosk.see("menu")?;
    kiosk.press("USB stick")?;
    kiosk.see("stick")?;
    kiosk.press("Mail me a link to them")?;
    kiosk.see_text("No mail address is known")?;
    office.browser.send("/account/mail", &[("mail", MAIL)])?;
    let code = office.browser.code(MAIL, 0)?;
    office.browser.send("/account/mail/enter", &[("code", &code)])?;
    kiosk.press("Mail me a link to them")?;
    kiosk.see_text("Mail is on its way")?;
    let mails = office.browser.messages(MAIL)?;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].contains("/account/export"), "{}", mails[1]);
    kiosk.press("Mail me a link to them")?;
    kiosk.see_text("There was mail already")?;
    // Strangers cannot ask for it, nor can a browser.
    let asked =
        office.browser.post("/kiosk/export", &[("content-type", "application/json")], b"null")?;
    assert_eq!(asked.status, 401);
    Ok(())
}
