//! The sockets that clients connect to. What they say is read elsewhere.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tracing::warn;

use crate::config::Listen;

/// How long a listener rests when the system has no more sockets to give.
const REST: Duration = Duration::from_millis(100);

/// The bound sockets.
pub struct Listeners {
    /// MQTT over TCP.
    pub tcp: TcpListener,
    /// MQTT over WebSocket.
    pub ws: TcpListener,
}

/// The addresses that were really bound.
#[derive(Debug, Serialize)]
pub struct Addresses {
    /// MQTT over TCP.
    pub tcp: SocketAddr,
    /// MQTT over WebSocket.
    pub ws: SocketAddr,
}

impl Listeners {
    /// Binds every address.
    ///
    /// # Errors
    /// Names the address that cannot be bound.
    pub async fn bind(listen: &Listen) -> anyhow::Result<Listeners> {
        Ok(Listeners { tcp: bind(listen.tcp).await?, ws: bind(listen.ws).await? })
    }

    /// Where they are.
    ///
    /// # Errors
    /// Fails when the system does not say.
    pub fn addresses(&self) -> anyhow::Result<Addresses> {
        let address = |it: &TcpListener| it.local_addr().context("asking for a bound address");
        Ok(Addresses { tcp: address(&self.tcp)?, ws: address(&self.ws)? })
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))
}

/// Gives every new socket a task of its own, for ever, so that no client waits for another's handshake.
pub(crate) async fn accept<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                // Without it small packets wait for the peer's acknowledgement; failing costs only time.
                let _ = socket.set_nodelay(true);
                tokio::spawn(serve(socket));
            }
            Err(error) => {
                warn!("accepting a connection: {error}");
                tokio::time::sleep(REST).await;
            }
        }
    }
}
