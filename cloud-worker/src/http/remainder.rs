//! What nobody reads of a request is read all the same, and dropped.
//!
//! A form or a file may be refused before it has come. If the connection ended there, what is still on its way would be
//! answered by a reset, which takes our answer away from whoever sends before reading it, as browsers do
//! (RFC 9112, 9.6).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How long the rest may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lends the body of each request to what answers it.
pub(super) async fn drain(request: Request, next: Next) -> Response {
    // Who asks first sends nothing before the answer.
    let has_begun = !request.headers().contains_key(header::EXPECT);
    next.run(request.map(|body| Body::new(Lent { body, has_begun }))).await
}

/// A body whose rest is drained when it is given back.
struct Lent {
    body: Body,
    /// Its sender does not wait for us.
    has_begun: bool,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.has_begun = true;
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.has_begun || self.body.is_end_stream() {
            return;
        }
        let mut rest = std::mem::take(&mut self.body);
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(timeout(PATIENCE, async move {
            while let Some(Ok(_)) =
                std::future::poll_fn(|it| Pin::new(&mut rest).poll_frame(it)).await
            {}
        }));
    }
}
