//! The connection's thread. What is asked together leaves in one packet: the client's own queue would write every
//! message and every acknowledgement to the socket by itself, and wake the broker for each.

use std::collections::VecDeque;
use std::sync::mpsc::Sender;

use anyhow::Context;
use rumqttc::{ConnectionError, Event, EventLoop, Incoming, QoS, Request, SubscribeReasonCode};
use tokio::runtime::{self, Runtime};
use tokio::select;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::{Heard, PATIENCE};

/// Sends what is asked and tells what is heard, until the connection is lost or its owner has gone.
pub(super) fn hold(
    mut eventloop: EventLoop,
    mut asked: UnboundedReceiver<Vec<Request>>,
    tell: &Sender<Heard>,
) {
    let done = runtime().and_then(|it| it.block_on(converse(&mut eventloop, &mut asked, tell)));
    if let Err(why) = done {
        // Nobody listens any more when the owner has gone.
        let _ = tell.send(Heard::Lost(format!("{why:#}")));
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    runtime::Builder::new_current_thread().enable_all().build().context("starting a runtime")
}

async fn converse(
    eventloop: &mut EventLoop,
    asked: &mut UnboundedReceiver<Vec<Request>>,
    tell: &Sender<Heard>,
) -> anyhow::Result<()> {
    let mut waiting = VecDeque::new();
    loop {
        timeout(PATIENCE, send(eventloop, &mut waiting))
            .await
            .context("the broker takes nothing")??;
        select! {
            event = eventloop.poll() => {
                let event = event.map_err(|why| anyhow::anyhow!("{}", said(&why)))?;
                if let Some(heard) = heard(event) && tell.send(heard).is_err() {
                    return Ok(());
                }
            }
            requests = asked.recv() => match requests {
                Some(it) => waiting.extend(it),
                None => return Ok(()),
            },
        }
    }
}

/// Writes what may be sent now, and flushes once. Of messages that the broker acknowledges only so many may be under way
/// as have a packet identifier.
async fn send(eventloop: &mut EventLoop, waiting: &mut VecDeque<Request>) -> anyhow::Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    let network = eventloop.network.as_mut().context("the broker cannot be reached")?;
    let most = eventloop.mqtt_options.inflight();
    let state = &mut eventloop.state;
    while let Some(request) = waiting.pop_front() {
        let is_full = state.inflight() >= most || state.collision.is_some();
        if is_full && matches!(&request, Request::Publish(it) if it.qos != QoS::AtMostOnce) {
            waiting.push_front(request);
            break;
        }
        if let Some(packet) = state.handle_outgoing_packet(request).context("sending")? {
            network.write(packet).await.context("sending")?;
        }
    }
    // Nobody wants to hear what was sent.
    state.events.retain(|it| matches!(it, Event::Incoming(_)));
    network.flush().await.context("sending")
}

/// What an event means to the connection's owner, if anything.
fn heard(event: Event) -> Option<Heard> {
    match event {
        Event::Incoming(Incoming::ConnAck(_)) => Some(Heard::Connected),
        Event::Incoming(Incoming::SubAck(it)) => {
            Some(Heard::Subscribed(!it.return_codes.contains(&SubscribeReasonCode::Failure)))
        }
        Event::Incoming(Incoming::PubAck(_)) => Some(Heard::PubAck),
        Event::Incoming(Incoming::Publish(it)) => Some(Heard::Message(it)),
        _ => None,
    }
}

fn said(why: &ConnectionError) -> String {
    match why {
        ConnectionError::ConnectionRefused(code) => {
            format!("the broker refuses the worker's token: {code:?}")
        }
        why => format!("the broker cannot be reached: {why}"),
    }
}
