//! Metrics and health over HTTP, for the machine itself.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tracing::error;

use super::Gate;

/// The type of the text form (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers for ever.
pub(crate) async fn serve(listener: TcpListener, gate: Arc<Gate>) {
    let routes = Router::new()
        .route("/metrics", get(metrics))
        .route("/health", get(health))
        .with_state(gate);
    if let Err(error) = axum::serve(listener, routes).await {
        error!("metrics are no longer served: {error}");
    }
}

async fn metrics(State(gate): State<Arc<Gate>>) -> impl IntoResponse {
    let text = gate.metrics.text(gate.registry.len(), gate.lobby.len());
    ([(CONTENT_TYPE, TEXT)], text)
}

/// 200 while messages pass the router; the text says whether terminals are let in.
async fn health(State(gate): State<Arc<Gate>>) -> impl IntoResponse {
    match (gate.metrics.is_router_alive(), gate.revocations.is_complete()) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "the router does not answer\n"),
        (true, false) => {
            (StatusCode::OK, "terminals wait until a worker has told what is revoked\n")
        }
        (true, true) => (StatusCode::OK, "well\n"),
    }
}
