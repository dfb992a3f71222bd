//! Looks around in the network, and joins wireless ones: slow answers, on a thread of their own.

mod probe;
mod wifi;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result};
use jiff::Timestamp;
use tracing::info;

use crate::config::Broker;
use crate::network::{Around, reach};
use crate::trust::Demands;

/// Where the kiosk wants to come.
pub struct Goal {
    /// The cloud, such as `https://cards.example.org`; none where a token lies in a file.
    pub cloud: Option<String>,
    /// What the cloud must show.
    pub demands: Demands,
    /// The broker, or those of a cluster.
    pub brokers: Vec<Broker>,
}

enum Order {
    Look,
    Join { name: String, password: String },
}

/// The hold on the thread.
pub struct Surveyor(Sender<Order>);

impl Surveyor {
    /// Starts the thread; `tell` takes what it finds.
    ///
    /// # Errors
    /// Fails when the thread cannot be started.
    pub fn start(goal: Goal, tell: impl Fn(Around) + Send + 'static) -> Result<Surveyor> {
        let (orders, received) = channel();
        thread::Builder::new()
            .name("surveyor".into())
            .spawn(move || work(&goal, &received, &tell))
            .context("starting the surveyor")?;
        Ok(Surveyor(orders))
    }

    /// Looks which networks there are, and how far the kiosk comes.
    pub fn look(&self) {
        // Fails only when the program ends.
        let _ = self.0.send(Order::Look);
    }

    /// Joins a wireless network; then looks around.
    pub fn join(&self, name: String, password: String) {
        let _ = self.0.send(Order::Join { name, password });
    }
}

fn work(goal: &Goal, orders: &Receiver<Order>, tell: &impl Fn(Around)) {
    while let Ok(mut order) = orders.recv() {
        // Who has pressed several times wants to see what is there now.
        while let (Order::Look, Ok(next)) = (&order, orders.try_recv()) {
            order = next;
        }
        if let Order::Join { name, password } = order {
            let joined = wifi::join(&name, &password);
            info!(ok = joined.is_ok(), "tried to join a wireless network");
            tell(Around::Joined(joined));
        }
        // The way comes first: it takes no longer than it must, and a list of networks takes seconds.
        let found = probe::probe(goal);
        tell(Around::Reach(reach(&found, Timestamp::now())));
        tell(Around::Air(wifi::air()));
    }
}
