//! The sockets that clients connect to. What they say is read elsewhere.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tracing::warn;

use crate::config::Listen;

/// Connections that the system keeps until they are accepted, if it allows so many: when there are more, a new client waits
/// for a second.
const BACKLOG: u32 = 4096;
/// How long a listener rests when the system has no more sockets to give.
const REST: Duration = Duration::from_millis(100);

/// What clients speak to a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Speech {
    /// MQTT over TCP.
    Tcp,
    /// MQTT over TLS.
    Tls,
    /// MQTT over WebSocket.
    Ws,
    /// MQTT over WebSocket over TLS.
    Wss,
}

impl Speech {
    /// The name as the configuration spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Speech::Tcp => "tcp",
            Speech::Tls => "tls",
            Speech::Ws => "ws",
            Speech::Wss => "wss",
        }
    }

    pub(crate) const fn is_encrypted(self) -> bool {
        matches!(self, Speech::Tls | Speech::Wss)
    }

    pub(crate) const fn is_websocket(self) -> bool {
        matches!(self, Speech::Ws | Speech::Wss)
    }
}

/// The bound sockets.
pub struct Listeners(pub(crate) Vec<(Speech, TcpListener)>);

/// The addresses that were really bound.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Addresses {
    /// MQTT over TCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp: Option<SocketAddr>,
    /// MQTT over TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<SocketAddr>,
    /// MQTT over WebSocket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ws: Option<SocketAddr>,
    /// MQTT over WebSocket over TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wss: Option<SocketAddr>,
    /// Metrics and health.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<SocketAddr>,
}

impl Display for Addresses {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let all = [
            ("TCP", self.tcp),
            ("TLS", self.tls),
            ("WebSocket", self.ws),
            ("WebSocket over TLS", self.wss),
            ("metrics", self.metrics),
        ];
        let mut between = "";
        for (name, address) in all.iter().filter_map(|(name, it)| Some((name, (*it)?))) {
            write!(f, "{between}{name} on {address}")?;
            between = ", ";
        }
        Ok(())
    }
}

impl Listeners {
    /// Binds every address.
    ///
    /// # Errors
    /// Names the address that cannot be bound.
    pub fn bind(listen: &Listen) -> anyhow::Result<Listeners> {
        let mut bound = Vec::new();
        for (speech, address) in [
            (Speech::Tcp, listen.tcp),
            (Speech::Tls, listen.tls),
            (Speech::Ws, listen.ws),
            (Speech::Wss, listen.wss),
        ] {
            if let Some(address) = address {
                bound.push((speech, bind(address)?));
            }
        }
        Ok(Listeners(bound))
    }

    /// Whether any of them needs a certificate.
    pub(crate) fn need_certificate(&self) -> bool {
        self.0.iter().any(|(speech, _)| speech.is_encrypted())
    }

    /// Where they are.
    ///
    /// # Errors
    /// Fails when the system does not say.
    pub fn addresses(&self) -> anyhow::Result<Addresses> {
        let mut addresses = Addresses::default();
        for (speech, listener) in &self.0 {
            let place = match speech {
                Speech::Tcp => &mut addresses.tcp,
                Speech::Tls => &mut addresses.tls,
                Speech::Ws => &mut addresses.ws,
                Speech::Wss => &mut addresses.wss,
            };
            *place = Some(listener.local_addr().context("asking for a bound address")?);
        }
        Ok(addresses)
    }
}

/// Binds one address.
///
/// # Errors
/// Names the address.
pub(crate) fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    listen(address).with_context(|| format!("listening on {address}"))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // What is left of earlier connections must not keep the broker from its port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Hands over every new socket, for ever.
pub(crate) async fn accept(listener: &TcpListener, mut serve: impl FnMut(TcpStream, SocketAddr)) {
    loop {
        match listener.accept().await {
            Ok((socket, peer)) => {
                // Without it small packets wait for the peer's acknowledgement; failing costs only time.
                let _ = socket.set_nodelay(true);
                serve(socket, peer);
            }
            Err(error) => {
                warn!("accepting a connection: {error}");
                tokio::time::sleep(REST).await;
            }
        }
    }
}
