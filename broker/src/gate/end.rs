//! Why a connection ends.

use std::io;

use thiserror::Error;

use super::codec::Malformed;
use super::registry::Closing;
use super::session::Ended;

/// Every way.
#[derive(Debug, Error)]
pub(crate) enum End {
    /// The client took its leave.
    #[error("it said goodbye")]
    Goodbye,
    /// It published what it may not.
    #[error("it published what it may not")]
    Forbidden,
    /// It sent what no client may send.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The socket is gone, or the client was silent, or took nothing, for too long.
    #[error("{0}")]
    Wire(#[from] io::Error),
    /// The same client has connected again.
    #[error("another connection took over")]
    TakenOver,
    /// It does not take its messages.
    #[error("it does not take its messages")]
    QueueFull,
    /// Its token has expired.
    #[error("its token has expired")]
    Expired,
    /// Its token was revoked, or the key that signed it was taken out.
    #[error("its token no longer counts")]
    Revoked,
    /// It showed a token that does not count, or is somebody else's.
    #[error("it showed a token that does not count for it")]
    NotRenewed,
    /// The router dropped it.
    #[error("{0:#}")]
    Router(anyhow::Error),
    /// The broker ends.
    #[error("the broker ends")]
    Leaving,
}

impl End {
    /// The label in the metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            End::Goodbye => "goodbye",
            End::Forbidden => "forbidden",
            End::Malformed(_) => "malformed",
            End::Wire(error) if error.kind() == io::ErrorKind::TimedOut => "silent",
            End::Wire(_) => "lost",
            End::TakenOver => "taken-over",
            End::QueueFull => "queue-full",
            End::Expired => "expired",
            End::Revoked => "revoked",
            End::NotRenewed => "not-renewed",
            End::Router(_) => "router",
            End::Leaving => "leaving",
        }
    }
}

impl From<Ended> for End {
    fn from(ended: Ended) -> End {
        match ended {
            Ended::Goodbye => End::Goodbye,
            Ended::Forbidden => End::Forbidden,
        }
    }
}

impl From<Closing> for End {
    fn from(closing: Closing) -> End {
        match closing {
            Closing::TakenOver => End::TakenOver,
            Closing::QueueFull => End::QueueFull,
            Closing::Revoked => End::Revoked,
            Closing::Leaving => End::Leaving,
        }
    }
}
