//! Tapcard's MQTT broker: a gate of our own in front of rumqttd's router.
//!
//! rumqttd's own listeners have no rights per topic, answer a wrong password with silence, and can be
//! brought down by what a client sends; so nothing but the gate listens, and nothing reaches the router
//! that the gate has not allowed.
//!
//! - [`start`]: the command line, logging, signals
//! - [`config`]: the configuration file
//! - [`keys`]: the public keys that tokens are checked with
//! - [`listener`], `tls` and `websocket`: where clients connect
//! - `gate`: login, access rules, sessions, delivery
//! - `metrics`: what operators see
//!
//! # What clients get
//!
//! MQTT 3.1.1 with QoS 0 and 1, over TCP and WebSocket (path `/mqtt`, sub-protocol `mqtt`), both with or
//! without TLS 1.3.
//! The password is a token; the user name is not looked at. A PUBACK means that the message stands in the
//! queue of every recipient that is present, or in the router; all of it is in memory.
//!
//! | refused | how the client sees it |
//! |---|---|
//! | another version of MQTT | CONNACK 1 |
//! | a client id that is not the token's, or empty | CONNACK 2 |
//! | a token that does not count, or was revoked | CONNACK 4 |
//! | a terminal, before a worker has told which tokens are revoked; one client too many | CONNACK 3 |
//! | `clean_session` = 0; a last will on another topic than the terminal's own state, at QoS 2 or retained | CONNACK 5 |
//! | a filter that is not exactly one of those granted, `$share`, wildcards that widen | SUBACK 0x80 for that filter |
//! | QoS 2 in SUBSCRIBE | granted as QoS 1 |
//! | a message on a topic that is not granted, at QoS 2 or retained | the connection closes |
//! | a malformed packet, or a payload above 64 KiB | the connection closes |
//!
//! A connection also closes when its token expires, unless the client has shown a fresh one on
//! `tapcard/v1/login`; when it shows one there that does not count; when its token is revoked or the key that
//! signed it is taken out; when the same client connects again, when the client is silent for one and a half
//! keep-alives (ten minutes if it promised none), takes no byte for 20 s, or lets more than 1000 messages wait.
//! At most 100 messages are in flight to one client. Whoever speaks too quickly is heard more slowly.
//! A task published at QoS 0 reaches workers at QoS 1.
//!
//! A client has 5 s to log in. Sockets that have not may be pushed out by newer ones; a valid token is never
//! refused for the address that it comes from, but the answer to a failed login may wait a second.

pub mod config;
mod gate;
pub mod keys;
pub mod listener;
mod metrics;
mod stamp;
pub mod start;
mod tls;
mod websocket;

#[cfg(any(test, feature = "trial"))]
pub use gate::trial;
