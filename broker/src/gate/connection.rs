//! One client from its admission to its last byte: the driver that joins wire, session, registry and router.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::Either;
use rumqttd::protocol::ConnectReturnCode;
use tapcard_protocol::AccountId;
use tapcard_protocol::access::Kind;
use tapcard_protocol::message::Revocation;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};

use super::Gate;
use super::codec::{Packet, Reply, decode, encode};
use super::end::End;
use super::greeting::{await_revocations, greet, is_welcome, refuse};
use super::lobby::Stay;
use super::login::{Admission, admit_again};
use super::rate::Bucket;
use super::registry::{Mailbox, Place};
use super::router::{Arrival, Link};
use super::session::{Session, Step};
use super::wire::Wire;

/// How long a client may take for its CONNECT, TLS and WebSocket included.
pub(super) const CONNECT_TIME_OUT: Duration = Duration::from_secs(5);
/// How long a terminal is held until the list of revoked tokens is complete.
const REVOCATIONS_TIME_OUT: Duration = Duration::from_secs(5);
/// While so many bytes wait to be written, no more messages are taken for the client.
const HIGH_WATER: usize = 64 * 1024;

/// The rest of an admitted client's connection, to its last byte.
pub(super) type Life<'g> = Pin<Box<dyn Future<Output = ()> + Send + 'g>>;

/// From the first byte to the admission; none when the client was refused, or went.
pub(super) async fn begin<'g, R, W>(
    gate: &'g Gate,
    reader: R,
    writer: W,
    mut stay: Stay<'_>,
    by: Instant,
) -> Option<Life<'g>>
where
    R: AsyncRead + Unpin + Send + 'g,
    W: AsyncWrite + Unpin + Send + 'g,
{
    let mut wire = Wire::new(reader, writer, CONNECT_TIME_OUT);
    let code = match stay.within(by, greet(gate, &mut wire)).await {
        Err(left) => {
            gate.metrics.login(left.name());
            return None;
        }
        Ok(Err(_)) => {
            gate.metrics.login("no-connect");
            return None;
        }
        // Whoever tries tokens must not learn quickly.
        Ok(Ok(Err(code))) => stay.fail().await.is_ok().then_some(code)?,
        Ok(Ok(Ok(admission))) => {
            drop(stay);
            match enter(gate, &admission).await {
                Err(code) => code,
                Ok((place, mailbox)) => {
                    let connection = Connection::enter(gate, wire, place, mailbox, admission);
                    return Some(Box::pin(Box::new(connection).live()));
                }
            }
        }
    };
    refuse(gate, wire, code).await;
    None
}

/// A place for a client whose token counts; the error is the code to refuse it with.
async fn enter(gate: &Gate, admission: &Admission) -> Result<(Place, Mailbox), ConnectReturnCode> {
    let ready = await_revocations(gate, admission);
    if tokio::time::timeout(REVOCATIONS_TIME_OUT, ready).await.is_err() {
        return Err(ConnectReturnCode::ServiceUnavailable);
    }
    if !is_welcome(gate, admission) {
        return Err(ConnectReturnCode::BadUserNamePassword);
    }
    let entered = gate.registry.enter(admission, gate.limits.connections);
    let (place, mailbox, will) = entered.ok_or(ConnectReturnCode::ServiceUnavailable)?;
    if let Some(will) = will {
        gate.router.publish(will.topic, will.payload);
    }
    Ok((place, mailbox))
}

/// The gate's own clock.
pub(super) fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// When a token ends.
fn end_of(expires: u64) -> Instant {
    Instant::now() + Duration::from_secs(expires).saturating_sub(since_1970())
}

/// A client that has been let in.
struct Connection<'g, R, W> {
    gate: &'g Gate,
    wire: Wire<R, W>,
    session: Session,
    place: Place,
    account: Option<AccountId>,
    mailbox: Mailbox,
    expires: Instant,
    /// How quickly it may speak; workers as quickly as they can.
    bucket: Option<Bucket>,
    since: Instant,
    link: Option<Box<Link>>,
    /// SUBACKs that wait for the router, oldest first, with the identifier that the router knows.
    waiting: VecDeque<(u16, Reply)>,
    steps: Vec<Step>,
}

impl<'g, R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Connection<'g, R, W> {
    fn enter(
        gate: &'g Gate,
        mut wire: Wire<R, W>,
        place: Place,
        mailbox: Mailbox,
        admission: Admission,
    ) -> Self {
        info!(client.id = %admission.client, "connected");
        gate.metrics.login("accepted");
        let is_welcome = is_welcome(gate, &admission);
        encode(&Reply::ConnAck(ConnectReturnCode::Success), &mut wire.output);
        let is_terminal = admission.signature.kind != Kind::Worker;
        Connection {
            gate,
            wire,
            session: Session::new(admission.rights),
            place,
            account: admission.account,
            mailbox,
            // What was revoked between greeting and entry ends now.
            expires: if is_welcome { end_of(admission.expires) } else { Instant::now() },
            bucket: is_terminal.then(|| Bucket::new(gate.limits.publish_rate, Duration::ZERO)),
            since: Instant::now(),
            link: None,
            waiting: VecDeque::new(),
            steps: Vec::new(),
        }
    }

    /// Boxed, because a future keeps room for its argument beside what it makes of it.
    async fn live(mut self: Box<Self>) {
        let Err(end) = self.exchange().await;
        let will = self.gate.registry.leave(&self.place);
        if let Some(will) = will.filter(|_| !matches!(end, End::Goodbye)) {
            self.gate.router.publish(will.topic, will.payload);
        }
        self.gate.metrics.closed(end.name());
        info!(client.id = %self.place.client(), "disconnected: {end}");
        self.wire.close().await;
    }

    /// Runs until something ends it; the error says what.
    async fn exchange(&mut self) -> Result<Infallible, End> {
        let mut alarm = std::pin::pin!(sleep_until(self.expires));
        loop {
            let calm = self.wire.output.len() < HIGH_WATER;
            let rest = self.rest();
            let due = rest.unwrap_or(self.expires).min(self.expires);
            if alarm.deadline() != due {
                alarm.as_mut().reset(due);
            }
            tokio::select! {
                turned = self.wire.turn(rest.is_none()) => {
                    turned?;
                    self.hear()?;
                }
                Some(message) = self.mailbox.messages.recv(), if calm && self.session.has_room() => {
                    self.session.tell(&message, &mut self.wire.output);
                    self.tell_more();
                }
                arrival = next(&mut self.link), if calm => {
                    self.take(arrival.map_err(End::Router)?)?;
                    self.take_more()?;
                }
                closing = &mut self.mailbox.closing => {
                    return Err(closing.map_or(End::TakenOver, End::from));
                }
                () = &mut alarm => match due == self.expires {
                    true => return Err(End::Expired),
                    false => self.hear()?,
                },
            }
        }
    }

    /// When the client may be heard again, if it has spoken too quickly.
    fn rest(&self) -> Option<Instant> {
        let rest = self.bucket.as_ref()?.rest()?;
        Some(self.since + rest).filter(|it| *it > Instant::now())
    }

    /// Acts on every packet that has been read completely, as quickly as the client may speak.
    fn hear(&mut self) -> Result<(), End> {
        while self.rest().is_none()
            && let Some(packet) = decode(&mut self.wire.input)?
        {
            // An acknowledgement answers what it was sent: nobody is quick on his own with those.
            if let Some(bucket) = self.bucket.as_mut().filter(|_| !is_answer(&packet)) {
                bucket.spend(self.since.elapsed());
            }
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

    fn take_more(&mut self) -> Result<(), End> {
        while self.wire.output.len() < HIGH_WATER {
            let Some(arrival) = next(&mut self.link).now_or_never() else { break };
            self.take(arrival.map_err(End::Router)?)?;
        }
        Ok(())
    }

    fn take(&mut self, arrival: Arrival) -> Result<(), End> {
        match arrival {
            Arrival::Message { topic, payload, id } => {
                let message = (topic.as_str(), &payload[..], id);
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

    fn act(&mut self) -> Result<(), End> {
        for step in std::mem::take(&mut self.steps) {
            match step {
                Step::Reply(reply) => encode(&reply, &mut self.wire.output),
                Step::Publish { topic, payload } => {
                    self.gate.metrics.messages("task");
                    self.gate.router.publish(topic, payload);
                }
                Step::Deliver(message) => {
                    self.gate.metrics.messages("notice");
                    self.gate.registry.deliver(&message);
                }
                Step::Revoke(payload) => self.revoke(&payload),
                Step::Renew(token) => self.renew(&token)?,
                Step::Listen(topic) => self.gate.registry.listen(&self.place, topic),
                Step::Mute(topic) => self.gate.registry.mute(&self.place, topic),
                Step::Follow { filters, reply } => {
                    self.follow(filters, reply).map_err(End::Router)?;
                }
                Step::Unfollow(filter) => self.at_router(|it| it.unsubscribe(filter))?,
                Step::Release(id) => self.at_router(|it| it.acknowledge(id))?,
            }
        }
        Ok(())
    }

    fn at_router(&mut self, act: impl FnOnce(&mut Link) -> anyhow::Result<()>) -> Result<(), End> {
        self.link.as_deref_mut().map_or(Ok(()), act).map_err(End::Router)
    }

    /// A worker tells of tokens that no longer count.
    fn revoke(&self, payload: &[u8]) {
        let Ok(Revocation { revoked, complete }) = Revocation::read(payload) else {
            return warn!(client.id = %self.place.client(), "a revocation cannot be read");
        };
        self.gate.revocations.add(&revoked, since_1970().as_secs());
        for it in &revoked {
            self.gate.registry.revoke(it.terminal, it.not_before);
        }
        if complete && !self.gate.revocations.is_complete() {
            info!("terminals are let in");
            self.gate.revocations.complete();
        }
    }

    /// The client shows a fresh token of its own.
    fn renew(&mut self, token: &Bytes) -> Result<(), End> {
        let token = std::str::from_utf8(token).map_err(|_| End::NotRenewed)?;
        let verified = self.gate.keys.verify(token, since_1970().as_secs());
        let fresh = admit_again(verified, self.place.client(), self.account);
        let fresh = fresh.filter(|it| is_welcome(self.gate, it)).ok_or(End::NotRenewed)?;
        self.gate.registry.renew(&self.place, fresh.signed, fresh.signature);
        self.expires = end_of(fresh.expires);
        self.session.renew(fresh.rights);
        Ok(())
    }

    fn follow(&mut self, filters: Vec<String>, reply: Reply) -> anyhow::Result<()> {
        let link = match &mut self.link {
            Some(link) => link,
            None => {
                // It waits for the router's thread, once in a worker's life.
                let link = tokio::task::block_in_place(|| self.gate.router.link())?;
                self.link.insert(Box::new(link))
            }
        };
        let id = self.waiting.back().map_or(1, |(it, _)| it.checked_add(1).unwrap_or(1));
        link.subscribe(id, filters)?;
        self.waiting.push_back((id, reply));
        Ok(())
    }
}

fn is_answer(packet: &Packet) -> bool {
    matches!(packet, Packet::PubAck(_) | Packet::Disconnect)
}

/// What comes over a worker's link. Boxed, so that a terminal's connection keeps no room for it.
fn next(link: &mut Option<Box<Link>>) -> impl Future<Output = anyhow::Result<Arrival>> {
    match link {
        Some(link) => Either::Left(Box::pin(link.next())),
        None => Either::Right(pending()),
    }
}
