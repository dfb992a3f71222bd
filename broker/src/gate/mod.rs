//! The gate: everything that clients say passes here, and what they may not say ends here.
//!
//! - `wire`: bytes with time-outs; `codec`: bytes to packets
//! - `login`, `access`, `session`, `window`: what a packet means; pure
//! - `registry`: delivery to terminals; `router`: rumqttd, which carries tasks to workers
//! - `connection`: the driver

use std::future::Future;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tracing::{debug, info};

use crate::config::Config;
use crate::keys::Keys;
use crate::listener::{Listeners, accept};
use crate::websocket;

mod access;
mod codec;
mod connection;
mod login;
mod registry;
mod router;
mod session;
mod window;
mod wire;

/// What all connections share.
struct Gate {
    keys: Keys,
    registry: registry::Registry,
    router: router::Router,
}

/// Serves clients until `shutdown` is ready. Connections then end with the runtime, and the router's
/// thread only with the program.
///
/// # Errors
/// Fails when the keys cannot be read or the router does not start.
pub async fn run(
    listeners: Listeners,
    config: &Config,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let keys = Keys::read(config.keys.clone())?;
    let registry = registry::Registry::default();
    let gate = Arc::new(Gate { keys, registry, router: router::Router::start()? });
    let addresses = listeners.addresses()?;
    info!(tcp = %addresses.tcp, ws = %addresses.ws, "the gate is open");
    tokio::select! {
        () = accept(listeners.tcp, |socket| serve_tcp(Arc::clone(&gate), socket)) => {}
        () = accept(listeners.ws, |socket| serve_websocket(Arc::clone(&gate), socket)) => {}
        () = shutdown => info!("the gate closes"),
    }
    Ok(())
}

async fn serve_tcp(gate: Arc<Gate>, mut socket: TcpStream) {
    let (reader, writer) = socket.split();
    connection::serve(&gate, reader, writer).await;
}

async fn serve_websocket(gate: Arc<Gate>, socket: TcpStream) {
    match timeout(connection::CONNECT_TIME_OUT, websocket::upgrade(socket)).await {
        Ok(Ok((reader, writer))) => connection::serve(&gate, reader, writer).await,
        Ok(Err(error)) => debug!("no WebSocket: {error}"),
        Err(_) => debug!("no WebSocket in time"),
    }
}
