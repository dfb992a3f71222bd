//! An I2C adapter as `Documentation/i2c/dev-interface.rst` describes it, with the limits of three
//! drivers. SMBus calls are not answered.

use libc::{c_int, c_ulong, c_void};
use pn532_simulator::wire::{Reply, Request};

use crate::Errno;
use crate::wire::Wire;

/// `include/uapi/linux/i2c-dev.h`.
const I2C_SLAVE: c_ulong = 0x0703;
const I2C_FUNCS: c_ulong = 0x0705;
const I2C_RDWR: c_ulong = 0x0707;
const I2C_PEC: c_ulong = 0x0708;
const MOST_MESSAGES: u32 = 42;
/// `drivers/i2c/i2c-dev.c`.
const LONGEST_MESSAGE: u16 = 8192;
/// `include/uapi/linux/i2c.h`.
const FUNC_I2C: c_ulong = 1;
const READS: u16 = 0x0001;
const NO_START: u16 = 0x4000;

/// Whose limits apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Driver {
    /// `i2c-bcm2835.c`: one read message, and only as the last; knows no NO_START.
    Bcm2835,
    /// `i2c-designware-master.c`: each message begins with a START of its own.
    Designware,
    /// `i2c-gpio.c` with `i2c-algo-bit.c`: knows NO_START.
    Gpio,
}

impl Driver {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "bcm2835" => Some(Self::Bcm2835),
            "designware" => Some(Self::Designware),
            "gpio" => Some(Self::Gpio),
            _ => None,
        }
    }

    /// How it reports that a device did not acknowledge.
    fn refusal(self) -> Errno {
        match self {
            Self::Bcm2835 | Self::Designware => libc::EREMOTEIO,
            Self::Gpio => libc::ENXIO,
        }
    }
}

/// `struct i2c_msg`.
#[repr(C)]
struct Message {
    address: u16,
    flags: u16,
    length: u16,
    bytes: *mut u8,
}

/// `struct i2c_rdwr_ioctl_data`.
#[repr(C)]
struct Messages {
    first: *mut Message,
    count: u32,
}

/// One part of a transaction, from a START or from where the last one ended.
struct Part<'a> {
    address: u8,
    flags: u16,
    bytes: &'a mut [u8],
}

/// An open adapter.
#[derive(Debug)]
pub(crate) struct Adapter {
    driver: Driver,
    wire: Wire,
    address: u8,
    /// Whether the first read after a write is refused, as by a chip that is still occupied.
    refuses: bool,
    has_written: bool,
}

impl Adapter {
    pub(crate) fn new(driver: Driver, refuses: bool, wire: Wire) -> Self {
        Self { driver, wire, address: 0, refuses, has_written: false }
    }

    /// # Safety
    /// `argument` must be what the kernel expects for `request`.
    pub(crate) unsafe fn ioctl(
        &mut self,
        request: c_ulong,
        argument: *mut c_void,
    ) -> Result<c_int, Errno> {
        match request {
            I2C_SLAVE => {
                self.address = u8::try_from(argument as usize).map_err(|_| libc::EINVAL)?;
                Ok(0)
            }
            I2C_PEC => Ok(0),
            I2C_FUNCS => {
                // SAFETY: the caller gives the place of an unsigned long.
                unsafe { argument.cast::<c_ulong>().write(FUNC_I2C) };
                Ok(0)
            }
            I2C_RDWR => {
                // SAFETY: the caller gives a list of messages.
                let mut parts = unsafe { parts(argument.cast()) }?;
                self.transfer(&mut parts)?;
                c_int::try_from(parts.len()).map_err(|_| libc::EINVAL)
            }
            _ => Err(libc::ENOTTY),
        }
    }

    /// read(2): one transaction.
    pub(crate) fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Errno> {
        let address = self.address;
        self.transfer(&mut [Part { address, flags: READS, bytes: &mut *bytes }])?;
        Ok(bytes.len())
    }

    /// write(2): one transaction.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<usize, Errno> {
        let (address, mut copy) = (self.address, bytes.to_vec());
        self.transfer(&mut [Part { address, flags: 0, bytes: &mut copy }])?;
        Ok(bytes.len())
    }

    fn transfer(&mut self, parts: &mut [Part<'_>]) -> Result<(), Errno> {
        let (_, before_last) = parts.split_last().ok_or(libc::EINVAL)?;
        let reads_early = before_last.iter().any(|part| part.flags & READS != 0);
        if self.driver == Driver::Bcm2835 && reads_early {
            return Err(libc::EOPNOTSUPP);
        }
        // What a read goes on with when the next message has no START.
        let mut rest: Vec<u8> = Vec::new();
        for at in 0..parts.len() {
            let (address, flags) = (parts[at].address, parts[at].flags);
            if flags & READS == 0 {
                self.ask(&Request::I2cWrite(address, parts[at].bytes.to_vec()))?;
                continue;
            }
            let goes_on = self.driver == Driver::Gpio && flags & NO_START != 0;
            if !goes_on {
                let following =
                    parts[at + 1..].iter().take_while(|part| part.flags & NO_START != 0);
                let following: usize = following.map(|part| part.bytes.len()).sum();
                let more = if self.driver == Driver::Gpio { following } else { 0 };
                rest = self.read_from(address, parts[at].bytes.len() + more)?;
            }
            let length = parts[at].bytes.len();
            parts[at].bytes.copy_from_slice(rest.get(..length).ok_or(libc::EIO)?);
            rest.drain(..length);
        }
        Ok(())
    }

    fn read_from(&mut self, address: u8, length: usize) -> Result<Vec<u8>, Errno> {
        let length = u16::try_from(length).map_err(|_| libc::EINVAL)?;
        match self.ask(&Request::I2cRead(address, length))? {
            Reply::Bytes(bytes) => Ok(bytes),
            _ => Err(libc::EIO),
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Reply, Errno> {
        let writes = matches!(request, Request::I2cWrite(..));
        if std::mem::replace(&mut self.has_written, writes) && !writes && self.refuses {
            return Err(self.driver.refusal());
        }
        match self.wire.ask(request)? {
            Reply::NoAcknowledge => Err(self.driver.refusal()),
            reply => Ok(reply),
        }
    }
}

/// # Safety
/// `messages` must point to a list of messages whose buffers are as long as they say.
unsafe fn parts<'a>(messages: *mut Messages) -> Result<Vec<Part<'a>>, Errno> {
    // SAFETY: as above.
    let Messages { first, count } = unsafe { messages.read() };
    if first.is_null() || count > MOST_MESSAGES {
        return Err(libc::EINVAL);
    }
    let part = |at| {
        // SAFETY: the list has `count` messages.
        let message = unsafe { first.add(at).read() };
        if message.length > LONGEST_MESSAGE {
            return Err(libc::EINVAL);
        }
        let address = u8::try_from(message.address).map_err(|_| libc::EINVAL)?;
        let length = usize::from(message.length);
        // SAFETY: its buffer is `length` bytes long, and nobody else uses it now.
        let bytes = unsafe { std::slice::from_raw_parts_mut(message.bytes, length) };
        Ok(Part { address, flags: message.flags, bytes })
    };
    (0..count as usize).map(part).collect()
}
