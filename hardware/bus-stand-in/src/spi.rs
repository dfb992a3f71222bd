//! An SPI device as `Documentation/spi/spidev.rst` describes it, with the limits of `spi-bcm2835.c`:
//! eight bits a word, the most significant first.

use std::thread::sleep;
use std::time::Duration;

use libc::{c_int, c_ulong, c_void};
use pn532_simulator::wire::{Reply, Request};

use crate::Errno;
use crate::wire::Wire;

/// `include/uapi/linux/spi/spidev.h`: the ioctls' letter and numbers.
const LETTER: u8 = b'k';
const MESSAGE: u8 = 0;
const MODE: u8 = 1;
const LSB_FIRST: u8 = 2;
const BITS_PER_WORD: u8 = 3;
const MAX_SPEED: u8 = 4;
const MODE32: u8 = 5;
/// `include/uapi/linux/spi/spi.h`: what `spi-bcm2835.c` knows, which is clock phase and polarity,
/// chip select high or none, and three wires.
const KNOWN_MODES: u32 = 0x01 | 0x02 | 0x04 | 0x10 | 0x40;
/// The most bytes of one message, unless a parameter of the module says otherwise.
const LONGEST_MESSAGE: usize = 4096;
/// The clock that a PN532 keeps up with (PN532/C1 data sheet).
const CHIPS_CLOCK: u32 = 5_000_000;
/// The Raspberry Pi's device tree gives spidev this one.
const DEFAULT_CLOCK: u32 = 125_000_000;

/// `struct spi_ioc_transfer`.
#[repr(C)]
struct Transfer {
    out: u64,
    into: u64,
    length: u32,
    clock: u32,
    delay: u16,
    bits_per_word: u8,
    deselects: u8,
    padding: u32,
}

/// An open device.
#[derive(Debug)]
pub(crate) struct Device {
    wire: Wire,
    mode: u32,
    clock: u32,
}

impl Device {
    pub(crate) fn new(wire: Wire) -> Self {
        Self { wire, mode: 0, clock: DEFAULT_CLOCK }
    }

    /// # Safety
    /// `argument` must be what the kernel expects for `request`.
    pub(crate) unsafe fn ioctl(
        &mut self,
        request: c_ulong,
        argument: *mut c_void,
    ) -> Result<c_int, Errno> {
        let [number, letter, size_low, size_high, ..] = request.to_le_bytes();
        if letter != LETTER {
            return Err(libc::ENOTTY);
        }
        let size = usize::from(u16::from_le_bytes([size_low, size_high & 0x3f]));
        let writes = size_high & 0x40 != 0;
        // SAFETY: the arguments are of the types that the numbers stand for.
        unsafe {
            match (number, writes) {
                (MESSAGE, true) => {
                    return self.message(argument.cast(), size / size_of::<Transfer>());
                }
                (MODE, true) => self.set_mode(u32::from(argument.cast::<u8>().read()))?,
                (MODE32, true) => self.set_mode(argument.cast::<u32>().read())?,
                (LSB_FIRST, true) if argument.cast::<u8>().read() != 0 => return Err(libc::EINVAL),
                (LSB_FIRST, true) => {}
                (BITS_PER_WORD, true) => match argument.cast::<u8>().read() {
                    0 | 8 => {}
                    _ => return Err(libc::EINVAL),
                },
                (MAX_SPEED, true) => self.clock = argument.cast::<u32>().read(),
                (MODE, false) => argument.cast::<u8>().write(self.mode.to_le_bytes()[0]),
                (MODE32, false) => argument.cast::<u32>().write(self.mode),
                (LSB_FIRST, false) => argument.cast::<u8>().write(0),
                (BITS_PER_WORD, false) => argument.cast::<u8>().write(8),
                (MAX_SPEED, false) => argument.cast::<u32>().write(self.clock),
                _ => return Err(libc::ENOTTY),
            }
        }
        Ok(0)
    }

    fn set_mode(&mut self, mode: u32) -> Result<(), Errno> {
        if mode & !KNOWN_MODES != 0 {
            return Err(libc::EINVAL);
        }
        self.mode = mode;
        Ok(())
    }

    /// Carries out transfers; chip select is low from the first to the last, or to one that says
    /// otherwise.
    ///
    /// # Safety
    /// `first` must point to `count` transfers whose buffers are as long as they say.
    unsafe fn message(&mut self, first: *const Transfer, count: usize) -> Result<c_int, Errno> {
        // SAFETY: as above.
        let transfers: Vec<_> = (0..count).map(|at| unsafe { first.add(at).read() }).collect();
        let total: usize = transfers.iter().map(|transfer| transfer.length as usize).sum();
        if total > LONGEST_MESSAGE {
            return Err(libc::EMSGSIZE);
        }
        if transfers.iter().any(|transfer| !matches!(transfer.bits_per_word, 0 | 8)) {
            return Err(libc::EINVAL);
        }
        for cycle in transfers.split_inclusive(|transfer| transfer.deselects != 0) {
            let clocks = cycle.iter().map(|transfer| transfer.clock);
            let clock = clocks.filter(|clock| *clock != 0).max().unwrap_or(self.clock);
            // SAFETY: as above.
            let out: Vec<u8> = cycle.iter().flat_map(|it| unsafe { it.outgoing() }).collect();
            sleep(cycle.iter().map(|it| Duration::from_micros(it.delay.into())).sum());
            let mut come = self.shift(out, clock)?.into_iter();
            for transfer in cycle {
                // SAFETY: as above.
                unsafe { transfer.store(&mut come) };
            }
        }
        c_int::try_from(total).map_err(|_| libc::EMSGSIZE)
    }

    /// One cycle of chip select. A chip that is spoken to in another mode or too fast understands
    /// nothing and says nothing.
    fn shift(&mut self, out: Vec<u8>, clock: u32) -> Result<Vec<u8>, Errno> {
        if self.mode != 0 || clock > CHIPS_CLOCK {
            return Ok(vec![0; out.len()]);
        }
        match self.wire.ask(&Request::Spi(out))? {
            Reply::Bytes(bytes) => Ok(bytes),
            _ => Err(libc::EIO),
        }
    }
}

impl Transfer {
    /// # Safety
    /// The outgoing buffer must be as long as the transfer.
    unsafe fn outgoing(&self) -> Vec<u8> {
        let length = self.length as usize;
        if self.out == 0 || length == 0 {
            return vec![0; length];
        }
        // SAFETY: as above; the kernel carries the address in 64 bits.
        unsafe { std::slice::from_raw_parts(self.out as *const u8, length) }.to_vec()
    }

    /// # Safety
    /// The incoming buffer must be as long as the transfer.
    unsafe fn store(&self, come: &mut impl Iterator<Item = u8>) {
        for (at, byte) in come.take(self.length as usize).enumerate() {
            if self.into != 0 {
                // SAFETY: as above; the kernel carries the address in 64 bits.
                unsafe { (self.into as *mut u8).add(at).write(byte) };
            }
        }
    }
}
