//! The tables of `hardware/README.md`, and how they are put between its marks. Pure.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use crate::table::{Link, Table, Wire};

/// The page with every link's table written anew between its marks, all else untouched.
///
/// # Errors
/// Names the mark that the page lacks.
pub fn renew(page: &str, table: &Table) -> Result<String> {
    table.link.iter().try_fold(page.to_owned(), |page, link| {
        between(&page, &link.key, &wires(table, link))
            .with_context(|| format!("README.md has no marks for wiring {}", link.key))
    })
}

/// The page with `text` between the marks of `name`.
fn between(page: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) =
        (format!("<!-- wiring {name}: begin -->\n"), format!("<!-- wiring {name}: end -->"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{text}{end}{after}"))
}

fn wires(table: &Table, link: &Link) -> String {
    let mut text = format!(
        "Switches: 1 (SEL0, I0) **{}**, 2 (SEL1, I1) **{}**. Kiosk: `{}`.\n\n",
        link.switches.one, link.switches.two, link.port
    );
    text += "| PN532 | Elechouse V3 | Adafruit 364 | header pin | GPIO | on the Raspberry Pi |\n";
    text += "|---|---|---|---|---|---|\n";
    for wire in table.wires(link) {
        text += &row(table, wire);
    }
    text += "\n| board | `config.txt` |\n|---|---|\n";
    for board in &table.board {
        let lines = link.config.get(&board.key).into_iter().flatten();
        let lines: Vec<_> = lines.map(|it| format!("`{it}`")).collect();
        writeln!(text, "| {} | {} |", board.name, lines.join(" ")).expect("a string takes all");
    }
    text
}

fn row(table: &Table, wire: &Wire) -> String {
    let gpio = wire.gpio.map_or_else(|| "–".to_owned(), |it| it.to_string());
    let does = wire.role.as_deref().or(wire.rail.as_deref()).unwrap_or_default();
    let optional = if table.is_optional(wire) { " (optional)" } else { "" };
    let Wire { chip, elechouse, adafruit, pin, .. } = wire;
    format!("| {chip} | {elechouse}{optional} | {adafruit} | {pin} | {gpio} | {does} |\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let page = "a\n<!-- wiring x: begin -->\nold\n<!-- wiring x: end -->\nb\n";
        let renewed = between(page, "x", "new\n").unwrap();
        assert_eq!(renewed, "a\n<!-- wiring x: begin -->\nnew\n<!-- wiring x: end -->\nb\n");
        assert_eq!(between(&renewed, "x", "old\n").unwrap(), page);
    }

    #[test]
    fn a_page_without_marks_is_refused() {
        let table = Table::parse(include_str!("../pins.toml")).unwrap();
        let error = renew("nothing here", &table).unwrap_err();
        assert_eq!(error.to_string(), "README.md has no marks for wiring hsu");
    }
}
