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

/// An update with the root of this folder, signed with a key and the certificate beside it.
fn bundle(root: &Path, keys: &Path, name: &Path) -> anyhow::Result<()> {
    let mut make = Command::new(project().join("appliance/image/bundle"));
    make.arg(keys.join("cert.pem")).arg(keys.join("key.pem")).arg(name).arg(root);
    output(&mut make).map(drop)
}

/// A stick with updates.
fn stick(path: &Path, bundles: &[&Path]) -> anyhow::Result<()> {
    output(Command::new("truncate").args(["-s", "1G"]).arg(path))?;
    output(Command::new("/sbin/mkfs.vfat").args(["-F", "32"]).arg(path))?;
    let mut copy = Command::new("mcopy");
    output(copy.arg("-i").arg(path).args(bundles).arg("::")).map(drop)
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
    machine.ask_long(&format!("rauc install /run/stick/{bundle}"), INSTALL)
}

/// A stick with an update, one that starts no kernel, and a stranger's.
fn updates(cloud: &Cloud) -> anyhow::Result<PathBuf> {
    let work = project().join("target/image");
    let (good, bad, foreign) =
        (cloud.path("good.raucb"), cloud.path("bad.raucb"), cloud.path("foreign.raucb"));
    bundle(&work.join("root"), &work.join("keys"), &good)?;
    let small = cloud.path("small");
    fs::create_dir_all(small.join("boot"))?;
    // What stands where the kernel should is no kernel.
    fs::copy(work.join("root/boot/initrd.img"), small.join(KERNEL))?;
    bundle(&small, &work.join("keys"), &bad)?;
    let strangers = cloud.path("strangers");
    fs::create_dir_all(&strangers)?;
    let mut request = Command::new("openssl");
    request.args([
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=stranger",
        "-keyout",
    ]);
    output(request.arg(strangers.join("key.pem")).arg("-out").arg(strangers.join("cert.pem")))?;
    bundle(&small, &strangers, &foreign)?;
    let plugged = cloud.path("stick.img");
    stick(&plugged, &[&good, &bad, &foreign])?;
    Ok(plugged)
}

#[test]
fn an_update_goes_to_the_other_slot_and_a_broken_one_goes_back() -> anyhow::Result<()> {
    let Some(image) = image() else { return Ok(()) };
    let mut booth = Booth::open(&image)?;
    let plugged = updates(&booth.cloud)?;
    booth.machine.plug_in(&plugged)?;
    wait("the stick", START, || {
        let said = booth
            .machine
            .ask("mkdir -p /run/stick; mount -o ro /dev/sda /run/stick && ls /run/stick")?;
        Ok(said.contains("good.raucb").then_some(()))
    })?;

    let machine = &mut booth.machine;
    assert_eq!(slot(machine)?, "rauc.slot=A");
    let said = install(machine, "foreign.raucb")?;
    assert!(said.contains("signature verification failed"), "{said}");
    let said = install(machine, "good.raucb")?;
    assert!(said.contains("succeeded"), "{said}");
    booth.machine.restart()?;
    booth.see_attract()?;
    let machine = &mut booth.machine;
    assert_eq!(slot(machine)?, "rauc.slot=B");
    wait("a good slot", START, || Ok(is_good(machine)?.then_some(())))?;
    booth.swap("+491713900001")?;
    booth.see_exchange("+491713900001")?;

    let machine = &mut booth.machine;
    machine.ask("mkdir -p /run/stick; mount -o ro /dev/sda /run/stick")?;
    let said = install(machine, "bad.raucb")?;
    assert!(said.contains("succeeded"), "{said}");
    machine.restart()?;
    wait("the slot of before", FALL_BACK, || {
        Ok((slot(&mut booth.machine)? == "rauc.slot=B").then_some(()))
    })?;
    booth.see_attract()?;
    booth.swap("+491713900002")?;
    booth.see_exchange("+491713900002")?;
    say("updated from A to B; a broken A was left for B by itself; a stranger's was refused");
    Ok(())
}
