//! Bad input ends in a clear sentence for the person who can act, with nothing lost and nothing crashed.

use std::fs;
use std::process::Command;
use std::time::Duration;

use tapcard_tests::World;
use tapcard_tests::kiosk::Kiosk;
use tapcard_tests::patience::wait;
use tapcard_tests::people::{ADA, card, card_file};
use tapcard_tests::program::path;
use tapcard_tests::radio::Radio;

/// How long a row may take to arrive on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A world with Ada's kiosk.
fn booth() -> anyhow::Result<(Kiosk, Radio, World)> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let radio = Radio::quick(&world.path(""), &["K"])?;
    let mut kiosk = world.kiosk_plan(ada, &radio, "K")?.thanking_for(15)?.start()?;
    kiosk.see_cloud()?;
    Ok((kiosk, radio, world))
}

/// The next visitor is served as if nothing had been.
fn next_visitor_swaps(kiosk: &mut Kiosk, radio: &Radio) -> anyhow::Result<()> {
    radio.lay("K", &card("ios.vcf")?)?;
    kiosk.see("confirm")?;
    kiosk.press("Swap")?;
    kiosk.see("done")
}

#[test]
fn a_broken_badge_is_named_and_the_next_one_is_read() -> anyhow::Result<()> {
    let (mut kiosk, radio, _world) = booth()?;
    radio.lay_message("K", &[0xD2, 0xFF, 0xFF, 0x01, 0x02], "")?;
    kiosk.see_text("That badge can’t be read")?;
    radio.lay_message(
        "K",
        &tapcard_nfc::ndef::encode(&[tapcard_nfc::ndef::Record::uri("https://a.example/")])?,
        "",
    )?;
    kiosk.see_text("No card on that badge")?;
    next_visitor_swaps(&mut kiosk, &radio)
}

#[test]
fn a_badge_pulled_away_half_way_asks_for_another_try() -> anyhow::Result<()> {
    let (mut kiosk, radio, _world) = booth()?;
    let message = tapcard_nfc::ndef::encode(&[tapcard_nfc::ndef::Record::mime(
        "text/vcard",
        &card("ios.vcf")?,
    )])?;
    radio.lay_message("K", &message, "torn 2")?;
    kiosk.see("late")?;
    kiosk.see_text("Try again")?;
    next_visitor_swaps(&mut kiosk, &radio)
}

#[test]
fn two_badges_at_once_are_asked_to_come_one_by_one() -> anyhow::Result<()> {
    let (mut kiosk, radio, world) = booth()?;
    radio.lay("K", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:First\r\nEND:VCARD\r\n")?;
    kiosk.see("confirm")?;
    kiosk.press("No thanks")?;
    kiosk.see("refused")?;
    let second = world.path("second.ndef");
    fs::write(
        &second,
        tapcard_nfc::ndef::encode(&[tapcard_nfc::ndef::Record::mime(
            "text/vcard",
            &card("android.vcf")?,
        )])?,
    )?;
    radio.control(&format!("tag K ntag216 {}", second.display()))?;
    kiosk.see_text("One at a time")?;
    next_visitor_swaps(&mut kiosk, &radio)
}

#[test]
fn a_card_without_a_number_is_kept_and_the_screen_says_what_that_means() -> anyhow::Result<()> {
    let (mut kiosk, radio, world) = booth()?;
    radio.lay(
        "K",
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dee Low\r\nEMAIL:dee@low.example\r\nEND:VCARD\r\n",
    )?;
    kiosk.see("confirm")?;
    kiosk.see_text("updates cannot follow")?;
    kiosk.press("Swap")?;
    kiosk.see("done")?;
    kiosk.see_text("Kept in the cloud too")?;
    let mut db = world.postgres.client()?;
    let agreed = db.query_one("select agreed from exchange", &[])?;
    assert!(agreed.get::<_, String>(0).starts_with("kiosk-"), "to which words is not known");
    let names = db.query("select snapshot #>> '{name,full}' from contact", &[])?;
    assert_eq!(names.iter().map(|it| it.get::<_, String>(0)).collect::<Vec<_>>(), ["Dee Low"]);
    Ok(())
}

#[test]
fn keep_only_here_sends_nothing() -> anyhow::Result<()> {
    let (mut kiosk, radio, world) = booth()?;
    radio.lay("K", &card("ios.vcf")?)?;
    kiosk.see("confirm")?;
    kiosk.press("Keep only here")?;
    kiosk.see("done")?;
    kiosk.see_text("Only on this kiosk")?;
    // What is kept together comes after it: had the first been sent, it would be there too.
    radio.lay("K", &card("android.vcf")?)?;
    kiosk.see("confirm")?;
    kiosk.press("Swap")?;
    kiosk.see("done")?;
    kiosk.see_text("Kept in the cloud too")?;
    let mut db = world.postgres.client()?;
    let partners = db.query("select partner from exchange", &[])?;
    assert_eq!(
        partners.iter().map(|it| it.get::<_, String>(0)).collect::<Vec<_>>(),
        ["+8613800138000"]
    );
    radio.clear("K")?;
    kiosk.see("attract")?;
    kiosk.unlock()?;
    kiosk.see_text("Bo Okafor")
}

#[test]
fn a_kiosk_without_a_cloud_keeps_everything_and_catches_up() -> anyhow::Result<()> {
    let (mut kiosk, radio, mut world) = booth()?;
    world.kill_broker();
    world.kill_worker();
    next_visitor_swaps(&mut kiosk, &radio)?;
    kiosk.see_text("Offline, safe on this kiosk")?;
    kiosk.kill()?;
    radio.clear("K")?;
    let mut kiosk = kiosk.plan.start()?;
    world.start_broker()?;
    world.start_worker()?;
    let mut db = world.postgres.client()?;
    wait("the exchange", PATIENCE * 3, || {
        Ok(db.query_opt("select 1 from exchange where partner = '+447700900142'", &[])?.map(drop))
    })?;
    kiosk.unlock()?;
    kiosk.see_text("Sent")
}

/// Runs `tapcard-kiosk inspect` and returns its exit code, output and reason.
fn inspect(file: &std::path::Path) -> anyhow::Result<(Option<i32>, String, String)> {
    let done = Command::new(path("tapcard-kiosk")?).arg("inspect").arg(file).output()?;
    let text = |it: Vec<u8>| String::from_utf8_lossy(&it).into_owned();
    Ok((done.status.code(), text(done.stdout), text(done.stderr)))
}

#[test]
fn inspect_prints_a_card_or_the_reason_for_refusing_it() -> anyhow::Result<()> {
    for (name, full) in
        [("ios-photo.vcf", "Bo Okafor"), ("android.vcf", "张三"), ("gb2312.vcf", "张三")]
    {
        let (code, card, _) = inspect(&card_file(name))?;
        assert_eq!(code, Some(0), "{name}");
        let card: serde_json::Value = serde_json::from_str(&card)?;
        assert_eq!(card["name"]["full"], full, "{name}");
    }
    let folder = tempfile::tempdir()?;
    let photo = "A".repeat(2 * 1024 * 1024 / 3 * 4);
    let photo = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo\r\nPHOTO;ENCODING=b;TYPE=JPEG:{photo}\r\nEND:VCARD\r\n"
    );
    for (name, bytes, reason) in [
        ("photo.vcf", photo.as_bytes(), "photo"),
        ("nul.vcf", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:B\0o\r\nEND:VCARD\r\n".as_slice(), "U+0000"),
        (
            "raw.vcf",
            b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:\xd5\xc5\xc8\xfd\r\nEND:VCARD\r\n".as_slice(),
            "charset",
        ),
        ("empty.vcf", b"".as_slice(), "no vCard"),
        ("broken.ndef", &[0xD2, 0xFF, 0xFF, 0x01], ""),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, bytes)?;
        let (code, printed, said) = inspect(&file)?;
        assert_eq!((code, printed.as_str()), (Some(1), ""), "{name}");
        assert!(!said.is_empty() && said.contains(reason), "{name} is refused with {said:?}");
    }
    Ok(())
}
