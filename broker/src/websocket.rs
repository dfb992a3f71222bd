//! MQTT in WebSocket messages (MQTT 3.1.1 §6): the upgrade, and a byte stream out of binary messages.

use std::future::ready;
use std::io::ErrorKind;

use async_tungstenite::bytes::{ByteReader, ByteWriter};
use async_tungstenite::tokio::accept_hdr_async_with_config;
use async_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use async_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use async_tungstenite::tungstenite::protocol::WebSocketConfig;
use async_tungstenite::tungstenite::{Error, Message};
use futures_util::TryStreamExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// The only path.
const PATH: &str = "/mqtt";
/// The only sub-protocol (MQTT 3.1.1 §6).
const SUB_PROTOCOL: &str = "mqtt";
/// Largest message, in bytes: a few of the largest packets, which clients may put into one.
const MAX_MESSAGE: usize = 256 * 1024;

/// Answers the upgrade, with 400 when path or sub-protocol differ; gives the two directions as bytes.
///
/// # Errors
/// Fails when the client does not speak WebSocket or asks for something else.
pub(crate) async fn upgrade(
    socket: TcpStream,
) -> Result<(impl AsyncRead + Unpin + Send, impl AsyncWrite + Unpin + Send), Error> {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let stream = accept_hdr_async_with_config(socket, answer, Some(limits)).await?;
    let (sender, receiver) = stream.split();
    Ok((ByteReader::new(receiver.try_filter_map(|it| ready(binary(it)))), ByteWriter::new(sender)))
}

#[expect(clippy::result_large_err, reason = "the error is the library's own")]
fn answer(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let offers = request.headers().get_all("sec-websocket-protocol");
    let mut offered = offers.iter().filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(','));
    if request.uri().path() != PATH || !offered.any(|it| it.trim() == SUB_PROTOCOL) {
        let text = format!("only path {PATH} with sub-protocol {SUB_PROTOCOL}\n");
        let mut refusal = ErrorResponse::new(Some(text));
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        return Err(refusal);
    }
    let chosen = HeaderValue::from_static(SUB_PROTOCOL);
    response.headers_mut().insert("sec-websocket-protocol", chosen);
    Ok(response)
}

/// A message that carries MQTT. A text message ends the connection (MQTT-6.0.0-1); an empty one would
/// look like the end of the stream.
fn binary(message: Message) -> Result<Option<Message>, Error> {
    match message {
        Message::Binary(bytes) if bytes.is_empty() => Ok(None),
        Message::Binary(_) => Ok(Some(message)),
        Message::Text(_) => Err(Error::Io(ErrorKind::InvalidData.into())),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => Ok(None),
    }
}
