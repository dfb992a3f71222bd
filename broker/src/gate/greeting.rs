//! From a client's first byte to its admission, or the answer that refuses it.

use std::time::Duration;

use anyhow::Context;
use rumqttd::protocol::ConnectReturnCode;
use tapcard_protocol::access::Kind;
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::{debug, info};

use super::Gate;
use super::codec::{BadConnect, Connect, Reply, decode_connect, encode};
use super::connection::since_1970;
use super::login::{Admission, Client, admit};
use super::wire::Wire;

/// How long a client may be silent that promises no keep-alive.
const NO_KEEP_ALIVE: Duration = Duration::from_secs(600);

/// Reads CONNECT and decides about it; the error is the code to refuse it with.
pub(super) async fn greet<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(
    gate: &Gate,
    wire: &mut Wire<R, W>,
) -> anyhow::Result<Result<Admission, ConnectReturnCode>> {
    let connect = loop {
        match decode_connect(&mut wire.input) {
            Ok(Some(connect)) => break connect,
            Ok(None) => wire.turn(true).await?,
            Err(BadConnect::Version) => return Ok(Err(ConnectReturnCode::RefusedProtocolVersion)),
            Err(error @ BadConnect::Malformed) => return Err(error.into()),
        }
    };
    wire.set_silence(silence(&connect));
    let verified = {
        // Checking a signature keeps a processor for a tenth of a millisecond. However many try, there is
        // one left for those who are here.
        let _turn = gate.verifying.acquire().await.context("nobody closes it")?;
        gate.keys.verify(&connect.password, since_1970().as_secs())
    };
    if let Err(refusal) = &verified {
        debug!("{refusal}");
    }
    Ok(admit(&connect, verified))
}

/// Whether what the token says still counts, as far as the workers have told and the keys are known.
pub(super) fn is_welcome(gate: &Gate, admission: &Admission) -> bool {
    if !gate.keys.stand_by(&admission.signature) {
        return false;
    }
    match admission.client {
        Client::Terminal(terminal) => !gate.revocations.is_revoked(terminal, admission.signed),
        Client::Worker(_) => true,
    }
}

/// Waits, with a terminal, until the list of revoked tokens is complete.
pub(super) async fn await_revocations(gate: &Gate, admission: &Admission) {
    if admission.signature.kind != Kind::Worker {
        gate.revocations.completed().await;
    }
}

/// Refuses a client, and takes note.
pub(super) async fn refuse<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(
    gate: &Gate,
    mut wire: Wire<R, W>,
    code: ConnectReturnCode,
) {
    info!(?code, "refused a connection");
    gate.metrics.login(name(code));
    encode(&Reply::ConnAck(code), &mut wire.output);
    wire.close().await;
}

/// The label in the metrics.
fn name(code: ConnectReturnCode) -> &'static str {
    match code {
        ConnectReturnCode::Success => "accepted",
        ConnectReturnCode::RefusedProtocolVersion => "version",
        ConnectReturnCode::ClientIdentifierNotValid => "client-id",
        ConnectReturnCode::BadUserNamePassword => "token",
        ConnectReturnCode::NotAuthorized => "not-authorized",
        _ => "unavailable",
    }
}

/// One and a half times the keep-alive (MQTT 3.1.1 §3.1.2.10).
fn silence(connect: &Connect) -> Duration {
    match connect.keep_alive {
        0 => NO_KEEP_ALIVE,
        seconds => Duration::from_millis(u64::from(seconds) * 1500),
    }
}
