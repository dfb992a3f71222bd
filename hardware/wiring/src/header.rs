//! The 40-pin header J8, the same on every Raspberry Pi since the Model B+. Source: Raspberry Pi's documentation, "GPIO and
//! the 40-pin header", and the BCM2711 and RP1 peripheral documents for the roles. Pure.

/// What a pin of the header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// 3.3 V from the board.
    V3,
    /// 5 V from the board's supply.
    V5,
    /// Ground.
    Ground,
    /// A line of the processor, by its BCM number.
    Gpio(u8),
}

use Pin::{Gpio, Ground, V3, V5};

/// Pins 1 to 40, two in each row as on the board.
#[rustfmt::skip]
const PINS: [Pin; 40] = [
    V3, V5, // 1, 2
    Gpio(2), V5, // 3, 4
    Gpio(3), Ground, // 5, 6
    Gpio(4), Gpio(14), // 7, 8
    Ground, Gpio(15), // 9, 10
    Gpio(17), Gpio(18), // 11, 12
    Gpio(27), Ground, // 13, 14
    Gpio(22), Gpio(23), // 15, 16
    V3, Gpio(24), // 17, 18
    Gpio(10), Ground, // 19, 20
    Gpio(9), Gpio(25), // 21, 22
    Gpio(11), Gpio(8), // 23, 24
    Ground, Gpio(7), // 25, 26
    Gpio(0), Gpio(1), // 27, 28
    Gpio(5), Ground, // 29, 30
    Gpio(6), Gpio(12), // 31, 32
    Gpio(13), Ground, // 33, 34
    Gpio(19), Gpio(16), // 35, 36
    Gpio(26), Gpio(20), // 37, 38
    Ground, Gpio(21), // 39, 40
];

/// What the lines of the first UART, of SPI bus 0 and of I2C bus 1 do when the bus is switched on.
const ROLES: [(u8, &str); 8] = [
    (2, "SDA"),
    (3, "SCL"),
    (8, "CE0"),
    (9, "MISO"),
    (10, "MOSI"),
    (11, "SCLK"),
    (14, "TXD"),
    (15, "RXD"),
];

/// What pin `number`, counted from 1, is; nothing beyond 40.
#[must_use]
pub fn pin(number: u8) -> Option<Pin> {
    PINS.get(usize::from(number).checked_sub(1)?).copied()
}

/// What the line with this BCM number does for a bus, if it does anything.
#[must_use]
pub fn role(gpio: u8) -> Option<&'static str> {
    ROLES.iter().find(|(line, _)| *line == gpio).map(|(_, role)| *role)
}
