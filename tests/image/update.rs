//! Updates: to the other slot and back, and one that does not work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tapcard_tests::patience::wait;
use tapcard_tests::program::output;

use crate::booth::Booth;
use crate::cloud::Cloud;
use crate::machine::Machine;
use crate::{START, image, say};

/// An emulated kiosk checks and writes half a gigabyte, twice.
const INSTALL: Duration = Duration::from_secs(420);
/// A slot that does not start is tried three times.
const FALL_BACK: Duration = Duration::from_secs(600);
/// How long a system that may be starting is waited for.
const ANSWER: Duration = Duration::from_secs(10);
/// Where the kernel stands in a root tree.
const KERNEL: &str = "boot/vmlinuz";

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// An update with the root of this folder, signed with a key and the certificate beside it; it says that it has this version.
fn bundle(root: &Path, keys: &Path, name: &Path, version: Option<&str>) -> anyhow::Result<()> {
    let mut make = Command::new(project().join("appliance/image/bundle"));
    make.envs(version.map(|it| ("TAPCARD_VERSION", it)));
    make.arg(keys.join("cert.pem")).arg(keys.join("key.pem")).arg(name).arg(root);
    output(&mut make).map(drop)
}

/// A stick with an update, and others where nobody looks for one.
fn stick(path: &Path, update: &Path, others: &[PathBuf]) -> anyhow::Result<()> {
    output(Command::new("truncate").args(["-s", "2G"]).arg(path))?;
    output(Command::new("/sbin/mkfs.vfat").args(["-F", "32"]).arg(path))?;
    let mut copy = Command::new("mcopy");
    output(copy.arg("-i").arg(path).arg(update).arg("::"))?;
    output(Command::new("mmd").arg("-i").arg(path).arg("::others"))?;
    let mut copy = Command::new("mcopy");
    output(copy.arg("-i").arg(path).args(others).arg("::others")).map(drop)
}

/// Which slot runs.
fn slot(machine: &mut Machine) -> anyhow::Result<String> {
    machine.ask_long("grep -o 'rauc.slot=.' /proc/cmdline", ANSWER)
}

/// Whether the slot has been found good.
fn is_good(machine: &mut Machine) -> anyhow::Result<bool> {
    Ok(machine.ask("systemctl is-active tapcard-good")? == "active")
}

fn install(machine: &mut Machine, bundle: &str) -> anyhow::Result<String> {
    machine.ask_long(&format!("rauc install /run/stick/others/{bundle}"), INSTALL)
}

/// A folder where what stands for the kernel is none.
fn without_kernel(root: &Path, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder.join("boot"))?;
    fs::copy(root.join("boot/initrd.img"), folder.join(KERNEL))?;
    Ok(())
}

/// The same root with a kiosk that ends as soon as it begins.
fn without_kiosk(root: &Path, folder: &Path) -> anyhow::Result<()> {
    output(Command::new("cp").args(["-a", "--reflink=auto"]).args([root, folder]))?;
    fs::write(folder.join("usr/bin/tapcard-kiosk"), "#!/bin/sh\nexit 1\n")?;
    Ok(())
}

/// A key and a certificate that no kiosk knows.
fn strangers(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let mut make = Command::new("openssl");
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=stranger"]);
    make.arg("-keyout").arg(folder.join("key.pem")).arg("-out").arg(folder.join("cert.pem"));
    output(&mut make).map(drop)
}

/// A stick with an update, and with one that starts no kernel, one whose kiosk ends, an older one and a stranger's.
fn updates(cloud: &Cloud) -> anyhow::Result<PathBuf> {
    let work = project().join("target/image");
    let (root, keys) = (work.join("root"), work.join("keys"));
    let good = cloud.path("good.raucb");
    bundle(&root, &keys, &good, None)?;
    let (small, ended) = (cloud.path("small"), cloud.path("ended"));
    without_kernel(&root, &small)?;
    without_kiosk(&root, &ended)?;
    let foreign = cloud.path("foreign");
    strangers(&foreign)?;
    let mut others = Vec::new();
    for (name, root, keys, version) in [
        ("kernel.raucb", &small, &keys, None),
        ("kiosk.raucb", &ended, &keys, None),
        ("older.raucb", &small, &keys, Some("0.0.1")),
        ("foreign.raucb", &small, &foreign, None),
    ] {
        let file = cloud.path(name);
        bundle(root, keys, &file, version)?;
        others.push(file);
    }
    fs::remove_dir_all(ended)?;
    let plugged = cloud.path("stick.img");
    stick(&plugged, &good, &others)?;
    Ok(plugged)
}

#[test]
fn an_update_goes_to_the_other_slot_and_a_broken_one_goes_back() -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let mut booth = Booth::open(&image)?;
    let plugged = updates(&booth.cloud)?;
    booth.machine.plug_in(&plugged)?;
    let there = wait("the stick", START, || {
        let said = booth.machine.ask("ls -l /run/stick")?;
        Ok(said.contains("tapcard tapcard").then_some(()))
    });
    booth.explain(there)?;
    assert_eq!(slot(&mut booth.machine)?, "rauc.slot=A");
    wait("a good slot", START, || Ok(is_good(&mut booth.machine)?.then_some(())))?;

    let said = install(&mut booth.machine, "foreign.raucb")?;
    assert!(said.contains("signature verification failed"), "{said}");
    let said = install(&mut booth.machine, "older.raucb")?;
    assert!(said.contains("Pre-install handler error"), "{said}");
    let log = booth.machine.ask("journalctl -b -u rauc --no-pager -o cat")?;
    assert!(log.contains("version 0.0.1 is older than"), "{log}");
    // By the staff, behind the PIN.
    booth.open_updates()?;
    booth.machine.keep_picture("update")?;
    booth.act()?;
    booth.machine.keep_picture("installing")?;
    booth.see_action(INSTALL)?;
    booth.machine.keep_picture("installed")?;
    booth.touch_restart()?;
    booth.see_attract()?;
    assert_eq!(slot(&mut booth.machine)?, "rauc.slot=B");
    wait("a good slot", START, || Ok(is_good(&mut booth.machine)?.then_some(())))?;
    booth.swap("+491713900001")?;
    booth.see_exchange("+491713900001")?;

    for (n, broken) in ["kernel.raucb", "kiosk.raucb"].into_iter().enumerate() {
        let said = install(&mut booth.machine, broken)?;
        assert!(said.contains("succeeded"), "{said}");
        // A kiosk that does not stand takes minutes a try: one is enough here.
        booth.machine.ask("fw_setenv BOOT_A_LEFT 1")?;
        booth.machine.restart()?;
        wait("the slot of before", FALL_BACK, || {
            Ok((slot(&mut booth.machine)? == "rauc.slot=B").then_some(()))
        })?;
        booth.see_attract()?;
        let number = format!("+49171390001{n}");
        booth.swap(&number)?;
        booth.see_exchange(&number)?;
    }
    say(
        "updated from A to B by the screen; broken ones were left for B by themselves; others were refused",
    );
    Ok(())
}
