//! What the image installs, as far as it can be judged without an image.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde::Deserialize;

/// A unit that is exposed more than this is not let out, in tenths of ten (`systemd-analyze security`).
const MOST_EXPOSED: &str = "--threshold=30";
/// Groups that systemd makes itself (its `basic.conf` of sysusers.d).
const OF_THE_SYSTEM: [&str; 4] = ["dialout", "input", "render", "video"];
const KIOSK: &str = "usr/lib/systemd/system/tapcard-kiosk.service";
const RULES: &str = "usr/lib/udev/rules.d/70-tapcard.rules";

#[derive(Deserialize)]
struct Manifest {
    file: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    path: PathBuf,
    mode: String,
    owner: String,
}

fn rootfs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../appliance/rootfs")
}

fn listed() -> anyhow::Result<Vec<Listed>> {
    let text = fs::read_to_string(rootfs().join("manifest.toml"))?;
    Ok(toml::from_str::<Manifest>(&text)?.file)
}

/// Every file below a folder.
fn files(folder: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.append(&mut files(&path)?);
        } else {
            found.insert(path);
        }
    }
    Ok(found)
}

#[test]
fn every_file_is_listed_once_and_nobody_but_root_may_change_it() -> anyhow::Result<()> {
    let listed = listed()?;
    let paths: BTreeSet<PathBuf> = listed.iter().map(|it| rootfs().join(&it.path)).collect();
    assert_eq!(paths.len(), listed.len(), "one is listed twice");
    let mut found = files(&rootfs())?;
    found.remove(&rootfs().join("manifest.toml"));
    assert_eq!(paths, found);
    for it in &listed {
        let mode = u32::from_str_radix(&it.mode, 8)?;
        assert_eq!((mode & 0o022, it.owner.as_str()), (0, "root:root"), "{}", it.path.display());
    }
    Ok(())
}

/// A root with nothing but these files, and a program where the image has one of those that they start.
fn root() -> anyhow::Result<tempfile::TempDir> {
    let root = tempfile::tempdir()?;
    for it in listed()? {
        let target = root.path().join(&it.path);
        fs::create_dir_all(target.parent().context("a file has a folder")?)?;
        fs::copy(rootfs().join(&it.path), target)?;
    }
    for folder in ["usr/bin", "etc"] {
        fs::create_dir_all(root.path().join(folder))?;
    }
    for program in ["mkdir", "rauc", "rmdir", "sleep", "systemctl", "tapcard-kiosk"] {
        fs::copy("/bin/true", root.path().join("usr/bin").join(program))?;
    }
    Ok(root)
}

/// What a program has against it; nothing if it is content.
fn complaints(program: &str, arguments: &[&str]) -> anyhow::Result<Option<String>> {
    let judged = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("starting {program}"))?;
    let said = [judged.stdout, judged.stderr].concat();
    Ok((!judged.status.success()).then(|| String::from_utf8_lossy(&said).into_owned()))
}

/// The units, by their names.
fn units() -> anyhow::Result<Vec<(String, PathBuf)>> {
    let is_unit = |it: &Listed| it.path.extension().is_some_and(|it| it == "service");
    let named = |it: Listed| Some((it.path.file_name()?.to_str()?.to_owned(), it.path));
    Ok(listed()?.into_iter().filter(is_unit).filter_map(named).collect())
}

#[test]
fn systemd_finds_nothing_wrong_with_a_unit_and_little_exposed() -> anyhow::Result<()> {
    let root = root()?;
    let place = format!("--root={}", root.path().display());
    assert!(!units()?.is_empty());
    for (name, path) in units()? {
        let verify = ["verify", "--recursive-errors=no", &place, &name];
        assert_eq!(complaints("systemd-analyze", &verify)?, None, "{name}");
        let path = rootfs().join(path).display().to_string();
        let security = ["security", "--offline=true", "--no-pager", MOST_EXPOSED, &path];
        assert_eq!(complaints("systemd-analyze", &security)?, None, "{name}");
    }
    Ok(())
}

#[test]
fn whoever_is_named_exists() -> anyhow::Result<()> {
    let root = root()?;
    let place = format!("--root={}", root.path().display());
    assert_eq!(complaints("systemd-sysusers", &[&place])?, None);
    let made = fs::read_to_string(root.path().join("etc/group"))?;
    let is_known = |group: &str| {
        OF_THE_SYSTEM.contains(&group) || made.lines().any(|it| it.split(':').next() == Some(group))
    };
    let mut named = Vec::new();
    for (_, path) in units()? {
        for line in fs::read_to_string(rootfs().join(path))?.lines() {
            let groups = line.strip_prefix("SupplementaryGroups=").or(line.strip_prefix("Group="));
            named.extend(groups.unwrap_or_default().split_whitespace().map(str::to_owned));
        }
    }
    for line in fs::read_to_string(rootfs().join(RULES))?.lines() {
        let group = line.split("GROUP=\"").nth(1).and_then(|it| it.split('"').next());
        named.extend(group.map(str::to_owned));
    }
    assert!(named.len() > 8, "{named:?}");
    let strangers: Vec<&String> = named.iter().filter(|it| !is_known(it)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    Ok(())
}

#[test]
fn the_unit_waits_for_the_devices_that_the_rules_name() -> anyhow::Result<()> {
    let rules = fs::read_to_string(rootfs().join(RULES))?;
    let unit = fs::read_to_string(rootfs().join(KIOSK))?;
    for (device, rule) in [
        ("dev-dri-card0.device", "KERNEL==\"card0\", TAG+=\"systemd\""),
        ("dev-tapcard\\x2dnfc.device", "SYMLINK+=\"tapcard-nfc\", TAG+=\"systemd\""),
    ] {
        let after = unit.lines().filter_map(|it| it.strip_prefix("After="));
        assert!(after.flat_map(str::split_whitespace).any(|it| it == device), "{device}");
        assert!(rules.contains(rule), "{device}");
    }
    Ok(())
}
