//! A link's settings: lines for the firmware's `config.txt`, and the `[reader]` part of the kiosk's own file. Pure.

use std::fmt::Write as _;

use crate::table::{Board, Link, Table};

/// Lines of `config.txt` for one board; `None` if the table has none.
#[must_use]
pub fn firmware(board: &Board, link: &Link) -> Option<String> {
    let lines = link.config.get(&board.key)?.join("\n");
    Some(format!(
        "# {} with a PN532 on {}. Written by `make wiring` from hardware/wiring/pins.toml.\n{lines}\n",
        board.name, link.name
    ))
}

/// The kiosk's settings for its reader.
#[must_use]
pub fn kiosk(table: &Table, link: &Link) -> String {
    let mut text = format!(
        "# A PN532 on {}. Written by `make wiring` from hardware/wiring/pins.toml.\n\
         [reader]\nlink = \"{}\"\nport = \"{}\"\n",
        link.name, link.key, link.port
    );
    if let Some(baud) = link.baud {
        writeln!(text, "baud = {baud}").expect("a string takes all");
    }
    if let Some(line) = table.line(&table.shared.reset) {
        writeln!(text, "reset = \"{line}\"").expect("a string takes all");
    }
    if let Some(line) = table.line(&table.shared.irq) {
        writeln!(text, "# irq = \"{line}\"").expect("a string takes all");
    }
    text
}
