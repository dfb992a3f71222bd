//! Kiosks as the operator gets them: enrolled by one command, each with a folder that is ready.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;
use tapcard_tests::World;
use tapcard_tests::kiosk::KioskPlan;
use tapcard_tests::people::{ADA, card, card_file};
use tapcard_tests::radio::Radio;

#[test]
fn a_kiosk_works_from_the_folder_that_the_operator_gets() -> anyhow::Result<()> {
    let world = World::start()?;
    let ada = world.account(ADA, Some(&card_file("ada.vcf")))?;
    let (out, broker) = (world.path("kiosks"), format!("mqtt://127.0.0.1:{}", world.broker_port()));
    let printed = world.operate(&[
        "kiosk",
        "add",
        "--owner",
        &ada.to_string(),
        "--name",
        "Hall 3",
        "--count",
        "2",
        "--broker",
        &broker,
        "--out",
        &out.display().to_string(),
    ])?;
    let lines: Vec<Vec<&str>> = printed.lines().map(|it| it.split('\t').collect()).collect();
    assert_eq!((lines.len(), lines[0][1], lines[1][1]), (2, "Hall 3 1", "Hall 3 2"), "{printed}");
    let folder = Path::new(lines[1][2]);
    let mode = std::fs::metadata(folder.join("token"))?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "everybody reads the token");

    let radio = Radio::quick(&world.path(""), &["K"])?;
    let plan =
        KioskPlan::ready(folder, lines[1][0].parse()?, &radio.port("K"))?.thanking_for(15)?;
    let mut kiosk = plan.start()?;
    kiosk.see_text("Ada Lindqvist")?;
    radio.lay("K", &card("ios.vcf")?)?;
    kiosk.see("confirm")?;
    kiosk.press("Swap")?;
    kiosk.see_text("Kept in the cloud too")?;
    let row = world.postgres.client()?.query_one("select place from exchange", &[])?;
    assert_eq!(row.get::<_, &str>(0), "Hall 3 2");
    let wrong = world.operate(&[
        "kiosk",
        "add",
        "--owner",
        "0000000000001",
        "--name",
        "x",
        "--broker",
        &broker,
        "--out",
        &out.display().to_string(),
    ]);
    let why = wrong.err().context("a kiosk of nobody")?.to_string();
    assert!(why.contains("there is no account 0000000000001"), "{why}");
    Ok(())
}
