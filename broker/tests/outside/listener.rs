//! The broker's listeners: a row each.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::support::{Addresses, Broker};

/// What carries the packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Tcp,
    WebSocket,
}

/// One of the broker's listeners.
pub(crate) struct Listener {
    pub(crate) name: &'static str,
    pub(crate) carrier: Carrier,
    /// With TLS: where under the broker's folder the certificate lies that clients trust.
    authority: Option<&'static str>,
    address: fn(&Addresses) -> SocketAddr,
}

/// All of them.
pub(crate) const LISTENERS: [Listener; 4] = [
    Listener { name: "tcp", carrier: Carrier::Tcp, authority: None, address: |it| it.tcp },
    Listener { name: "tls", carrier: Carrier::Tcp, authority: CA, address: |it| it.tls },
    Listener { name: "ws", carrier: Carrier::WebSocket, authority: None, address: |it| it.ws },
    Listener { name: "wss", carrier: Carrier::WebSocket, authority: CA, address: |it| it.wss },
];
/// The broker's own authority.
const CA: Option<&str> = Some("tls/ca.pem");

/// A listener of a running broker, as clients find it.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) carrier: Carrier,
    pub(crate) address: SocketAddr,
    /// The certificate to trust, when there is TLS.
    pub(crate) authority: Option<PathBuf>,
}

impl Listener {
    pub(crate) fn door(&self, broker: &Broker) -> Door {
        let inside = |it: &str| Path::new(broker.folder.path()).join(it);
        Door {
            carrier: self.carrier,
            address: (self.address)(&broker.addresses),
            authority: self.authority.map(inside),
        }
    }
}

impl Door {
    pub(crate) fn url(&self) -> String {
        let address = self.address;
        match (self.carrier, &self.authority) {
            (Carrier::Tcp, None) => format!("mqtt://{address}"),
            (Carrier::Tcp, Some(_)) => format!("mqtts://{address}"),
            (Carrier::WebSocket, None) => format!("ws://{address}/mqtt"),
            (Carrier::WebSocket, Some(_)) => format!("wss://{address}/mqtt"),
        }
    }
}
