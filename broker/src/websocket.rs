//! MQTT in WebSocket messages (MQTT 3.1.1 §6): the upgrade, and a byte stream out of binary messages.

use std::future::ready;
use std::io::ErrorKind;

use async_tungstenite::bytes::{ByteReader, ByteWriter};
use async_tungstenite::tokio::accept_hdr_async_with_config;
use async_tungstenite::tungstenite::handshake::server::{
    Callback, ErrorResponse, Request, Response,
};
use async_tungstenite::tungstenite::http::uri::Authority;
use async_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use async_tungstenite::tungstenite::protocol::WebSocketConfig;
use async_tungstenite::tungstenite::{Error, Message};
use futures_util::TryStreamExt;
use tokio::io::{AsyncRead, AsyncWrite};

/// The only path.
const PATH: &str = "/mqtt";
/// The only sub-protocol (MQTT 3.1.1 §6).
const SUB_PROTOCOL: &str = "mqtt";
/// Largest message, in bytes: a few of the largest packets, which clients may put into one.
const MAX_MESSAGE: usize = 256 * 1024;

/// Pages that may connect.
pub(crate) struct Origins(Vec<String>);

impl Origins {
    pub(crate) fn new(listed: Vec<String>) -> Origins {
        Origins(listed)
    }

    /// Whether a page of this origin may connect to this host. Browsers always name the origin (RFC 6455
    /// §10.2); whoever names none is no browser, and has a token or none.
    fn allow(&self, origin: Option<&str>, host: Option<&str>) -> bool {
        let Some(origin) = origin else { return true };
        let is_listed = self.0.iter().any(|it| it.trim_end_matches('/') == origin);
        let name =
            |authority: &str| authority.parse::<Authority>().ok().map(|it| it.host().to_owned());
        let of_page = origin.split_once("://").and_then(|(_, it)| name(it));
        is_listed || (of_page.is_some() && of_page == host.and_then(name))
    }
}

/// Answers the upgrade, with 400 when path or sub-protocol differ and 403 for a foreign page; gives the two
/// directions as bytes.
///
/// # Errors
/// Fails when the client does not speak WebSocket or asks for something else.
pub(crate) async fn upgrade<S>(
    socket: S,
    origins: &Origins,
) -> Result<(impl AsyncRead + Unpin + Send, impl AsyncWrite + Unpin + Send), Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let answer = Answer { origins };
    let stream = accept_hdr_async_with_config(socket, answer, Some(limits)).await?;
    let (sender, receiver) = stream.split();
    Ok((ByteReader::new(receiver.try_filter_map(|it| ready(binary(it)))), ByteWriter::new(sender)))
}

/// What the upgrade is answered.
struct Answer<'o> {
    origins: &'o Origins,
}

impl Callback for Answer<'_> {
    fn on_request(
        self,
        request: &Request,
        mut response: Response,
    ) -> Result<Response, ErrorResponse> {
        let header = |name| request.headers().get(name).and_then(|it| it.to_str().ok());
        let offers = request.headers().get_all("sec-websocket-protocol");
        let mut offered =
            offers.iter().filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(','));
        if request.uri().path() != PATH || !offered.any(|it| it.trim() == SUB_PROTOCOL) {
            let text = format!("only path {PATH} with sub-protocol {SUB_PROTOCOL}\n");
            return Err(refusal(StatusCode::BAD_REQUEST, text));
        }
        if !self.origins.allow(header("origin"), header("host")) {
            let text = "pages of this origin may not connect here\n".to_owned();
            return Err(refusal(StatusCode::FORBIDDEN, text));
        }
        let chosen = HeaderValue::from_static(SUB_PROTOCOL);
        response.headers_mut().insert("sec-websocket-protocol", chosen);
        Ok(response)
    }
}

fn refusal(status: StatusCode, text: String) -> ErrorResponse {
    let mut refusal = ErrorResponse::new(Some(text));
    *refusal.status_mut() = status;
    refusal
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_same_host_and_listed_ones_may_connect() {
        let origins = Origins::new(vec!["https://cards.example.org/".to_owned()]);
        let broker = Some("mqtt.example.org:8084");
        assert!(origins.allow(None, broker), "no browser");
        assert!(origins.allow(Some("https://cards.example.org"), broker));
        assert!(origins.allow(Some("https://mqtt.example.org"), broker), "another port");
        for foreign in [
            "https://evil.example",
            "https://cards.example.org.evil.example",
            "null",
            "",
            "file://",
        ] {
            assert!(!origins.allow(Some(foreign), broker), "{foreign}");
        }
        assert!(!origins.allow(Some("https://evil.example"), None));
    }
}
