//! The image that operators flash, started in an emulator: the very file, its own boot script and kernel, a screen that is
//! touched, and the simulated radio on the line where a Raspberry Pi has its reader.
//!
//! `make image-test` builds the image and names it in `TAPCARD_IMAGE`; without, nothing is played, and that is said.

mod booth;
mod card;
mod clocks;
mod cloud;
mod figures;
mod machine;
mod picture;
mod power;
mod settings;
mod staff;
mod update;

use std::path::PathBuf;
use std::time::Duration;

use tapcard_tests::patience::wait;

use booth::Booth;
use card::Card;
use cloud::Cloud;
use machine::Machine;

/// An emulated kiosk takes a minute to start on two busy cores.
const START: Duration = Duration::from_secs(300);
/// A step of it, such as a page that changes or an exchange that arrives.
const STEP: Duration = Duration::from_secs(90);

/// The image to play with; none, and then it says so, where none was built.
fn image() -> Option<PathBuf> {
    let image = std::env::var_os("TAPCARD_IMAGE").map(PathBuf::from);
    if image.is_none() {
        say("SKIP: no image was built; `make image-test` builds one and plays this");
    }
    image
}

/// A line for whoever watches.
fn say(line: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
}

#[test]
fn a_flashed_card_becomes_a_kiosk_where_people_exchange_cards() -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let mut booth = Booth::flash(&image)?;
    booth.machine.keep_picture("attract")?;
    let mut is = |command: &str| booth.machine.ask(command);
    assert_eq!(is("systemctl --failed --no-legend --plain")?, "");
    assert!(is("findmnt -no OPTIONS /")?.starts_with("ro,"));
    assert_eq!(is("stat -c %a:%U /data/tapcard/kiosk.toml")?, "600:tapcard");
    // The data partition has grown with the card.
    assert!(
        is("df --output=size -BM /data | tail -1")?.trim().trim_end_matches('M').parse::<u32>()?
            > 1000
    );
    assert_eq!(is("grep -vc '^#' /boot/firmware/tapcard.toml")?, "0");

    // Who plugs a keyboard in is not heard.
    booth.machine.plug_keyboard_in()?;
    let mut is = |command: &str| booth.machine.ask(command);
    wait("the keyboard", STEP, || {
        let said = is("cat /sys/bus/usb/devices/*/product")?;
        Ok(said.contains("Keyboard").then_some(()))
    })?;
    is("udevadm settle")?;
    assert_eq!(is("grep -l Keyboard /sys/class/input/*/name")?, "");

    booth.cloud.lay_badge("+491713900001")?;
    booth.machine.see_question(STEP)?;
    booth.machine.keep_picture("question")?;
    booth.machine.say_yes(STEP)?;
    booth.machine.keep_picture("thanks")?;
    booth.see_exchange("+491713900001")
}

#[test]
fn a_broker_that_knows_no_key_any_more_costs_nothing() -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let mut booth = Booth::open(&image)?;
    let keys = booth.cloud.exchange_keys()?;
    // It was cut off and refused, and asked again, and was refused.
    wait("a refused login", STEP, || {
        let log = booth.machine.ask("journalctl -b -u tapcard-kiosk --no-pager")?;
        Ok((log.matches("no connection to the broker").count() > 1).then_some(()))
    })?;
    booth.swap("+491713900001")?;
    booth.swap("+491713900002")?;
    assert_eq!(booth.cloud.n_exchanges()?, 0);
    booth.cloud.restore_keys(&keys)?;
    booth.see_exchange("+491713900001")?;
    booth.see_exchange("+491713900002")
}

#[test]
fn a_card_without_settings_says_what_to_do() -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let cloud = Cloud::start()?;
    let card = Card::copy(&image, &cloud.path("card.img"))?;
    let mut machine = Machine::start(&card, &cloud.radio, &cloud.path(""))?;
    wait("the fault", START, || {
        let said = machine.ask("cat /run/tapcard-provision/fault")?;
        Ok(said.contains("tapcard.toml: there is none").then_some(()))
    })?;
    wait("the kiosk", START, || {
        Ok((machine.ask("systemctl is-active tapcard-kiosk")? == "active").then_some(()))
    })?;
    machine.keep_picture("unset")
}
