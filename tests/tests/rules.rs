//! Rules that the compiler cannot check.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Everything before a file's tests.
fn production(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && name != "node_modules" && name != ".git" {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The files that decide, beside the protocol. They take values and return values. The kiosk's own rules stand in
/// `appliance/tests/rules.rs`.
const CORES: &[&str] = &[
    "appliance/flash/src/boot.rs",
    "appliance/flash/src/disks.rs",
    "appliance/flash/src/list.rs",
    "appliance/flash/src/map.rs",
    "appliance/flash/src/survey.rs",
    "appliance/flash/src/uses.rs",
    "appliance/flash/src/window.rs",
    "appliance/nfc/src/chip/status.rs",
    "appliance/nfc/src/link/expected.rs",
    "appliance/nfc/src/link/frame.rs",
    "appliance/nfc/src/ndef.rs",
    "appliance/nfc/src/presence.rs",
    "appliance/nfc/src/target.rs",
    "appliance/nfc/src/type2.rs",
    "appliance/nfc/src/type4.rs",
    "broker/src/gate/access.rs",
    "broker/src/gate/codec.rs",
    "broker/src/gate/fields.rs",
    "broker/src/gate/login.rs",
    "broker/src/gate/rate.rs",
    "broker/src/gate/session.rs",
    "broker/src/gate/window.rs",
    "cloud-worker/src/export.rs",
    "cloud-worker/src/inbox.rs",
    "cloud-worker/src/lease.rs",
    "cloud-worker/src/one_time.rs",
    "cloud-worker/src/number_key.rs",
    "cloud-worker/src/plan.rs",
];

/// Folders of which every file decides.
const CORE_FOLDERS: &[&str] = &[
    "appliance/nfc/src/ndef",
    "appliance/nfc/src/type2",
    "appliance/nfc/src/type4",
    "protocol/src",
];

#[test]
fn cores_touch_nothing_outside() {
    let mut cores: Vec<PathBuf> = CORES.iter().map(|it| root().join(it)).collect();
    for folder in CORE_FOLDERS {
        rust_files(&root().join(folder), &mut cores);
    }
    for core in cores {
        let text = production(&core);
        for word in [
            "std::fs",
            "std::net",
            "std::thread",
            "std::env",
            "std::process",
            "::now()",
            "getrandom",
            "rusqlite",
            "rumqttc",
            "postgres::",
            "slint::",
            "tokio::",
        ] {
            assert!(!text.contains(word), "{} mentions {word}", core.display());
        }
    }
}

/// The page's core is as pure as the others.
#[test]
fn the_pages_core_touches_nothing_outside() {
    for name in [
        "session",
        "hearing",
        "outbox",
        "book",
        "sync",
        "draft",
        "reconnect",
        "changes",
        "event",
        "card",
        "topic",
    ] {
        let text =
            fs::read_to_string(root().join(format!("cloud-worker/phone/src/{name}.js"))).unwrap();
        for word in [
            "window.",
            "document.",
            "fetch(",
            "localStorage",
            "indexedDB",
            "Date.now",
            "Math.random",
            "setTimeout",
        ] {
            assert!(!text.contains(word), "{name}.js mentions {word}");
        }
    }
}

/// Only the web part of the worker knows the web.
#[test]
fn each_edge_of_the_worker_knows_its_own_library_only() {
    let source = root().join("cloud-worker/src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    for (library, allowed) in [("axum", "http"), ("rumqttc::{", "link"), ("ed25519_dalek", "keys")]
    {
        for file in files.iter().filter(|it| production(it).contains(library)) {
            let inside = file.strip_prefix(&source).unwrap().components().next().unwrap();
            let first = inside.as_os_str().to_string_lossy().into_owned();
            assert_eq!(
                first.trim_end_matches(".rs"),
                allowed,
                "{} knows {library}",
                file.display()
            );
        }
    }
}

#[test]
fn no_file_has_a_name_that_means_nothing() {
    let mut files = Vec::new();
    rust_files(&root(), &mut files);
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let words = ["utils", "util", "common", "helpers", "helper", "types", "manager", "misc"];
        assert!(!words.contains(&name.as_str()), "{} needs a better name", file.display());
    }
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap();
    let done = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--all-features"])
        .current_dir(root())
        .output();
    serde_json::from_slice(&done.unwrap().stdout).unwrap()
}

/// Licences that go with MIT OR Apache-2.0, each enough on its own.
const PERMISSIVE: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "0BSD",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "zlib-acknowledgement",
];

fn is_permissive(expression: &str) -> bool {
    // `/` is how old manifests write OR; every part of an AND counts.
    let expression = expression.replace('/', " OR ").replace(['(', ')'], "");
    expression
        .split(" AND ")
        .all(|all| all.split(" OR ").any(|one| PERMISSIVE.contains(&one.trim())))
}

#[test]
fn only_the_appliance_is_under_the_gpl_and_only_it_knows_slint() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let members: BTreeSet<&str> = metadata["workspace_members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    for package in packages {
        let (name, licence) =
            (package["name"].as_str().unwrap(), package["license"].as_str().unwrap_or_default());
        let is_slint = licence.contains("LicenseRef-Slint");
        let is_appliance =
            ["tapcard-appliance", "tapcard-canvas", "tapcard-window"].contains(&name);
        assert!(is_slint || is_appliance || is_permissive(licence), "{name} is under {licence:?}");
        if members.contains(package["id"].as_str().unwrap()) {
            let wanted = if is_appliance { "GPL-3.0-only" } else { "MIT OR Apache-2.0" };
            assert_eq!(licence, wanted, "{name}");
            let slint =
                package["dependencies"].as_array().unwrap().iter().any(|it| it["name"] == "slint");
            assert_eq!(slint, is_appliance, "{name} and Slint");
        }
    }
}

/// `protocol` ← appliance, broker, cloud-worker, which never depend on one another ← tests.
#[test]
fn programs_depend_on_the_protocol_and_not_on_one_another() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let allowed: &[&str] = match name {
            "tapcard-protocol" | "pn532-simulator" | "tapcard-load" | "tapcard-canvas"
            | "tapcard-window" | "tapcard-flash" => &[],
            "tapcard-nfc" => &["pn532-simulator"],
            "tapcard-broker" => &["tapcard-protocol", "tapcard-load"],
            "tapcard-cloud-worker" => &["tapcard-protocol"],
            "tapcard-appliance" => &[
                "tapcard-protocol",
                "tapcard-nfc",
                "tapcard-canvas",
                "tapcard-window",
                "pn532-simulator",
            ],
            "tapcard-tests" => &["tapcard-protocol", "tapcard-nfc", "tapcard-load"],
            _ => continue,
        };
        let names = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap());
        // What makes the load is for benches alone.
        let load = package["dependencies"].as_array().unwrap().iter();
        assert!(
            load.filter(|it| it["name"] == "tapcard-load").all(|it| it["kind"] == "dev"),
            "{name} makes load"
        );
        for ours in names.filter(|it| it.starts_with("tapcard-") || it.starts_with("pn532-")) {
            assert!(allowed.contains(&ours), "{name} depends on {ours}");
        }
    }
}

/// The lines of the newest version in `docs/AGREED.md` whose name begins like this, and its name.
fn agreed(place: &str) -> (String, BTreeSet<String>) {
    let text = fs::read_to_string(root().join("docs/AGREED.md")).unwrap();
    let newest = text.split("\n## ").filter(|it| it.starts_with(place)).last().unwrap();
    let (name, rest) = newest.split_once('\n').unwrap();
    (
        name.to_owned(),
        rest.lines().filter_map(|it| it.strip_prefix("- ")).map(str::to_owned).collect(),
    )
}

/// Everything in double quotes behind a word.
fn quoted(text: &str, behind: &str) -> BTreeSet<String> {
    let (opening, mut found, mut rest) = (format!("{behind}\""), BTreeSet::new(), text);
    while let Some((it, more)) =
        rest.split_once(opening.as_str()).and_then(|(_, it)| it.split_once('"'))
    {
        found.insert(it.replace("\\n", " "));
        rest = more;
    }
    found
}

#[test]
fn the_words_that_people_agree_to_are_written_down() {
    let (version, words) = agreed("kiosk-");
    let page = fs::read_to_string(root().join("appliance/ui/pages/confirm.slint")).unwrap();
    assert_eq!(quoted(&page, "@tr("), words, "add a version to docs/AGREED.md");
    let driver = fs::read_to_string(root().join("appliance/src/driver/words.rs")).unwrap();
    assert!(driver.contains(&format!("AGREED: &str = \"{version}\"")));

    let (version, words) = agreed("standing-");
    let page = fs::read_to_string(root().join("appliance/ui/pages/done.slint")).unwrap();
    assert!(words.is_subset(&quoted(&page, "@tr(")), "add a version to docs/AGREED.md");
    assert!(driver.contains(&format!("STANDING: &str = \"{version}\"")));

    let (version, words) = agreed("page-");
    let pages = fs::read_to_string(root().join("cloud-worker/src/http/pages.rs")).unwrap();
    let confirm = pages.split("fn confirm(").nth(1).unwrap().split("\n}\n").next().unwrap();
    // Attributes and addresses begin in lower case or with a sign.
    let mut said = quoted(confirm, "");
    said.retain(|it| it.chars().next().is_some_and(char::is_uppercase));
    assert_eq!(said, words, "add a version to docs/AGREED.md");
    let claim = fs::read_to_string(root().join("cloud-worker/src/store/claim.rs")).unwrap();
    assert!(claim.contains(&format!("AGREED: &str = \"{version}\"")));
}

#[test]
fn the_page_says_the_version_that_it_is_of() {
    let client = fs::read_to_string(root().join("cloud-worker/phone/src/client.js")).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert!(client.contains(&format!("\"tapcard-page {version} browser\"")), "{client}");
}
