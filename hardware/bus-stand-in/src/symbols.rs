//! The C library's functions, as far as bus devices are used through them. What does not concern us
//! goes straight to the kernel. Functions with variable arguments are declared with the arguments
//! that the kernel takes, which is the same to a caller on x86-64 and AArch64.

use std::ffi::{CStr, OsStr};
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libc::{c_char, c_int, c_long, c_ulong, c_void, mode_t, size_t, ssize_t};

use crate::{Errno, board};

/// open(2).
///
/// # Safety
/// As the C library's.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    if !path.is_null() {
        // SAFETY: the caller gives a string that ends with a zero.
        let name = unsafe { CStr::from_ptr(path) };
        if let Some(opened) = board::open(Path::new(OsStr::from_bytes(name.to_bytes()))) {
            return as_c(opened);
        }
    }
    // SAFETY: the caller's arguments go to the kernel as they came.
    let fd = unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) };
    as_int(fd)
}

/// open(2) for large files, which all are on 64-bit Linux.
///
/// # Safety
/// As the C library's.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's promise is passed on.
    unsafe { open(path, flags, mode) }
}

/// close(2).
///
/// # Safety
/// As the C library's.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn close(fd: RawFd) -> c_int {
    board::forget(fd);
    // SAFETY: the caller's argument goes to the kernel as it came.
    as_int(unsafe { libc::syscall(libc::SYS_close, fd) })
}

/// ioctl(2).
///
/// # Safety
/// As the C library's.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn ioctl(fd: RawFd, request: c_ulong, argument: *mut c_void) -> c_int {
    match board::device(fd) {
        // SAFETY: the caller's promise is passed on.
        Some(device) => as_c(unsafe { board::ioctl(&device, request, argument) }),
        // SAFETY: the caller's arguments go to the kernel as they came.
        None => as_int(unsafe { libc::syscall(libc::SYS_ioctl, fd, request, argument) }),
    }
}

/// read(2).
///
/// # Safety
/// As the C library's.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn read(fd: RawFd, bytes: *mut c_void, length: size_t) -> ssize_t {
    match board::device(fd) {
        Some(device) => {
            // SAFETY: the caller's buffer is so long.
            let bytes = unsafe { std::slice::from_raw_parts_mut(bytes.cast(), length) };
            as_size(board::read(&device, bytes))
        }
        // SAFETY: the caller's arguments go to the kernel as they came.
        None => unsafe { libc::syscall(libc::SYS_read, fd, bytes, length) as ssize_t },
    }
}

/// write(2).
///
/// # Safety
/// As the C library's.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn write(fd: RawFd, bytes: *const c_void, length: size_t) -> ssize_t {
    match board::device(fd) {
        Some(device) => {
            // SAFETY: the caller's buffer is so long.
            let bytes = unsafe { std::slice::from_raw_parts(bytes.cast(), length) };
            as_size(board::write(&device, bytes))
        }
        // SAFETY: the caller's arguments go to the kernel as they came.
        None => unsafe { libc::syscall(libc::SYS_write, fd, bytes, length) as ssize_t },
    }
}

fn as_c(result: Result<c_int, Errno>) -> c_int {
    result.unwrap_or_else(fail)
}

fn as_size(result: Result<usize, Errno>) -> ssize_t {
    match result {
        Ok(size) => ssize_t::try_from(size).unwrap_or(ssize_t::MAX),
        Err(errno) => fail(errno) as ssize_t,
    }
}

fn as_int(result: c_long) -> c_int {
    c_int::try_from(result).expect("file descriptors and error signs are small")
}

/// Sets errno, as the C library does.
fn fail(errno: Errno) -> c_int {
    // SAFETY: the place of errno is valid for this thread.
    unsafe { libc::__errno_location().write(errno) };
    -1
}
