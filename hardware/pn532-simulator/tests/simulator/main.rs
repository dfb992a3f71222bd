//! The simulator as seen from outside: by drivers that other people wrote (libnfc, nfcpy), by a
//! plain host on the line, and over the control socket.

#![expect(clippy::unwrap_used, reason = "what a test builds upon has to be there")]

mod control;
mod desk;
mod host;
mod libnfc;
mod line;
mod nfcpy;
mod phone;
