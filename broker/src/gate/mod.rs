//! The gate: everything that clients say passes here, and what they may not say ends here.
//!
//! - `lobby`: who has not logged in; `greeting`: how one does
//! - `wire`: bytes with time-outs; `codec`, `fields`: bytes to packets
//! - `login`, `access`, `session`, `window`, `rate`: what a packet means; pure
//! - `registry`, `queue`: delivery to terminals; `router`: rumqttd, which carries tasks to workers
//! - `revocations`: which tokens no longer count
//! - `connection`: the driver; `end`: what ends it
//! - `watchdog`, `report`: whether all of this is well

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, split};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};
use tracing::{debug, info};

use crate::config::{Config, Limits};
use crate::keys::Keys;
use crate::listener::{Listeners, Speech, accept};
use crate::metrics::Metrics;
use crate::tls::Certificates;
use crate::websocket::{self, Origins};
use connection::{CONNECT_TIME_OUT, Life};
use lobby::Stay;
pub(crate) use login::{Proven, Signature};

mod access;
mod codec;
mod connection;
mod end;
mod fields;
mod greeting;
mod lobby;
mod login;
mod queue;
mod rate;
mod registry;
pub(crate) mod report;
mod revocations;
mod router;
mod session;
#[cfg(any(test, feature = "trial"))]
pub mod trial;
mod watchdog;
mod window;
mod wire;

/// How often files are looked at: whoever takes a key out expects it to be gone within two seconds.
const LOOK: Duration = Duration::from_secs(1);
/// How long connections may take to end.
const FAREWELL: Duration = Duration::from_secs(3);

/// What all connections share.
pub(crate) struct Gate {
    limits: Limits,
    keys: Keys,
    /// Turns to check a token before a client is let in.
    verifying: Semaphore,
    certificates: Option<Certificates>,
    origins: Origins,
    revocations: revocations::Revocations,
    lobby: lobby::Lobby,
    registry: registry::Registry,
    router: router::Router,
    metrics: Metrics,
}

/// Opens the gate behind these listeners.
///
/// # Errors
/// Fails when keys or certificates cannot be read or the router does not start.
pub(crate) fn open(listeners: &Listeners, config: &Config) -> anyhow::Result<Arc<Gate>> {
    let needed = listeners.need_certificate().then(|| Certificates::open(&config.tls));
    Ok(Arc::new(Gate {
        limits: config.limits,
        keys: Keys::read(config.keys.clone())?,
        verifying: Semaphore::new((available_parallelism().map_or(1, usize::from) / 2).max(1)),
        certificates: needed.transpose()?,
        origins: Origins::new(config.listen.origins.clone()),
        revocations: revocations::Revocations::new(),
        lobby: lobby::Lobby::new(config.limits),
        registry: registry::Registry::default(),
        router: router::Router::start()?,
        metrics: Metrics::default(),
    }))
}

/// Serves clients until `shutdown` is ready; then lets go of them. `alive` is called while all is well.
pub(crate) async fn run(
    gate: Arc<Gate>,
    listeners: Listeners,
    alive: impl Fn() + Send + 'static,
    shutdown: impl Future<Output = ()>,
) {
    let mut work = JoinSet::new();
    work.spawn(look(Arc::clone(&gate)));
    work.spawn(watchdog::watch(Arc::clone(&gate), alive));
    for (speech, listener) in listeners.0 {
        let gate = Arc::clone(&gate);
        work.spawn(async move {
            accept(&listener, |socket, peer| {
                tokio::spawn(receive(Arc::clone(&gate), speech, socket, peer));
            })
            .await;
        });
    }
    info!("the gate is open");
    shutdown.await;
    info!("the gate closes");
    work.shutdown().await;
    gate.registry.close_all();
    let empty = async {
        while gate.registry.len() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    // Whoever does not go is cut off with the program.
    let _ = timeout(FAREWELL, empty).await;
}

/// Reads files again that have changed.
async fn look(gate: Arc<Gate>) {
    let mut ticks = interval(LOOK);
    let mut seen = gate.keys.version();
    loop {
        ticks.tick().await;
        gate.keys.refresh();
        // A login may have noticed the change first.
        let version = gate.keys.version();
        if seen != version {
            seen = version;
            gate.registry.close_unless(|it| gate.keys.stand_by(it));
        }
        if let Some(certificates) = &gate.certificates {
            certificates.refresh();
        }
    }
}

/// Serves a client until one side ends it. Its beginning has a room of its own, which is given back when it is over.
async fn receive(gate: Arc<Gate>, speech: Speech, socket: TcpStream, peer: SocketAddr) {
    if let Some(life) = Box::pin(begin(&gate, speech, socket, peer)).await {
        life.await;
    }
}

/// Takes a socket in: TLS and WebSocket, as its listener speaks, then the greeting.
async fn begin(
    gate: &Gate,
    speech: Speech,
    socket: TcpStream,
    peer: SocketAddr,
) -> Option<Life<'_>> {
    let mut stay = gate.lobby.enter(peer.ip());
    let by = Instant::now() + CONNECT_TIME_OUT;
    let Some(certificates) = gate.certificates.as_ref().filter(|_| speech.is_encrypted()) else {
        return converse(gate, speech, socket, stay, by).await;
    };
    let handshake = certificates.acceptor().accept(socket);
    match stay.within(by, handshake).await {
        Ok(Ok(stream)) => return converse(gate, speech, stream, stay, by).await,
        Ok(Err(error)) => {
            debug!("no TLS: {error}");
            gate.metrics.login("no-tls");
        }
        Err(left) => gate.metrics.login(left.name()),
    }
    None
}

async fn converse<'g, S>(
    gate: &'g Gate,
    speech: Speech,
    stream: S,
    mut stay: Stay<'g>,
    by: Instant,
) -> Option<Life<'g>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'g,
{
    if !speech.is_websocket() {
        let (reader, writer) = split(stream);
        return connection::begin(gate, reader, writer, stay, by).await;
    }
    match stay.within(by, websocket::upgrade(stream, &gate.origins)).await {
        Ok(Ok((reader, writer))) => {
            return connection::begin(gate, reader, writer, stay, by).await;
        }
        Ok(Err(error)) => {
            debug!("no WebSocket: {error}");
            gate.metrics.login("no-websocket");
        }
        Err(left) => gate.metrics.login(left.name()),
    }
    None
}
