//! TCP or WebSocket as the same stream of bytes, as a client sees it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use async_tungstenite::tungstenite::client::client;
use async_tungstenite::tungstenite::handshake::HandshakeError;
use async_tungstenite::tungstenite::http::Request;
use async_tungstenite::tungstenite::{Error, Message, WebSocket};

use super::PATIENCE;

pub(crate) enum Pipe {
    Tcp(TcpStream),
    WebSocket(Box<WebSocket<TcpStream>>),
}

impl Pipe {
    pub(crate) fn tcp(address: SocketAddr) -> Pipe {
        Pipe::Tcp(socket(address))
    }

    pub(crate) fn websocket(address: SocketAddr) -> Pipe {
        Pipe::WebSocket(Box::new(upgrade(address, "/mqtt", Some("mqtt")).unwrap()))
    }

    /// Sends bytes; over WebSocket as one binary message.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Pipe::Tcp(it) => it.write_all(bytes),
            Pipe::WebSocket(it) => {
                it.send(Message::binary(bytes.to_vec())).map_err(io::Error::other)
            }
        }
    }

    /// The next bytes; none at the end, however it came.
    pub(crate) fn read(&mut self) -> Vec<u8> {
        let mut bytes = [0; 65536];
        match self {
            Pipe::Tcp(it) => match it.read(&mut bytes) {
                Ok(n) => bytes[..n].to_vec(),
                Err(it) if it.kind() == ErrorKind::ConnectionReset => Vec::new(),
                Err(error) => panic!("nothing came: {error}"),
            },
            Pipe::WebSocket(it) => match it.read() {
                Ok(Message::Binary(bytes)) => bytes.to_vec(),
                Ok(Message::Pong(_)) => self.read(),
                Ok(Message::Close(_)) | Err(Error::ConnectionClosed | Error::Protocol(_)) => {
                    Vec::new()
                }
                other => panic!("not a binary message: {other:?}"),
            },
        }
    }
}

pub(crate) fn socket(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

/// Asks for a WebSocket; the HTTP status when it is refused.
pub(crate) fn upgrade(
    address: SocketAddr,
    path: &str,
    protocol: Option<&str>,
) -> Result<WebSocket<TcpStream>, u16> {
    let mut request = Request::builder()
        .uri(format!("ws://{address}{path}"))
        .header("host", address.to_string())
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    if let Some(protocol) = protocol {
        request = request.header("sec-websocket-protocol", protocol);
    }
    match client(request.body(()).unwrap(), socket(address)) {
        Ok((stream, _)) => Ok(stream),
        Err(HandshakeError::Failure(Error::Http(response))) => Err(response.status().as_u16()),
        Err(error) => panic!("no answer to the upgrade: {error}"),
    }
}
