//! The page behind a touch, without a script: who may see what, signing in, and swapping cards.

use anyhow::Context;
use std::thread;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::Sync;
use tapcard_protocol::touch::{Mode, Surface, TouchKey, TouchToken};
use tapcard_protocol::{AccountId, Edition};
use tapcard_tests::World;
use tapcard_tests::people::{ADA, BO, CY, card_file};
use tapcard_tests::phone::Phone;
use tapcard_tests::visitor::Visitor;

/// Ada's kiosk, with the key that the cloud gave it.
pub(crate) struct Booth {
    pub(crate) world: World,
    pub(crate) ada: AccountId,
    pub(crate) kiosk: Phone,
    pub(crate) key: TouchKey,
}

impl Booth {
    pub(crate) fn open() -> anyhow::Result<Booth> {
        let world = World::start()?;
        let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
        let mut kiosk = world.bare_terminal(ada, Kind::Kiosk)?;
        let key = kiosk.page(&Sync::default())?.touch_key.context("no key")?;
        Ok(Booth { world, ada, kiosk, key })
    }

    pub(crate) fn token(&self, counter: u32, mode: Mode, surface: Surface) -> TouchToken {
        TouchToken::new(&self.key, self.kiosk.terminal, counter, (mode, surface))
    }

    pub(crate) fn visitor(&self, counter: u32, mode: Mode) -> anyhow::Result<Visitor> {
        Visitor::new(&self.world, self.token(counter, mode, Surface::Code))
    }

    pub(crate) fn count(&self, what: &str) -> anyhow::Result<i64> {
        let row = self
            .world
            .postgres
            .client()?
            .query_one(&format!("select count(*) from {what}"), &[])?;
        Ok(row.get(0))
    }
}

/// A number as it is stored.
pub(crate) fn dense(number: &str) -> String {
    number.split_whitespace().collect()
}

#[test]
fn a_visitor_swaps_cards_with_nothing_but_a_phone_number() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let visitor = booth.visitor(1, Mode::Both)?;
    let landing = visitor.open("")?;
    assert_eq!(landing.status, 200);
    assert!(landing.text.contains("Send mine back"), "{}", landing.text);
    let vcard = visitor.open("/card.vcf")?.text;
    assert!(vcard.starts_with("BEGIN:VCARD\r\nVERSION:3.0"), "{vcard}");

    assert!(visitor.open("/send")?.text.contains("Send me a code"));
    assert!(visitor.sign_in(BO)?.text.contains("Write your card"));
    let again = visitor.send("/card", &[("name", " ")])?;
    assert!(again.text.contains("A card needs a name."));
    let card = [
        ("name", "Bo Okafor"),
        ("title", "Lead"),
        ("organisation", ""),
        ("mail", "bo@example.org"),
    ];
    assert!(visitor.send("/card", &card)?.text.contains("Send my card"));
    assert_eq!(booth.count("exchange")?, 0, "nothing was sent before the yes");
    assert!(visitor.send("/send", &[])?.text.contains("Swapped"));

    let mut ada = booth.world.phone(booth.ada)?;
    ada.sync()?;
    let (edition, read) = ada.book.values().next().context("Ada has nobody's card")?;
    assert_eq!((*edition, read.name(), read.title()), (Edition(1), "Bo Okafor".into(), "Lead"));
    assert_eq!(read.phones().next().context("no number")?.number, BO);
    let bo = *ada.book.keys().next().context("nobody")?;
    let mut phone = booth.world.phone(bo)?;
    phone.sync()?;
    assert_eq!(phone.book.get(&booth.ada).map(|it| it.0), Some(Edition(1)));
    // Both logs have it, from their own sides, with the numbers as they were.
    let mut db = booth.world.postgres.client()?;
    let rows = db.query("select agreed from exchange", &[])?;
    assert!(rows.iter().all(|it| it.get::<_, &str>(0).starts_with("page-")));
    let rows =
        db.query("select account_id, partner, direction from exchange order by partner", &[])?;
    let rows: Vec<(i64, String, String)> =
        rows.iter().map(|it| (it.get(0), it.get(1), it.get(2))).collect();
    let mut wanted = vec![
        (booth.ada.as_i64(), dense(BO), "both".to_owned()),
        (bo.as_i64(), dense(ADA), "both".to_owned()),
    ];
    wanted.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(rows, wanted);

    // Sending it again, or going back, changes nothing.
    assert!(visitor.send("/send", &[])?.text.contains("Swapped"));
    assert!(visitor.open("/send")?.text.contains("Swapped"));
    assert_eq!(booth.count("exchange")?, 2);
    let log = std::fs::read_to_string(booth.world.path("worker.log"))?;
    assert!(!log.contains(&dense(BO)) && !log.contains("/T/"), "the log names a number or a touch");
    Ok(())
}

#[test]
fn a_double_tap_on_the_claim_of_a_tag_is_one_claim() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let mut visitor = booth.visitor(1, Mode::Both)?;
    visitor.sign_in(BO)?;
    visitor.send("/card", &[("name", "Bo")])?;
    for counter in 10..20 {
        let token = booth.token(counter, Mode::Both, Surface::Tag);
        visitor.go_to(&booth.world, token)?;
        visitor.open("")?;
        thread::scope(|scope| {
            let taps = [(); 2].map(|()| scope.spawn(|| visitor.send("/send", &[])));
            for tap in taps {
                let page = tap.join().expect("a tap panicked")?.text;
                assert!(page.contains("Swapped"), "{page}");
            }
            anyhow::Ok(())
        })?;
    }
    assert_eq!(booth.count("exchange")?, 20);
    Ok(())
}

#[test]
fn the_mode_binds_the_page() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let taker = booth.visitor(1, Mode::Take)?;
    let page = taker.open("")?.text;
    assert!(page.contains("Send mine") && !page.contains("card.vcf") && !page.contains("tel:"));
    assert_eq!(taker.open("/card.vcf")?.status, 410);
    taker.sign_in(BO)?;
    taker.send("/card", &[("name", "Bo")])?;
    assert!(taker.send("/send", &[])?.text.contains("has your card"));
    let live = "contact where link = 'live'";
    assert_eq!(booth.count(live)?, 1, "who takes gave something");

    let giver = booth.visitor(2, Mode::Give)?;
    assert!(!giver.open("")?.text.contains("Send mine"));
    giver.sign_in(CY)?;
    assert!(giver.send("/send", &[])?.text.contains("stays up to date"));
    assert_eq!(booth.count(live)?, 2);
    let mut ada = booth.world.phone(booth.ada)?;
    ada.sync()?;
    assert_eq!(ada.book.len(), 1, "who gives took something");
    Ok(())
}

#[test]
fn forged_old_and_used_up_touches_show_nothing() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let other = TouchKey { key: [9; 32], ..booth.key.clone() };
    let shown = (Mode::Both, Surface::Tag);
    let forged = TouchToken::new(&other, booth.kiosk.terminal, 1, shown);
    let nobodys =
        TouchToken::new(&booth.key, booth.world.terminal(booth.ada, Kind::Phone)?, 1, shown);
    for token in [forged, nobodys] {
        let seen = Visitor::new(&booth.world, token)?.open("")?;
        assert_eq!(seen.status, 410);
        assert!(!seen.text.contains("Lindqvist"));
    }

    // A tag's touch is for one person, a code's for twenty.
    let tag = booth.token(2, Mode::Both, Surface::Tag);
    let (first, second) = (Visitor::new(&booth.world, tag)?, Visitor::new(&booth.world, tag)?);
    for (visitor, number) in [(&first, BO), (&second, CY)] {
        visitor.sign_in(number)?;
        visitor.send("/card", &[("name", "Visitor")])?;
    }
    assert!(first.send("/send", &[])?.text.contains("Swapped"));
    assert_eq!(second.send("/send", &[])?.status, 410);
    assert_eq!(second.open("")?.status, 410);
    assert_eq!(first.open("/send")?.status, 200);

    let mut db = booth.world.postgres.client()?;
    let late = booth.visitor(3, Mode::Both)?;
    assert_eq!(late.open("")?.status, 200);
    db.batch_execute("update touch set seen_at = now() - interval '31 minutes'")?;
    assert_eq!(late.open("")?.status, 410);
    let old = booth.visitor(4, Mode::Both)?;
    db.batch_execute("update touch_key set made_at = now() - interval '73 hours'")?;
    assert_eq!(old.open("")?.status, 410);
    Ok(())
}

#[test]
fn a_visitor_changes_the_own_card_before_it_goes() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    booth.world.account(BO, Some(&card_file("ios.vcf")))?;
    let mut visitor = booth.visitor(1, Mode::Both)?;
    let token = booth.token(1, Mode::Both, Surface::Code);
    let page = visitor.sign_in(BO)?.text;
    let link = format!("/account/card?touch={token}");
    assert!(page.contains(&link), "{page}");
    let front = visitor.at(&booth.world, "")?;
    assert!(front.open(&link)?.text.contains(&format!("value=\"{token}\"")));
    let told = token.to_string();
    let fields =
        [("base", "1"), ("touch", told.as_str()), ("name", "Bo Okafor"), ("title", "Captain")];
    let page = front.send_file("/account/card", &fields, ("picture", b""))?.text;
    assert!(page.contains("Captain") && page.contains("Send my card"), "{page}");
    visitor.go_to(&booth.world, token)?;
    assert!(visitor.send("/send", &[])?.text.contains("Swapped"));
    let mut ada = booth.world.phone(booth.ada)?;
    ada.sync()?;
    assert_eq!(ada.book.values().map(|it| it.1.title()).collect::<Vec<_>>(), ["Captain"]);
    // What is no touch leads nowhere.
    let away = front.open("/account/card?touch=//evil.example")?.text;
    assert!(!away.contains("evil"), "{away}");
    Ok(())
}

#[test]
fn a_visitor_swaps_cards_with_nothing_but_a_mail_address() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let visitor = booth.visitor(1, Mode::Both)?;
    assert!(visitor.open("/send")?.text.contains("/mail\">Use a mail address instead"));
    assert!(visitor.open("/mail")?.text.contains("type=\"email\""));
    let page = visitor.sign_in("cy@example.org")?.text;
    assert!(
        page.contains("Write your card") && page.contains("value=\"cy@example.org\""),
        "{page}"
    );
    let card = [("name", "Cy Chen"), ("mail", "cy@example.org")];
    assert!(visitor.send("/card", &card)?.text.contains("Send my card"));
    assert!(visitor.send("/send", &[])?.text.contains("Swapped"));
    let mut ada = booth.world.phone(booth.ada)?;
    ada.sync()?;
    let (cy, (edition, read)) = ada.book.iter().next().context("Ada has nobody's card")?;
    assert_eq!((*edition, read.name(), read.phones().count()), (Edition(1), "Cy Chen".into(), 0));
    // He changes it later, and she has it.
    let mut his = booth.world.phone(*cy)?;
    let owner = *cy;
    his.update_card(Edition(1), tapcard_protocol::Card::named("Cy C."))?;
    assert_eq!(ada.card_of(owner, Edition(2))?.name(), "Cy C.");
    Ok(())
}

#[test]
fn two_phones_on_one_code_are_two_exchanges() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    for (number, name) in [(BO, "Bo"), (CY, "Cy")] {
        let visitor = booth.visitor(1, Mode::Both)?;
        visitor.sign_in(number)?;
        visitor.send("/card", &[("name", name)])?;
        assert!(visitor.send("/send", &[])?.text.contains("Swapped"));
        assert!(visitor.send("/send", &[])?.text.contains("Swapped"), "twice");
    }
    let mut ada = booth.world.phone(booth.ada)?;
    ada.sync()?;
    let mut names: Vec<String> = ada.book.values().map(|it| it.1.name()).collect();
    names.sort();
    assert_eq!(names, ["Bo", "Cy"]);
    assert_eq!(booth.count("exchange")?, 4);
    Ok(())
}

#[test]
fn the_owner_and_the_blocked_swap_nothing() -> anyhow::Result<()> {
    let booth = Booth::open()?;
    let owner = booth.visitor(1, Mode::Both)?;
    owner.sign_in(ADA)?;
    assert!(owner.send("/send", &[])?.text.contains("your own card"));
    let visitor = booth.visitor(2, Mode::Both)?;
    visitor.sign_in(BO)?;
    visitor.send("/card", &[("name", "Bo")])?;
    let mut db = booth.world.postgres.client()?;
    db.execute(
        "insert into block (account_id, other_id) select $1, account_id from identifier where identifier = $2",
        &[&booth.ada.as_i64(), &dense(BO)],
    )?;
    assert_eq!(visitor.send("/send", &[])?.status, 410);
    assert_eq!(booth.count("exchange")?, 0);
    Ok(())
}
