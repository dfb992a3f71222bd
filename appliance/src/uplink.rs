//! The wire to the cloud: MQTT 3.1.1, one fresh client for every connection.
//!
//! It keeps nothing and repeats nothing: what must arrive is in the outbox, and the driver says it
//! again. A client is never used after its first error, because rumqttc 0.25 can keep a stale
//! session's packets and then wait for ever.

mod connection;
mod pause;

use std::iter::Cycle;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};
use std::vec::IntoIter;

use anyhow::{Context, Result};
use tapcard_protocol::TerminalId;
use tapcard_protocol::message::Down;
use tracing::{debug, info, warn};

use crate::config::Broker;
use connection::Connection;
use pause::Pause;

/// Whom to reach, and as whom.
pub struct Address {
    /// The broker, or those of a cluster. When one is lost the next is tried.
    pub brokers: Vec<Broker>,
    /// Who logs in.
    pub terminal: TerminalId,
    /// The file with the token, read at every connection.
    pub token_file: PathBuf,
}

/// What comes from the wire.
#[derive(Debug)]
pub enum News {
    /// A connection stands and our own topic is subscribed.
    Connected,
    /// It is gone.
    Disconnected,
    /// The cloud said something.
    Down(Box<Down>),
}

/// What the wire's thread waits for.
enum Event {
    Publish(Vec<u8>),
    Wire(connection::Event),
}

/// The way to send; the wire ends with it.
pub struct Uplink {
    events: Sender<Event>,
}

impl Uplink {
    /// Starts the wire; `tell` is called from its thread.
    ///
    /// # Errors
    /// Fails when no thread can be started.
    pub fn start(address: Address, tell: impl FnMut(News) + Send + 'static) -> Result<Uplink> {
        let (events, received) = channel();
        let Address { brokers, terminal, token_file } = address;
        let wire = Wire {
            pause: Pause::new(brokers.len()),
            brokers: brokers.into_iter().cycle(),
            terminal,
            token_file,
            tell,
            received,
            events: events.clone(),
        };
        thread::Builder::new().name("uplink".into()).spawn(move || wire.run())?;
        Ok(Uplink { events })
    }

    /// Publishes one message on the terminal's task topic; without a connection it is lost.
    pub fn publish(&self, payload: Vec<u8>) {
        // Fails only when the thread is gone, and then so is the program.
        let _ = self.events.send(Event::Publish(payload));
    }
}

struct Wire<F> {
    brokers: Cycle<IntoIter<Broker>>,
    terminal: TerminalId,
    token_file: PathBuf,
    tell: F,
    received: Receiver<Event>,
    events: Sender<Event>,
    pause: Pause,
}

impl<F: FnMut(News)> Wire<F> {
    fn run(mut self) {
        loop {
            match self.connect() {
                Ok(connection) => self.listen(&connection),
                Err(error) => warn!("cannot reach the broker: {error:#}"),
            }
            self.wait();
        }
    }

    fn connect(&mut self) -> Result<Connection> {
        let broker = self.brokers.next().context("no broker is set")?;
        let file = &self.token_file;
        let token = std::fs::read_to_string(file)
            .with_context(|| format!("reading the token file {}", file.display()))?;
        let events = self.events.clone();
        let tell = move |event| events.send(Event::Wire(event)).is_ok();
        Connection::open(&broker, self.terminal, token.trim(), tell)
    }

    /// Serves one connection to its end.
    fn listen(&mut self, connection: &Connection) {
        let mut stands = false;
        // The sender in `self` keeps the channel open.
        while let Ok(event) = self.received.recv() {
            match event {
                Event::Publish(payload) if stands => connection.publish(payload),
                Event::Publish(_) => {}
                Event::Wire(connection::Event::Accepted) => self.pause.reset(),
                Event::Wire(connection::Event::Subscribed) => {
                    stands = true;
                    info!("connected to the broker");
                    connection.announce();
                    (self.tell)(News::Connected);
                }
                Event::Wire(connection::Event::Down(down)) => (self.tell)(News::Down(down)),
                Event::Wire(connection::Event::Ended(reason)) => {
                    warn!("no connection to the broker: {reason}");
                    break;
                }
            }
        }
        if stands {
            (self.tell)(News::Disconnected);
        }
    }

    /// Waits before the next try; what should be published meanwhile is lost, as promised.
    fn wait(&mut self) {
        let until = Instant::now() + self.pause.next();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.received.recv_timeout(left.max(Duration::from_millis(1))) {
                Ok(_) if left.is_zero() => break,
                Ok(_) => debug!("dropped a message without a connection"),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
    }
}

#[cfg(test)]
mod tests;
