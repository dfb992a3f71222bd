//! A simulator of PN532 chips at wire level: each chip is a serial port (HSU), all of them share one
//! RF field with tags and with the cards that other chips emulate.
//!
//! `frame`, `command`, `ntag`, `iso_dep`, `emulation` and `field` (with `dispatch`, `search`,
//! `initiator` and `target`) are pure; `hsu` puts a chip on a pseudo-terminal, `control` listens for
//! control lines.
//! Sources: NXP's PN532 User Manual UM0701-02 and NTAG213/215/216 data sheet.

mod air;
mod antenna;
mod chip;
mod command;
pub mod control;
mod crc;
#[cfg(test)]
mod desk;
mod dispatch;
mod emulation;
mod field;
mod frame;
mod hsu;
mod initiator;
mod iso_dep;
mod line;
mod link;
mod ntag;
mod pace;
mod request;
mod search;
mod simulator;
mod status;
mod target;

pub use line::{Counters, Fault};
pub use ntag::{DoesNotFit, Model};
pub use simulator::{Refusal, Simulator};
