//! Which file descriptors of this process are ours, and what is behind them.

use std::collections::BTreeMap;
use std::os::fd::RawFd;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use libc::{c_int, c_ulong, c_void};

use crate::Errno;
use crate::place::{self, Kind, Place};
use crate::wire::Wire;
use crate::{gpio, i2c, spi};

/// What is behind a file descriptor.
#[derive(Debug)]
pub(crate) enum Device {
    I2c(i2c::Adapter),
    Spi(spi::Device),
    Chip(gpio::Chip),
    Lines(gpio::Handle),
}

type Shared = Arc<Mutex<Device>>;

static PLACES: LazyLock<Vec<Place>> =
    LazyLock::new(|| place::parse(&std::env::var(place::VARIABLE).unwrap_or_default()));
static OPEN: Mutex<BTreeMap<RawFd, Shared>> = Mutex::new(BTreeMap::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the device at `path`; nothing if that is none of ours.
pub(crate) fn open(path: &Path) -> Option<Result<RawFd, Errno>> {
    let place = PLACES.iter().find(|place| place.device == path)?;
    Some(Wire::connect(&place.socket).and_then(|wire| {
        let fd = wire.descriptor()?;
        let device = match place.kind {
            Kind::I2c(driver, refusal) => Device::I2c(i2c::Adapter::new(driver, refusal.0, wire)),
            Kind::Spi => Device::Spi(spi::Device::new(wire)),
            Kind::Gpio(wiring) => Device::Chip(gpio::Chip::new(wiring, wire)),
        };
        enter(fd, device);
        Ok(fd)
    }))
}

fn enter(fd: RawFd, device: Device) {
    let before = lock(&OPEN).insert(fd, Arc::new(Mutex::new(device)));
    // Dropping it closes its connection, which comes back here: not while the table is locked.
    drop(before);
}

/// What is behind a file descriptor, if it is one of ours.
pub(crate) fn device(fd: RawFd) -> Option<Shared> {
    lock(&OPEN).get(&fd).cloned()
}

/// The file descriptor is closed.
pub(crate) fn forget(fd: RawFd) {
    let before = lock(&OPEN).remove(&fd);
    drop(before);
}

/// Answers for the kernel.
///
/// # Safety
/// `argument` must be what the kernel expects for `request`.
pub(crate) unsafe fn ioctl(
    device: &Shared,
    request: c_ulong,
    argument: *mut c_void,
) -> Result<c_int, Errno> {
    // SAFETY: the caller's promise is passed on.
    let lines = unsafe {
        match &mut *lock(device) {
            Device::I2c(adapter) => return adapter.ioctl(request, argument),
            Device::Spi(spi) => return spi.ioctl(request, argument),
            Device::Lines(handle) => return handle.ioctl(request, argument),
            Device::Chip(chip) => chip.ioctl(request, argument)?,
        }
    };
    if let Some((fd, handle)) = lines {
        enter(fd, Device::Lines(handle));
    }
    Ok(0)
}

/// read(2), which only I2C adapters answer here.
pub(crate) fn read(device: &Shared, bytes: &mut [u8]) -> Result<usize, Errno> {
    match &mut *lock(device) {
        Device::I2c(adapter) => adapter.read(bytes),
        Device::Spi(_) | Device::Chip(_) | Device::Lines(_) => Err(libc::EINVAL),
    }
}

/// write(2), which only I2C adapters answer here.
pub(crate) fn write(device: &Shared, bytes: &[u8]) -> Result<usize, Errno> {
    match &mut *lock(device) {
        Device::I2c(adapter) => adapter.write(bytes),
        Device::Spi(_) | Device::Chip(_) | Device::Lines(_) => Err(libc::EINVAL),
    }
}
