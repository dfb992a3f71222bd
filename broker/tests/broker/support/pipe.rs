//! TCP or WebSocket, plain or in TLS, as the same stream of bytes, as a client sees it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use async_tungstenite::tungstenite::client::client;
use async_tungstenite::tungstenite::handshake::HandshakeError;
use async_tungstenite::tungstenite::http::Request;
use async_tungstenite::tungstenite::{Error, Message, WebSocket};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::PATIENCE;

/// A socket, plain or in TLS.
pub(crate) trait Stream: Read + Write + Send {}

impl Stream for TcpStream {}
impl Stream for StreamOwned<ClientConnection, TcpStream> {}

pub(crate) enum Pipe {
    Bytes(Box<dyn Stream>),
    WebSocket(Box<WebSocket<Box<dyn Stream>>>),
}

impl Pipe {
    /// Sends bytes; over WebSocket as one binary message.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Pipe::Bytes(it) => it.write_all(bytes).and_then(|()| it.flush()),
            Pipe::WebSocket(it) => {
                it.send(Message::binary(bytes.to_vec())).map_err(io::Error::other)
            }
        }
    }

    /// The next bytes; none at the end, however it came.
    pub(crate) fn read(&mut self) -> Vec<u8> {
        let mut bytes = [0; 65536];
        match self {
            Pipe::Bytes(it) => match it.read(&mut bytes) {
                Ok(n) => bytes[..n].to_vec(),
                Err(it) if is_end(&it) => Vec::new(),
                Err(error) => panic!("nothing came: {error}"),
            },
            Pipe::WebSocket(it) => match it.read() {
                Ok(Message::Binary(bytes)) => bytes.to_vec(),
                Ok(Message::Pong(_)) => self.read(),
                Ok(Message::Close(_)) | Err(Error::ConnectionClosed | Error::Protocol(_)) => {
                    Vec::new()
                }
                Err(Error::Io(it)) if is_end(&it) => Vec::new(),
                other => panic!("not a binary message: {other:?}"),
            },
        }
    }
}

fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof)
}

pub(crate) fn socket(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

/// A socket in TLS 1.3, to whoever this authority vouches for.
///
/// # Errors
/// Fails when it does not vouch for the server.
pub(crate) fn tls(address: SocketAddr, authority: &Path) -> io::Result<Box<dyn Stream>> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(authority).unwrap();
    certificates.for_each(|it| roots.add(it.unwrap()).unwrap());
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::from(address.ip());
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut socket = socket(address);
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    Ok(Box::new(StreamOwned::new(connection, socket)))
}

/// Asks for a WebSocket; the HTTP status when it is refused.
pub(crate) fn upgrade(
    stream: Box<dyn Stream>,
    host: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<WebSocket<Box<dyn Stream>>, u16> {
    let mut request = Request::builder()
        .uri(format!("ws://{host}{path}"))
        .header("host", host.to_string())
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match client(request.body(()).unwrap(), stream) {
        Ok((stream, _)) => Ok(stream),
        Err(HandshakeError::Failure(Error::Http(response))) => Err(response.status().as_u16()),
        Err(error) => panic!("no answer to the upgrade: {error}"),
    }
}
