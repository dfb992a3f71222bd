//! What bitbake's own parser reads in the recipes, and what they install.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde::Deserialize;
use tapcard_tests::program::output;
use tapcard_tests::python;

use super::sources::is_revision;
use super::{manifest, read, root};

/// Machines, and whose lines of the firmware they have.
const MACHINES: [(&str, &str); 2] = [("raspberrypi4-64", "pi4"), ("raspberrypi5", "pi5")];
/// Which recipe puts what another layer's recipe owns into the image.
const OWNERS: [(&str, &str); 3] = [
    ("etc/fstab", "base-files"),
    ("etc/fw_env.config", "u-boot"),
    ("etc/rauc/system.conf", "rauc-conf"),
];

#[derive(Deserialize)]
struct Recipe {
    skipped: Option<String>,
    says: BTreeMap<String, String>,
    flags: BTreeMap<String, Option<BTreeMap<String, String>>>,
    inherits: Vec<String>,
    owners: BTreeMap<String, String>,
    install: Option<String>,
}

impl Recipe {
    fn says(&self, name: &str) -> anyhow::Result<&str> {
        self.says.get(name).map(String::as_str).with_context(|| format!("{name} is not said"))
    }

    fn words(&self, name: &str) -> anyhow::Result<BTreeSet<&str>> {
        Ok(self.says(name)?.split_whitespace().collect())
    }
}

/// All recipes of the layer, with these settings.
fn parsed(settings: &[String]) -> anyhow::Result<BTreeMap<String, Recipe>> {
    let mut parse = python::script("tools/parse-layer")?;
    Ok(serde_json::from_str(&output(parse.arg(root().join("yocto-layer")).args(settings))?)?)
}

/// The settings of an operator for a machine; any file will do for a certificate.
fn operator(machine: &str) -> Vec<String> {
    let file = root().join("Makefile").display().to_string();
    vec![
        format!("MACHINE={machine}"),
        format!("RAUC_CERT_FILE={file}"),
        format!("RAUC_KEY_FILE={file}"),
    ]
}

fn recipe(name: &str, settings: &[String]) -> anyhow::Result<Recipe> {
    parsed(settings)?.remove(name).with_context(|| format!("there is no recipe {name}"))
}

fn pi4(name: &str) -> anyhow::Result<Recipe> {
    recipe(name, &operator("raspberrypi4-64"))
}

#[test]
fn bitbake_reads_every_recipe_for_every_machine() -> anyhow::Result<()> {
    for (machine, board) in MACHINES {
        let recipes = parsed(&operator(machine))?;
        assert!(recipes.len() > 8, "{:?}", recipes.keys());
        for (name, it) in &recipes {
            assert_eq!(it.skipped, None, "{name} for {machine}");
            assert!(!it.says.is_empty(), "{name}");
        }
        let fragment = read(&format!("hardware/wiring/fragments/{board}-hsu.txt"))?;
        let wanted: Vec<&str> = fragment.lines().filter(|it| !it.starts_with('#')).collect();
        let said = recipes["tapcard-image"].says("RPI_EXTRA_CONFIG")?;
        assert_eq!(said.split("\\n").collect::<Vec<_>>(), wanted, "{machine}");
    }
    Ok(())
}

#[test]
fn nothing_is_made_for_kiosks_whose_operator_is_unknown() -> anyhow::Result<()> {
    for (missing, skipped) in [
        ("RAUC_KEYRING_FILE", vec!["tapcard-image"]),
        ("RAUC_CERT_FILE", vec!["tapcard-bundle", "tapcard-image"]),
        ("RAUC_KEY_FILE", vec!["tapcard-bundle"]),
    ] {
        let mut settings = operator("raspberrypi4-64");
        settings.retain(|it| !it.starts_with(missing));
        settings.push(format!("{missing}=/nowhere/operator.pem"));
        let recipes = parsed(&settings)?;
        let reasons: Vec<(&str, &str)> = recipes
            .iter()
            .filter_map(|(name, it)| Some((&**name, it.skipped.as_deref()?)))
            .collect();
        assert_eq!(reasons.iter().map(|it| it.0).collect::<Vec<_>>(), skipped, "{missing}");
        for (_, reason) in reasons {
            assert!(reason.contains("must be set to a file of the operator's"), "{reason}");
        }
    }
    Ok(())
}

#[test]
fn the_program_is_fetched_whole_and_pinned() -> anyhow::Result<()> {
    let kiosk = pi4("tapcard-kiosk")?;
    let crates = kiosk.says("SRC_URI")?.matches("crate://crates.io/").count();
    let lock: toml::Table = toml::from_str(&read("Cargo.lock")?)?;
    let packages = lock["package"].as_array().context("packages")?;
    let fetched = packages.iter().filter(|it| it.get("source").is_some()).count();
    let sums = kiosk.flags["SRC_URI"].as_ref().map_or(0, |it| {
        it.iter().filter(|(name, it)| name.ends_with(".sha256sum") && it.len() == 64).count()
    });
    assert!(fetched > 100);
    assert_eq!((crates, sums), (fetched, fetched));
    assert!(is_revision(kiosk.says("SRCREV_tapcard")?), "{}", kiosk.says("SRCREV_tapcard")?);
    for (name, it) in parsed(&operator("raspberrypi4-64"))? {
        assert!(!it.says.values().any(|it| it.contains("AUTOREV")), "{name} moves by itself");
    }
    Ok(())
}

#[test]
fn the_program_is_built_as_the_workspace_has_it() -> anyhow::Result<()> {
    let kiosk = pi4("tapcard-kiosk")?;
    let flags = kiosk.words("CARGO_BUILD_FLAGS")?;
    let package: toml::Table = toml::from_str(&read("appliance/Cargo.toml")?)?;
    let name = package["package"]["name"].as_str().context("a name")?;
    assert!(flags.contains("--package") && flags.contains(name), "{flags:?}");
    assert!(package["features"].get("kms").is_some() && flags.contains("kms"), "{flags:?}");
    assert!(flags.contains("--no-default-features"), "{flags:?}");
    assert_eq!(kiosk.says("LICENSE")?, package["package"]["license"].as_str().context("one")?);
    assert_eq!(kiosk.says("PV")?, env!("CARGO_PKG_VERSION"));
    assert!(kiosk.inherits.iter().any(|it| it == "cargo"), "{:?}", kiosk.inherits);
    Ok(())
}

#[test]
fn the_licences_are_those_of_the_repository() -> anyhow::Result<()> {
    for (name, folder) in [
        ("tapcard-kiosk", ""),
        ("tapcard-rootfs", "yocto-layer/recipes-tapcard/tapcard-rootfs/files"),
    ] {
        let said = pi4(name)?.says("LIC_FILES_CHKSUM")?.to_owned();
        let (path, sum) = said
            .strip_prefix("file://")
            .and_then(|it| it.split_once(";md5="))
            .with_context(|| format!("{name} says {said}"))?;
        let file = root().join(folder).join(path);
        let made = output(Command::new("md5sum").arg(file))?;
        assert_eq!(made.split(' ').next(), Some(sum), "{name}");
    }
    Ok(())
}

#[test]
fn every_file_of_the_manifest_is_installed_as_it_says() -> anyhow::Result<()> {
    let image = tempfile::tempdir()?;
    let mut settings = operator("raspberrypi4-64");
    settings.extend(["--install".to_owned(), format!("D={}", image.path().display())]);
    let recipes = parsed(&settings)?;
    let rootfs = &recipes["tapcard-rootfs"];
    let elsewhere = rootfs.words("OWNED_ELSEWHERE")?;
    assert_eq!(elsewhere, OWNERS.iter().map(|it| it.0).collect());
    let mut installed = 0;
    for it in manifest()? {
        if let Some((_, owner)) = OWNERS.iter().find(|(path, _)| *path == it.path) {
            let name = Path::new(&it.path).file_name().context("a name")?;
            let places = recipes[*owner].says("FILESEXTRAPATHS")?;
            let mut found = places.split(':').map(|place| Path::new(place).join(name));
            let found =
                found.find(|it| it.exists()).with_context(|| format!("{name:?} of {owner}"))?;
            assert_eq!(
                found.canonicalize()?,
                root().join("appliance/rootfs").join(&it.path).canonicalize()?
            );
            continue;
        }
        let target = image.path().join(&it.path);
        let mode = fs::metadata(&target).with_context(|| it.path.clone())?.permissions().mode();
        assert_eq!(mode & 0o7777, u32::from_str_radix(&it.mode, 8)?, "{}", it.path);
        assert_eq!(fs::read_to_string(&target)?, read(&format!("appliance/rootfs/{}", it.path))?);
        assert_eq!(
            rootfs.owners.get(&target.display().to_string()),
            Some(&it.owner),
            "{}",
            it.path
        );
        installed += 1;
    }
    assert_eq!(installed, rootfs.owners.len());
    Ok(())
}

#[test]
fn what_is_enabled_is_every_unit_of_the_manifest_that_wants_to_be() -> anyhow::Result<()> {
    let manifest = manifest()?;
    let mut wanting = BTreeSet::new();
    for it in &manifest {
        let Some(unit) = it.path.strip_prefix("usr/lib/systemd/system/") else { continue };
        if read(&format!("appliance/rootfs/{}", it.path))?.contains("\n[Install]\n") {
            wanting.insert(unit);
        }
    }
    assert!(wanting.contains("tapcard-kiosk.service"), "{wanting:?}");
    let rootfs = pi4("tapcard-rootfs")?;
    assert_eq!(rootfs.words("SYSTEMD_SERVICE:tapcard-rootfs")?, wanting);
    assert!(pi4("tapcard-image")?.words("IMAGE_INSTALL")?.contains("tapcard-kiosk"));
    assert!(pi4("tapcard-kiosk")?.words("RDEPENDS:tapcard-kiosk")?.contains("tapcard-rootfs"));
    Ok(())
}

/// A root that cannot be written gets its users when it is made.
#[test]
fn the_image_has_the_users_that_systemd_would_make() -> anyhow::Result<()> {
    let rootfs = pi4("tapcard-rootfs")?;
    let groups = rootfs.says("GROUPADD_PARAM:tapcard-rootfs")?;
    let groups: BTreeSet<&str> =
        groups.split("--system").map(|it| it.trim_matches([' ', ';'])).collect();
    let user = rootfs.says("USERADD_PARAM:tapcard-rootfs")?;
    let mut named = 0;
    for line in read("appliance/rootfs/usr/lib/sysusers.d/tapcard.conf")?.lines() {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        let name = rest.split(' ').next().unwrap_or_default();
        match kind {
            "g" => assert!(groups.contains(name), "{name}: {groups:?}"),
            "u" => assert!(groups.contains(name) && user.ends_with(&format!("-g {name} {name}"))),
            _ => continue,
        }
        named += 1;
    }
    assert_eq!(named, groups.len() - 1, "{groups:?}");
    Ok(())
}

/// What the append of rauc-conf does is done here, and held against what an update says of itself.
#[test]
fn an_update_fits_the_kiosks_of_its_board_and_operator() -> anyhow::Result<()> {
    for (machine, _) in MACHINES {
        let (fetched, image) = (tempfile::tempdir()?, tempfile::tempdir()?);
        fs::write(fetched.path().join("Makefile"), "the operator's certificate")?;
        fs::write(
            fetched.path().join("system.conf"),
            read("appliance/rootfs/etc/rauc/system.conf")?,
        )?;
        let mut settings = operator(machine);
        settings.push(format!("UNPACKDIR={}", fetched.path().display()));
        let bundle = recipe("tapcard-bundle", &settings)?;
        settings.push(format!("D={}", image.path().display()));
        let install = recipe("rauc-conf", &settings)?.install.context("it installs")?;
        output(Command::new("sh").arg("-euc").arg(install))?;
        let conf = fs::read_to_string(image.path().join("etc/rauc/system.conf"))?;
        let compatible = conf.lines().find_map(|it| it.strip_prefix("compatible="));
        assert_eq!(compatible, Some(bundle.says("RAUC_BUNDLE_COMPATIBLE")?));
        let keyring = conf.lines().find_map(|it| it.strip_prefix("path=/")).context("a keyring")?;
        assert_eq!(fs::read_to_string(image.path().join(keyring))?, "the operator's certificate");
        assert_eq!(bundle.says("RAUC_BUNDLE_FORMAT")?, "verity");
        assert!(conf.contains("\nbundle-formats=verity\n"), "{conf}");
        assert!(conf.contains(&format!("\n[slot.{}.0]", bundle.says("RAUC_BUNDLE_SLOTS")?)));
    }
    Ok(())
}
