//! The wire to the cloud: MQTT 3.1.1, one fresh client for every connection.
//!
//! It keeps nothing and repeats nothing: what must arrive is in the outbox, and the driver says it
//! again. A client is never used after its first error, because rumqttc 0.25 can keep a stale
//! session's packets and then wait for ever.

mod connection;
mod pause;

use std::iter::Cycle;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};
use std::vec::IntoIter;

use anyhow::{Context, Result};
use tapcard_protocol::TerminalId;
use tapcard_protocol::enrolment::{PublicKey, WORDS};
use tapcard_protocol::message::Down;
use tracing::{debug, info, warn};

use crate::config::Broker;
use crate::credentials::{Credentials, Held};
use crate::trust::Demands;
use connection::Connection;
use pause::Pause;

/// Whom to reach, and as whom.
pub struct Address {
    /// The broker, or those of a cluster. When one is lost the next is tried.
    pub brokers: Vec<Broker>,
    /// Who logs in.
    pub terminal: TerminalId,
    /// Where its tokens come from.
    pub credentials: Credentials,
    /// What a broker over TLS must show.
    pub demands: Demands,
}

/// How often it is looked whether the owner has confirmed this kiosk.
const COMPARING: Duration = Duration::from_secs(2);
/// How long after a renewal that failed the next one is tried.
const RENEW_AGAIN: Duration = Duration::from_secs(30);

/// When a token that lasts so long from now is renewed: with a sixth of its life left.
fn renewal(life: Duration) -> Instant {
    Instant::now() + life * 5 / 6
}

/// What a connection waits for.
enum Due {
    Event(Event),
    Renewal,
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
    /// The owner must confirm this kiosk, or has switched it off.
    Enrolling(Enrolling),
    /// The owner has confirmed it.
    Enrolled,
    /// Who signs orders to erase this kiosk, as the cloud says with each token.
    Orders(PublicKey),
}

/// Why the cloud gives this kiosk no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolling {
    /// The owner is to compare these words.
    Compare([&'static str; WORDS]),
    /// The code is none of this kiosk's, or its owner has switched it off.
    Refused,
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
        let Address { brokers, terminal, credentials, demands } = address;
        let wire = Wire {
            pause: Pause::new(brokers.len()),
            brokers: brokers.into_iter().cycle(),
            terminal,
            credentials,
            demands,
            tell,
            received,
            is_held: false,
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
    credentials: Credentials,
    demands: Demands,
    tell: F,
    received: Receiver<Event>,
    events: Sender<Event>,
    pause: Pause,
    /// There was no token when one was asked for last.
    is_held: bool,
}

impl<F: FnMut(News)> Wire<F> {
    fn run(mut self) {
        loop {
            let pause = match self.credentials.token() {
                Ok(token) => {
                    if std::mem::take(&mut self.is_held) {
                        (self.tell)(News::Enrolled);
                    }
                    token.order_key.into_iter().for_each(|it| (self.tell)(News::Orders(it)));
                    match self.connect(&token.text) {
                        Ok(connection) => self.listen(&connection, token.life),
                        Err(error) => warn!("cannot reach the broker: {error:#}"),
                    }
                    self.pause.next()
                }
                Err(held) => self.held(held),
            };
            self.wait(pause);
        }
    }

    /// Tells why there is no token; how long to wait before the next try.
    fn held(&mut self, held: Held) -> Duration {
        self.is_held |= !matches!(held, Held::Away(_));
        match held {
            Held::Compare(words) => {
                (self.tell)(News::Enrolling(Enrolling::Compare(words)));
                // Somebody stands there with a phone in hand.
                COMPARING
            }
            // Whoever was erased is not here any more; a word without an order erases nothing.
            Held::Refused | Held::Erased => {
                warn!("the cloud refuses this kiosk; nothing is lost, and it is tried again");
                (self.tell)(News::Enrolling(Enrolling::Refused));
                self.pause.next()
            }
            Held::Away(why) => {
                warn!("cannot get a token: {why:#}");
                self.pause.next()
            }
        }
    }

    fn connect(&mut self, token: &str) -> Result<Connection> {
        let broker = self.brokers.next().context("no broker is set")?;
        let events = self.events.clone();
        let tell = move |event| events.send(Event::Wire(event)).is_ok();
        let demands = broker.is_secret.then(|| Arc::clone(&self.demands));
        Connection::open(&broker, demands, (self.terminal, token), tell)
    }

    /// Serves one connection to its end; a token that lasts for `life` is renewed on it before.
    fn listen(&mut self, connection: &Connection, life: Option<Duration>) {
        let mut stands = false;
        let mut renew_at = life.map(renewal);
        // The sender in `self` keeps the channel open.
        while let Some(event) = self.next(renew_at) {
            match event {
                Due::Renewal => renew_at = Some(self.renew(connection)),
                Due::Event(Event::Publish(payload)) if stands => connection.publish(payload),
                Due::Event(Event::Publish(_)) => {}
                Due::Event(Event::Wire(connection::Event::Accepted)) => self.pause.reset(),
                Due::Event(Event::Wire(connection::Event::Subscribed)) => {
                    stands = true;
                    info!("connected to the broker");
                    connection.announce();
                    (self.tell)(News::Connected);
                }
                Due::Event(Event::Wire(connection::Event::Down(down))) => {
                    (self.tell)(News::Down(down));
                }
                Due::Event(Event::Wire(connection::Event::Ended(reason))) => {
                    warn!("no connection to the broker: {reason}");
                    break;
                }
            }
        }
        if stands {
            (self.tell)(News::Disconnected);
        }
    }

    /// What comes next: an event, or the time to renew the token.
    fn next(&self, renew_at: Option<Instant>) -> Option<Due> {
        let Some(at) = renew_at else { return self.received.recv().ok().map(Due::Event) };
        match self.received.recv_timeout(at.saturating_duration_since(Instant::now())) {
            Ok(it) => Some(Due::Event(it)),
            Err(RecvTimeoutError::Timeout) => Some(Due::Renewal),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    /// Shows the broker a fresh token, so that the connection lives on; when the next one is due.
    fn renew(&mut self, connection: &Connection) -> Instant {
        match self.credentials.token() {
            Ok(token) => {
                connection.show(token.text);
                token.order_key.into_iter().for_each(|it| (self.tell)(News::Orders(it)));
                token.life.map_or_else(|| Instant::now() + RENEW_AGAIN, renewal)
            }
            Err(why) => {
                warn!("cannot renew the token yet: {why:?}");
                Instant::now() + RENEW_AGAIN
            }
        }
    }

    /// Waits before the next try; what should be published meanwhile is lost, as promised.
    fn wait(&self, pause: Duration) {
        let until = Instant::now() + pause;
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
