//! What lies in the tree is what the table gives.

use std::fs;
use std::path::{Path, PathBuf};

use tapcard_wiring::outputs::{self, Output, PAGE, TABLE};
use tapcard_wiring::table::Table;

fn hardware() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(name: &str) -> String {
    fs::read_to_string(hardware().join(name)).unwrap_or_default()
}

fn all() -> Vec<Output> {
    outputs::of(&read(TABLE), &read(PAGE)).expect("the table and the page are in order")
}

#[test]
fn every_file_is_what_the_table_gives() {
    for output in all() {
        assert!(read(&output.path) == output.text, "hardware/{}: run make wiring", output.path);
    }
}

#[test]
fn no_fragment_is_left_over_from_an_older_table() {
    let expected: Vec<_> = all().into_iter().map(|it| it.path).collect();
    for entry in fs::read_dir(hardware().join("wiring/fragments")).unwrap() {
        let path = format!("wiring/fragments/{}", entry.unwrap().file_name().to_str().unwrap());
        assert!(expected.contains(&path), "hardware/{path} follows from no table");
    }
}

#[test]
fn all_links_share_supply_reset_and_interrupt() {
    let table = Table::parse(&read(TABLE)).unwrap();
    for link in &table.link {
        let wires = table.wires(link);
        let on = |name| wires.iter().find(|it| it.elechouse == name).map(|it| (it.pin, it.gpio));
        assert_eq!(on("VCC"), Some((17, None)), "{}", link.key);
        assert_eq!(on("GND"), Some((39, None)), "{}", link.key);
        assert_eq!(on("RSTPDN"), Some((38, Some(20))), "{}", link.key);
        assert_eq!(on("IRQ"), Some((36, Some(16))), "{}", link.key);
    }
}

#[test]
fn what_one_side_of_the_uart_sends_the_other_receives() {
    let table = Table::parse(&read(TABLE)).unwrap();
    let hsu = table.link.iter().find(|it| it.key == "hsu").unwrap();
    for wire in &hsu.wire {
        let receives = wire.chip.ends_with("HSU_RX");
        assert_eq!(wire.role.as_deref(), Some(if receives { "TXD" } else { "RXD" }));
    }
}

#[test]
fn the_kiosks_fragments_are_toml_and_name_their_link() {
    for link in ["hsu", "spi", "i2c"] {
        let text = read(&format!("wiring/fragments/kiosk-{link}.toml"));
        let settings: toml::Table = text.parse().unwrap();
        let reader = settings["reader"].as_table().unwrap();
        assert_eq!(reader["link"].as_str(), Some(link));
        assert_eq!(reader["reset"].as_str(), Some("/dev/gpiochip0:20"));
        assert_eq!(reader.contains_key("baud"), link == "hsu");
        assert!(text.contains("\n# irq = \"/dev/gpiochip0:16\"\n"));
    }
}
