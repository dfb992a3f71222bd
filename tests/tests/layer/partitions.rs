//! Six files know the card's partitions: sfdisk's table, wic's, fstab, RAUC's slots, what grows, and the boot script's numbers.

use std::collections::BTreeMap;

use anyhow::Context;

use super::read;

/// systemd's name for a partition's type, where repart.d uses one.
const LINUX_GENERIC: &str = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

/// One partition, as far as a table says.
#[derive(Debug, PartialEq, Eq)]
struct Partition {
    name: String,
    n_mib: u64,
    kind: String,
    is_boot: bool,
}

/// The pairs of a line or section, of which a key or its absence is told apart.
fn pairs<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, &'a str> {
    words.filter_map(|it| it.split_once('=')).map(|(key, it)| (key.trim(), it.trim())).collect()
}

fn sfdisk() -> anyhow::Result<Vec<Partition>> {
    let table = read("appliance/image/disk.sfdisk")?;
    assert!(table.contains("\nlabel: gpt\nstart=8192, "), "{table}");
    let lines = table.lines().filter(|it| it.contains("size="));
    lines
        .map(|line| {
            let said = pairs(line.split(','));
            let get = |key| said.get(key).copied().with_context(|| format!("{key} of {line}"));
            Ok(Partition {
                name: get("name")?.to_owned(),
                n_mib: get("size")?.parse::<u64>()? / 2048,
                kind: get("type")?.to_owned(),
                is_boot: said.get("attrs") == Some(&"\"LegacyBIOSBootable\""),
            })
        })
        .collect()
}

/// What follows an option in a line of wic's table.
fn option<'a>(line: &'a str, name: &str) -> anyhow::Result<&'a str> {
    let words: Vec<&str> = line.split([' ', '=']).filter(|it| !it.is_empty()).collect();
    let place = words.iter().position(|it| *it == name).map(|it| it + 1);
    place.and_then(|it| words.get(it)).copied().with_context(|| format!("{name} of {line}"))
}

fn wks_lines() -> anyhow::Result<Vec<String>> {
    let table = read("yocto-layer/files/wic/tapcard-ab.wks.in")?;
    assert!(table.ends_with("\nbootloader --ptable gpt\n"), "{table}");
    Ok(table.lines().filter(|it| it.starts_with("part ")).map(str::to_owned).collect())
}

fn wks() -> anyhow::Result<Vec<Partition>> {
    let read = |line: &String| {
        // sfdisk's first partition starts at 4 MiB, and every size is a multiple of that.
        anyhow::ensure!(option(line, "--align")? == "4096", "{line}");
        Ok(Partition {
            name: option(line, "--part-name")?.to_owned(),
            n_mib: option(line, "--fixed-size")?.trim_end_matches('M').parse()?,
            kind: option(line, "--part-type")?.to_owned(),
            is_boot: line.contains(" --active "),
        })
    };
    wks_lines()?.iter().map(read).collect()
}

/// The file system of each partition, by wic's table.
fn file_systems() -> anyhow::Result<BTreeMap<String, String>> {
    let read = |line: &String| {
        Ok((option(line, "--part-name")?.to_owned(), option(line, "--fstype")?.to_owned()))
    };
    wks_lines()?.iter().map(read).collect()
}

#[test]
fn both_tables_have_the_same_partitions() -> anyhow::Result<()> {
    let table = sfdisk()?;
    let shape: Vec<(&str, u64)> = table.iter().map(|it| (&*it.name, it.n_mib)).collect();
    assert_eq!(shape, [("boot", 256), ("root-a", 1024), ("root-b", 1024), ("data", 256)]);
    assert_eq!(wks()?, table);
    let lines = wks_lines()?;
    let sources: Vec<_> = lines.iter().map(|it| option(it, "--source").ok()).collect();
    assert_eq!(sources, [Some("bootimg_partition"), Some("rootfs"), None, None]);
    Ok(())
}

#[test]
fn what_is_mounted_is_there_and_no_slot_is() -> anyhow::Result<()> {
    let file_systems = file_systems()?;
    let mut mounted = BTreeMap::new();
    for line in read("appliance/rootfs/etc/fstab")?.lines() {
        if let [place, folder, kind, ..] = *line.split_whitespace().collect::<Vec<_>>()
            && let Some(name) = place.strip_prefix("PARTLABEL=")
        {
            assert_eq!(file_systems.get(name).map(String::as_str), Some(kind), "{name}");
            mounted.insert(name.to_owned(), folder.to_owned());
        }
    }
    let wanted = [("boot", "/boot/firmware"), ("data", "/data")];
    assert_eq!(mounted, wanted.map(|(name, it)| (name.to_owned(), it.to_owned())).into());
    let folders = read("yocto-layer/recipes-core/base-files/base-files_%.bbappend")?;
    assert!(folders.contains("dirs755:append:tapcard = \" /data /boot/firmware\""), "{folders}");
    Ok(())
}

#[test]
fn rauc_has_the_two_roots_as_slots_and_u_boot_their_numbers() -> anyhow::Result<()> {
    let conf = read("appliance/rootfs/etc/rauc/system.conf")?;
    let script = read("yocto-layer/recipes-bsp/rpi-u-boot-scr/files/boot.cmd.in")?;
    let (table, file_systems) = (wks()?, file_systems()?);
    let slots: Vec<&str> = conf.split("\n[slot.root.").skip(1).collect();
    assert_eq!(slots.len(), 2, "{conf}");
    for (place, (slot, partition)) in slots.iter().zip(&["root-a", "root-b"]).enumerate() {
        let said = pairs(slot.lines());
        assert!(slot.starts_with(&format!("{place}]")), "{slot}");
        assert_eq!(said["device"], format!("/dev/disk/by-partlabel/{partition}"));
        assert_eq!(said["type"], file_systems[*partition]);
        let number = table.iter().position(|it| it.name == *partition).context("it is there")? + 1;
        let bootname = said["bootname"];
        let chosen = format!(
            "setenv slot {bootname}\n        setenv part {number}\n        setenv label {partition}\n"
        );
        assert!(script.contains(&chosen), "{chosen}");
    }
    Ok(())
}

#[test]
fn the_last_partition_is_the_one_that_grows() -> anyhow::Result<()> {
    let grows = read("appliance/rootfs/usr/lib/repart.d/50-data.conf")?;
    let said = pairs(grows.lines());
    let table = wks()?;
    let last = table.last().context("there is one")?;
    assert_eq!((said["Label"], said["Type"]), (&*last.name, "linux-generic"));
    assert_eq!(last.kind, LINUX_GENERIC);
    Ok(())
}

#[test]
fn a_root_is_no_larger_than_its_slot() -> anyhow::Result<()> {
    let image = read("yocto-layer/recipes-core/images/tapcard-image.bb")?;
    let table = wks()?;
    let n_kib = table.iter().find(|it| it.name == "root-a").context("it is there")?.n_mib * 1024;
    assert!(image.contains(&format!("\nIMAGE_ROOTFS_MAXSIZE = \"{n_kib}\"\n")), "{image}");
    assert!(image.contains("\nWKS_FILE = \"tapcard-ab.wks.in\"\n"), "{image}");
    Ok(())
}

/// U-Boot writes its environment where RAUC's tools look for it.
#[test]
fn u_boot_and_rauc_share_one_environment() -> anyhow::Result<()> {
    let conf = read("appliance/rootfs/etc/fw_env.config")?;
    let line = conf.lines().find(|it| it.starts_with('/')).context("a line")?;
    let [path, offset, size] = line.split(' ').collect::<Vec<_>>().try_into().unwrap_or_default();
    let built = read("yocto-layer/recipes-bsp/u-boot/files/tapcard.cfg")?;
    let said = pairs(built.lines());
    assert_eq!(
        path.strip_prefix("/boot/firmware/"),
        Some(said["CONFIG_ENV_FAT_FILE"].trim_matches('"'))
    );
    assert_eq!((offset, size), ("0x0000", said["CONFIG_ENV_SIZE"]));
    assert!(read("appliance/rootfs/etc/fstab")?.contains("PARTLABEL=boot  /boot/firmware "));
    Ok(())
}
