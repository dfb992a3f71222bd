//! The boot script, run by a shell whose `load`, `booti` and `reset` only say that they were called.

use std::collections::BTreeMap;
use std::process::Command;

use super::read;
use anyhow::Context;
use tapcard_tests::program::output;

/// U-Boot's commands. `setexpr` reckons in hexadecimal, as there.
const COMMANDS: &str = r#"
setenv() { it_is=$1; shift; eval "$it_is=\$*"; }
setexpr() { eval "$1=$(printf %x $((0x$2 $3 0x$4)))"; }
saveenv() { echo "saved BOOT_ORDER $BOOT_ORDER"; echo "saved BOOT_A_LEFT $BOOT_A_LEFT"; echo "saved BOOT_B_LEFT $BOOT_B_LEFT"; }
fdt() { [ "$1" = get ] && bootargs="from the firmware"; true; }
load() { echo "load $1 $2 $4"; [ "${unreadable:-}" != "$2" ]; }
booti() { echo "booti $1 $bootargs"; exit 0; }
reset() { echo "reset"; exit 0; }
devtype=mmc devnum=0 kernel_addr_r=addr fdt_addr=fdt
BOOT_ORDER= BOOT_A_LEFT= BOOT_B_LEFT=
"#;

/// One start: what U-Boot's environment is afterwards, and what was done.
struct Start {
    saved: BTreeMap<String, String>,
    done: Vec<String>,
}

fn start(environment: &BTreeMap<String, String>, also: &str) -> anyhow::Result<Start> {
    let script = read("yocto-layer/recipes-bsp/rpi-u-boot-scr/files/boot.cmd.in")?
        .replace("@@KERNEL_IMAGETYPE@@", "Image")
        .replace("@@KERNEL_BOOTCMD@@", "booti");
    let set: String =
        environment.iter().map(|(name, value)| format!("{name}='{value}'\n")).collect();
    let said =
        output(Command::new("sh").arg("-c").arg(format!("{COMMANDS}{set}{also}\n{script}")))?;
    let (saved, done): (Vec<&str>, Vec<&str>) =
        said.lines().partition(|it| it.starts_with("saved "));
    let saved = saved.iter().filter_map(|it| it.strip_prefix("saved ")?.split_once(' '));
    let saved = saved.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(Start { saved, done: done.into_iter().map(str::to_owned).collect() })
}

/// The slot of each start in a row that nobody calls good, `-` for none.
fn slots(n_starts: usize, also: &str) -> anyhow::Result<String> {
    let (mut environment, mut slots) = (BTreeMap::new(), String::new());
    for _ in 0..n_starts {
        let start = start(&environment, also)?;
        let last = start.done.last().context("something is done")?;
        slots.push_str(last.split_once("rauc.slot=").map_or("-", |(_, slot)| slot));
        environment = start.saved;
    }
    Ok(slots)
}

#[test]
fn the_first_start_is_of_the_first_slot() -> anyhow::Result<()> {
    let start = start(&BTreeMap::new(), "")?;
    let arguments =
        "from the firmware root=PARTLABEL=root-a rootfstype=ext4 rootwait ro rauc.slot=A";
    assert_eq!(start.done, ["load mmc 0:2 boot/Image", &format!("booti addr {arguments}")]);
    assert_eq!(start.saved["BOOT_A_LEFT"], "2");
    Ok(())
}

#[test]
fn after_an_update_the_other_slot_starts() -> anyhow::Result<()> {
    let updated = [("BOOT_ORDER", "B A"), ("BOOT_A_LEFT", "3"), ("BOOT_B_LEFT", "3")];
    let updated = updated.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let start = start(&updated, "")?;
    let arguments =
        "from the firmware root=PARTLABEL=root-b rootfstype=ext4 rootwait ro rauc.slot=B";
    assert_eq!(start.done, ["load mmc 0:3 boot/Image", &format!("booti addr {arguments}")]);
    Ok(())
}

#[test]
fn a_slot_that_is_never_well_is_left_after_three_starts() -> anyhow::Result<()> {
    assert_eq!(slots(14, "")?, "AAABBB-AAABBB-");
    Ok(())
}

#[test]
fn a_slot_without_a_kernel_costs_its_three_attempts_and_no_more() -> anyhow::Result<()> {
    assert_eq!(slots(6, "unreadable=0:2")?, "---BBB");
    Ok(())
}
