//! The disks as a table: those that may be written, then the others with the reason.

use std::fmt::Write;

use crate::disks::{Bus, Disk, judge, size};
use crate::machine::Machine;

/// The table, for a terminal.
pub fn table(machine: &Machine) -> String {
    let judged: Vec<_> = machine
        .disks
        .iter()
        .filter(|it| it.is_listed())
        .map(|it| (it, judge(it, &machine.disks, &machine.uses)))
        .collect();
    let mut text = String::new();
    for (disk, _) in judged.iter().filter(|(_, it)| it.is_ok()) {
        line(&mut text, disk, "");
    }
    if text.is_empty() {
        text.push_str("There is no disk to write to. Put a card or a stick in, and look again.\n");
    }
    let others = judged.iter().filter_map(|(disk, it)| Some((disk, it.as_ref().err()?)));
    for (idx, (disk, why)) in others.enumerate() {
        if idx == 0 {
            text.push_str("\nNot to be written:\n");
        }
        line(&mut text, disk, &format!("  {why}"));
    }
    text
}

fn line(text: &mut String, disk: &Disk, why: &str) {
    let path = format!("/dev/{}", disk.name());
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{path:<14} {:>9}  {}{why}", size(disk.size), title(disk));
}

/// The maker's name, or what can be said without one.
pub fn title(disk: &Disk) -> &str {
    match disk.bus {
        _ if !disk.model.is_empty() => &disk.model,
        Bus::Usb => "USB disk",
        Bus::Sd => "SD card",
        Bus::Loop => "loop device",
        Bus::Other => "disk",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disks::Block;
    use crate::uses::Number;

    fn disk(name: &str, minor: u32, bus: Bus, model: &str) -> Disk {
        let number = Number { major: 8, minor };
        Disk {
            whole: Block { name: name.into(), number, holders: Vec::new() },
            partitions: Vec::new(),
            size: 32_000_000_000,
            removable: false,
            bus,
            model: model.into(),
            read_only: false,
            sequence: None,
        }
    }

    #[test]
    fn cards_come_first_and_the_others_have_a_reason() {
        let disks = vec![
            disk("loop0", 48, Bus::Loop, ""),
            disk("sda", 0, Bus::Other, "Desk SSD"),
            disk("sdb", 16, Bus::Usb, ""),
            disk("zram0", 32, Bus::Other, ""),
        ];
        let text = table(&Machine { disks, uses: Vec::new() });
        let wanted = "\
/dev/sdb         32.0 GB  USB disk

Not to be written:
/dev/sda         32.0 GB  Desk SSD  it is not removable; only cards, sticks and USB disks are written
";
        assert_eq!(text, wanted);
    }

    #[test]
    fn a_machine_without_a_card_says_what_to_do() {
        let text = table(&Machine { disks: Vec::new(), uses: Vec::new() });
        assert_eq!(
            text,
            "There is no disk to write to. Put a card or a stick in, and look again.\n"
        );
    }
}
