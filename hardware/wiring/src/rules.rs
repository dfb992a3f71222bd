//! What would make a table wrong on the bench. Pure: a table goes in, sentences come out.

use crate::header::{self, Pin};
use crate::table::{Link, Table, Wire};

/// Every mistake found; an empty list means the table can be wired.
#[must_use]
pub fn mistakes(table: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for link in &table.link {
        let wires = table.wires(link);
        for (at, wire) in wires.iter().enumerate() {
            found.extend(wrong_pin(wire));
            found.extend(
                table.taken.pins.contains(&wire.pin).then(|| on_taken_pin(table, link, wire)),
            );
            let twice = wires.iter().take(at).find(|it| shares_pin(it, wire));
            found.extend(twice.map(|it| {
                format!("{}: {} and {} share a pin", link.key, it.elechouse, wire.elechouse)
            }));
        }
        found.extend(wrong_settings(table, link));
    }
    found.extend(different_chips(table));
    found
}

fn shares_pin(one: &Wire, other: &Wire) -> bool {
    one.pin == other.pin || (one.gpio.is_some() && one.gpio == other.gpio)
}

fn on_taken_pin(table: &Table, link: &Link, wire: &Wire) -> String {
    format!("{}: {} is on pin {} of {}", link.key, wire.elechouse, wire.pin, table.taken.by)
}

/// A wire whose header pin is not what the table says of it.
fn wrong_pin(wire: &Wire) -> Option<String> {
    let right = match (header::pin(wire.pin), wire.rail.as_deref(), wire.gpio) {
        (Some(Pin::V3), Some("3V3"), None) | (Some(Pin::Ground), Some("GND"), None) => true,
        (Some(Pin::Gpio(real)), None, Some(said)) => {
            real == said && header::role(real).is_none_or(|role| wire.role.as_deref() == Some(role))
        }
        _ => false,
    };
    let is = match header::pin(wire.pin) {
        Some(pin) => format!("{pin:?}"),
        None => "not on the header".to_owned(),
    };
    (!right).then(|| {
        format!("{}: pin {} is {is}, which the table contradicts", wire.elechouse, wire.pin)
    })
}

/// A board without its firmware lines, or switches that stand nowhere.
fn wrong_settings(table: &Table, link: &Link) -> Option<String> {
    let stands = |it: &str| it == "on" || it == "off";
    if !stands(&link.switches.one) || !stands(&link.switches.two) {
        return Some(format!("{}: a switch is neither on nor off", link.key));
    }
    let boards: Vec<_> = table.board.iter().map(|it| &it.key).collect();
    let same = link.config.len() == boards.len()
        && boards.iter().all(|key| link.config.get(*key).is_some_and(|lines| !lines.is_empty()));
    (!same).then(|| format!("{}: its firmware lines are not those of {boards:?}", link.key))
}

/// The kiosk's settings name one chip of lines, so all boards must call it alike.
fn different_chips(table: &Table) -> Option<String> {
    let first = table.board.first()?;
    let other = table.board.iter().find(|it| it.gpiochip != first.gpiochip)?;
    Some(format!("{} and {} call the header's lines differently", first.name, other.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table::parse(include_str!("../pins.toml")).unwrap()
    }

    #[test]
    fn our_table_can_be_wired() {
        assert_eq!(mistakes(&table()), Vec::<String>::new());
    }

    #[test]
    fn one_header_pin_takes_one_wire() {
        let mut table = table();
        table.link[0].wire[0].pin = table.shared.irq.pin;
        table.link[0].wire[0].gpio = table.shared.irq.gpio;
        let found = mistakes(&table);
        assert!(found.iter().any(|it| it.contains("share a pin")), "{found:?}");
    }

    #[test]
    fn a_wrong_bcm_number_is_found() {
        let mut table = table();
        table.shared.reset.gpio = Some(21);
        let found = mistakes(&table);
        assert!(found.iter().any(|it| it.contains("pin 38 is Gpio(20)")), "{found:?}");
    }

    #[test]
    fn crossed_receive_and_transmit_are_found() {
        let mut table = table();
        table.link[0].wire[0].role = Some("RXD".into());
        let found = mistakes(&table);
        assert!(found.iter().any(|it| it.contains("pin 8")), "{found:?}");
    }

    #[test]
    fn a_module_is_never_fed_with_5_volts() {
        let mut table = table();
        table.taken.pins.clear();
        table.shared.supply.pin = 2;
        let found = mistakes(&table);
        assert!(found.iter().any(|it| it.contains("pin 2 is V5")), "{found:?}");
    }

    #[test]
    fn the_displays_pins_stay_free() {
        let mut table = table();
        table.shared.ground.pin = 6;
        let found = mistakes(&table);
        assert!(found.iter().any(|it| it.contains("the display's power cable")), "{found:?}");
    }

    #[test]
    fn a_board_without_firmware_lines_is_found() {
        let mut table = table();
        table.link[1].config.remove("pi5");
        let found = mistakes(&table);
        assert!(found.iter().any(|it| it.starts_with("spi: its firmware lines")), "{found:?}");
    }
}
