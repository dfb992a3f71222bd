//! What operators see: counts without names, in the form of Prometheus, and whether the broker is well.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// One label and its value.
type Label = [(&'static str, &'static str); 1];

/// The router has been silent for too long after this time; the watchdog asks every 5 s.
const STALE: Duration = Duration::from_secs(20);

/// The counts.
pub(crate) struct Metrics {
    registry: Registry,
    logins: Family<Label, Counter>,
    closed: Family<Label, Counter>,
    messages: Family<Label, Counter>,
    connections: Gauge,
    lobby: Gauge,
    round_trip: Gauge<f64, AtomicU64>,
    answered: Mutex<Option<Instant>>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::with_prefix("tapcard_broker");
        let (logins, closed, messages) = (Family::default(), Family::default(), Family::default());
        let (connections, lobby) = (Gauge::default(), Gauge::default());
        let round_trip = Gauge::<f64, AtomicU64>::default();
        registry.register("logins", "Attempts to log in, by what came of them", logins.clone());
        registry.register("closed", "Connections that ended, by why", closed.clone());
        registry.register(
            "messages",
            "Messages taken: tasks and states for workers, notices for terminals",
            messages.clone(),
        );
        registry.register("connections", "Clients that are connected", connections.clone());
        registry.register("lobby", "Sockets whose clients have not logged in", lobby.clone());
        registry.register_with_unit(
            "router_round_trip",
            "How long a message took through the router",
            Unit::Seconds,
            round_trip.clone(),
        );
        let answered = Mutex::default();
        Metrics { registry, logins, closed, messages, connections, lobby, round_trip, answered }
    }
}

impl Metrics {
    /// An attempt to log in.
    pub(crate) fn login(&self, outcome: &'static str) {
        self.logins.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// A connection ended.
    pub(crate) fn closed(&self, reason: &'static str) {
        self.closed.get_or_create(&[("reason", reason)]).inc();
    }

    /// A message was taken.
    pub(crate) fn messages(&self, kind: &'static str) {
        self.messages.get_or_create(&[("kind", kind)]).inc();
    }

    /// The router has carried a message.
    pub(crate) fn router_answered(&self, after: Duration) {
        self.round_trip.set(after.as_secs_f64());
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether the router has answered lately.
    pub(crate) fn is_router_alive(&self) -> bool {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.is_some_and(|it| it.elapsed() < STALE)
    }

    /// All of them in text form, with how many clients are connected and in the lobby now.
    pub(crate) fn text(&self, connections: usize, lobby: usize) -> String {
        self.connections.set(connections as i64);
        self.lobby.set(lobby as i64);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes all text");
        text
    }
}
