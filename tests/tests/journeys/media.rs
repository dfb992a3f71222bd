//! Pictures on cards: sent by a form or by a terminal, made harmless, seen by who holds the card, gone with the account.

use anyhow::Context;
use data_encoding::HEXLOWER;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::Sync;
use tapcard_protocol::touch::{Mode, Surface, TouchToken};
use tapcard_protocol::{AccountId, vcard};
use tapcard_tests::World;
use tapcard_tests::browser::Browser;
use tapcard_tests::people::{ADA, BO, card_file, touch};
use tapcard_tests::visitor::Visitor;

use crate::cloud::linked;

/// A photo by a camera that was held upright, with its maker, its owner and the place in it (Exif).
fn photo() -> anyhow::Result<Vec<u8>> {
    Ok(std::fs::read(card_file("portrait.jpg"))?)
}

/// Ada, signed in at the front door.
fn desk() -> anyhow::Result<(World, AccountId, Visitor)> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let browser = Visitor::at_front(&world)?;
    browser.sign_in_at("/sign-in", ADA)?;
    Ok((world, ada, browser))
}

const FIELDS: [(&str, &str); 5] = [
    ("base", "1"),
    ("name", "Ada Lindqvist"),
    ("title", "Head of Exchange"),
    ("website", "halden.example"),
    ("notify", "yes"),
];

/// The first address of a picture on a page.
fn picture(page: &str) -> anyhow::Result<String> {
    let (_, rest) = page.split_once("src=\"").context("no picture")?;
    let (address, _) = rest.split_once('"').context("no end")?;
    Ok(address.replace("&amp;", "&"))
}

#[test]
fn a_portrait_is_on_every_door_and_says_nothing_of_the_camera() -> anyhow::Result<()> {
    let (world, ada, browser) = desk()?;
    let sent = photo()?;
    assert!(sent.windows(9).any(|it| it == b"Lindqvist"), "the photo tells nothing to begin with");
    let mut phone = world.phone(ada)?;
    let page = browser.send_file("/account/card", &FIELDS, ("picture", &sent))?.text;
    assert!(
        page.contains("<img class=\"face\"") && page.contains("https://halden.example"),
        "{page}"
    );
    let shown = browser.fetch(&picture(&page)?, &[])?;
    assert_eq!((shown.status, shown.media_type.as_str()), (200, "image/jpeg"));
    assert!(shown.bytes.len() <= 512_000);
    for telling in [&b"Lindqvist"[..], b"Exif", b"Field 3"] {
        assert!(!shown.bytes.windows(telling.len()).any(|it| it == telling), "{telling:?}");
    }
    let card = phone.own_card()?;
    let name = card.portrait().context("the phone's card has no picture")?;
    assert!(!card.to_json().contains("base64"), "bytes inside a card");

    // Behind a touch: a link that opens without a session, and a picture inside the file for the address book.
    let mut kiosk = world.bare_terminal(ada, Kind::Kiosk)?;
    let key = kiosk.page(&Sync::default())?.touch_key.context("no key")?;
    let token = TouchToken::new(&key, kiosk.terminal, 1, (Mode::Both, Surface::Code));
    let stranger = Visitor::new(&world, token)?;
    let link = picture(&stranger.open("")?.text)?;
    let front = Visitor::at_front(&world)?;
    assert_eq!(front.fetch(&link, &[])?.bytes, shown.bytes);
    let vcf = stranger.open("/card.vcf")?.text;
    let read = vcard::read(vcf.as_bytes())?;
    let photo = read.photo.context("no picture in the file")?;
    assert!(photo.bytes.starts_with(b"\xff\xd8\xff") && photo.bytes.len() <= 100_000);
    assert!(!vcf.contains("tapcard:"), "{vcf}");

    // The name alone opens nothing, nor does a link to something else or beyond its time.
    for wrong in [
        format!("/media/{name}"),
        link.replace("proof=", "proof=00"),
        link.replace("until=", "until=9"),
        link.replace(&name.to_string(), &"0".repeat(32)),
        "/media/x".to_owned(),
    ] {
        assert_eq!(front.fetch(&wrong, &[])?.status, 404, "{wrong}");
    }
    Ok(())
}

#[test]
fn a_partners_phone_shows_the_picture() -> anyhow::Result<()> {
    let (world, ada, browser) = desk()?;
    let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
    linked(&a.ask(&touch(BO, "Bo", "t1")?)?)?;
    linked(&b.ask(&touch(ADA, "Ada", "t1")?)?)?;
    let mut pages = Browser::start(&world.path("browser.log"))?;
    pages.open("B", &world.page(bo)?)?;
    pages.see("B", "Ada Lindqvist")?;
    browser.send_file("/account/card", &FIELDS, ("picture", &photo()?))?;
    pages.see_picture("B", "Picture of Ada Lindqvist")
}

/// A film that ffmpeg made, with its owner's name and a place in it.
fn film() -> anyhow::Result<Vec<u8>> {
    Ok(std::fs::read(card_file("lift.mp4"))?)
}

#[test]
fn a_film_plays_on_a_partners_phone_and_behind_a_touch() -> anyhow::Result<()> {
    let (world, ada, browser) = desk()?;
    let bo = world.account(BO, Some(&card_file("ios.vcf")))?;
    let (mut a, mut b) = (world.phone(ada)?, world.phone(bo)?);
    linked(&a.ask(&touch(BO, "Bo", "t1")?)?)?;
    linked(&b.ask(&touch(ADA, "Ada", "t1")?)?)?;
    let sent = film()?;
    assert!(sent.windows(9).any(|it| it == b"Lindqvist"), "the film tells nothing to begin with");
    let label = [("exhibit-label", "The lift")];
    let fields: Vec<_> = FIELDS.into_iter().chain(label).collect();
    let page = browser.send_file("/account/card", &fields, ("exhibit", &sent))?.text;
    assert!(page.contains("Take away: The lift"), "{page}");
    let logo = std::fs::read(card_file("logo.png"))?;
    let second: Vec<_> = [("base", "2")].into_iter().chain(FIELDS.into_iter().skip(1)).collect();
    let page = browser.send_file("/account/card", &second, ("logo", &logo))?.text;
    assert!(page.contains("class=\"logo\"") && page.contains("Take the logo away"), "{page}");

    let mut kiosk = world.bare_terminal(ada, Kind::Kiosk)?;
    let key = kiosk.page(&Sync::default())?.touch_key.context("no key")?;
    let token = TouchToken::new(&key, kiosk.terminal, 1, (Mode::Both, Surface::Code));
    let stranger = Visitor::new(&world, token)?;
    let landing = stranger.open("")?.text;
    let (_, behind) = landing.split_once("<video ").context("no film")?;
    let shown = Visitor::at_front(&world)?.fetch(&picture(behind)?, &[])?;
    assert_eq!((shown.status, shown.media_type.as_str()), (200, "video/mp4"));
    assert!(!shown.bytes.windows(9).any(|it| it == b"Lindqvist"));

    let mut pages = Browser::start(&world.path("browser.log"))?;
    pages.open_plain("visitor", &format!("{}/T/{token}", world.web()?))?;
    pages.play("visitor", "The lift")?;
    pages.open("B", &world.page(bo)?)?;
    pages.see("B", "Ada Lindqvist")?;
    pages.press("B", "Show: The lift")?;
    pages.play("B", "The lift")?;
    pages.open("A", &world.page(ada)?)?;
    pages.see_picture("A", "Logo")
}

#[test]
fn a_film_is_no_face_and_three_things_are_enough() -> anyhow::Result<()> {
    let (_world, _, browser) = desk()?;
    for field in ["picture", "logo"] {
        let page = browser.send_file("/account/card", &FIELDS, (field, &film()?))?.text;
        assert!(page.contains("This is no picture") && page.contains("Head of Exchange"), "{page}");
    }
    let gif = std::fs::read(card_file("lift.gif"))?;
    let fields = |base| [[("base", base)].as_slice(), &FIELDS[1..]].concat();
    for base in ["1", "2", "3"] {
        browser.send_file("/account/card", &fields(base), ("exhibit", &gif))?;
    }
    let page = browser.send_file("/account/card", &fields("4"), ("exhibit", &gif))?.text;
    assert!(page.contains("A card shows three of these at most"), "{page}");
    let (_, name) = page.split_once("name=\"no-exhibit\" value=\"").context("nothing to drop")?;
    let drop = [("no-exhibit", &name[..32])];
    let fields = [fields("4").as_slice(), &drop].concat();
    let page = browser.send_file("/account/card", &fields, ("exhibit", &film()?))?.text;
    assert!(page.contains("Take away: Film") && !page.contains("at most"), "{page}");
    assert_eq!(page.matches("Take away: Animation").count(), 2);
    Ok(())
}

#[test]
fn what_is_no_picture_is_refused_in_words_and_nothing_written_is_lost() -> anyhow::Result<()> {
    let (world, _, browser) = desk()?;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let page = browser.send_file("/account/card", &FIELDS, ("picture", svg))?.text;
    assert!(page.contains("This is no picture") && page.contains("Head of Exchange"), "{page}");
    let cut = &photo()?[..400];
    let page = browser.send_file("/account/card", &FIELDS, ("picture", cut))?.text;
    assert!(
        page.contains("only a part of it has come") && page.contains("Head of Exchange"),
        "{page}"
    );
    let mut db = world.postgres.client()?;
    let n_media: i64 = db.query_one("select count(*) from media", &[])?.get(0);
    assert_eq!(n_media, 0);
    let nameless = [("base", "1"), ("name", " "), ("title", "Head of Exchange")];
    let page = browser.send_file("/account/card", &nameless, ("picture", b""))?.text;
    assert!(page.contains("A card needs a name") && page.contains("Head of Exchange"), "{page}");
    Ok(())
}

#[test]
fn an_edit_from_an_old_page_is_merged_or_refused() -> anyhow::Result<()> {
    let (world, ada, browser) = desk()?;
    let mut phone = world.phone(ada)?;
    let page = browser.open("/account/card")?.text;
    assert!(page.contains("name=\"base\" value=\"1\""), "{page}");
    let card = phone.own_card()?;
    let mut edited = card.clone();
    edited.set_organisation("Elsewhere AG");
    phone.update_card(tapcard_protocol::Edition(1), edited)?;
    let mail = card.mails().next().unwrap_or_default().to_owned();
    let fields = |title: &str, organisation: &str| {
        let it = [
            ("base", "1"),
            ("name", &card.name()),
            ("mail", &mail),
            ("title", title),
            ("organisation", organisation),
        ];
        browser.send_file("/account/card", &it, ("picture", b"")).map(|it| it.text)
    };
    let page = fields("Head of Exchange", card.organisation())?;
    assert!(page.contains("Elsewhere AG") && page.contains("Head of Exchange"), "{page}");
    let page = fields(card.title(), "Halden GmbH")?;
    assert!(page.contains("was changed elsewhere") && page.contains("Elsewhere AG"), "{page}");
    Ok(())
}

#[test]
fn a_terminal_sends_and_fetches_with_its_token_until_it_is_revoked() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let phone = world.terminal(ada, Kind::Phone)?;
    let bearer = format!("Bearer {}", world.token(phone)?);
    let heads = [("Authorization", bearer.as_str())];
    let front = Visitor::at_front(&world)?;
    assert_eq!(front.post("/media", &[], &photo()?)?.status, 401);
    let kept = front.post("/media", &heads, &photo()?)?;
    assert_eq!(kept.status, 200, "{}", String::from_utf8_lossy(&kept.bytes));
    let kept: serde_json::Value = serde_json::from_slice(&kept.bytes)?;
    let name = kept["reference"].as_str().context("no reference")?.replace("tapcard:", "/");
    let whole = front.fetch(&name, &heads)?;
    assert_eq!((whole.status, kept["size"].as_u64()), (200, Some(whole.bytes.len() as u64)));
    let part = front.fetch(&name, &[heads[0], ("Range", "bytes=2-5")])?;
    assert_eq!((part.status, &part.bytes[..]), (206, &whole.bytes[2..6]));
    assert_eq!(front.fetch(&name, &[("Authorization", "Bearer x.y.z")])?.status, 404);

    // So many and no more; and a worker of the web part that is given rubbish goes on.
    let refused = front.post("/media", &heads, b"%PDF-1.7 nothing behind it")?;
    assert_eq!(refused.status, 422);
    let mut db = world.postgres.client()?;
    db.execute(
        "insert into media (name, account_id, media_type, sha256, bytes)
         select decode(md5(n::text), 'hex'), $1, 'image/jpeg', sha256('x'), 'x' from generate_series(1, 19) n",
        &[&ada.as_i64()],
    )?;
    let full = front.post("/media", &heads, &photo()?)?;
    assert_eq!(full.status, 422);
    assert!(String::from_utf8_lossy(&full.bytes).contains("as many pictures"));

    world.operate(&["terminal", "revoke", &phone.to_string()])?;
    assert_eq!(front.fetch(&name, &heads)?.status, 404);
    assert_eq!(front.post("/media", &heads, &photo()?)?.status, 401);
    Ok(())
}

#[test]
fn a_closed_accounts_pictures_are_in_no_dump() -> anyhow::Result<()> {
    let (world, ada, browser) = desk()?;
    let page = browser.send_file("/account/card", &FIELDS, ("picture", &photo()?))?.text;
    let shown = browser.fetch(&picture(&page)?, &[])?.bytes;
    // Behind what all JPEGs begin with.
    let some = shown.get(700..764).context("a small picture")?;
    let hex = HEXLOWER.encode(some);
    let is_kept = || anyhow::Ok(world.postgres.dump()?.contains(&hex));
    assert!(is_kept()?);
    // One that no card shows goes after a day.
    let mut db = world.postgres.client()?;
    let mut a_day_passes =
        || db.execute("update media set unused_at = unused_at - interval '2 days'", &[]);
    world.operate(&["housekeep"])?;
    a_day_passes()?;
    world.operate(&["housekeep"])?;
    assert!(is_kept()?, "it is on the card");
    let away = [("base", "2"), ("name", "Ada Lindqvist"), ("no-picture", "yes")];
    let page = browser.send_file("/account/card", &away, ("picture", b""))?.text;
    assert!(!page.contains("<img"), "{page}");
    world.operate(&["housekeep"])?;
    assert!(is_kept()?, "who has the card of a moment ago may still fetch it");
    a_day_passes()?;
    world.operate(&["housekeep"])?;
    assert!(!is_kept()?, "no card shows it");

    let fields = [("base", "3"), ("name", "Ada Lindqvist")];
    browser.send_file("/account/card", &fields, ("picture", &photo()?))?;
    assert!(is_kept()?);
    world.operate(&["account", "cancel", &ada.to_string(), "--now"])?;
    assert!(!is_kept()?, "the account is closed");
    Ok(())
}
