//! The way to the simulator: a question, an answer.

use std::os::fd::{IntoRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use pn532_simulator::wire::{Reply, Request};

use crate::Errno;

/// A connection to one chip.
#[derive(Debug)]
pub(crate) struct Wire(UnixStream);

impl Wire {
    /// Reaches the chip whose socket is at `path`. If nobody is there, the bus has no driver.
    pub(crate) fn connect(path: &Path) -> Result<Self, Errno> {
        UnixStream::connect(path).map(Self).map_err(|_| libc::ENODEV)
    }

    pub(crate) fn try_clone(&self) -> Result<Self, Errno> {
        self.0.try_clone().map(Self).map_err(|_| libc::ENFILE)
    }

    /// A file descriptor of its own, which a program can hold and close.
    pub(crate) fn descriptor(&self) -> Result<RawFd, Errno> {
        Ok(self.try_clone()?.0.into_raw_fd())
    }

    pub(crate) fn ask(&mut self, request: &Request) -> Result<Reply, Errno> {
        let answer = request.send(&mut self.0).and_then(|()| Reply::receive(&mut self.0));
        answer.map_err(|_| libc::ENODEV)
    }
}
