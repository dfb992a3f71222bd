//! Stands in for `/dev/i2c-N`, `/dev/spidevX.Y` and `/dev/gpiochipN`, so that a program which drives
//! a PN532 through them runs unchanged against simulated chips, on a machine that has no such bus.
//! Loaded with `LD_PRELOAD`; the variable `BUS_STAND_IN` says which device is which, see `place`.
//!
//! It obeys the rules of the drivers that a Raspberry Pi has, where a program may trip over them.
//! `symbols` takes the C library's place, `board` knows which file descriptors are ours, `i2c`, `spi`
//! and `gpio` answer for the kernel, and `wire` asks the simulator.

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
compile_error!("the kernel's structures are laid out as on 64-bit Linux");

mod board;
mod gpio;
mod i2c;
mod place;
mod spi;
pub mod symbols;
mod wire;

/// An error number of the kernel.
type Errno = libc::c_int;
