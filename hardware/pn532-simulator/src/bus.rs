//! A chip on an I2C or SPI bus: what it does with a transaction, and the levels of its pins.
//! Sources: UM0701-02 §6.2.2 to §6.2.5 and the PN532/C1 data sheet's chapters on its interfaces.
//! Not simulated: the pace of the bus, clock stretching, PowerDown.

use std::collections::VecDeque;
use std::iter::repeat_n;
use std::sync::Arc;

use crate::air::Air;
use crate::chip::ChipId;
use crate::field::Answer;
use crate::frame::{self, Decoder, Incoming};
use crate::line::{Line, Reception};
use crate::wire::{Reply, Request};

/// The chip's 7-bit address (§6.2.4).
const ADDRESS: u8 = 0x24;
/// Before every frame that is read over I2C, and what SPI's status read gives (§6.2.4, §6.2.5).
const READY: u8 = 0x01;
const BUSY: u8 = 0x00;
/// First byte of a cycle of chip select (§6.2.5).
const SPI_STATUS: u8 = 0x02;
const SPI_WRITE: u8 = 0x01;
const SPI_READ: u8 = 0x03;
/// SAMConfiguration (§7.2.10); its third parameter says whether P70_IRQ is driven.
const SAM_CONFIGURATION: u8 = 0x14;

/// Which bus the chip's interface pins select.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    I2c,
    Spi,
    /// None: the chip speaks on a serial line, and only its other pins are here.
    Serial,
}

/// One chip's end of the bus.
pub(crate) struct Bus {
    chip: ChipId,
    air: Arc<Air>,
    kind: Kind,
    decoder: Decoder,
    /// Frames that the host has not read.
    unread: VecDeque<Vec<u8>>,
    last_answer: Vec<u8>,
    /// The rest of a frame whose beginning the host has read over SPI.
    rest: Vec<u8>,
    drives_irq: bool,
    held_in_reset: bool,
    /// Out of reset, until chip select or its address wakes it (§7.2.11).
    asleep: bool,
}

impl Bus {
    pub(crate) fn new(chip: ChipId, air: Arc<Air>, kind: Kind) -> Self {
        Self {
            chip,
            air,
            kind,
            decoder: Decoder::default(),
            unread: VecDeque::new(),
            last_answer: frame::SYNTAX_ERROR.to_vec(),
            rest: Vec::new(),
            drives_irq: true,
            held_in_reset: false,
            asleep: true,
        }
    }

    /// Carries out one transaction, or tells or sets a pin's level.
    pub(crate) fn perform(&mut self, request: &Request) -> Reply {
        self.air.act(|world, now| world.field.expire(now));
        match request {
            Request::I2cWrite(address, bytes) => self.write(*address, bytes),
            Request::I2cRead(address, length) => self.read(*address, usize::from(*length)),
            Request::Spi(bytes) => Reply::Bytes(self.shift(bytes)),
            Request::Reset(level) => {
                self.set_reset(*level);
                Reply::Done
            }
            Request::Irq => {
                let may_be_low = self.drives_irq && self.kind != Kind::Serial;
                Reply::Level(!(may_be_low && self.has_frame()))
            }
        }
    }

    fn write(&mut self, address: u8, bytes: &[u8]) -> Reply {
        self.count(1 + bytes.len(), 0);
        if self.kind != Kind::I2c || address != ADDRESS || self.is_mute() {
            return Reply::NoAcknowledge;
        }
        if std::mem::take(&mut self.asleep) {
            return Reply::NoAcknowledge;
        }
        self.hear(bytes);
        Reply::Done
    }

    fn read(&mut self, address: u8, length: usize) -> Reply {
        self.count(1, 0);
        if self.kind != Kind::I2c || address != ADDRESS || self.is_mute() {
            return Reply::NoAcknowledge;
        }
        self.count(0, length);
        if !self.has_frame() {
            return Reply::Bytes(vec![BUSY; length]);
        }
        // Who reads no more than one byte has only asked.
        let frame = if length > 1 { self.unread.pop_front() } else { None };
        let said = [READY].into_iter().chain(frame.unwrap_or_default());
        Reply::Bytes(said.chain(repeat_n(0, length)).take(length).collect())
    }

    /// One cycle of chip select. The chip's bits go least significant first (§6.2.5).
    fn shift(&mut self, bytes: &[u8]) -> Vec<u8> {
        let heard: Vec<u8> = bytes.iter().map(|byte| byte.reverse_bits()).collect();
        let [operation, rest @ ..] = &heard[..] else { return vec![] };
        if self.kind != Kind::Spi || self.is_mute() {
            // Nobody drives the line.
            return vec![0xFF; bytes.len()];
        }
        if std::mem::take(&mut self.asleep) {
            return vec![0; bytes.len()];
        }
        let said = match *operation {
            SPI_STATUS => {
                self.count(1, rest.len());
                let status = if self.has_frame() { READY } else { BUSY };
                [0].into_iter().chain(rest.iter().map(|_| status)).collect()
            }
            SPI_READ => {
                self.count(1, rest.len());
                self.go_on(bytes.len())
            }
            SPI_WRITE => {
                self.count(bytes.len(), 0);
                self.hear(rest);
                vec![0; bytes.len()]
            }
            // The byte that would come next, without going on.
            _ => {
                let next = self.rest.first().copied().unwrap_or_default();
                [next].into_iter().chain(repeat_n(0, rest.len())).collect()
            }
        };
        said.into_iter().map(u8::reverse_bits).collect()
    }

    fn set_reset(&mut self, level: bool) {
        self.held_in_reset = !level;
        if level {
            return;
        }
        self.asleep = true;
        self.forget();
        self.drives_irq = true;
        let chip = self.chip;
        self.air.act(|world, now| world.field.reset(chip, now));
        self.air.with_line(chip, Line::reset);
    }

    /// What is written begins and ends with the transaction: half a frame is no frame.
    fn hear(&mut self, bytes: &[u8]) {
        self.decoder.push(bytes);
        while let Some(incoming) = self.decoder.next_incoming() {
            match incoming {
                Incoming::Ack => {
                    self.forget();
                    self.air.cancel(self.chip);
                }
                Incoming::Nack => {
                    self.rest.clear();
                    self.unread.push_front(self.last_answer.clone());
                }
                Incoming::Packet(packet) => self.begin(&packet),
            }
        }
        self.decoder.reset();
    }

    fn begin(&mut self, packet: &[u8]) {
        let reception = self.air.hear_command(self.chip);
        if reception == Reception::Ignored {
            return;
        }
        self.forget();
        if reception.is_acknowledged() {
            self.unread.push_back(frame::ACK.to_vec());
        }
        if let [_, SAM_CONFIGURATION, _mode, parameters @ ..] = packet {
            self.drives_irq = parameters.get(1).is_none_or(|drives| *drives == 1);
        }
        self.air.carry_out(self.chip, packet, reception);
    }

    /// What was to be said is not said.
    fn forget(&mut self) {
        self.unread.clear();
        self.rest.clear();
    }

    fn is_mute(&self) -> bool {
        self.held_in_reset || self.air.with_line(self.chip, |line| line.is_mute())
    }

    /// Whether a frame waits for the host; an answer becomes a frame here.
    fn has_frame(&mut self) -> bool {
        if !self.rest.is_empty() {
            return true;
        }
        if self.unread.is_empty() && !self.is_mute() {
            let answer = self.air.with_line(self.chip, |line| line.outbox.pop_front());
            let mut bytes = match answer {
                None => return false,
                Some(Answer::Packet(packet)) => frame::encode(&packet),
                Some(Answer::SyntaxError) => frame::SYNTAX_ERROR.to_vec(),
            };
            self.last_answer.clone_from(&bytes);
            self.air.with_line(self.chip, |line| line.spoil(&mut bytes));
            self.unread.push_back(bytes);
        }
        !self.unread.is_empty()
    }

    /// So many bytes of the frame that waits, and zeros. The frame begins after the byte that asks for
    /// it; when it is read in several cycles, it goes on together with that byte, as libnfc has found
    /// (`pn532_spi.c`).
    fn go_on(&mut self, length: usize) -> Vec<u8> {
        let mut frame = std::mem::take(&mut self.rest);
        if frame.is_empty() && self.has_frame() {
            frame = [vec![0], self.unread.pop_front().unwrap_or_default()].concat();
        }
        self.rest = frame.split_off(frame.len().min(length));
        frame.resize(length, 0);
        frame
    }

    fn count(&self, to_chip: usize, from_chip: usize) {
        self.air.count(self.chip, |counters| {
            counters.to_chip += to_chip as u64;
            counters.from_chip += from_chip as u64;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRMWARE: [u8; 9] = [0, 0, 0xFF, 2, 0xFE, 0xD4, 2, 0x2A, 0];
    const NACK: [u8; 6] = [0, 0, 0xFF, 0xFF, 0, 0];

    fn bus(kind: Kind) -> Bus {
        Bus::new(0, Arc::new(Air::new(1).unwrap()), kind)
    }

    fn write(bus: &mut Bus, bytes: &[u8]) -> Reply {
        bus.perform(&Request::I2cWrite(ADDRESS, bytes.to_vec()))
    }

    fn read(bus: &mut Bus, length: u16) -> Reply {
        bus.perform(&Request::I2cRead(ADDRESS, length))
    }

    fn firmware_answer() -> Vec<u8> {
        frame::encode(&[0xD5, 3, 0x32, 1, 6, 7])
    }

    #[test]
    fn over_i2c_each_frame_follows_a_ready_byte_and_is_read_at_once() {
        let mut bus = bus(Kind::I2c);
        assert_eq!(write(&mut bus, &FIRMWARE), Reply::NoAcknowledge, "it sleeps");
        assert_eq!(write(&mut bus, &FIRMWARE), Reply::Done);
        assert_eq!(read(&mut bus, 1), Reply::Bytes(vec![READY]));
        let ack = [&[READY][..], &frame::ACK].concat();
        assert_eq!(read(&mut bus, 7), Reply::Bytes(ack));
        let answer = [&[READY][..], &firmware_answer(), &[0, 0]].concat();
        assert_eq!(read(&mut bus, 16), Reply::Bytes(answer.clone()));
        assert_eq!(read(&mut bus, 2), Reply::Bytes(vec![BUSY; 2]));
        assert_eq!(write(&mut bus, &NACK), Reply::Done);
        assert_eq!(read(&mut bus, 16), Reply::Bytes(answer), "it was asked to repeat");
        assert_eq!(bus.perform(&Request::I2cRead(0x25, 1)), Reply::NoAcknowledge);
    }

    #[test]
    fn over_spi_the_first_byte_says_what_a_cycle_is_for() {
        let mut bus = bus(Kind::Spi);
        let mut cycle = |bytes: &[u8]| {
            let bytes = bytes.iter().map(|byte| byte.reverse_bits()).collect();
            let Reply::Bytes(bytes) = bus.perform(&Request::Spi(bytes)) else { panic!() };
            bytes.into_iter().map(u8::reverse_bits).collect::<Vec<_>>()
        };
        let command = [&[SPI_WRITE][..], &FIRMWARE].concat();
        cycle(&command);
        assert_eq!(cycle(&[SPI_STATUS, 0]), [0, BUSY], "it slept");
        cycle(&command);
        assert_eq!(cycle(&[SPI_STATUS, 0]), [0, READY]);
        assert_eq!(cycle(&[SPI_READ, 0, 0, 0, 0, 0, 0])[1..], frame::ACK);
        assert_eq!(cycle(&[SPI_READ, 0, 0, 0])[1..], firmware_answer()[..3]);
        assert_eq!(cycle(&[0]), firmware_answer()[3..4]);
        assert_eq!(cycle(&[&[SPI_READ][..], &[0; 9]].concat()), firmware_answer()[3..]);
        assert_eq!(cycle(&[SPI_STATUS, 0]), [0, BUSY]);
    }

    #[test]
    fn irq_is_low_while_a_frame_waits_unless_the_host_said_no() {
        let mut bus = bus(Kind::I2c);
        let no_irq = frame::encode(&[0xD4, SAM_CONFIGURATION, 1, 0, 0]);
        write(&mut bus, &[]);
        assert_eq!(bus.perform(&Request::Irq), Reply::Level(true));
        write(&mut bus, &FIRMWARE);
        assert_eq!(bus.perform(&Request::Irq), Reply::Level(false));
        write(&mut bus, &no_irq);
        assert_eq!(bus.perform(&Request::Irq), Reply::Level(true));
    }

    #[test]
    fn in_reset_it_says_nothing_and_afterwards_it_has_forgotten() {
        let mut bus = bus(Kind::I2c);
        write(&mut bus, &[]);
        write(&mut bus, &FIRMWARE);
        bus.perform(&Request::Reset(false));
        assert_eq!(read(&mut bus, 1), Reply::NoAcknowledge);
        bus.perform(&Request::Reset(true));
        assert_eq!(read(&mut bus, 1), Reply::Bytes(vec![BUSY]));
        write(&mut bus, &[]);
        write(&mut bus, &FIRMWARE);
        bus.perform(&Request::Reset(true));
        assert_eq!(bus.perform(&Request::Irq), Reply::Level(false), "a high line changes nothing");
    }
}
