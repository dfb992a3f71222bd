//! Other settings on a stick, and none any more.

use std::path::{Path, PathBuf};
use std::process::Command;

use data_encoding::BASE64;
use tapcard_tests::patience::wait;
use tapcard_tests::program::output;

use crate::booth::Booth;
use crate::{START, STEP, image};

/// An empty stick as it comes from a shop, with the file system of the larger ones.
fn stick(path: &Path) -> anyhow::Result<PathBuf> {
    output(Command::new("truncate").args(["-s", "64M"]).arg(path))?;
    output(Command::new("/usr/sbin/mkfs.exfat").arg(path))?;
    Ok(path.to_owned())
}

#[test]
fn the_staff_brings_other_settings_on_a_stick() -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let mut booth = Booth::open(&image)?;
    let plugged = stick(&booth.cloud.path("stick.img"))?;
    booth.machine.plug_in(&plugged)?;
    let there = wait("the stick", START, || {
        let said = booth.machine.ask("grep ' /run/stick ' /proc/mounts")?;
        Ok((said.contains(" exfat ") && said.contains("noexec")).then_some(()))
    });
    booth.explain(there)?;
    // This machine may know no such file system; the kiosk does. The cloud's authority is named by its fingerprint alone.
    let settings =
        booth.cloud.settings_by_fingerprint(&booth.machine.ask("cat /data/tapcard/kiosk.toml")?)?;
    let settings = format!("name = \"Coffee bar\"\nevent = \"Spring Fair\"\n{settings}");
    for line in BASE64.encode(settings.as_bytes()).as_bytes().chunks(512) {
        let line = String::from_utf8_lossy(line);
        let put = format!("printf %s {line} >> /run/text");
        booth.machine.ask(&put)?;
    }
    booth.machine.ask("base64 -d /run/text > /run/stick/tapcard.toml; sync")?;

    booth.take_settings()?;
    booth.touch_restart()?;
    booth.see_attract()?;
    booth.machine.keep_picture("attract-at-an-event")?;
    let left = "ls /data/tapcard/inbox; ls /data/tapcard | grep -F ca.pem";
    assert_eq!(booth.machine.ask(left)?, "");
    booth.swap("+491713900001")?;
    booth.see_exchange("+491713900001")?;
    let place: String = booth.cloud.ask("select place from exchange")?;
    assert_eq!(place, "Spring Fair, Hall 3");
    let name: String = booth.cloud.ask("select name from terminal where kind = 'kiosk'")?;
    assert_eq!(name, "Coffee bar");
    Ok(())
}

#[test]
fn a_stolen_card_holds_nothing_once_it_was_heard() -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let mut booth = Booth::open(&image)?;
    booth.swap("+491713900001")?;
    booth.see_exchange("+491713900001")?;
    let secrets = "grep -rlE 'correct horse|staff_pin|Lindqvist|Visitor' /data";
    let held = booth.machine.ask(secrets)?;
    for it in ["network/", "tapcard/kiosk.toml", "tapcard/kiosk.db"] {
        assert!(held.contains(it), "{held}");
    }
    booth.machine.before_restart()?;
    booth.cloud.order_erasure()?;
    let gone = booth.machine.see_restart();
    booth.explain(gone)?;
    wait("the fault", START, || {
        let said = booth.machine.ask("cat /run/tapcard-provision/fault")?;
        Ok(said.contains("tapcard.toml: there is none").then_some(()))
    })?;
    assert_eq!(booth.machine.ask(secrets)?, "");
    assert_eq!(booth.machine.ask("ls /data/network /data/tapcard/inbox | grep -v :")?, "");
    let n_ended: i64 = booth
        .cloud
        .ask("select count(*) from terminal where kind = 'kiosk' and ended_at is not null")?;
    assert_eq!(n_ended, 1);
    wait("the kiosk", STEP, || {
        Ok((booth.machine.ask("systemctl is-active tapcard-kiosk")? == "active").then_some(()))
    })?;
    booth.machine.keep_picture("erased")
}
