//! A link's wires as a harness for WireViz 0.4 (its `docs/syntax.md`), from which it draws the picture. Pure.

use std::fmt::Display;

use crate::table::{Link, Table, Wire};

/// The source of one link's drawing.
#[must_use]
pub fn wireviz(table: &Table, link: &Link) -> String {
    let mut wires = table.wires(link);
    wires.sort_by_key(|it| it.pin);
    let pins = list(wires.iter().map(|it| it.pin));
    let labels = list(wires.iter().map(|it| quoted(&header_label(it))));
    let module = list(wires.iter().map(|it| quoted(&module_label(table, it))));
    let colours = list(wires.iter().map(|it| &it.colour));
    let Link { name, switches, .. } = link;
    format!(
        "# Written by `make wiring` from pins.toml: change it there.
connectors:
  Raspberry Pi:
    type: 40-pin header J8
    subtype: Raspberry Pi 4 or 5
    pins: {pins}
    pinlabels: {labels}
    show_pincount: false
  PN532:
    type: Elechouse NFC Module V3
    subtype: {name}
    notes: switch 1 {one}, switch 2 {two}
    pins: {module}
    show_pincount: false
cables:
  W1:
    wirecount: {count}
    colors: {colours}
    show_wirecount: false
    notes: 3.3 V only
connections:
  -
    - Raspberry Pi: {pins}
    - W1: [1-{count}]
    - PN532: {module}
",
        one = switches.one,
        two = switches.two,
        count = wires.len(),
    )
}

fn header_label(wire: &Wire) -> String {
    let does = wire.role.as_deref().or(wire.rail.as_deref()).unwrap_or_default();
    wire.gpio.map_or_else(|| does.to_owned(), |line| format!("GPIO{line} {does}"))
}

fn module_label(table: &Table, wire: &Wire) -> String {
    let optional = if table.is_optional(wire) { " (optional)" } else { "" };
    format!("{}{optional}", wire.elechouse)
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn list(items: impl Iterator<Item = impl Display>) -> String {
    let items: Vec<_> = items.map(|it| it.to_string()).collect();
    format!("[{}]", items.join(", "))
}
