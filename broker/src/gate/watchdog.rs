//! Asks again and again whether the router still carries messages. Its thread can die of its own and leave
//! a broker that answers but delivers nothing: then the program ends, and whoever started it starts it anew.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::{Instant, interval, timeout};
use tracing::error;

use super::Gate;
use super::router::{Arrival, BEAT, Link};

/// How often it asks.
const PERIOD: Duration = Duration::from_secs(5);
/// How long an answer may take: the router may be busy with thousands of messages.
const PATIENCE: Duration = Duration::from_secs(15);

/// Watches for ever; ends the program when the router is silent.
pub(super) async fn watch(gate: Arc<Gate>, alive: impl Fn()) {
    let Err(error) = beat(&gate, alive).await;
    error!("the router is dead, so the broker ends: {error:#}");
    std::process::abort();
}

async fn beat(gate: &Gate, alive: impl Fn()) -> anyhow::Result<std::convert::Infallible> {
    let mut link = tokio::task::block_in_place(|| gate.router.link())?;
    link.subscribe(1, vec![BEAT.to_owned()])?;
    let mut ticks = interval(PERIOD);
    for number in 0.. {
        ticks.tick().await;
        let start = Instant::now();
        tokio::task::block_in_place(|| gate.router.beat(number));
        timeout(PATIENCE, answer(&mut link, number)).await.context("no answer in time")??;
        gate.metrics.router_answered(start.elapsed());
        alive();
    }
    bail!("no more numbers")
}

async fn answer(link: &mut Link, number: u64) -> anyhow::Result<()> {
    loop {
        if let Arrival::Message { payload, id, .. } = link.next().await? {
            link.acknowledge(id)?;
            if payload[..] == number.to_be_bytes() {
                return Ok(());
            }
        }
    }
}
