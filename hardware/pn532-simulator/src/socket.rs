//! The socket through which a stand-in reaches a chip's bus and pins: one thread serves all its clients,
//! one transaction at a time, as a bus does.

use std::fs;
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::air::Air;
use crate::bus::{Bus, Kind};
use crate::chip::ChipId;
use crate::control::bind;
use crate::wire::Request;

/// How soon a thread without a waker notices that the simulator stops.
const TURN: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// One chip's socket; its file goes when this is dropped.
pub(crate) struct Socket {
    chip: ChipId,
    air: Arc<Air>,
    bus: Bus,
    kind: Kind,
    path: PathBuf,
    listener: UnixListener,
    clients: Vec<UnixStream>,
}

impl Socket {
    /// Listens at `path`. Replaces a socket that nobody listens on.
    pub(crate) fn open(chip: ChipId, air: Arc<Air>, kind: Kind, path: &Path) -> Result<Self> {
        let listener = bind(path).with_context(|| format!("listening on {}", path.display()))?;
        let bus = Bus::new(chip, Arc::clone(&air), kind);
        Ok(Self { chip, air, bus, kind, path: path.to_owned(), listener, clients: vec![] })
    }

    /// Serves the bus until the simulator stops.
    pub(crate) fn run(mut self) -> Result<()> {
        while !self.air.is_stopping() {
            let (is_wanted, speaking) = self.wait()?;
            // A client that goes away ends its own connection only.
            let mut at = 0;
            self.clients.retain_mut(|client| {
                at += 1;
                !speaking[at - 1] || serve(client, &mut self.bus).is_ok()
            });
            if is_wanted {
                self.clients.push(self.listener.accept().context("accepting a client")?.0);
            }
        }
        Ok(())
    }

    /// Waits for something to do; says whether somebody wants to connect, and which clients speak.
    /// What the chip does at a time of its own is seen when somebody looks.
    fn wait(&self) -> Result<(bool, Vec<bool>)> {
        let mut ends = vec![PollFd::new(&self.listener, PollFlags::IN)];
        ends.extend(self.clients.iter().map(|client| PollFd::new(client, PollFlags::IN)));
        // The waker of a chip on a serial line belongs to that line's thread.
        let waker = (self.kind != Kind::Serial).then(|| self.air.waker(self.chip));
        ends.extend(waker.map(|waker| PollFd::from_borrowed_fd(waker, PollFlags::IN)));
        match poll(&mut ends, waker.is_none().then_some(&TURN)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for the bus"),
        }
        let mut happened = ends.iter().map(|end| !end.revents().is_empty());
        let is_wanted = happened.next() == Some(true);
        let speaking = happened.by_ref().take(self.clients.len()).collect();
        if let (Some(waker), Some(true)) = (waker, happened.next()) {
            rustix::io::read(waker, &mut [0; 8])?;
        }
        Ok((is_wanted, speaking))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Whoever removed it before us has done our work.
        drop(fs::remove_file(&self.path));
    }
}

fn serve(client: &mut UnixStream, bus: &mut Bus) -> io::Result<()> {
    let request = Request::receive(client)?;
    bus.perform(&request).send(client)
}
