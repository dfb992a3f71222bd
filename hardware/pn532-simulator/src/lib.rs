//! A simulator of PN532 chips at wire level: each chip is a serial port (HSU) or a device on an I2C
//! or SPI bus, all of them share one RF field with tags and with the cards that other chips emulate.
//!
//! `frame`, `command`, `tag` (with `type2` and `type4`), `iso_dep`, `emulation`, `conversation`,
//! `timing` and `field` (with `dispatch`, `search`, `initiator`, `target` and `visit`) are pure;
//! `hsu` puts a chip on a pseudo-terminal, `bus` and `socket` on a bus, whose transactions come in
//! the form of `wire`; `control` listens for control lines.
//! Sources: NXP's PN532 User Manual UM0701-02 and NTAG213/215/216 data sheet.

mod air;
mod antenna;
mod apdu;
mod bus;
mod chip;
mod command;
pub mod control;
mod conversation;
mod crc;
#[cfg(test)]
mod desk;
mod dispatch;
mod emulation;
mod fault;
mod field;
mod frame;
mod hsu;
mod initiator;
mod iso_dep;
mod journal;
mod lay;
mod line;
mod link;
mod model;
mod pace;
mod phone;
mod port;
mod record;
mod request;
mod search;
mod simulator;
mod socket;
mod status;
mod tag;
mod target;
mod timing;
mod trouble;
mod type2;
mod type4;
mod visit;
pub mod wire;
mod wish;

pub use fault::Fault;
pub use journal::{Entry, Event};
pub use lay::{Lay, PASSWORD, TagKind, Unfit};
pub use line::Counters;
pub use model::Model;
pub use phone::{Heard, Phone, Write};
pub use port::Port;
pub use simulator::{Refusal, Simulator};
pub use timing::{shortest_read, shortest_read_in};
