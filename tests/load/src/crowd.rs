//! The load: any number of connections, served by one thread over epoll, the same for every broker.
//!
//! It keeps no more of a packet than its packet identifier, answers many messages with one write, and so
//! costs far less than a broker does.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::event::epoll;
use rustix::time::Timespec;

use crate::mqtt::{DISCONNECT, Heard, Publication, first};

/// How long nothing may happen before the measurement fails.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes that are read at once.
const READ: usize = 64 * 1024;
/// Clients that are on their way in at a time; below the backlog of every broker.
const ENTERING: usize = 64;
/// Events that are taken at once.
const EVENTS: usize = 512;

/// What came during some turns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Clients that were let in.
    pub admitted: usize,
    /// Clients whose filters were granted.
    pub subscribed: usize,
    /// Messages of ours that the broker has.
    pub acknowledged: usize,
    /// Messages that came.
    pub messages: usize,
    /// Connections that the broker has closed.
    pub closed: usize,
}

/// Connections to one broker.
pub struct Crowd {
    address: SocketAddr,
    epoll: OwnedFd,
    clients: Vec<Client>,
    events: Vec<epoll::Event>,
    scratch: Vec<u8>,
    tally: Tally,
    last_id: u16,
    /// Whose messages came when, if that is wanted.
    arrivals: Option<Vec<(usize, Instant)>>,
}

struct Client {
    stream: TcpStream,
    /// The beginning of a packet whose end has not come.
    rest: Vec<u8>,
    /// Not yet written.
    output: Vec<u8>,
    /// The broker has closed the connection.
    closed: bool,
}

impl Crowd {
    /// Nobody yet.
    ///
    /// # Errors
    /// Fails with the broker, and when nothing happens for long.
    pub fn new(address: SocketAddr) -> anyhow::Result<Crowd> {
        Ok(Crowd {
            address,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC).context("making an epoll")?,
            clients: Vec::new(),
            events: Vec::with_capacity(EVENTS),
            scratch: vec![0; READ],
            tally: Tally::default(),
            last_id: 0,
            arrivals: None,
        })
    }

    /// From now on keeps in mind whose messages come when.
    pub fn watch(&mut self) {
        self.arrivals = Some(Vec::new());
    }

    /// Whose messages came when, since [`Crowd::watch`] or the last time; in the order in which they came.
    pub fn arrivals(&mut self) -> Vec<(usize, Instant)> {
        self.arrivals.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Connects clients that first say these bytes, CONNECT and SUBSCRIBE; back when all are subscribed,
    /// with the place of the first.
    ///
    /// # Errors
    /// Fails with the broker, and when nothing happens for long.
    pub fn enter<'a>(
        &mut self,
        greetings: impl Iterator<Item = &'a [u8]>,
    ) -> anyhow::Result<usize> {
        let (place, before) = (self.clients.len(), self.tally.subscribed);
        for greeting in greetings {
            let who = self.clients.len();
            self.connect().context("connecting a client")?;
            self.say(who, greeting)?;
            self.until(|it| who - place < it.subscribed - before + ENTERING)?;
        }
        let all = self.clients.len() - place;
        self.until(|it| it.subscribed - before == all)?;
        Ok(place)
    }

    /// Connects one client that asks for nothing.
    ///
    /// # Errors
    /// Fails with the broker, and when nothing happens for long.
    pub fn enter_unsubscribed(&mut self, hello: &[u8]) -> anyhow::Result<usize> {
        let (who, before) = (self.clients.len(), self.tally.admitted);
        self.connect().context("connecting a client")?;
        self.say(who, hello)?;
        self.until(|it| it.admitted > before)?;
        Ok(who)
    }

    fn connect(&mut self) -> anyhow::Result<()> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let at = epoll::EventData::new_u64(self.clients.len() as u64);
        let flags = epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::ET;
        epoll::add(&self.epoll, &stream, at, flags)?;
        self.clients.push(Client { stream, rest: Vec::new(), output: Vec::new(), closed: false });
        Ok(())
    }

    /// Says something, as soon as the broker takes it.
    ///
    /// # Errors
    /// Fails with the broker, and when nothing happens for long.
    pub fn say(&mut self, who: usize, bytes: &[u8]) -> anyhow::Result<()> {
        self.clients[who].output.extend_from_slice(bytes);
        self.clients[who].flush()
    }

    /// Lets a client publish messages with one write.
    ///
    /// # Errors
    /// Fails with the broker, and when nothing happens for long.
    pub fn publish<'a>(
        &mut self,
        who: usize,
        publications: impl Iterator<Item = &'a Publication>,
    ) -> anyhow::Result<()> {
        for it in publications {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            it.write(self.last_id, &mut self.clients[who].output);
        }
        self.clients[who].flush()
    }

    /// Says goodbye for everybody, and waits until the broker has closed every connection.
    ///
    /// # Errors
    /// Fails with the broker, and when nothing happens for long.
    pub fn leave(&mut self) -> anyhow::Result<()> {
        for who in 0..self.clients.len() {
            self.say(who, &DISCONNECT)?;
        }
        let all = self.clients.len();
        self.until(|it| it.closed == all)?;
        self.clients.clear();
        self.tally = Tally::default();
        Ok(())
    }

    /// Everything that came so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Takes turns until so much has come.
    ///
    /// # Errors
    /// Fails with the broker, and when nothing happens for long.
    pub fn until(&mut self, enough: impl Fn(&Tally) -> bool) -> anyhow::Result<()> {
        while !enough(&self.tally) {
            self.turn()?;
        }
        Ok(())
    }

    /// Takes turns until so much has come, but not for longer; whether it has.
    ///
    /// # Errors
    /// Fails with the broker.
    pub fn within(
        &mut self,
        time: Duration,
        enough: impl Fn(&Tally) -> bool,
    ) -> anyhow::Result<bool> {
        let end = Instant::now() + time;
        while !enough(&self.tally) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            self.hear(left)?;
        }
        Ok(true)
    }

    /// Waits until something comes, reads it and acknowledges messages.
    ///
    /// # Errors
    /// Fails with the broker, and when nothing happens for long.
    pub fn turn(&mut self) -> anyhow::Result<()> {
        if !self.hear(PATIENCE)? {
            bail!("nothing came for {PATIENCE:?}, so far {:?}", self.tally);
        }
        Ok(())
    }

    /// Waits for so long that something comes, and takes it; whether it did.
    fn hear(&mut self, patience: Duration) -> anyhow::Result<bool> {
        self.events.clear();
        let patience = Timespec::try_from(patience).context("waiting for so long")?;
        let buffer = rustix::buffer::spare_capacity(&mut self.events);
        epoll::wait(&self.epoll, buffer, Some(&patience)).context("waiting for a broker")?;
        for at in 0..self.events.len() {
            let who = self.events[at].data.u64() as usize;
            // Events of connections that have left may still come.
            if let Some(client) = self.clients.get_mut(who) {
                let before = self.tally.messages;
                client.flush()?;
                client.hear(&mut self.scratch, &mut self.tally)?;
                client.flush()?;
                if let Some(arrivals) = &mut self.arrivals {
                    let (n, now) = (self.tally.messages - before, Instant::now());
                    arrivals.extend(std::iter::repeat_n((who, now), n));
                }
            }
        }
        Ok(!self.events.is_empty())
    }
}

impl Client {
    fn flush(&mut self) -> anyhow::Result<()> {
        let mut written = 0;
        while written < self.output.len() {
            match self.stream.write(&self.output[written..]) {
                Ok(n) => written += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("writing to a broker"),
            }
        }
        self.output.drain(..written);
        Ok(())
    }

    /// Reads all there is.
    fn hear(&mut self, scratch: &mut [u8], tally: &mut Tally) -> anyhow::Result<()> {
        loop {
            let kept = self.rest.len();
            scratch[..kept].copy_from_slice(&self.rest);
            let n = match self.stream.read(&mut scratch[kept..]) {
                Ok(0) => {
                    tally.closed += usize::from(!self.closed);
                    self.closed = true;
                    return Ok(());
                }
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("reading from a broker"),
            };
            let input = &scratch[..kept + n];
            let done = understand(input, &mut self.output, tally)?;
            self.rest.clear();
            self.rest.extend_from_slice(&input[done..]);
            // A short read has emptied the socket (epoll(7), on edge-triggered events).
            if kept + n < scratch.len() {
                return Ok(());
            }
        }
    }
}

/// Counts the whole packets of the input and writes the acknowledgements; how many bytes they were.
fn understand(input: &[u8], output: &mut Vec<u8>, tally: &mut Tally) -> anyhow::Result<usize> {
    let mut done = 0;
    while let Some((heard, length)) = first(&input[done..])? {
        done += length;
        match heard {
            Heard::Admitted => tally.admitted += 1,
            Heard::Subscribed => tally.subscribed += 1,
            Heard::Acknowledged => tally.acknowledged += 1,
            Heard::Message(id) => {
                tally.messages += 1;
                if let Some([high, low]) = id.map(u16::to_be_bytes) {
                    output.extend([0x40, 2, high, low]);
                }
            }
        }
    }
    Ok(done)
}
