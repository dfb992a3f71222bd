//! The rules of the house that no compiler knows: what decides is pure, and the edges do not know
//! each other.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Every file of a module: `name.rs` and all below `name/`.
fn files(module: &str) -> Vec<(PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = vec![source.join(module).with_extension("rs")];
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().map(|it| it.unwrap().path()) {
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    paths.into_iter().map(|it| (it.clone(), fs::read_to_string(it).unwrap())).collect()
}

fn assert_free(module: &str, words: &[&str]) {
    for (path, text) in files(module) {
        for word in words {
            assert!(!text.contains(word), "{} knows {word}", path.display());
        }
    }
}

#[test]
fn what_decides_is_pure() {
    let impure = [
        "std::fs",
        "std::net",
        "std::thread",
        "std::io",
        "now()",
        "rusqlite",
        "rumqttc",
        "slint::",
        "getrandom",
        "std::env",
    ];
    let cores = ["session", "dialogue", "view", "offer", "meeting", "trouble", "badge", "roster"];
    for core in cores.iter().chain(&[
        "batch",
        "keyboard",
        "language",
        "takeaway",
        "network",
        "provisioning",
        "release",
    ]) {
        assert_free(core, &impure);
    }
}

#[test]
fn the_edges_do_not_know_each_other() {
    let edges = [
        "store",
        "uplink",
        "reader",
        "screens",
        "stick",
        "darkroom",
        "signals",
        "surveyor",
        "mailbag",
        "courier",
        "pulse",
        "intake",
        "timekeeper",
        "mechanic",
        "floor",
    ];
    for edge in edges {
        let others: Vec<String> =
            edges.iter().filter(|it| **it != edge).map(|it| format!("crate::{it}")).collect();
        let mut words: Vec<&str> = others.iter().map(String::as_str).collect();
        words.extend(["crate::driver", "crate::dialogue"]);
        assert_free(edge, &words);
    }
}

#[test]
fn nothing_but_the_screens_knows_slint() {
    for module in [
        "store",
        "uplink",
        "reader",
        "driver",
        "visitor",
        "inspect",
        "config",
        "offer",
        "meeting",
        "stick",
        "darkroom",
        "print",
        "takeaway",
        "signals",
        "surveyor",
        "mailbag",
        "courier",
        "theft",
        "network",
        "departure",
        "mechanic",
        "release",
    ] {
        assert_free(module, &["slint"]);
    }
}

/// Every text between two marks that no backslash hides, as it stands there.
fn between<'a>(text: &'a str, opening: &str) -> Vec<&'a str> {
    let parts = text.split(opening).skip(1);
    parts
        .filter_map(|it| {
            let it = it.trim_start().strip_prefix('"')?;
            let end = it.match_indices('"').find(|(at, _)| !it[..*at].ends_with('\\'))?.0;
            Some(&it[..end])
        })
        .collect()
}

#[test]
fn every_language_has_every_word() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = Vec::new();
    for folder in ["ui/pages", "ui/components"] {
        let files = fs::read_dir(root.join(folder)).unwrap();
        pages.extend(files.map(|it| fs::read_to_string(it.unwrap().path()).unwrap()));
    }
    let mut words: Vec<&str> = pages.iter().flat_map(|it| between(it, "@tr(")).collect();
    words.sort_unstable();
    words.dedup();
    assert!(words.len() > 150, "only {} words were found", words.len());
    let languages: Vec<PathBuf> =
        fs::read_dir(root.join("lang")).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(languages.len(), 5);
    for folder in languages {
        let text = fs::read_to_string(folder.join("LC_MESSAGES/tapcard-window.po")).unwrap();
        let entries: Vec<(&str, &str)> = text
            .split("\n\n")
            .skip(1)
            .map(|it| (between(it, "msgid ")[0], between(it, "msgstr ")[0]))
            .collect();
        let mut known: Vec<&str> = entries.iter().map(|it| it.0).collect();
        known.sort_unstable();
        assert_eq!(known, words, "{} is not up to date", folder.display());
        for (word, translated) in entries {
            let marks = |it: &str| (it.matches("{}").count(), it.matches("\\n").count());
            assert!(
                !translated.trim().is_empty(),
                "{}: {word} is not translated",
                folder.display()
            );
            assert_eq!(marks(word), marks(translated), "{}: {word}", folder.display());
        }
    }
}
