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
    for core in
        ["session", "dialogue", "view", "offer", "meeting", "trouble", "badge", "roster", "batch"]
    {
        assert_free(core, &impure);
    }
}

#[test]
fn the_edges_do_not_know_each_other() {
    let edges = ["store", "uplink", "reader", "screens"];
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
    for module in
        ["store", "uplink", "reader", "driver", "visitor", "inspect", "config", "offer", "meeting"]
    {
        assert_free(module, &["slint"]);
    }
}
