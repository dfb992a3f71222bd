//! One client from its first byte to its last: the driver that joins wire, session, registry and router.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::pending;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use futures_util::FutureExt;
use rumqttd::protocol::ConnectReturnCode;
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::{debug, info};

use super::Gate;
use super::codec::{BadConnect, Connect, Reply, decode, decode_connect, encode};
use super::login::{Admission, admit};
use super::registry::{Closing, Mailbox, Place};
use super::router::{Arrival, Link};
use super::session::{Ended, Session, Step};
use super::wire::Wire;

/// How long a client may take for its CONNECT.
pub(super) const CONNECT_TIME_OUT: Duration = Duration::from_secs(5);
/// How long a client may be silent that promises no keep-alive.
const NO_KEEP_ALIVE: Duration = Duration::from_secs(600);
/// While so many bytes wait to be written, no more messages are taken for the client.
const HIGH_WATER: usize = 64 * 1024;

/// Serves a client until one side ends it.
pub(crate) async fn serve<R, W>(gate: &Gate, reader: R, writer: W)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut wire = Wire::new(reader, writer, CONNECT_TIME_OUT);
    let greeting = tokio::time::timeout(CONNECT_TIME_OUT, greet(gate, &mut wire));
    match greeting.await {
        Err(_) => debug!("no CONNECT in time"),
        Ok(Err(error)) => debug!("no CONNECT: {error:#}"),
        Ok(Ok(Err(code))) => {
            info!(?code, "refused a connection");
            encode(&Reply::ConnAck(code), &mut wire.output);
            wire.close().await;
        }
        Ok(Ok(Ok(admission))) => Connection::enter(gate, wire, admission).live().await,
    }
}

/// Reads CONNECT and decides about it.
async fn greet<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(
    gate: &Gate,
    wire: &mut Wire<R, W>,
) -> anyhow::Result<Result<Admission, ConnectReturnCode>> {
    let connect = loop {
        match decode_connect(&mut wire.input) {
            Ok(Some(connect)) => break connect,
            Ok(None) => wire.turn().await?,
            Err(BadConnect::Version) => return Ok(Err(ConnectReturnCode::RefusedProtocolVersion)),
            Err(error @ BadConnect::Malformed) => return Err(error.into()),
        }
    };
    wire.set_silence(silence(&connect));
    let claims = gate.keys.verify(&connect.password, since_1970().as_secs());
    if let Err(refusal) = &claims {
        debug!("{refusal}");
    }
    Ok(admit(&connect, claims))
}

/// One and a half times the keep-alive (MQTT 3.1.1 §3.1.2.10).
fn silence(connect: &Connect) -> Duration {
    match connect.keep_alive {
        0 => NO_KEEP_ALIVE,
        seconds => Duration::from_millis(u64::from(seconds) * 1500),
    }
}

/// The gate's own clock.
fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A client that has been let in.
struct Connection<'g, R, W> {
    gate: &'g Gate,
    wire: Wire<R, W>,
    session: Session,
    place: Place,
    mailbox: Mailbox,
    /// How long its token still lasts.
    life: Duration,
    link: Option<Link>,
    /// SUBACKs that wait for the router, oldest first, with the identifier that the router knows.
    waiting: VecDeque<(u16, Reply)>,
    steps: Vec<Step>,
}

impl<'g, R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Connection<'g, R, W> {
    fn enter(gate: &'g Gate, mut wire: Wire<R, W>, admission: Admission) -> Self {
        let (place, mailbox, will) = gate.registry.enter(&admission);
        if let Some(will) = will {
            gate.router.publish(will.topic, will.payload);
        }
        info!(client.id = %admission.client, "connected");
        encode(&Reply::ConnAck(ConnectReturnCode::Success), &mut wire.output);
        Connection {
            gate,
            wire,
            session: Session::new(admission.rights),
            place,
            mailbox,
            life: Duration::from_secs(admission.expires).saturating_sub(since_1970()),
            link: None,
            waiting: VecDeque::new(),
            steps: Vec::new(),
        }
    }

    async fn live(mut self) {
        let Err(end) = self.exchange().await;
        let will = self.gate.registry.leave(&self.place);
        let goodbye = end.downcast_ref() == Some(&Ended::Goodbye);
        if let Some(will) = will.filter(|_| !goodbye) {
            self.gate.router.publish(will.topic, will.payload);
        }
        info!(client.id = %self.place.client(), "disconnected: {end:#}");
        self.wire.close().await;
    }

    /// Runs until something ends it; the error says what.
    async fn exchange(&mut self) -> anyhow::Result<Infallible> {
        let mut expiry = std::pin::pin!(tokio::time::sleep(self.life));
        loop {
            let calm = self.wire.output.len() < HIGH_WATER;
            tokio::select! {
                turned = self.wire.turn() => {
                    turned?;
                    self.hear()?;
                }
                Some(message) = self.mailbox.messages.recv(), if calm && self.session.has_room() => {
                    self.session.tell(&message, &mut self.wire.output);
                    self.tell_more();
                }
                arrival = next(&mut self.link), if calm => {
                    self.take(arrival?)?;
                    self.take_more()?;
                }
                closing = &mut self.mailbox.closing => {
                    anyhow::bail!(match closing {
                        Ok(Closing::QueueFull) => "it does not take its messages",
                        Ok(Closing::TakenOver) | Err(_) => "another connection took over",
                    });
                }
                () = &mut expiry => anyhow::bail!("its token has expired"),
            }
        }
    }

    /// Acts on every packet that has been read completely.
    fn hear(&mut self) -> anyhow::Result<()> {
        while let Some(packet) = decode(&mut self.wire.input)? {
            let heard = self.session.hear(packet, &mut self.steps);
            self.act()?;
            heard?;
        }
        Ok(())
    }

    /// Takes more messages from the queue, so that one write carries many.
    fn tell_more(&mut self) {
        while self.wire.output.len() < HIGH_WATER && self.session.has_room() {
            let Ok(message) = self.mailbox.messages.try_recv() else { break };
            self.session.tell(&message, &mut self.wire.output);
        }
    }

    fn take_more(&mut self) -> anyhow::Result<()> {
        while self.wire.output.len() < HIGH_WATER {
            let Some(arrival) = next(&mut self.link).now_or_never() else { break };
            self.take(arrival?)?;
        }
        Ok(())
    }

    fn take(&mut self, arrival: Arrival) -> anyhow::Result<()> {
        match arrival {
            Arrival::Message { topic, payload, id } => {
                let topic = std::str::from_utf8(&topic).context("reading a topic of the router")?;
                let message = (topic, &payload[..], id);
                self.session.forward(message, &mut self.wire.output, &mut self.steps);
                self.act()
            }
            Arrival::Subscribed(id) => {
                if let Some(at) = self.waiting.iter().position(|(it, _)| *it == id)
                    && let Some((_, reply)) = self.waiting.remove(at)
                {
                    encode(&reply, &mut self.wire.output);
                }
                Ok(())
            }
        }
    }

    fn act(&mut self) -> anyhow::Result<()> {
        let mut steps = std::mem::take(&mut self.steps);
        for step in steps.drain(..) {
            match step {
                Step::Reply(reply) => encode(&reply, &mut self.wire.output),
                Step::Publish { topic, payload } => self.gate.router.publish(topic, payload),
                Step::Deliver(message) => self.gate.registry.deliver(&message),
                Step::Listen(topic) => self.gate.registry.listen(&self.place, topic),
                Step::Mute(topic) => self.gate.registry.mute(&self.place, topic),
                Step::Follow { filters, reply } => self.follow(filters, reply)?,
                Step::Unfollow(filter) => {
                    self.link.as_mut().map_or(Ok(()), |it| it.unsubscribe(filter))?;
                }
                Step::Release(id) => {
                    self.link.as_mut().map_or(Ok(()), |it| it.acknowledge(id))?;
                }
            }
        }
        self.steps = steps;
        Ok(())
    }

    fn follow(&mut self, filters: Vec<String>, reply: Reply) -> anyhow::Result<()> {
        let link = match &mut self.link {
            Some(link) => link,
            None => {
                // It waits for the router's thread, once in a worker's life.
                let link = tokio::task::block_in_place(|| self.gate.router.link())?;
                self.link.insert(link)
            }
        };
        let id = self.waiting.back().map_or(1, |(it, _)| it.checked_add(1).unwrap_or(1));
        link.subscribe(id, filters)?;
        self.waiting.push_back((id, reply));
        Ok(())
    }
}

async fn next(link: &mut Option<Link>) -> anyhow::Result<Arrival> {
    match link {
        Some(link) => link.next().await,
        None => pending().await,
    }
}
