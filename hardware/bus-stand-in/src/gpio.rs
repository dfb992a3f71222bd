//! A GPIO chip as version 1 of the character device's interface describes it
//! (`include/uapi/linux/gpio.h`): lines are asked for, set and read. Events are not answered.

use std::os::fd::RawFd;

use libc::{c_int, c_ulong, c_void};
use pn532_simulator::wire::{Reply, Request};

use crate::Errno;
use crate::place::Wiring;
use crate::wire::Wire;

const GET_CHIPINFO: c_ulong = 0x8044_b401;
const GET_LINEINFO: c_ulong = 0xc048_b402;
const GET_LINEHANDLE: c_ulong = 0xc16c_b403;
const GET_LINE_VALUES: c_ulong = 0xc040_b408;
const SET_LINE_VALUES: c_ulong = 0xc040_b409;

/// Flags of a request.
const INPUT: u32 = 1;
const OUTPUT: u32 = 2;
const ACTIVE_LOW: u32 = 4;
/// Flags of a line: in use; the others have the same numbers as those of a request.
const IN_USE: u32 = 1;
/// The BCM2711 has so many.
const LINES: u32 = 58;
const MOST_LINES: usize = 64;

#[repr(C)]
struct ChipInfo {
    name: [u8; 32],
    label: [u8; 32],
    lines: u32,
}

#[repr(C)]
struct LineInfo {
    offset: u32,
    flags: u32,
    name: [u8; 32],
    consumer: [u8; 32],
}

#[repr(C)]
struct HandleRequest {
    offsets: [u32; MOST_LINES],
    flags: u32,
    defaults: [u8; MOST_LINES],
    consumer: [u8; 32],
    lines: u32,
    fd: c_int,
}

/// An open chip.
#[derive(Debug)]
pub(crate) struct Chip {
    wiring: Wiring,
    wire: Wire,
    /// Lines that were asked for, with the flags that they show.
    requested: Vec<(u32, u32)>,
}

/// What a line leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Reset,
    Irq,
    Nothing,
}

/// Lines that somebody holds.
#[derive(Debug)]
pub(crate) struct Handle {
    wire: Wire,
    signals: Vec<Signal>,
    flags: u32,
    /// The levels that were set, true for high.
    levels: Vec<bool>,
}

impl Chip {
    pub(crate) fn new(wiring: Wiring, wire: Wire) -> Self {
        Self { wiring, wire, requested: vec![] }
    }

    /// Answers for the kernel; also gives the lines that were asked for, and their file descriptor.
    ///
    /// # Safety
    /// `argument` must be what the kernel expects for `request`.
    pub(crate) unsafe fn ioctl(
        &mut self,
        request: c_ulong,
        argument: *mut c_void,
    ) -> Result<Option<(RawFd, Handle)>, Errno> {
        // SAFETY: the arguments are of the types that the numbers stand for.
        unsafe {
            match request {
                GET_CHIPINFO => {
                    let (name, label) = (text("gpiochip0"), text("bus-stand-in"));
                    argument.cast::<ChipInfo>().write(ChipInfo { name, label, lines: LINES });
                    Ok(None)
                }
                GET_LINEINFO => self.describe(&mut *argument.cast::<LineInfo>()).map(|()| None),
                GET_LINEHANDLE => self.hand_out(&mut *argument.cast::<HandleRequest>()).map(Some),
                _ => Err(libc::ENOTTY),
            }
        }
    }

    fn describe(&self, line: &mut LineInfo) -> Result<(), Errno> {
        if line.offset >= LINES {
            return Err(libc::EINVAL);
        }
        let requested = self.requested.iter().rev().find(|(offset, _)| *offset == line.offset);
        line.flags = requested.map_or(0, |(_, flags)| IN_USE | (flags & (OUTPUT | ACTIVE_LOW)));
        (line.name, line.consumer) = ([0; 32], [0; 32]);
        Ok(())
    }

    fn hand_out(&mut self, request: &mut HandleRequest) -> Result<(RawFd, Handle), Errno> {
        let count = request.lines as usize;
        let directions = request.flags & (INPUT | OUTPUT);
        let offsets = request.offsets.get(..count).filter(|it| !it.is_empty());
        let offsets = offsets.ok_or(libc::EINVAL)?;
        if directions == INPUT | OUTPUT || offsets.iter().any(|offset| *offset >= LINES) {
            return Err(libc::EINVAL);
        }
        let signals: Vec<_> = offsets.iter().map(|offset| self.signal(*offset)).collect();
        let mut handle = Handle {
            wire: self.wire.try_clone()?,
            levels: vec![true; count],
            flags: request.flags,
            signals,
        };
        if request.flags & OUTPUT != 0 {
            handle.set(&request.defaults)?;
        }
        self.requested.extend(offsets.iter().map(|offset| (*offset, request.flags)));
        request.fd = handle.wire.descriptor()?;
        Ok((request.fd, handle))
    }

    fn signal(&self, offset: u32) -> Signal {
        match Some(offset) {
            reset if reset == self.wiring.reset => Signal::Reset,
            irq if irq == self.wiring.irq => Signal::Irq,
            _ => Signal::Nothing,
        }
    }
}

impl Handle {
    /// # Safety
    /// `argument` must be what the kernel expects for `request`.
    pub(crate) unsafe fn ioctl(
        &mut self,
        request: c_ulong,
        argument: *mut c_void,
    ) -> Result<c_int, Errno> {
        // SAFETY: both arguments are 64 values.
        let values = unsafe { &mut *argument.cast::<[u8; MOST_LINES]>() };
        match request {
            GET_LINE_VALUES => self.get(values)?,
            SET_LINE_VALUES if self.flags & OUTPUT == 0 => return Err(libc::EPERM),
            SET_LINE_VALUES => self.set(values)?,
            _ => return Err(libc::ENOTTY),
        }
        Ok(0)
    }

    fn get(&mut self, values: &mut [u8; MOST_LINES]) -> Result<(), Errno> {
        for (at, signal) in self.signals.iter().enumerate() {
            let level = match signal {
                Signal::Irq => self.wire.ask(&Request::Irq)? == Reply::Level(true),
                Signal::Reset | Signal::Nothing => self.levels[at],
            };
            values[at] = u8::from(level == (self.flags & ACTIVE_LOW == 0));
        }
        Ok(())
    }

    fn set(&mut self, values: &[u8; MOST_LINES]) -> Result<(), Errno> {
        for (at, value) in values.iter().take(self.signals.len()).enumerate() {
            let level = (*value != 0) == (self.flags & ACTIVE_LOW == 0);
            self.levels[at] = level;
            if self.signals[at] == Signal::Reset {
                self.wire.ask(&Request::Reset(level))?;
            }
        }
        Ok(())
    }
}

fn text(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    bytes
}
