//! The table in `broker/README.md` is complete, and the tests that it names exist.

use std::fs;
use std::path::{Path, PathBuf};

/// The statements of the standard's Appendix B: a section, and how many it has.
const STATEMENTS: [(&str, usize); 39] = [
    ("1.5.3", 3),
    ("2.2.2", 2),
    ("2.3.1", 7),
    ("3.1.0", 2),
    ("3.1.2", 24),
    ("3.1.3", 11),
    ("3.1.4", 5),
    ("3.2.0", 1),
    ("3.2.2", 6),
    ("3.3.1", 12),
    ("3.3.2", 3),
    ("3.3.4", 1),
    ("3.3.5", 2),
    ("3.6.1", 1),
    ("3.8.1", 1),
    ("3.8.3", 4),
    ("3.8.4", 6),
    ("3.9.3", 2),
    ("3.10.1", 1),
    ("3.10.3", 2),
    ("3.10.4", 6),
    ("3.12.4", 1),
    ("3.14.1", 1),
    ("3.14.4", 3),
    ("4.1.0", 2),
    ("4.3.1", 1),
    ("4.3.2", 2),
    ("4.3.3", 2),
    ("4.4.0", 1),
    ("4.5.0", 2),
    ("4.6.0", 6),
    ("4.7.1", 3),
    ("4.7.2", 1),
    ("4.7.3", 4),
    ("4.8.0", 2),
    ("6.0.0", 4),
    ("7.0.0", 2),
    ("7.1.1", 1),
    ("7.1.2", 1),
];

struct Row {
    statement: String,
    verdict: String,
    shown: String,
}

fn crate_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(crate_folder().join("README.md")).unwrap();
    let rows = text.lines().filter(|it| it.starts_with("| ") && it.contains('-'));
    rows.map(|row| {
        let cells: Vec<String> = row.split('|').map(|it| it.trim().to_owned()).collect();
        let [_, statement, _, verdict, shown, _] = <[String; 6]>::try_from(cells).unwrap();
        Row { statement, verdict, shown }
    })
    .collect()
}

/// The tests that a cell names: whatever stands in backquotes and has a path.
fn tests(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).filter(|it| it.contains("::")).collect()
}

#[test]
fn the_table_has_every_statement_once_and_in_order() {
    let number = |(section, n): (&str, usize)| {
        (1..=n).map(move |it| format!("{section}-{it}")).collect::<Vec<_>>()
    };
    let expected: Vec<String> = STATEMENTS.into_iter().flat_map(number).collect();
    let found: Vec<String> = rows().into_iter().map(|it| it.statement).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_row_says_who_holds_it_and_what_shows_that() {
    for Row { statement, verdict, shown } in rows() {
        match verdict.as_str() {
            "held" | "refused" => assert!(!tests(&shown).is_empty(), "{statement} is not shown"),
            "client" => {}
            other => panic!("{statement} is {other:?}"),
        }
    }
}

#[test]
fn every_test_that_the_table_names_exists() {
    let read = |path: &str| fs::read_to_string(crate_folder().join(path)).unwrap();
    for row in rows() {
        for test in tests(&row.shown) {
            let path: Vec<&str> = test.split("::").collect();
            let exists = match path[..] {
                ["conformance", module, name] => {
                    is_test(&read(&format!("tests/outside/conformance_{module}.rs")), name)
                }
                ["broker", module, name] => {
                    is_test(&read(&format!("tests/broker/{module}.rs")), name)
                }
                ["outside", module] => {
                    read("tests/outside/main.rs").contains(&format!("\nmod {module};\n"))
                }
                _ => false,
            };
            assert!(exists, "{} names {test}", row.statement);
        }
    }
}

fn is_test(source: &str, name: &str) -> bool {
    source.contains(&format!("#[test]\nfn {name}() {{"))
}
