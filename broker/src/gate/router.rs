//! rumqttd's router, which carries tasks and states from terminals to workers.
//!
//! It never forgets a link's name, a filter or a topic that found a subscriber, and a single wrong step of
//! a link can end it or the whole router; so it sees only a few links of ours with fixed names, a few
//! filters, messages at QoS 0 in, and acknowledgements in order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail};
use bytes::Bytes;
use futures_util::FutureExt;
use rumqttd::RouterConfig;
use rumqttd::local::{LinkBuilder, LinkRx, LinkTx};
use rumqttd::protocol::{
    Disconnect, DisconnectReasonCode, Filter, Packet, QoS, RetainForwardRule, Subscribe,
    Unsubscribe,
};
use tapcard_protocol::topic::Topic;

use super::codec::puback;

/// Links over which terminals' messages enter; one terminal always uses the same, which keeps its order.
const INGRESS: usize = 4;
/// Most links of workers at a time.
const WORKERS: usize = 500;
/// Links with names that are used again: the workers', and the watchdog's.
const NAMED: usize = WORKERS + 1;
/// Per filter the router keeps the last `SEGMENTS` × `SEGMENT` bytes; a slower worker misses the rest, and
/// terminals send it again.
const SEGMENT: usize = 1024 * 1024;
/// See [`SEGMENT`].
const SEGMENTS: usize = 8;
/// Messages that the router hands over at once at QoS 0, which no link here uses.
const BATCH: u64 = 200;

/// The watchdog's topic, which no client may use.
pub(crate) const BEAT: &str = "tapcard/v1/beat";

type Connect = Box<dyn Fn(&str) -> anyhow::Result<(LinkTx, LinkRx)> + Send + Sync>;

/// The router and the way in.
pub(crate) struct Router {
    connect: Connect,
    ingress: Vec<Mutex<LinkTx>>,
    names: Arc<Mutex<Names>>,
}

/// Names for workers' links, used again so that there are never many.
#[derive(Default)]
struct Names {
    free: Vec<usize>,
    next: usize,
}

impl Router {
    /// Starts the router's thread, which ends only with the program.
    pub(crate) fn start() -> anyhow::Result<Router> {
        let sender = rumqttd::Router::new(
            0,
            RouterConfig {
                max_connections: INGRESS + NAMED,
                max_outgoing_packet_count: BATCH,
                max_segment_size: SEGMENT,
                max_segment_count: SEGMENTS,
                ..RouterConfig::default()
            },
        )
        .spawn();
        let connect: Connect = Box::new(move |name| {
            let (tx, rx, _) = LinkBuilder::new(name, sender.clone())
                .build()
                .context("connecting to the router")?;
            Ok((tx, rx))
        });
        let ingress = (0..INGRESS)
            .map(|it| Ok(Mutex::new(connect(&format!("gate-{it}"))?.0)))
            .collect::<anyhow::Result<_>>()?;
        Ok(Router { connect, ingress, names: Arc::default() })
    }

    /// Hands a terminal's message to the router; back when the router has it, which takes long only while
    /// a thousand others wait.
    pub(crate) fn publish(&self, topic: Topic, payload: Bytes) {
        let (Topic::Task(terminal) | Topic::State(terminal)) = topic else { return };
        let at = terminal.as_u64() as usize % self.ingress.len();
        let mut link = self.ingress[at].lock().unwrap_or_else(PoisonError::into_inner);
        link.publish(topic.to_string(), payload).expect("the router lives as long as the program");
    }

    /// Sends a beat through one of the ways in, to whoever follows [`BEAT`].
    pub(crate) fn beat(&self, number: u64) {
        let at = number as usize % self.ingress.len();
        let mut link = self.ingress[at].lock().unwrap_or_else(PoisonError::into_inner);
        let payload = number.to_be_bytes().to_vec();
        link.publish(BEAT, payload).expect("the router lives as long as the program");
    }

    /// A link of its own for a worker. Waits for the router's thread.
    pub(crate) fn link(&self) -> anyhow::Result<Link> {
        let name = Name::take(Arc::clone(&self.names))?;
        let (tx, rx) = (self.connect)(&format!("worker-{}", name.number))?;
        Ok(Link { tx, rx, paused: false, _name: name })
    }
}

/// A name in use.
struct Name {
    number: usize,
    names: Arc<Mutex<Names>>,
}

impl Name {
    fn take(names: Arc<Mutex<Names>>) -> anyhow::Result<Name> {
        let mut list = lock(&names);
        let number = list.free.pop().unwrap_or(list.next);
        if number >= NAMED {
            bail!("more than {WORKERS} workers");
        }
        list.next = list.next.max(number + 1);
        drop(list);
        Ok(Name { number, names })
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        lock(&self.names).free.push(self.number);
    }
}

fn lock(names: &Mutex<Names>) -> MutexGuard<'_, Names> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A worker's link to the router.
pub(crate) struct Link {
    tx: LinkTx,
    rx: LinkRx,
    /// The router waits for a sign that its messages have been taken.
    paused: bool,
    /// Given back after the farewell in `drop`, so that the router never sees one name twice.
    _name: Name,
}

/// What comes over a worker's link.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A message of a filter.
    Message {
        /// The topic, always one of ours.
        topic: String,
        /// The content.
        payload: Bytes,
        /// The router's packet identifier, to be acknowledged in order.
        id: u16,
    },
    /// The router has made the subscription with this packet identifier.
    Subscribed(u16),
}

impl Link {
    /// Subscribes at QoS 1; [`Arrival::Subscribed`] with the same identifier follows.
    pub(crate) fn subscribe(&mut self, id: u16, filters: Vec<String>) -> anyhow::Result<()> {
        let filter = |path| Filter {
            path,
            qos: QoS::AtLeastOnce,
            nolocal: false,
            preserve_retain: false,
            retain_forward_rule: RetainForwardRule::Never,
        };
        let filters = filters.into_iter().map(filter).collect();
        self.send(Packet::Subscribe(Subscribe { pkid: id, filters }, None))
    }

    /// Unsubscribes; what is under way still arrives.
    pub(crate) fn unsubscribe(&mut self, filter: String) -> anyhow::Result<()> {
        self.send(Packet::Unsubscribe(Unsubscribe { pkid: 1, filters: vec![filter] }, None))
    }

    /// Acknowledges the oldest message.
    pub(crate) fn acknowledge(&mut self, id: u16) -> anyhow::Result<()> {
        self.send(Packet::PubAck(puback(id), None))
    }

    /// What comes next; nothing is lost when the future is dropped.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Arrival> {
        loop {
            if self.paused {
                self.rx.ready().context("waking the router")?;
                self.paused = false;
            }
            let Some(notification) = self.rx.next().await.context("listening to the router")?
            else {
                continue;
            };
            match Option::<Packet>::from(notification) {
                None => self.paused = true,
                Some(Packet::Publish(publish, _)) => {
                    // The identifier is private; it stands behind the first byte of this form.
                    let head = publish.serialize();
                    let id = u16::from_be_bytes([head[1], head[2]]);
                    let topic = String::from_utf8(publish.topic.into());
                    let topic = topic.context("reading a topic of the router")?;
                    return Ok(Arrival::Message { topic, payload: publish.payload, id });
                }
                Some(Packet::SubAck(it, _)) => return Ok(Arrival::Subscribed(it.pkid)),
                Some(Packet::Disconnect(..)) => bail!("the router dropped the link"),
                Some(_) => {}
            }
        }
    }

    fn send(&mut self, packet: Packet) -> anyhow::Result<()> {
        // `send` never waits for anything but room in the router's queue, and there it blocks.
        let sent = self.tx.send(packet).now_or_never().expect("it is ready at once");
        sent.map(|_| ()).context("speaking to the router")
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let reason_code = DisconnectReasonCode::NormalDisconnection;
        // Without a router there is nothing to leave.
        let _ = self.send(Packet::Disconnect(Disconnect { reason_code }, None));
    }
}
